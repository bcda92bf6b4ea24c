"""What the expressions of a world model see of a call, and what a tool's needs and changes do.

A need that is known not to be met makes the call fail, as the service would; what is unknown, such
as a parameter that is not given, speaks for nothing.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from generators.identity_cache import Same, remembered
from generators.lexicon.names import in_words
from generators.sandbox.compiled_tools import CompiledTool, pick
from generators.sandbox.errors import CallError
from generators.sandbox.row_lookup import read_identity
from generators.sandbox.row_values import Row, as_text, equals
from generators.sandbox.schema_validity import MISSING
from generators.sandbox.store import Rows
from generators.world.expression import Expression, parse_expression
from generators.world.model import Entity, ToolModel, World
from schemas.record import JsonObject
from schemas.world_model import Demand, Need

Call = tuple[str, JsonObject]
"""Wire name and arguments."""


def find_broken_demand(
    model: ToolModel, rows: Rows, arguments: JsonObject, earlier: Iterable[Call] = ()
) -> Demand | None:
    """The first demand that a call breaks, after the calls of this conversation before it."""
    for demand in model.demands:
        if demand.kind == "once":
            met = not any(
                name == model.name and _values(demand, args) == _values(demand, arguments)
                for name, args in earlier
            )
        else:
            met = demand.kind not in _MEETS or _MEETS[demand.kind](demand, model, rows, arguments)
        if not met:
            return demand
    return None


def say_demand(demand: Demand) -> str:
    """The demand as a service would tell it: in the description's own words, if it has any."""
    names = ", ".join(demand.parameters)
    made = {
        "at_least_one": f"One of these is needed: {names}.",
        "only_with": f"{demand.parameters[0] if names else ''} is only for "
        f"{demand.parameters[-1] if names else ''} {demand.value}.",
        "same": f"These must have the same {demand.field}: {names}.",
        "differ": f"These must not be the same: {names}.",
        "format": f"{names} must be written like {demand.value}.",
    }
    return demand.text or made.get(demand.kind, "This cannot be called so.")


def _values(demand: Demand, arguments: JsonObject) -> list[Any]:
    """What is given for the demand's parameters, element by element, and for all where it has none.

    Lists are taken apart; what is not given is left out.
    """
    if not demand.parameters:
        return [arguments]
    found: list[Any] = []
    for path in demand.parameters:
        value = pick(arguments, path)
        found += value if isinstance(value, list) else [] if value is MISSING else [value]
    return found


def _has_one(demand: Demand, model: ToolModel, rows: Rows, arguments: JsonObject) -> bool:
    del model, rows
    return any(pick(arguments, path) is not MISSING for path in demand.parameters)


def _has_company(demand: Demand, model: ToolModel, rows: Rows, arguments: JsonObject) -> bool:
    """Whether the first parameter is left out, or the second has the value (any, where none is)."""
    del model, rows
    first, second = (pick(arguments, path) for path in demand.parameters[:2])
    if first is MISSING:
        return True
    return second is not MISSING and (demand.value is None or equals(second, demand.value))


def _differs(demand: Demand, model: ToolModel, rows: Rows, arguments: JsonObject) -> bool:
    del model, rows
    found = [as_text(value) for value in _values(demand, arguments)]
    return len(set(found)) == len(found)


def _is_formatted(demand: Demand, model: ToolModel, rows: Rows, arguments: JsonObject) -> bool:
    del model, rows
    found = [value for value in _values(demand, arguments) if isinstance(value, str)]
    return all(re.search(str(demand.value), value) for value in found)


def _is_same(demand: Demand, model: ToolModel, rows: Rows, arguments: JsonObject) -> bool:
    """Whether the rows named agree in the field; of two lists, one after the other."""
    sides: list[list[Any]] = []
    for path in demand.parameters:
        parameter = next((one for one in model.parameters if one.path.startswith(path)), None)
        target = rows.world.entities.get((parameter and parameter.entity) or "")
        value = pick(arguments, path)
        if target is None or value is MISSING:
            return True  # nothing that could disagree
        given = value if isinstance(value, list) else [value]
        found = [rows.find(target, (as_text(one),)) for one in given]
        sides.append([row.get(demand.field or "") if row else None for row in found])
    if len(sides) == 1:
        sides = [[value] for value in sides[0]]
    return all(
        equals(one, other)
        for one, other in zip(_joined(sides[:-1]), _joined(sides[1:]), strict=False)
        if one is not None and other is not None
    )


def _joined(sides: Iterable[list[Any]]) -> list[Any]:
    return [value for side in sides for value in side]


_MEETS: Mapping[str, Callable[[Demand, ToolModel, Rows, JsonObject], bool]] = {
    "at_least_one": _has_one,
    "only_with": _has_company,
    "same": _is_same,
    "differ": _differs,
    "format": _is_formatted,
}
"""Kind of demand → whether a call meets it."""


class CallScope:
    """The arguments of one call, and the rows that they name.

    Implements `generators.world.expression.Scope`. Names are parameters, ``arguments``, ``row``
    (the row that the tool is about), ``today``, ``now``, and the nouns of entities, for the rows
    that arguments name: ``doctor`` for ``doctor_id``.
    """

    def __init__(
        self, rows: Rows, tool: CompiledTool, arguments: JsonObject, row: Row | None = None
    ) -> None:
        """``arguments``: of one element, perhaps not all yet; ``row``: the one that is meant."""
        self.rows_of, self.tool, self.arguments, self.row = rows, tool, arguments, row
        self.kinds: dict[int, tuple[Row, Entity]] = {}
        """Identity of a row that was referred to → the row, and its entity."""

    def value(self, name: str) -> Any:
        """A parameter, or one of the names that every scope has."""
        if name in self.arguments:
            return self.arguments[name]
        if name == "row":
            return self._own_row()
        if name == "today":
            return self.rows_of.seeds.clock.date().isoformat()
        if name == "now":
            return self.rows_of.seeds.clock.isoformat(timespec="seconds")
        if name == "arguments":
            return self.arguments
        rule = self.tool.model.tool.parameters.get("properties", {}).get(name)
        return rule.get("default", MISSING) if isinstance(rule, dict) else MISSING

    def refer(self, row: Mapping[str, Any] | None, name: str) -> Any:
        """The row to which a row, or else the call, refers by an entity's noun: ``doctor``."""
        holder = self.arguments if row is None else row
        own = self.tool.entity
        said = in_words(name)
        if row is None and own is not None and said == own.noun:
            found = self._own_row()
            if found is not MISSING:
                return found
        target = self._entity(said)
        if target is None or not target.identity:
            return MISSING
        names = (f"{name}_id", name, target.identity[-1])
        value = next((holder[one] for one in names if holder.get(one) is not None), MISSING)
        if value is MISSING or isinstance(value, dict | list):
            return MISSING
        scope = {part: holder.get(part) for part in target.identity[:-1]}
        key = (*(as_text(scope[part]) for part in target.identity[:-1]), as_text(value))
        return self._noted(target, self.rows_of.find(target, key))

    def rows(self, entity: str) -> Iterable[Row]:
        """All rows of an entity of the tool's domain, by its noun."""
        target = self._entity(entity)
        return self.rows_of.rows(target) if target is not None else ()

    def _entity(self, said: str) -> Entity | None:
        """The entity of a noun, or of the last words of a name: ``from account``."""
        return _entity_said(Same(self.rows_of.world), self.tool.model.tool.domain, said)

    def _own_row(self) -> Any:
        """The row that the tool is about; a create has none before it is done."""
        own = self.tool.entity
        if own is None:
            return MISSING
        if self.row is None and self.tool.model.operation != "create":
            given = read_identity(self.tool, own, self.arguments)
            if own.identity and len(given) == len(own.identity):
                key = tuple(as_text(given[name]) for name in own.identity)
                self.row = self.rows_of.find(own, key)
        return self._noted(own, self.row)

    def _noted(self, entity: Entity, row: Row | None) -> Any:
        if row is None:
            return MISSING
        self.kinds[id(row)] = (row, entity)
        return row


@lru_cache(maxsize=1024)
def _entities_by_noun(world: Same[World], domain: str) -> Mapping[str, Entity]:
    return {one.noun: one for one in world.it.entities.values() if one.domain == domain}


@lru_cache(maxsize=4096)
def _entity_said(world: Same[World], domain: str, said: str) -> Entity | None:
    known = _entities_by_noun(world, domain)
    words = said.split()
    tails = (" ".join(words[at:]) for at in range(len(words)))
    return next((known[tail] for tail in tails if tail in known), None)


# -- needs


@remembered
def needs_of(model: ToolModel) -> tuple[tuple[Expression, Need], ...]:
    """A tool's needs, read, in the order in which they are tried."""
    return tuple((parse_expression(need.require), need) for need in model.needs)


def find_unmet_need(scope: CallScope) -> Need | None:
    """The first need that is known not to be met."""
    needs = needs_of(scope.tool.model)
    return next((need for expression, need in needs if expression.fails(scope)), None)


def check_rules(scope: CallScope) -> None:
    """Raise CallError where a call breaks a demand of its tool, or a need is not met."""
    model = scope.tool.model
    broken = find_broken_demand(model, scope.rows_of, scope.arguments) if model.demands else None
    if broken is not None:
        raise CallError("invalid_arguments", say_demand(broken))
    unmet = find_unmet_need(scope)
    if unmet is not None:
        raise CallError(unmet.code, unmet.message or f"This needs that {unmet.require}.")


# -- changes


class RowChange(NamedTuple):
    """A value that a call puts into a row beside those that its arguments write."""

    entity: Entity
    row: Row
    path: tuple[str, ...]
    value: Any


def plan_changes(scope: CallScope) -> list[RowChange]:
    """What the tool changes besides, by the state as it is; what is unknown stays."""
    planned = []
    for place, text in scope.tool.model.changes.items():
        value = parse_expression(text).evaluate(scope)
        found = _find_place(scope, parse_expression(place).path or ())
        if value is not MISSING and found is not None:
            planned.append(RowChange(*found, value))
    return planned


def _find_place(
    scope: CallScope, path: tuple[str, ...]
) -> tuple[Entity, Row, tuple[str, ...]] | None:
    """The last row on a path, with its entity, and the rest of the path, which lies within it."""
    value: Any = scope.value(path[0]) if path else MISSING
    if value is MISSING and path:
        value = scope.refer(None, path[0])
    found = None
    for at in range(1, len(path)):
        if not isinstance(value, Mapping):
            break
        if id(value) in scope.kinds:
            row, entity = scope.kinds[id(value)]
            found = entity, row, path[at:]
        value = value[path[at]] if path[at] in value else scope.refer(value, path[at])
    return found
