"""The user describes a row instead of naming it, and nothing else in the state fits (CoVe).

After arXiv 2603.01940: references are unique by a look at the whole state, not by luck. Where an id
would have to be recited, a look-up comes before the call.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import combinations
from random import Random
from typing import Any, NamedTuple

from generators.language.description import PLACES
from generators.language.rows import is_naming
from generators.lexicon.money import is_price
from generators.operators.fuzzy.look_up import with_look_up
from generators.operators.operator import Effect, Mark, Operator
from generators.sandbox.row_values import equals
from generators.tasks.plan import Mix, Plan
from generators.world.model import Entity, World
from schemas.environment import Environment
from schemas.leaves import value_at
from schemas.record import JsonObject
from schemas.task import Origin, Task
from schemas.twists import Comparison, Condition, Reference, find_twist, find_twists

_NAMELESS = 0.6
"""Share of the descriptions that do without the row's name, where they can."""
_MOST = 3
"""Conditions of a description."""
_LONGEST = 60


class _Row(NamedTuple):
    """A row that a call is about, as its list shows it."""

    call: int
    origin: Origin
    entity: Entity
    shown: JsonObject
    said: frozenset[str]
    """Fields whose values the user says anyway, so that it is found in the list."""


def _count_conditions(task: Task, world: World) -> float:
    """Things that are said to describe rows."""
    del world
    described = [one for turn in task.turns for one in find_twists(turn, Reference)]
    return float(sum(len(one.conditions) for one in described))


def _count_conditions_each(task: Task, world: World) -> float | None:
    """Things that are said of a row that is described."""
    count = sum(len(find_twists(turn, Reference)) for turn in task.turns)
    return _count_conditions(task, world) / count if count else None


class Fuzzy(Operator):
    """Rows are described by one to three things that are true of them alone."""

    name = "fuzzy"
    marks = (
        Mark(
            "fuzzy",
            0.5,
            "the user describes a row by one to three things that fit no other row of the state; a "
            "number that would be recited is looked up",
        ),
    )
    effects = (
        Effect("fuzzy", "conditions that describe rows", _count_conditions),
        Effect("fuzzy", "conditions per description", _count_conditions_each),
    )

    def make_harder(self, plan: Plan, rng: Random, mix: Mix) -> Plan:
        """Each row that a call takes from a list is described, where that can be done."""
        del mix
        plan = with_look_up(plan, rng)
        environment = plan.setting.open()
        found: list[Reference] = []
        done: set[tuple[int, int | None, str | None]] = set()
        for call, executed in enumerate(plan.done):
            for row in _find_rows(plan, call):
                key = (plan.turn_of(call), row.origin.call, row.origin.result_path)
                reference = None if key in done else _describe(environment, row, rng)
                if reference is not None:
                    done.add(key)
                    found.append(reference)
                    break
            environment.call(executed.model.name, executed.arguments)
        if not found:
            return plan
        turns = tuple(
            turn.with_twists(*(one for one in found if one.call in turn.calls))
            for turn in plan.turns
        )
        return replace(plan, turns=turns, operators=(*plan.operators, "fuzzy"))


def _find_rows(plan: Plan, call: int) -> Iterator[_Row]:
    """Rows of earlier lists that the call takes by an id of their own."""
    executed, turn = plan.done[call], plan.turns[plan.turn_of(call)]
    compared = find_twist(turn, Comparison)
    if executed.twin or plan.has_twin(call) or (compared and call in compared.calls):
        return
    for origin in executed.origins:
        parameter = executed.model.parameter(origin.path)
        entity = plan.setting.world.entities.get(parameter.entity or "")
        path = origin.result_path or ""
        holder, _, name = path.rpartition(".")
        if origin.call is None or origin.rule or entity is None or path.count("[") != 1:
            continue
        source = plan.done[origin.call]
        listed = source.model.operation == "list" and source.model.entity == entity.key
        if listed and not plan.has_twin(origin.call) and name in entity.identity[-1:]:
            shown = value_at(source.result, holder)
            if isinstance(shown, dict) and _is_one_of_several(source.result, holder):
                said = (
                    _searched_fields(plan, origin.call) if origin.call in turn.calls else _NOTHING
                )
                yield _Row(call, origin, entity, shown, said)


_NOTHING: frozenset[str] = frozenset()


def _searched_fields(plan: Plan, call: int) -> frozenset[str]:
    """Fields that a search is told to look for."""
    executed = plan.done[call]
    told = (executed.model.parameter(o.path) for o in executed.origins if o.kind == "user")
    return frozenset(parameter.field for parameter in told if parameter.field)


def _is_one_of_several(result: Any, row: str) -> bool:
    listed = value_at(result, row[: row.rfind("[")])
    return isinstance(listed, list) and len(listed) > 1


def _describe(environment: Environment, row: _Row, rng: Random) -> Reference | None:
    """The shortest natural description that fits no other row; None where there is none."""
    rows = environment.rows(row.entity.key)
    own = [one for one in rows if all(equals(one.get(n), row.shown.get(n)) for n in _key(row))]
    if len(own) != 1:
        return None
    conditions = _conditions(own[0], row)
    nameless = [one for one in conditions if not is_naming(one.field)]
    pools = [nameless, conditions] if rng.random() < _NAMELESS else [conditions]
    for pool in pools:
        free = [one for one in pool if one.field in row.said]
        rest = [one for one in pool if one.field not in row.said]
        for count in range(1, _MOST + 1):
            fitting = [
                chosen
                for few in combinations(rest, count)
                for chosen in (few, (*few, *free))
                if len(chosen) <= _MOST and _fit_once(rows, chosen)
            ]
            if fitting:
                return Reference(
                    call=row.call,
                    path=row.origin.path,
                    table=row.entity.key,
                    conditions=rng.choice(_most_natural(row.entity, fitting)),
                )
    return None


def _key(row: _Row) -> list[str]:
    return [name for name in row.entity.identity if name in row.shown]


def _conditions(own: Mapping[str, Any], row: _Row) -> list[Condition]:
    """What may be said of the row: what a person knows, as the list shows it."""
    out = []
    for name, field in row.entity.fields.items():
        value = _sayable(own.get(name))
        known = field.semantic in PLACES and name not in row.entity.identity
        known = known and (field.semantic != "money" or is_price(name))
        if not known or value is None or name.endswith("_reason") or name not in row.shown:
            continue
        if equals(row.shown[name], value):
            out.append(Condition(field=name, value=value))
    return out


def _sayable(value: Any) -> str | int | float | None:
    """The value itself, or the name of the first thing in a list of things."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        value = value[0].get("name") or value[0].get("title")
    if isinstance(value, bool) or not isinstance(value, str | int | float) or value == "":
        return None
    return None if len(str(value)) > _LONGEST else value


def _fit_once(rows: Any, conditions: tuple[Condition, ...]) -> bool:
    fitting = 0
    for row in rows:
        if all(equals(row.get(one.field), one.value) for one in conditions):
            fitting += 1
            if fitting > 1:
                return False
    return fitting == 1


def _most_natural(
    entity: Entity, fitting: list[tuple[Condition, ...]]
) -> list[tuple[Condition, ...]]:
    costs = [sum(PLACES[entity.fields[c.field].semantic] for c in one) for one in fitting]
    return [one for one, cost in zip(fitting, costs, strict=True) if cost == min(costs)]
