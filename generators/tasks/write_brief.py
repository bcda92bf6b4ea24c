"""The brief of a task: who writes, why now, and each wish in the words of a person.

It is written once the calls are decided. The scripted user speaks of rows in its very words, and a
model that plays the user is given nothing else. A reason or an occasion never changes what is to
be done, and holds no value.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import pairwise
from random import Random
from typing import Any

import data
from generators.language.action import takes_names
from generators.language.comparison import best, other_ways
from generators.language.phrase import Phrase, concat, grammar
from generators.language.references import name_noun
from generators.language.request import clause
from generators.language.scene import Hidden, Scene
from generators.language.slot_phrases import name_parameter
from generators.lexicon.names import join, label, split_words
from generators.lexicon.nouns import singular
from generators.lexicon.spoken_values import speak
from generators.lexicon.tables import load_words
from generators.lexicon.verbs import base_form
from generators.sandbox.own_rows import makes_user
from generators.tasks.asked_aloud import asked_calls
from generators.world.model import ParameterModel, ToolModel, World, usual_way
from generators.world.overrides import is_models
from schemas.brief import Brief, Known, Meant, Wish
from schemas.canonical import derive_seed
from schemas.reading import stands_in
from schemas.semantic import SemanticType
from schemas.task import Fact, GoldCall, Outcome, Task
from schemas.twists import (
    Comparison,
    Hurry,
    LeansOn,
    Noted,
    Recall,
    Revision,
    SmallTalk,
    Unknown,
    Vague,
    Withheld,
    find_twist,
    find_twists,
    has_twist,
)

_SITUATIONS = 0.3
"""Share of the tasks whose user says on which occasion they write, where the world has one."""


_HAD: frozenset[SemanticType] = frozenset(
    {"date", "time", "datetime", "duration", "count", "money"}
)
"""Meanings of values that a row had before it is changed."""
_ENDS: dict[Outcome, str] = {
    "refuse": "The assistant has no means for this, or may not do it. You ask for it all the same, "
    "and accept a no; something else that it offers in its place you decline.",
    "transfer": "This is for a person to settle. You ask for it all the same, and accept to be "
    "handed over.",
    "clarify": "What is missing cannot be found out. You say so when you are asked, and let it be.",
    "fail": "The service may be out of order. You accept that when you are told.",
}
_AGAIN = "look again"
_VAGUE = "You ask for it only roughly at first; the details follow when you are asked."
_HURRY = (
    "You urge the assistant to do it at once, without asking first. You answer a question all the "
    "same."
)


def write_brief(world: World, task: Task, goals: Sequence[str] = ()) -> Brief:
    """The brief of a task that has none yet. ``goals``: the id of that which each turn serves."""
    rng = Random(derive_seed("brief", task.environment_seed, task.chain.seed))
    reasons = find_reasons(world, task, goals, rng)
    # On which occasion the user writes; mostly empty.
    service = world.domains.get(task.domain)
    situations = service.situations if service else ()
    situation = rng.choice(situations) if situations and rng.random() < _SITUATIONS else ""
    scene = Scene(world, task, grammar(), rng)
    wishes: list[Wish] = []
    for number, why in enumerate(reasons):
        wishes.append(_write_wish(scene, number, why))
    proof: list[Known] = []
    if task.person is not None:
        # What serves to find the one who writes, not a thing of theirs.
        proof = [
            one for wish in wishes for one in wish.know
            if finds_person(world, task, task.calls[one.call].tool)
            and scene.model(one.call).parameter(one.path).use in ("identity", "reference", "filter")
        ]  # fmt: skip
        wishes = [
            wish.model_copy(update={"know": tuple(one for one in wish.know if one not in proof)})
            for wish in wishes
        ]
    told = {(one.label, one.value): one for one in reversed(proof)}  # each once, as it comes first
    return Brief(
        who=task.persona.name,
        proof=tuple(reversed(told.values())),
        situation=situation,
        wishes=tuple(wishes),
    )


def _write_wish(scene: Scene, number: int, why: str) -> Wish:
    turn, calls = scene.task.turns[number], scene.numbers(number)
    # What the assistant words itself, as a summary for whoever takes over, nobody has to tell it.
    facts = [
        f for f in scene.task.known if f.call in calls and not scene.task.calls[f.call].composed
    ]
    held = {(one.call, one.path) for one in find_twists(turn, Withheld)}
    revision = find_twist(turn, Revision)
    # ``cancel the appointment on Monday, and look up that doctor``.
    spoken, steps = scene.task.turns[number], list(scene.numbers(number))
    if not steps or (spoken.outcome == "transfer" and not any(one.barred for one in spoken.calls)):
        ask = spoken.intent
    else:
        seen = {
            call
            for earlier in range(number)
            if scene.task.turns[earlier].outcome == "complete"
            for call in scene.sinks(earlier)
        }
        # What the user knows is told beside it.
        known = frozenset(
            (call, origin.path) for call in steps for origin, _, _ in scene.told(call)
        )
        hidden = Hidden(withheld=known, seen=frozenset(seen), start=steps[0])
        wants: list[Phrase] = []
        for call in scene.sinks(number):
            wants.append(clause(scene, call, hidden).main)
        leaning = find_twist(spoken, LeansOn)
        again = f", as in wish {leaning.turn + 1}, saying only what differs" if leaning else ""
        ask = concat(wants, ", and ").text + again
    which = tuple(
        Meant(call=call, row=row, noun=noun, words=words)
        for (of, call, row, noun), words in scene.meant.items()
        if of == number
    )
    # What the usual way to a row asks for, where the user's calls go another.
    ways = (usual_way(scene.world, scene.model(call)) for call in calls)
    needed = (one for way in ways if way is not None for one in way.parameters if one.required)
    return Wish(
        ask=ask,
        why=why,
        know=tuple(
            _know(scene, fact)
            for fact in facts
            if (fact.call, fact.path) not in held and not is_in_ask(fact.path, fact.value, ask)
        ),
        held_back=tuple(_know(scene, fact) for fact in facts if (fact.call, fact.path) in held),
        not_known=(
            *(label_of(one.name) for one in find_twists(turn, Unknown)),
            *[label(one.name) for one in needed],
        ),
        which=which,
        prefer=_prefer(scene, number),
        first=Known(
            call=revision.call,
            path=revision.path,
            label=scene.model(revision.call).parameter(revision.path).label
            or label_of(revision.path),
            value=revision.first,
        )
        if revision
        else None,
        ends=_ENDS.get(turn.outcome, ""),
        manner=tuple(_tell_manner(scene, number)),
    )


def is_in_ask(path: str, value: object, ask: str) -> bool:
    """Whether it only says what is to be done, which the wish says itself: ``method: get``."""
    named = path in load_words("inference", "methods")
    return named and isinstance(value, str) and stands_in(value, ask)


def _prefer(scene: Scene, number: int) -> str:
    """How one row is chosen of several, and of which: the set is a part of the rule."""
    comparison = find_twist(scene.task.turns[number], Comparison)
    if comparison is None:
        return ""
    parameter = scene.model(comparison.call).parameter(comparison.path)
    best_one = best(scene, comparison, name_noun(scene.world, parameter))
    ways = [way.text for way in other_ways(scene, comparison)]
    return f"{best_one} of all that are found" + (f", also {join(ways)}" if ways else "")


def _know(scene: Scene, fact: Fact) -> Known:
    model, value = scene.model(fact.call), fact.value
    parameter = model.parameter(fact.path)
    name = parameter.label or label_of(fact.path)
    bound = {"minimum": "at least", "maximum": "at most"}.get(parameter.use, "")
    if bound and not {*bound.split(), "min", "max", "minimum", "maximum"} & {*name.split()}:
        name = f"{name}, {bound}"  # who wants no more than two stops takes none as well
    # Which day it is so far may stand beside the day that it is to be.
    if model.operation == "update" and parameter.use == "field" and parameter.semantic in _HAD:
        name = f"new {name.removeprefix('new ')}"
    if fact.semantic in ("enum", "label") and isinstance(value, str):
        value = speak(value, fact.semantic, scene.clock, scene.rng).text
    return Known(call=fact.call, path=fact.path, label=name, value=value)


def _tell_manner(scene: Scene, number: int) -> Iterator[str]:
    turn = scene.task.turns[number]
    if has_twist(turn, Vague):
        yield _VAGUE
    if has_twist(turn, Hurry):
        yield _HURRY
    if turn.elapsed >= 3600:
        hours = turn.elapsed // 3600
        # Nothing else tells the assistant what time it is by then.
        yield f"You write this {hours} {'hour' if hours == 1 else 'hours'} later, and say so."
    yield from (one.brief for one in find_twists(turn, Noted) if one.brief)


def label_of(path: str) -> str:
    """``passengers[0].firstName`` → "passenger 1, first name"; of a list in a list "cell 1 2"."""
    said = []
    for part in path.split("."):
        name, *numbers = part.replace("]", "").split("[")
        places = " ".join(str(int(number) + 1) for number in numbers)
        said.append(f"{singular(label(name))} {places}" if numbers else label(name))
    return ", ".join(said)


def find_reasons(world: World, task: Task, goals: Sequence[str], rng: Random) -> tuple[str, ...]:
    """A reason for each turn, or an empty text; none is given twice.

    ``goals``: the ids of those that the turns serve; empty where none was drawn.
    """
    asked, found, start = set(asked_calls(task)), [], 0
    for number, turn in enumerate(task.turns):
        calls = range(start, start + len(turn.calls))
        start += len(turn.calls)
        wanted = [task.calls[call].tool for call in calls if call in asked]
        if any(finds_person(world, task, call) for call in wanted):
            wanted = []  # on the way to what they want
        plain = not has_twist(turn, LeansOn, Recall, SmallTalk) and turn.outcome != "transfer"
        # Who is new says so, though it is looked up first whether there is a record of theirs.
        wanted = [tool for tool in wanted if makes_user(world, world.models[tool])] or wanted
        reasons: Sequence[str] = ()
        if task.asks_again(number):
            reasons = _reasons_for({_AGAIN}, ())
        elif len(wanted) == 1 and plain and not any(_is_narrowed(world, task, n) for n in calls):
            made = [call.tool for call in task.calls[:start]]
            # Of the goal that is served; else of the fullest one that the calls would serve.
            tool = wanted[0]
            goal = goals[number] if goals else ""
            model = world.models[tool]
            service = world.domains.get(model.tool.domain)
            ends = service.goals if service else ()
            if not ends:
                # Beside a reason that the tool takes, another one would contradict it.
                taken = any(
                    "reason" in split_words(parameter.name) for parameter in model.parameters
                )
                reasons = () if taken else _usual_reasons(model)
            else:
                named = [one for one in ends if one.id == goal and one.tools[-1] == tool]
                fitting = [
                    one for one in ends if one.tools[-1] == tool and set(one.tools) <= set(made)
                ]
                best = max(named or fitting, key=lambda one: len(one.tools), default=None)
                reasons = best.why if best else ()
                if service and is_models(service, "goals"):
                    serving = best.tools if best else ()
                    now = [task.calls[call] for call in calls]
                    now += [one for one in task.calls[: calls.start] if one.tool in serving]
                    reasons = [one for one in reasons if suits_calls(one, world, now)]
            own = [world.models[call.tool] for call in task.calls[: calls.start]]
            if (
                not reasons
                and turn.elapsed
                and not model.writes
                and any(one.writes and one.entity == model.entity for one in own)
            ):
                reasons = _reasons_for({_AGAIN}, ())
        fresh = [one for one in reasons if one not in found]
        found.append(rng.choice(fresh) if fresh else "")
    return tuple(found)


def finds_person(world: World, task: Task, tool: str) -> bool:
    """Whether a tool looks up such people as the one who writes."""
    model = world.models[tool]
    entity = world.entities.get(model.entity or "")
    same = task.person is not None and entity is not None and entity.noun == task.person.entity
    return same and not model.writes


def _is_narrowed(world: World, task: Task, call: int) -> bool:
    """Whether rows in one state are listed: a reason says what is sought, and may mean others.

    Of holds that are waiting nobody learns whether one is ready.
    """
    made = task.calls[call]
    model = world.models[made.tool]
    entity = world.entities.get(model.entity or "")
    state = entity.state_field if entity else None
    asked = (one for one in model.parameters if one.use == "filter" and one.path in made.arguments)
    return model.operation == "list" and any(state and one.field == state for one in asked)


def _usual_reasons(model: ToolModel) -> Sequence[str]:
    words = split_words(model.tool.clear_name)
    verbs = {model.verb, base_form(model.verb.split()[0]) or "", words[0]} if model.verb else set()
    reasons = _reasons_for(verbs, words)
    several = takes_names(model)  # of which nobody says that it isn't needed any more
    return [one for one in reasons if not several or not one.startswith("it ")]


def _reasons_for(verbs: Set[str], words: Sequence[str]) -> Sequence[str]:
    rows: list[Mapping[str, Any]] = data.table("phrases/reasons.yaml")
    for row in rows:
        named = set(row.get("words", ()))
        if verbs & set(row["verbs"]) and (not named or not named.isdisjoint(words)):
            reasons: list[str] = row["say"]
            return reasons
    return ()


_SOMEBODY: frozenset[SemanticType] = frozenset(
    {"person_name", "first_name", "last_name", "email", "handle"}
)

_DATED: tuple[SemanticType, ...] = ("date", "datetime", "time")
_POINTING = ("that", "those", "these")


def suits_calls(reason: str, world: World, calls: Sequence[GoldCall]) -> bool:
    """Whether a reason speaks of nothing that these calls of a turn leave untold."""
    words = [*map(singular, split_words(reason))]
    given = [world.models[call.tool].parameter(origin.path)
             for call in calls for origin in call.origins]  # fmt: skip
    told = {word for one in given for word in _words_of(one)}
    told |= {word for call in calls for word in world.models[call.tool].noun.split()}
    paths = {(call.tool, one.path) for call in calls for one in world.models[call.tool].parameters
             if one in given}  # fmt: skip
    left = (
        one for call in calls for one in world.models[call.tool].parameters
        if (call.tool, one.path) not in paths
    )  # fmt: skip
    untold = {named[-1] for one in left if (named := _words_of(one))} - told
    if not untold.isdisjoint(words):
        return False
    people = load_words("inference", "somebody").intersection(split_words(reason))
    if people and all(one.semantic not in _SOMEBODY for one in given):
        return False
    times = load_words("inference", "times_said")
    dated = not times.isdisjoint(told) or any(one.semantic in _DATED for one in given)
    known = told | load_words("inference", "behind_that") | (times if dated else set())
    pointing = (after for word, after in pairwise(words) if word in _POINTING)
    return all(after in known for after in pointing)


def _words_of(parameter: ParameterModel) -> list[str]:
    return [*map(singular, split_words(name_parameter(parameter)))]
