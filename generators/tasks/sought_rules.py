"""The rule of its service that a candidate is to meet, and which rows let a call break it.

So many of the candidates meet one as the mix says. Which rule that is follows from the seed and
the candidate's number alone: in turn, each of those of its domain, in an order that is shuffled
anew each time.

Where a service has no rule of its own, one is drawn around a write, such that the state allows it
or forbids it. It looks at something that the conversation shows: a value that the user says, or a
field of a row that an earlier result holds. So an assistant can keep to it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import floor, log10
from random import Random
from typing import Any, NamedTuple, TypeGuard

from generators.backends.backend import Contrary, ShownRows, WantedCall
from generators.identity_cache import Same
from generators.language.action import action
from generators.lexicon.date_field_names import deed_in
from generators.lexicon.names import label
from generators.lexicon.nouns import is_plural, with_article
from generators.lexicon.spoken_values import speak
from generators.sampling.stream import Turn
from generators.sandbox.own_rows import find_user
from generators.tasks.clock import Setting
from generators.tasks.plan import Plan
from generators.world.model import Field, ToolModel, World, governs
from schemas.canonical import derive_seed
from schemas.environment import Environment
from schemas.graph import ChainStep, Feed
from schemas.leaves import objects_in, value_at
from schemas.policy import Aspect, Limiting, PolicyRule, days_ahead
from schemas.record import JsonObject
from schemas.semantic import SemanticType

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


_AMOUNTS: frozenset[SemanticType] = frozenset({"money", "count", "duration"})
_LOOKED_AT: frozenset[SemanticType] = frozenset({"money", "date", "datetime"})
_OWN = frozenset("birth dob birthday born founded".split())
_FAR = 1000
"""Days from which a date is no matter of a rule."""

_Bound = tuple[Aspect, Limiting, float, str]
"""What is looked at and how, the limit, and the ground in words: ``whose total is more than …``."""


def draw_rule(plan: Plan, call: int, rng: Random, *, allowed: bool) -> PolicyRule | None:
    """A rule that allows the call, or forbids it; None where nothing can be said of it."""
    what = action(plan.done[call].model)
    deed = f"{what.verb} {what.generic}{what.aim}".replace(" me to ", " a user to ")
    ground = _Ground(plan, call, allowed, rng, f"Never {deed}")
    rules = [*ground.bound_arguments(), *ground.bound_row()]
    return rng.choice(rules) if rules else None


def may_rule(world: World, model: ToolModel) -> bool:
    """Whether something can be said of a write that a rule looks at."""
    entity = world.entities.get(model.entity or "")
    shown = entity.fields if entity and model.operation != "create" else {}
    told = any(one.semantic in _AMOUNTS for one in model.parameters)
    seen = any(one.semantic in _LOOKED_AT and name not in _list_written(model)
               for name, one in shown.items())  # fmt: skip
    return model.writes and (told or seen)


def _list_written(model: ToolModel) -> set[str | None]:
    """The fields that a write sets."""
    written = {p.field for p in model.parameters if p.use == "field"}
    return written.union(model.transition[:1] if model.transition else ())


@dataclass(frozen=True)
class _Ground:
    """A write of a plan, and whether a rule is to allow it."""

    plan: Plan
    call: int
    allowed: bool
    rng: Random
    never: str
    """``Never cancel an order``."""

    def bound_arguments(self) -> Iterator[PolicyRule]:
        """Rules about amounts that the user gives."""
        executed = self.plan.done[self.call]
        for origin in executed.origins:
            parameter = executed.model.parameter(origin.path)
            value = executed.arguments.get(origin.path)  # only at the top
            wanted = origin.kind == "user" and parameter.semantic in _AMOUNTS
            limit = self.draw_limit(value) if wanted and _is_number(value) else None
            if limit is not None:
                said = self.say(limit, parameter.semantic, parameter.schema)
                name = label(parameter.name)
                what = f"with {with_article(name)} of more than {said}"
                if is_plural(name):
                    what = f"with more than {said} {name}"
                yield PolicyRule(
                    tool=executed.model.name, aspect="argument", path=origin.path,
                    comparison="at_most", limit=limit, sentence=f"{self.never} {what}.",
                )  # fmt: skip

    def bound_row(self) -> Iterator[PolicyRule]:
        """Rules about the row that is changed, as the last result before the call shows it."""
        model, arguments = self.plan.done[self.call].model, self.plan.done[self.call].arguments
        entity = self.plan.setting.world.entities.get(model.entity or "")
        if entity is None or model.operation == "create" or not entity.identity:
            return
        key = {p.field or p.name: p.path for p in model.parameters if p.use == "identity"}
        if set(key) != set(entity.identity) or any(path not in arguments for path in key.values()):
            return
        shown = (
            row
            for executed in reversed(self.plan.done[: self.call])
            for row in objects_in(executed.result)
            if all(row.get(name) == arguments[path] for name, path in key.items())
        )
        row = next(shown, {})
        written = _list_written(model)
        for name, field in entity.fields.items():
            if name not in row or name in written or name in entity.identity:
                continue
            if (bound := self.bound_field(field, row[name])) is not None:
                aspect, comparison, limit, ground = bound
                yield PolicyRule(
                    tool=model.name, aspect=aspect, path=field.name, comparison=comparison,
                    limit=limit, table=entity.key, key=key, sentence=f"{self.never} {ground}.",
                )  # fmt: skip

    def bound_field(self, field: Field, value: Any) -> _Bound | None:
        """A bound on one field of the row; None where it has a value of which there is none."""
        name = label(field.name)
        if field.semantic == "money" and _is_number(value):
            if (most := self.draw_limit(value)) is None:
                return None
            said = self.say(most, "money", field.schema)
            return "row", "at_most", most, f"whose {name} is more than {said}"
        if field.semantic not in ("date", "datetime") or _OWN & set(name.split()):
            return None
        ahead, done = days_ahead(value, self.plan.clock), deed_in(name)
        if ahead is None or not 2 < abs(ahead) < _FAR or name.endswith(" by"):
            return None
        drawn = None if ahead > 0 and done else self.draw_limit(abs(ahead), least=ahead > 0)
        if drawn is None:
            return None
        limit = int(drawn)
        days = f"{limit} {'day' if limit == 1 else 'days'}"
        if ahead > 0:
            return "days_until", "at_least", limit, f"whose {name} is less than {days} away"
        when = f"that was {done}" if done else f"whose {name} is"
        return "days_since", "at_most", limit, f"{when} more than {days} ago"

    def draw_limit(self, value: float, *, least: bool = False) -> float | None:
        """A round figure that the value keeps to, or not; None where there is none."""
        above = self.allowed != least
        # To two digits: 347 → 350, 4.7 → 5.
        drawn = value * (self.rng.uniform(1.1, 2) if above else self.rng.uniform(0.4, 0.9))
        step = 1 if drawn < 10 else 10 ** (floor(log10(drawn)) - 1)
        found = int(round(drawn / step) * step)
        return found if (found > value if above else 0 < found < value) else None

    def say(self, limit: float, semantic: SemanticType, schema: JsonObject) -> str:
        description = str(schema.get("description", ""))
        spoken = "number" if semantic == "count" else semantic
        return speak(limit, spoken, self.plan.clock, self.rng, description).text


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0
