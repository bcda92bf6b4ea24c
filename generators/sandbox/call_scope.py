"""What the expressions of a world model see of a call, and what a tool's needs and changes do.

A need that is known not to be met makes the call fail, as the service would; what is unknown, such
as a parameter that is not given, speaks for nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from generators.identity_cache import Same, remembered
from generators.lexicon.names import in_words
from generators.sandbox.call_demands import find_broken_demand, say_demand
from generators.sandbox.compiled_tools import CompiledTool
from generators.sandbox.errors import CallError, call_error
from generators.sandbox.row_lookup import read_identity
from generators.sandbox.row_values import Row, Rows, as_text, copied, key_of
from generators.sandbox.schema_validity import MISSING as UNFIT
from generators.sandbox.schema_validity import adapt
from generators.sandbox.store import Store
from generators.world.expression import Expression, parse_expression
from generators.world.expression_values import MISSING
from generators.world.model import Entity, ToolModel, World
from schemas.record import JsonObject
from schemas.world_model import Need


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
            return self.rows_of.clock.date().isoformat()
        if name == "now":
            return self.rows_of.clock.isoformat(timespec="seconds")
        if name == "arguments":
            return self.arguments
        rule = self.tool.model.tool.parameters.get("properties", {}).get(name)
        return rule.get("default", MISSING) if isinstance(rule, dict) else MISSING

    def refer(self, row: Mapping[str, Any] | None, name: str) -> Any:
        """The row to which a row, or else the call, refers by an entity's noun: ``doctor``."""
        holder = self.arguments if row is None else row
        own = self.tool.entity
        if row is None and own is not None and in_words(name) == own.noun:
            found = self._own_row()
            if found is not MISSING:
                return found
        target = self._entity(in_words(name))
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
        known = _entities_by_noun(Same(self.rows_of.world), self.tool.model.tool.domain)
        words = said.split()
        tails = (" ".join(words[at:]) for at in range(len(words)))
        return next((known[tail] for tail in tails if tail in known), None)

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


def plan_changes(scope: CallScope) -> list[tuple[Entity, Row, tuple[str, ...], Any]]:
    """What the tool changes besides, by the state as it is: entity, row, place in it, new value.

    What is unknown stays as it is.
    """
    planned = []
    for place, text in scope.tool.model.changes.items():
        value = parse_expression(text).evaluate(scope)
        found = _find_place(scope, parse_expression(place).path or ())
        if value is not MISSING and found is not None:
            planned.append((*found, value))
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


def make_changes(
    store: Store, planned: Iterable[tuple[Entity, Row, tuple[str, ...], Any]]
) -> Iterator[tuple[Row, Row]]:
    """Write what `plan_changes` planned; yields each row as it was named and as it is now.

    Raises CallError where a field cannot hold its new value.
    """
    for entity, named, path, value in planned:
        row = store.find(entity, key_of(entity, named)) or named
        new = copied(dict(row))
        inner = new
        for step in path[:-1]:
            inner = inner.setdefault(step, {})
        field = entity.fields.get(path[0])
        inner[path[-1]] = value
        if field is not None:
            fitting = adapt(new[path[0]], field.schema)
            if fitting is UNFIT:
                raise call_error("no_such_value", noun=entity.noun, field=in_words(path[-1]))
            new[path[0]] = fitting
        store.put(entity, new)
        yield named, new
