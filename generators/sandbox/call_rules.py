"""What the expressions of a world model see of a call, and what a tool's needs and changes do.

A need that is known not to be met makes the call fail, as the service would; what is unknown, such
as a parameter that is not given, speaks for nothing.
"""

import re
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any, NamedTuple

from generators.identity_cache import remembered
from generators.lexicon.names import in_words
from generators.sandbox.compiled_tools import CompiledTool, pick
from generators.sandbox.errors import CallError
from generators.sandbox.row_lookup import read_identity
from generators.sandbox.row_values import Row, as_text, equals
from generators.sandbox.schema_validity import MISSING
from generators.sandbox.store import Rows
from generators.world.expression import Expression, parse_expression
from generators.world.model import Entity, ToolModel
from schemas.record import JsonObject
from schemas.world_model import Demand, Need

Call = tuple[str, JsonObject]
"""Wire name and arguments."""
_SAID = {
    "at_least_one": "One of these is needed: {all}.",
    "only_with": "{first} is only for {last} {demand.value}.",
    "same": "These must have the same {demand.field}: {all}.",
    "differ": "These must not be the same: {all}.",
    "format": "{all} must be written like {demand.value}.",
}
"""Kind of demand → how a service tells it where its description has no words for it."""


def find_broken_demand(
    model: ToolModel, rows: Rows, arguments: JsonObject, earlier: Iterable[Call] = ()
) -> Demand | None:
    """The first demand that a call breaks, after the calls of this conversation before it."""
    for demand in model.demands:
        kind, values, met = demand.kind, _read_values(demand, arguments), True
        given = [pick(arguments, path) for path in demand.parameters]
        if kind == "once":
            before = (args for name, args in earlier if name == model.name)
            met = all(_read_values(demand, args) != values for args in before)
        elif kind == "differ":
            met = len(set(map(as_text, values))) == len(values)
        elif kind == "format":
            texts = (value for value in values if isinstance(value, str))
            met = all(re.search(str(demand.value), text) for text in texts)
        elif kind == "same":
            met = _agree(demand, model, rows, given)
        elif kind == "at_least_one":
            met = any(value is not MISSING for value in given)
        elif kind == "only_with" and given[0] is not MISSING:
            met = given[1] is not MISSING
            met = met and (demand.value is None or equals(given[1], demand.value))
        if not met:
            return demand
    return None


def _read_values(demand: Demand, arguments: JsonObject) -> list[Any]:
    """What is given for the demand's parameters, element by element, and for all where it has none.

    Lists are taken apart; what is not given is left out.
    """
    found: list[Any] = [] if demand.parameters else [arguments]
    for path in demand.parameters:
        value = pick(arguments, path)
        found += value if isinstance(value, list) else [] if value is MISSING else [value]
    return found


def _agree(demand: Demand, model: ToolModel, rows: Rows, given: list[Any]) -> bool:
    """Whether the rows named agree in the field; of two lists, one after the other."""
    sides: list[list[Any]] = []
    for path, value in zip(demand.parameters, given, strict=True):
        parameter = next((one for one in model.parameters if one.path.startswith(path)), None)
        target = rows.world.entities.get((parameter and parameter.entity) or "")
        if target is None or value is MISSING:
            return True  # nothing that could disagree
        keys = value if isinstance(value, list) else [value]
        found = [rows.find(target, (as_text(key),)) for key in keys]
        sides.append([row.get(demand.field or "") if row else None for row in found])
    if len(sides) == 1:
        sides = [[value] for value in sides[0]]
    pairs = zip(chain.from_iterable(sides[:-1]), chain.from_iterable(sides[1:]), strict=False)
    return all(equals(*pair) for pair in pairs if None not in pair)


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
        self.rows_of, self.tool, self.arguments, self.row = rows.whole, tool, arguments, row
        self.kinds: dict[int, tuple[Row, Entity]] = {}
        """Identity of a row that was referred to → the row, and its entity."""

    def value(self, name: str) -> Any:
        """A parameter, or one of the names that every scope has."""
        clock = self.rows_of.seeds.clock
        if name in self.arguments:
            return self.arguments[name]
        if name == "row":
            return self._own_row()
        if name in ("today", "now"):
            now = clock.isoformat(timespec="seconds")
            return now if name == "now" else clock.date().isoformat()
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
        key = (*(as_text(holder.get(part)) for part in target.identity[:-1]), as_text(value))
        return self._noted(target, self.rows_of.find(target, key))

    def rows(self, entity: str) -> Iterable[Row]:
        """All rows of an entity of the tool's domain, by its noun."""
        target = self._entity(entity)
        return self.rows_of.rows(target) if target is not None else ()

    def _entity(self, said: str) -> Entity | None:
        """The entity of a noun, or of the last words of a name: ``from account``."""
        words, domain = said.split(), self.tool.model.tool.domain
        keys = (f"{domain}/{' '.join(words[at:])}" for at in range(len(words)))
        return next(filter(None, map(self.rows_of.world.entities.get, keys)), None)

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
        said, names = (
            _SAID.get(broken.kind, "This cannot be called so."),
            broken.parameters or ("",),
        )
        said = said.format(first=names[0], last=names[-1], all=", ".join(names), demand=broken)
        raise CallError("invalid_arguments", broken.text or said)
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
        value, path = parse_expression(text).evaluate(scope), parse_expression(place).path or ()
        if value is MISSING or not path:
            continue
        met: Any = scope.value(path[0])
        if met is MISSING:
            met = scope.refer(None, path[0])
        # The last row on the path is changed, in what lies within it.
        change = None
        for at in range(1, len(path)):
            if not isinstance(met, Mapping):
                break
            if id(met) in scope.kinds:
                row, entity = scope.kinds[id(met)]
                change = RowChange(entity, row, path[at:], value)
            met = met[path[at]] if path[at] in met else scope.refer(met, path[at])
        if change is not None:
            planned.append(change)
    return planned
