"""The rule of its service that a candidate is to meet, and which rows let a call break it.

So many of the candidates meet one as the mix says. Which rule that is follows from the seed and
the candidate's number alone: in turn, each of those of its domain, in an order that is shuffled
anew each time.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import floor
from random import Random
from typing import Any, NamedTuple

from generators.backends.backend import Contrary, ShownRows, WantedCall
from generators.identity_cache import Same
from generators.sampling.stream import Turn
from generators.sandbox.own_rows import find_user
from generators.tasks.clock import Setting
from generators.world.model import ToolModel, World, governs
from schemas.canonical import derive_seed
from schemas.environment import Environment
from schemas.graph import ChainStep, Feed
from schemas.leaves import value_at
from schemas.record import JsonObject

_NAMING = ("identity", "reference")
_SHOWN = 5
"""Rows of a list among which one is meant."""


class SoughtRule(NamedTuple):
    """A rule that a call of a tool is to break: it is asked for, and declined."""

    tool: str
    text: str
    require: str


def choose_rule(
    world: World, usable: Sequence[str], share: float, seed: int, turn: Turn
) -> SoughtRule | None:
    """The rule whose turn it is, if it is the turn of any.

    ``share``: of the candidates, how many are to meet one.
    """
    rules = _list_rules(Same(world), turn.kind, tuple(usable))
    if not rules or share <= 0:
        return None
    at = turn.number * share + Random(derive_seed("meeting", seed, turn.kind)).random()
    number = floor(at + share)
    if number == floor(at):
        return None
    block, place = divmod(number, len(rules))
    order = Random(derive_seed("rules", seed, turn.kind, block)).sample(rules, len(rules))
    ways = order[place]
    return ways[block % len(ways)]


@lru_cache(maxsize=64)
def _list_rules(
    world: Same[World], domain: str, usable: tuple[str, ...]
) -> tuple[tuple[SoughtRule, ...], ...]:
    """Each rule of a domain that code decides, with each write that it governs and people want."""
    service = world.it.domains.get(domain)
    models = [world.it.models[name] for name in usable]
    found = (
        tuple(
            SoughtRule(model.name, rule.text, rule.require)
            for model in models
            if model.writes and model.tool.domain == domain and governs(rule, model)
            if rule.require
        )
        for rule in (service.rules if service is not None else ())
        if rule.outcome != "leave"
    )
    return tuple(filter(None, found))


@dataclass(frozen=True)
class RuleBreaking:
    """Tells of rows whether a call about them may break the rule that is sought."""

    setting: Setting
    environment: Environment
    sought: SoughtRule
    steps: Sequence[ChainStep] = ()
    """Those of the chain that comes to such a call."""

    @property
    def model(self) -> ToolModel:
        """The tool that the rule governs."""
        return self.setting.world.models[self.sought.tool]

    def may_break(self, told: Mapping[str, Any]) -> bool:
        """Whether a call of whoever writes, told so much, may break the rule and no other."""
        backend, scope = self.setting.backend, self.setting.scope
        if not isinstance(backend, Contrary):
            return False
        user = find_user(Same(self.setting.world), self.model.tool.domain)
        known: JsonObject = {
            one.path: scope.key
            for one in self.model.parameters
            if user and scope.key and one.entity == user.key and one.required
            if one.use in _NAMING and len(user.identity) == 1
        }
        wanted = WantedCall(self.model.name, {**known, **told}, scope=scope)
        return backend.may_break(self.environment, wanted, self.sought.require)

    def has_rows(self) -> bool:
        """Whether whoever writes has rows by which a call can break the rule, of all it names."""
        world, clock = self.setting.world, self.setting.clock.isoformat()
        shown = ShownRows(world, self.environment, lambda _: (), clock)
        rows = self.setting.scope.view(shown)
        for one in self.model.parameters:
            entity = world.entities.get(one.entity or "")
            named = one.required and one.use in _NAMING and "[" not in one.path
            if not named or entity is None or len(entity.identity) != 1:
                continue
            ids = (row.get(entity.identity[0]) for row in rows.rows(entity))
            if not any(self.may_break({one.path: value}) for value in ids):
                return False
        return True

    @property
    def feeds(self) -> Sequence[Feed]:
        """What the call takes from other steps."""
        return next((one.feeds for one in self.steps if one.tool == self.sought.tool), ())

    def needs(self, number: int) -> bool:
        """Whether a step is that call, or one that it takes a row from."""
        own = self.steps[number].tool == self.sought.tool
        return own or any(find_source(self.steps, one, number) for one in self.feeds)

    def list_open(
        self, number: int, result: Any, told: Mapping[str, Any]
    ) -> Iterator[tuple[str, list[int]]]:
        """Of each list in a step's result that the call takes a row from: which may break the rule.

        What is no list is one row. ``told``: what the call is told by other results.
        """
        for asked in self.feeds:
            item = find_source(self.steps, asked, number)
            path = asked.parameter.replace("[]", "[0]")
            if item is None or self.model.parameter(path).use not in _NAMING:
                continue
            at, brackets, rest = item.result_path.partition("[]")
            try:
                held = value_at(result, at)
            except KeyError:
                continue
            ids = held[:_SHOWN] if brackets else [held]
            if rest:
                ids = [one.get(rest[1:]) if isinstance(one, dict) else one for one in ids]
            yield at, [n for n, one in enumerate(ids) if self.may_break({**told, path: one})]


def find_source(steps: Sequence[ChainStep], asked: Feed, number: int) -> Feed | None:
    """What a value is fed from: a step, or what was got by an id that this one shows."""
    item: Feed | None = asked
    while item is not None and item.step > number:
        same = (f for f in steps[item.step].feeds if f.parameter == asked.parameter)
        item = next(same, None)
    return item if item is not None and item.step == number else None
