"""Whether what a task asks for can be said, and is understood by whoever hears it.

Each tool's work as a person would ask for it; each row by words that this user has for it; each
value with the part that it plays. A request that reads the same with two of its values exchanged,
and a confirmation that cannot say whom or what it is about, are refused (the read-back law).

The values that the user has to say must be such as a person says, and few enough: an id that means
nothing to people, a text of several lines, a switch or a list of objects dictated field by field
make no wish.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from itertools import count, permutations
from random import Random
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from generators.identity_cache import remembered
from generators.language.action import action
from generators.language.facts import find_name, is_spoken_id, looks_spoken
from generators.language.phrase import grammar
from generators.language.references import UNSEEN, kind_of, name_noun, refer
from generators.language.report import report, tells_apart
from generators.language.request import count_details
from generators.language.request_objects import NAMING_USES, find_role, is_object, is_of_row, row_of
from generators.language.scene import Hidden, Scene, finds_user
from generators.language.slot_phrases import role_of, tell
from generators.lexicon.names import label, split_words
from generators.lexicon.nouns import singular
from generators.lexicon.tables import load_words
from generators.sampling.answers import is_found_by_name, is_no_look_up, is_numbered
from generators.sandbox.search import holds_word, query_words
from generators.tasks.feeding import Executed
from generators.tasks.plan import Flaw, Plan
from generators.world.model import ParameterModel, ToolModel, World
from schemas.brief import Meant
from schemas.leaves import objects_in, value_at
from schemas.reading import tells
from schemas.record import JsonObject
from schemas.semantic import ADDRESS
from schemas.task import Task
from schemas.twists import Comparison, Recall, find_twists

_SMALL = frozenset({"a", "an", "the", "some", "of", "to", "for", "my", "your"})
_HOPS = 2
_CODE = re.compile(r"[A-Z]{2,6}-\d+")
"""An id in a form that could be read out, though nobody calls such a thing by it."""
"""How many "of the" a person puts behind one another, less one."""


def asked_calls(task: Task) -> Iterator[int]:
    """Numbers of the calls that the user asks for: those that serve no other call of their turn."""
    numbers = count()
    for turn in task.turns:
        own = [next(numbers) for _ in turn.calls]
        used = {origin.call for call in turn.calls for origin in call.origins}
        used.update(call for one in find_twists(turn, Comparison) for call in one.calls)
        yield from (number for number in own if number not in used)


def word_flaws(world: World, task: Task) -> Iterator[Flaw]:
    """What cannot be said, or not so that it is understood."""
    scene = Scene(world, task, grammar(), Random(task.chain.seed))
    for turn in range(len(task.turns)):
        for call in scene.sinks(turn):
            tool = scene.model(call)
            if not action(tool).sayable:
                yield Flaw("unsayable_tool", call, tool.name)
            named = any(tool.parameter(origin.path).use in NAMING_USES
                        for origin in scene.calls[call].origins)  # fmt: skip
            if is_object(scene, call) and not named:
                yield Flaw("unnameable_row", call, "nothing tells which one is meant")
            if finds_user(scene, call) and tool.operation == "list":
                yield Flaw("unsayable_tool", call, f"{tool.name}: nobody asks to be looked up")
            # Another tool on offer that the same words would ask for, with the same values.
            model, given = scene.model(call), scene.calls[call].arguments
            for name in scene.task.tools:
                if is_rival(model, given, scene.world.models[name]):
                    yield Flaw("ambiguous_tool", call, f"{model.name}: {name} fits the same words")
            if not (tool.writes or scene.calls[call].lost or tells_apart(scene, call)):
                yield Flaw("nothing_told", call, tool.name)
        for call in scene.numbers(turn):
            if scene.model(call).writes:
                yield from _find_exchangeable(scene, call)
                yield from _find_unsaid_parts(scene, call)
                yield from _find_nameless(scene, call)
                yield from _find_unchanged(scene, call)
    yield from _find_unspeakable(scene)
    yield from _find_unheard(scene)


def _find_unheard(scene: Scene) -> Iterator[Flaw]:
    """What the user asks to hear again and was never told."""
    for turn in scene.task.turns:
        recalled = {one.call for one in find_twists(turn, Recall)}
        for must in scene.task.acceptance.must_say if recalled else ():
            if must.call in recalled and not tells(
                report(scene, must.call), must.value, scene.clock
            ):
                yield Flaw("nothing_told", must.call, f"{must.path} is asked for again")


def _find_unspeakable(scene: Scene) -> Iterator[Flaw]:
    """Rows of which the brief speaks in words for two, for none, or in words that nobody has."""
    for wish in scene.task.brief.wishes:
        spoken: dict[str, Any] = {}
        for meant in wish.which:
            try:
                result, model = scene.results[meant.call], scene.model(meant.call)
                row = identify_row(scene.world, model, result, meant.row)
            except KeyError:
                yield Flaw("unnameable_row", meant.call, f"{meant.words}, which no result shows")
                continue
            if not meant.words.startswith("that ") and spoken.setdefault(meant.words, row) != row:
                yield Flaw("ambiguous_role", meant.call, f"{meant.words}, said of two")
            foreign = f" {meant.noun} of " in f" {meant.words}"
            person = meant.noun.rpartition(" ")[2] in load_words("inference", "people")
            deep = meant.words.count(" of ") >= _HOPS
            last = meant.words.rpartition(" ")[2]
            coded = _CODE.fullmatch(last) and not is_spoken_id(last, meant.noun)
            if UNSEEN in meant.words or coded or deep or (foreign and person):
                yield Flaw("unnameable_row", meant.call, meant.words)
            if "“" in meant.words and (sought := _find_strange_words(scene, meant)):
                yield Flaw("unsayable_value", meant.call, f"{meant.words}, found by “{sought}”")


def identify_row(world: World, model: ToolModel, result: Any, row: str) -> list[Any]:
    """What makes a row of a result of a tool this row: its identity, or the id that it is."""
    held = value_at(result, row) if row else result
    entity = world.entities.get(model.entity or "")
    if entity is None or not isinstance(held, dict):
        return [held]
    return [held.get(name) for name in entity.identity]


def _find_strange_words(scene: Scene, meant: Meant) -> str:
    """What a row is looked for by, where nothing of it stands in its name; else empty.

    Or the list that is looked through, where that is one of a few which somebody has chosen.
    """
    if meant.call not in scene.numbers(scene.turn_of(meant.call)):
        return ""
    model = scene.model(meant.call)
    if is_no_look_up(scene.world, model):
        return model.name
    name = meant.words.casefold()
    for _, parameter, value in scene.told(meant.call):
        words = query_words(str(value)) if parameter.use == "query" else []
        if not all(holds_word(name, word) for word in words):
            return str(value)
    return ""


def is_rival(model: ToolModel, given: JsonObject, other: ToolModel) -> bool:
    """Whether the words that ask for a call would ask for another tool as well.

    Of two that read rows, only one that reads something else is a rival. Of two that write, one
    that is there for just these values is, whatever its verb.
    """
    if other is not model and other.writes and _is_dedicated(model, given, other):
        return True
    if other is model or other.writes != model.writes or other.operation != model.operation:
        return False
    if not model.writes and model.entity is not None and other.entity == model.entity:
        return False
    said, (verbs, words, head) = _deed_of(model), _deed_of(other)
    # What only picks the deed of a tool of many, another tool has no need of.
    picks = said[0] | {model.operation}
    told = {_mean(model, name) for name, value in given.items() if str(value) not in picks}
    fits = told <= {_mean(other, name) for name in other.tool.parameters.get("properties", {})}
    if not fits or not {_mean(other, name) for name in other.tool.required} <= told:
        return False
    alike = said[1] <= words if model.writes else said[1] == words
    same = not verbs.isdisjoint(said[0]) and head == said[2] and alike
    return same and other.transition == model.transition


def _mean(model: ToolModel, name: str) -> tuple[str, str]:
    """What a parameter names, whatever it is called; of one that names no row its name."""
    one = model.by_path.get(name)
    named = one is not None and one.use in NAMING_USES and one.entity
    return (one.entity or "", one.field or "") if one is not None and named else ("", name)


def _is_dedicated(model: ToolModel, given: JsonObject, other: ToolModel) -> bool:
    """Whether a tool takes these values and no others, and bears the name of one that is set."""
    takes = other.tool.parameters.get("properties", {}).keys()
    if model.operation != "update" or takes != given.keys():
        return False
    named = {word for path in given if model.parameter(path).use not in NAMING_USES
             for word in split_words(path)}  # fmt: skip
    more = model.tool.parameters.get("properties", {}).keys() > takes
    return more and not named.isdisjoint(split_words(other.tool.name))


@remembered
def _deed_of(model: ToolModel) -> tuple[frozenset[str], frozenset[str], str]:
    """The verbs of a tool's work, the words of its object, and the last of these."""
    what = action(model)
    thing = what.pattern.replace("{object}", label(model.noun))
    words = [singular(word) for word in thing.split() if word not in _SMALL]
    return frozenset(what.verbs), frozenset(words), words[-1] if words else ""


def _find_exchangeable(scene: Scene, call: int) -> Iterator[Flaw]:
    """Two values of one kind behind the same words: either may be the other."""
    said: dict[tuple[str, str, str], object] = {}
    for origin in scene.calls[call].origins:
        if origin.kind == "default" or "[" in origin.path:
            continue
        parameter = scene.model(call).parameter(origin.path)
        if origin.kind == "user":
            _, value = scene.told_at(call, origin.path)
            told = tell(scene, call, origin.path, parameter, value)
            words = told.label or told.tail.text
            for mention in told.tail.mentions:
                words = words.replace(mention.span, "…")
            noun = ""
        elif parameter.use in NAMING_USES:
            words, noun = find_role(scene, call, parameter), name_noun(scene.world, parameter)
        else:
            continue
        if origin.kind == "user" and parameter.name[-1].isdigit():
            continue  # numbered parts are said in their order: the lines of an address
        key = (words, noun, parameter.entity or parameter.semantic)
        same_row = origin.kind == "result" and said.get(key) == row_of(origin)
        if key in said and not same_row:
            yield Flaw("ambiguous_role", call, f"{parameter.path}: {words} {noun}".strip())
        said[key] = row_of(origin) if origin.kind == "result" else origin.path


def _find_unsaid_parts(scene: Scene, call: int) -> Iterator[Flaw]:
    """Of two rows of one kind the one with a part of its own, where nothing says the part.

    Whoever adds a dependency "to the new issue" means ``issue_number`` and no
    ``related_issue_number``.
    """
    model = scene.model(call)
    named = [(origin, model.parameter(origin.path)) for origin in scene.calls[call].origins]
    named = [(origin, one) for origin, one in named if one.use in NAMING_USES and one.entity
             and "[" not in origin.path]  # fmt: skip
    for (_, plain), (origin, apart) in permutations(named, 2):
        part = set(split_words(apart.name)) - set(split_words(plain.name))
        further = plain.entity == apart.entity and set(split_words(plain.name)) < set(
            split_words(apart.name)
        )
        if not further or role_of(model, apart):
            continue
        said = ""
        if origin.kind == "user":
            _, value = scene.told_at(call, origin.path)
            told = tell(scene, call, origin.path, apart, value)
            said = f"{told.label} {told.tail.text}"
        if not part <= set(said.split()):
            yield Flaw("ambiguous_role", call, f"{apart.path}: nothing says {' '.join(part)}")


def _find_unchanged(scene: Scene, call: int) -> Iterator[Flaw]:
    """Values that a row is given anew and has already, as the last result before shows."""
    model, arguments = scene.model(call), scene.calls[call].arguments
    key = {p.field or p.name: p.path for p in model.parameters if p.use == "identity"}
    if model.operation != "update" or not key:
        return
    named = {name: arguments.get(path) for name, path in key.items()}
    rows = (row for number in reversed(range(call)) for row in objects_in(scene.results[number])
            if all(row.get(name) == value for name, value in named.items()))  # fmt: skip
    row = next(rows, {})
    for origin, parameter, value in scene.told(call):
        name = parameter.field or parameter.name
        free = parameter.use == "field" and not parameter.required
        if free and parameter.semantic not in ADDRESS and row.get(name) == value:
            yield Flaw("unnecessary_write", call, f"{origin.path} is {value!r} already")


def _find_nameless(scene: Scene, call: int) -> Iterator[Flaw]:
    """Rows that another row only refers to, and that no result has called by a name.

    What a row that is itself named lies in goes without words: the pull request's owner.
    """
    fed = [(one, scene.model(call).parameter(one.path)) for one in scene.calls[call].origins]
    whole = {row_of(one): parameter for one, parameter in fed if is_of_row(scene, one, parameter)}
    for origin, parameter in fed:
        if origin.call is None or "[" in origin.path:
            continue
        if not parameter.role and whole.get(row_of(origin), parameter) != parameter:
            continue
        entity = scene.world.entities.get(parameter.entity or "")
        if parameter.use not in NAMING_USES or entity is None:
            continue
        own = kind_of(scene, origin.call) in ("", name_noun(scene.world, parameter))
        try:
            value = value_at(scene.results[origin.call], origin.result_path or "")
        except KeyError:  # of a result that is another now
            yield Flaw("unnameable_row", call, f"{parameter.path}: no result shows it")
            continue
        named = own or is_spoken_id(value, entity.noun)
        if not named and find_name(scene, max(0, call - 1), entity.key, value) is None:
            yield Flaw("unnameable_row", call, f"{parameter.path}: no result names the row")
        hidden = Hidden(seen=frozenset(range(call)), resolved=True)
        words = refer(scene, origin, name_noun(scene.world, parameter), hidden, call).text
        if UNSEEN in words:
            yield Flaw("unnameable_row", call, f"{parameter.path}: {words}")


_OPAQUE = frozenset({"opaque_id", "sha", "cursor"})
_ENDS = frozenset({"currency", "airport", "language", "timezone", "branch"})
"""Meanings of the two ends of a way: nobody converts euros into euros."""
_LONGEST = 120
"""Characters of a text that a user writes down in passing."""
_MOST, _MOST_UNTOLD = 6, 4
"""Things to say for one write, where somebody has said what the service is for, and where not."""


def value_flaws(world: World, task: Task) -> Iterator[Flaw]:
    """What no person would say, or not so much of it."""
    scene = Scene(world, task, grammar(), Random(0))
    for number, turn in enumerate(task.turns):
        if turn.outcome == "transfer" and not any(one.barred for one in turn.calls):
            continue
        for call in scene.numbers(number):
            model = scene.model(call)
            given = scene.calls[call].arguments
            ends = [_tell_end(one, str(given[one.name]), scene.clock) for one in model.parameters
                    if one.semantic in _ENDS and one.name in given]  # fmt: skip
            if len({*ends}) < len(ends):
                yield Flaw("unsayable_value", call, f"{model.name}: from {ends[0]} to the same")
            service = world.domains.get(model.tool.domain)
            known = service is not None and bool(service.service)
            for origin, parameter, value in scene.told(call):
                odd = "]." in origin.path or (isinstance(value, bool) and not parameter.required)
                if (odd and not known) or not _is_said(world, parameter, value):
                    yield Flaw("unsayable_value", call, f"{model.name} {origin.path}: {value}")
            told = [(call, origin, parameter) for origin, parameter, _ in scene.told(call)]
            if model.writes and count_details(told) > (_MOST if known else _MOST_UNTOLD):
                yield Flaw("unsayable_value", call, f"{model.name}: {len(told)} values")


def _tell_end(parameter: ParameterModel, value: str, now: datetime) -> str:
    """One end of a way; of a time zone what its clocks show: in Copenhagen the same as in Paris."""
    if parameter.semantic == "timezone":
        with suppress(ZoneInfoNotFoundError, ValueError, OSError):
            return f"{now.astimezone(ZoneInfo(value)):%z}"
    return value


def find_unsaid(plan: Plan) -> Flaw | None:
    """A value that no person would say, in a plan that nothing has been made of yet.

    Told before the plan is made harder, recorded and proven, which costs most of an attempt.
    """
    world = plan.setting.world
    calls = (call for turn in plan.turns for call in turn.calls)
    unsaid = ((call, find_unsaid_in(world, plan.done[call])) for call in calls)
    return next((Flaw("unsayable_value", call, text) for call, text in unsaid if text), None)


def find_unsaid_in(world: World, executed: Executed) -> str:
    """The same in one call, in words; what a write hangs on is said by nobody."""
    for origin in executed.origins if not executed.looks else ():
        if origin.kind == "user":
            value = executed.said(origin.path)
            if not _is_said(world, executed.model.parameter(origin.path), value):
                return f"{executed.model.name} {origin.path}: {value}"
    return ""


def _is_said(world: World, parameter: ParameterModel, value: object) -> bool:
    """Whether a person would say the value: "order #W2378156", not "comment 11135"."""
    if load_words("unsayable", "places").intersection(split_words(parameter.name)[-1:]):
        return False
    if isinstance(value, str) and parameter.semantic in ("text", "title", "unknown"):
        return "\n" not in value and len(value) <= _LONGEST
    opaque = parameter.opaque or parameter.semantic in _OPAQUE
    if not opaque and parameter.semantic != "number_id":
        return True
    noun = name_noun(world, parameter)
    if opaque and looks_spoken(value) and not is_found_by_name(world, parameter.entity):
        return True  # what has no name is called by its number
    whole = " " not in noun or noun in load_words("telling", "spoken_ids")
    return is_numbered(parameter) or (whole and is_spoken_id(value, noun))
