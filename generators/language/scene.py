"""What the words are about: a task's calls with models and results, who speaks, and what is theirs.

The user says "my order" and "me", the assistant "your order" and "you".
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache
from itertools import accumulate
from random import Random
from typing import Any

from generators.identity_cache import Same
from generators.language.deed_words import is_thing, plain_noun
from generators.language.phrase import Grammar, Mention, Phrase
from generators.lexicon.names import capital, join, label, split_words
from generators.lexicon.nouns import plural, singular
from generators.lexicon.spoken_values import minor_unit, speak, told_unit, with_year
from generators.sandbox.own_rows import find_ties, find_user
from generators.world.model import Field, ParameterModel, ToolModel, World
from schemas.leaves import leaves, value_at
from schemas.semantic import SemanticType
from schemas.task import GoldCall, Origin, Style, Task
from schemas.twists import Comparison, find_twists

_PLACES = "first|second|third|fourth|fifth|last|cheapest"
_MOST_TOPICS = 3
_JOINED = re.compile(r"[a-z]+(?:_[a-z]+)+")
"""A choice as programs spell it: ``not_planned``."""


# Brief, proof and script are written one after the other of one record.
@lru_cache(maxsize=8)
def _results_of(task: Same[Task]) -> tuple[Any, ...]:
    return tuple(json.loads(call.result) for call in task.it.calls)


@lru_cache(maxsize=8)
def _spoken_of(world: Same[World], task: Same[Task]) -> dict[tuple[int, str], list[Any]]:
    del world, task
    return {}


@dataclass(frozen=True)
class Scene:
    """One task on its way into words."""

    world: World
    task: Task
    grammar: Grammar
    rng: Random

    @property
    def style(self) -> Style:
        """How the user talks."""
        return self.task.persona.style

    @cached_property
    def clock(self) -> datetime:
        """Now."""
        return datetime.fromisoformat(self.task.clock)

    @cached_property
    def calls(self) -> tuple[GoldCall, ...]:
        """All gold calls of the task."""
        return self.task.calls

    @cached_property
    def results(self) -> tuple[Any, ...]:
        """Their results, parsed."""
        return _results_of(Same(self.task))

    @cached_property
    def meant(self) -> dict[tuple[int, int, str, str], str]:
        """Turn, place and noun of a row → the words in which the brief has the user speak of it.

        While the brief is written, and for a row that it does not know, the words are put here
        when they are first needed.
        """
        return {
            (number, one.call, one.row, one.noun): one.words
            for number, wish in enumerate(self.task.brief.wishes)
            for one in wish.which
        }

    @cached_property
    def spoken(self) -> dict[tuple[int, str], list[Any]]:
        """Call and path of a row → its scalars; see `generators.language.rows.fields_of`."""
        return _spoken_of(Same(self.world), Same(self.task))

    def turn_of(self, call: int) -> int:
        """Number of the turn that makes a call."""
        ends = accumulate(len(turn.calls) for turn in self.task.turns)
        return next(number for number, end in enumerate(ends) if call < end)

    def numbers(self, turn: int) -> range:
        """Numbers of the calls of a turn."""
        start = sum(len(one.calls) for one in self.task.turns[:turn])
        return range(start, start + len(self.task.turns[turn].calls))

    def sinks(self, turn: int) -> list[int]:
        """Calls whose results serve no other call of the turn: what the user wants."""
        numbers = self.numbers(turn)
        used = {origin.call for call in numbers for origin in self.calls[call].origins}
        compared = find_twists(self.task.turns[turn], Comparison)
        used.update(call for one in compared for call in one.calls)
        return [call for call in numbers if call not in used and not self.calls[call].looks]

    def model(self, call: int) -> ToolModel:
        """What the tool of a call does."""
        return self.world.models[self.calls[call].tool]

    def noun(self, call: int) -> str:
        """What the tool of a call is about."""
        return plain_noun(self.model(call)) or "entry"

    @cached_property
    def plain(self) -> dict[tuple[int, str], Any]:
        """Call and path of a leaf that is written in a format → the value as the user says it."""
        formats = {(one.tool, one.parameter) for one in self.task.formats}
        return {
            (fact.call, fact.path): fact.value
            for fact in self.task.known
            if (self.calls[fact.call].tool, fact.path) in formats
        }

    def told(self, call: int) -> list[tuple[Origin, ParameterModel, Any]]:
        """The leaves that the user has to say, with their values as the user says them."""
        arguments, model, told = self.calls[call].arguments, self.model(call), []
        for origin in self.calls[call].origins:
            if origin.kind == "user" and not self.calls[call].looks:
                key = (call, origin.path)
                value = self.plain[key] if key in self.plain else value_at(arguments, origin.path)
                told.append((origin, model.parameter(origin.path), value))
        return told

    def told_at(self, call: int, path: str) -> tuple[ParameterModel, Any]:
        """One of these leaves: what it is for, and its value."""
        return next(
            (model, value) for origin, model, value in self.told(call) if origin.path == path
        )

    def say(self, call: int, path: str, parameter: ParameterModel, value: Any) -> Phrase:
        """A value of an argument, with its mention."""
        own = str(parameter.schema.get("description", ""))
        said = f"{own} {self.model(call).tool.description}"
        if minor_unit(said) != minor_unit(own):  # the tool speaks of another amount
            said = own
        choices = parameter.schema.get("enum", ())
        spoken = speak(value, parameter.semantic, self.clock, self.rng, said, choices)
        rule = spoken.rule
        if value == self.plain.get((call, path)):
            rule = next(o.rule for o in self.calls[call].origins if o.path == path) or rule
        text, named = spoken.text, {*split_words(parameter.name)}
        unit = told_unit(own)
        if parameter.semantic == "duration" and unit and not named & {"ms", unit, singular(unit)}:
            text += f" {singular(unit) if str(value) == '1' else unit}"
        return Phrase(text, (Mention(call, path, spoken.span, rule),))

    def tell(
        self,
        value: Any,
        semantic: SemanticType,
        description: str = "",
        choices: Sequence[Any] = (),
    ) -> str:
        """A value of a result, for the assistant to say; ``choices``: among which it is one."""
        if semantic == "count":
            semantic = "number"  # figures, where the user may say "three"
        dated = semantic in ("date", "datetime") and isinstance(value, str)
        # The assistant puts all its days in one way.
        rng = Random(self.task.environment_seed) if dated else self.rng
        said = speak(value, semantic, self.clock, rng, description, choices).text
        if dated:
            return with_year(said, value, self.clock)
        joined = semantic != "handle" and _JOINED.fullmatch(said) is not None
        return said.replace("_", " ") if joined else said

    def known_fields(self, call: int) -> Mapping[str, Field]:
        """Name → what the world says of a field of a call's rows."""
        entity = self.world.entities.get(self.model(call).entity or "")
        return entity.fields if entity else {}


@dataclass(frozen=True)
class Hidden:
    """What is not said in a request: withheld, said before, or said otherwise at first."""

    withheld: frozenset[tuple[int, str]] = frozenset()
    known: frozenset[tuple[int, str]] = frozenset()
    """Leaves that an earlier message has said."""
    instead: Mapping[tuple[int, str], Any] = field(default_factory=dict)
    """Leaves for which another value is said at first."""
    seen: frozenset[int] = frozenset()
    """Calls whose results have been reported."""
    start: int = 0
    """Number of the turn's first call: what earlier calls found is "that" one."""
    resolved: bool = False
    """Rows are named by what they are called, not by "that one": for the assistant to say."""
    brief: bool = False
    """Rows without a name are only "the order": it is known which one is meant."""
    spoken: list[tuple[int, str]] = field(default_factory=list)
    """Rows that this very request has named, in that order: the last one is "it" from then on."""

    def silent(self, call: int, path: str) -> bool:
        """Nothing is to be said of the leaf."""
        return (call, path) in self.withheld or (call, path) in self.known


def is_user(scene: Scene, origin: Origin, parameter: ParameterModel) -> bool:
    """Whether a leaf that is taken from a result names the person who writes."""
    person, entity = scene.task.person, scene.world.entities.get(parameter.entity or "")
    if person is None or entity is None or entity.noun != person.entity or origin.call is None:
        return False
    return str(value_at(scene.results[origin.call], origin.result_path or "")) == person.key


def finds_user(scene: Scene, call: int) -> bool:
    """Whether a call looks up the one who writes: their account, their record."""
    person, model = scene.task.person, scene.model(call)
    entity = scene.world.entities.get(model.entity or "")
    if person is None or entity is None or entity.noun != person.entity or model.writes:
        return False
    return any(str(value) == person.key for _, value in leaves(scene.results[call]))


def say_own(scene: Scene, words: str, hidden: Hidden) -> str:
    """``the order from Monday`` → ``my order from Monday``, where such things are the user's."""
    whose = "your" if hidden.resolved else "my"
    for noun in sorted(_own_nouns(scene), key=len, reverse=True):
        thing = rf"((?:(?:{_PLACES}) )?{re.escape(noun)})\b(?! of (?:that|my|your) )"
        words = re.sub(rf"\bthe {thing}", rf"{whose} \1", words)
    return words


def whose_own(scene: Scene, noun: str, hidden: Hidden) -> str:
    """``my``, ``your`` or nothing, before things of that noun."""
    if noun not in _own_nouns(scene):
        return ""
    return "your " if hidden.resolved else "my "


def _own_nouns(scene: Scene) -> frozenset[str]:
    return _find_own(Same(scene.world), scene.task.domain, scene.task.person is not None)


@lru_cache(maxsize=256)
def _find_own(world: Same[World], domain: str, known: bool) -> frozenset[str]:
    """Find the nouns of what belongs to whoever writes; ``known``: they are a row of the world."""
    entities = [one for one in world.it.entities.values() if one.domain == domain]
    user = find_user(world, domain) if known else None
    if user is not None:
        return frozenset(world.it.entities[key].noun for key in find_ties(world, user.key))
    own = {one.key for one in entities if one.is_users}
    for _ in entities:
        own |= {one.key for one in entities if one.owner in own}
    return frozenset(world.it.entities[key].noun for key in own)


def find_helpful(scene: Scene) -> list[ToolModel]:
    """The tools on offer that the assistant can help with: no hand-over, and none in doubt."""
    domains = {scene.model(call).tool.domain for call in range(len(scene.calls))}
    every = (scene.world.models[name] for name in scene.task.tools)
    rows = [one for one in every if one.tool.domain in domains and one.entity]
    return [one for one in rows if not (one.hands_over or one.doubts)]


def topics(scene: Scene) -> str:
    """What the assistant can help with, by the things that it is about."""
    nouns = [label(one.noun) for one in find_helpful(scene)]
    things = [noun for noun in nouns if is_thing(noun, strictly=True)] or nouns
    said = dict.fromkeys(map(plural, things))
    return join(list(said)[:_MOST_TOPICS]) or capital(label(scene.task.domain))
