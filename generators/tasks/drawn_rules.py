"""Rules drawn around a write: such that the state allows it, or forbids it.

A rule looks at something that the conversation shows: a value that the user says, or a field of a
row that an earlier result holds. So an assistant can keep to it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import floor, log10
from random import Random
from typing import Any, TypeGuard

from generators.language.action import action
from generators.lexicon.names import label
from generators.lexicon.nouns import is_plural, with_article
from generators.lexicon.speech import speak
from generators.lexicon.tenses import deed_in
from generators.tasks.plan import Plan
from generators.world.model import Entity, Field, ToolModel
from schemas.leaves import objects_in
from schemas.policy import PolicyRule, days_ahead
from schemas.record import JsonObject
from schemas.semantic import SemanticType

_AMOUNTS: frozenset[SemanticType] = frozenset({"money", "count", "duration"})
_OWN = frozenset("birth dob birthday born founded".split())
_FAR = 1000
"""Days from which a date is no matter of a rule."""


@dataclass(frozen=True)
class _Ground:
    """A write of a plan, and whether a rule is to allow it."""

    plan: Plan
    call: int
    allowed: bool
    rng: Random

    @property
    def model(self) -> ToolModel:
        return self.plan.done[self.call].model

    @property
    def arguments(self) -> JsonObject:
        return self.plan.done[self.call].arguments

    def limit(self, value: float, *, least: bool = False) -> float | None:
        """A round figure that the value keeps to, or not; None where there is none."""
        above = self.allowed != least
        # To two digits: 347 → 350, 4.7 → 5.
        round_value = value * (self.rng.uniform(1.1, 2) if above else self.rng.uniform(0.4, 0.9))
        if round_value < 10:
            found = round(round_value)
        else:
            step = 10 ** (floor(log10(round_value)) - 1)
            found = int(round(round_value / step) * step)
        right = found > value if above else 0 < found < value
        return found if right else None

    def deed(self) -> str:
        """``cancel an order``."""
        what = action(self.model)
        return f"{what.verb} {what.generic}".replace(" me to ", " a user to ")


def draw_rule(plan: Plan, call: int, rng: Random, *, allowed: bool) -> PolicyRule | None:
    """A rule that allows the call, or forbids it; None where nothing can be said of it."""
    ground = _Ground(plan, call, allowed, rng)
    rules = [*_of_arguments(ground), *_of_rows(ground)]
    return rng.choice(rules) if rules else None


def _of_arguments(ground: _Ground) -> Iterator[PolicyRule]:
    executed = ground.plan.done[ground.call]
    for origin in executed.origins:
        parameter = executed.model.parameter(origin.path)
        value = executed.arguments.get(origin.path)  # only at the top
        wanted = origin.kind == "user" and parameter.semantic in _AMOUNTS
        limit = ground.limit(value) if wanted and _is_number(value) else None
        if limit is not None:
            said = _said(ground, limit, parameter.semantic, parameter.schema)
            name = label(parameter.name)
            what = f"with {with_article(name)} of more than {said}"
            if is_plural(name):
                what = f"with more than {said} {name}"
            yield PolicyRule(
                tool=executed.model.name, aspect="argument", path=origin.path,
                comparison="at_most", limit=limit,
                sentence=f"Never {ground.deed()} {what}.",
            )  # fmt: skip


def _of_rows(ground: _Ground) -> Iterator[PolicyRule]:
    """About the row that is changed, as far as a result before has shown it."""
    model = ground.model
    entity = ground.plan.setting.world.entities.get(model.entity or "")
    if entity is None or model.operation == "create" or not entity.identity:
        return
    own = {p.field or p.name: p.path for p in model.parameters if p.use == "identity"}
    if set(own) != set(entity.identity) or any("[" in path for path in own.values()):
        return
    key = {name: path for name, path in own.items() if path in ground.arguments}
    row = _shown(ground, {name: ground.arguments[path] for name, path in key.items()})
    if len(key) != len(own) or row is None:
        return
    written = {p.field for p in model.parameters if p.use == "field"}
    for name, field in entity.fields.items():
        sets = model.transition is not None and name == model.transition[0]
        if name in row and name not in written and not sets and name not in entity.identity:
            yield from _of_field(ground, entity, field, row[name], key)


def _of_field(
    ground: _Ground, entity: Entity, field: Field, value: Any, key: dict[str, str]
) -> Iterator[PolicyRule]:
    name, deed = label(field.name), ground.deed()
    common: dict[str, Any] = {
        "tool": ground.model.name, "path": field.name, "table": entity.key, "key": key,
    }  # fmt: skip
    if field.semantic == "enum" and isinstance(value, str):
        others = [v for v in field.schema.get("enum", ()) if isinstance(v, str) and v != value]
        barred = value if not ground.allowed else ground.rng.choice(others) if others else None
        if barred:
            said = speak(barred, "enum", ground.plan.clock, ground.rng).text
            yield PolicyRule(
                aspect="row", comparison="is_not", limit=barred,
                sentence=f"Never {deed} whose {name} is {said}.", **common,
            )  # fmt: skip
    elif field.semantic == "money" and _is_number(value):
        if (limit := ground.limit(value)) is not None:
            said = _said(ground, limit, "money", field.schema)
            yield PolicyRule(
                aspect="row", comparison="at_most", limit=limit,
                sentence=f"Never {deed} whose {name} is more than {said}.", **common,
            )  # fmt: skip
    elif field.semantic in ("date", "datetime") and not _OWN & set(name.split()):
        yield from _of_date(ground, name, value, common)


def _of_date(
    ground: _Ground, name: str, value: Any, common: dict[str, Any]
) -> Iterator[PolicyRule]:
    ahead = days_ahead(value, ground.plan.clock)
    if ahead is None or not 2 < abs(ahead) < _FAR or name.endswith(" by"):
        return
    if ahead > 0 and deed_in(name):
        return
    limit = ground.limit(abs(ahead), least=ahead > 0)
    if limit is None:
        return
    days = f"{int(limit)} {'day' if int(limit) == 1 else 'days'}"
    if ahead > 0:
        words = f"Never {ground.deed()} whose {name} is less than {days} away."
        yield PolicyRule(
            aspect="days_until", comparison="at_least", limit=int(limit), sentence=words, **common
        )
    else:
        when = f"that was {done}" if (done := deed_in(name)) else f"whose {name} is"
        words = f"Never {ground.deed()} {when} more than {days} ago."
        yield PolicyRule(
            aspect="days_since", comparison="at_most", limit=int(limit), sentence=words, **common
        )


def _shown(ground: _Ground, wanted: Mapping[str, Any]) -> JsonObject | None:
    """The row as the last result before the call shows it."""
    for executed in reversed(ground.plan.done[: ground.call]):
        for row in objects_in(executed.result):
            if all(row.get(name) == value for name, value in wanted.items()):
                return row
    return None


def _said(ground: _Ground, limit: float, semantic: SemanticType, schema: JsonObject) -> str:
    description = str(schema.get("description", ""))
    spoken = "number" if semantic == "count" else semantic
    return speak(limit, spoken, ground.plan.clock, ground.rng, description).text


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0
