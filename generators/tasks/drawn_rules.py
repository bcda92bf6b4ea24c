"""Rules drawn around a write: such that the state allows it, or forbids it.

A rule looks at something that the conversation shows: a value that the user says, or a field of a
row that an earlier result holds. So an assistant can keep to it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import floor, log10
from random import Random
from typing import Any, TypeGuard

from generators.language.action import action
from generators.lexicon.date_field_names import deed_in
from generators.lexicon.names import label
from generators.lexicon.nouns import is_plural, with_article
from generators.lexicon.spoken_values import speak
from generators.tasks.plan import Plan
from generators.world.model import Field, ToolModel, World
from schemas.leaves import objects_in
from schemas.policy import Aspect, Limiting, PolicyRule, days_ahead
from schemas.record import JsonObject
from schemas.semantic import SemanticType

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
