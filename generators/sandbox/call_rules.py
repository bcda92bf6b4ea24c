"""What the expressions of a world model see of a call, and what a tool's needs and changes do.

A need that is known not to be met makes the call fail, as the service would; what is unknown, such
as a parameter that is not given, speaks for nothing.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from generators.identity_cache import remembered
from generators.lexicon.names import in_words
from generators.sandbox.compiled_tools import CompiledTool, read_identity
from generators.sandbox.errors_and_faults import CallError
from generators.sandbox.row_values import Row, as_text
from generators.sandbox.schema_validity import MISSING
from generators.sandbox.store import Rows
from generators.world.expression import Expression, parse_expression
from generators.world.model import Entity, ToolModel
from schemas.demand import Demand, is_broken, repeats
from schemas.record import JsonObject
from schemas.world_model import Need

Call = tuple[str, JsonObject]
"""Wire name and arguments."""
_LACKING = ("at_least_one", "needed", "only_with")
"""Kinds of demands that one more argument can meet."""


def find_broken_demand(
    model: ToolModel,
    rows: Rows,
    arguments: JsonObject,
    earlier: Iterable[Call] = (),
    *,
    partly: bool = False,
) -> Demand | None:
    """The first demand that a call breaks, after the calls of this conversation before it.

    ``partly``: not all arguments are chosen yet; what is lacking may still come.
    """
    before = [given for name, given in earlier if name == model.name]
    whole, entities = rows.whole, rows.world.entities
    for demand in model.demands:
        if partly and demand.kind in _LACKING:
            continue
        if demand.kind == "once":
            broken = repeats(demand, arguments, before)
        else:
            broken = is_broken(demand, arguments, lambda table: whole.rows(entities[table]))
        if broken:
            return demand
    return None


def check_demands(model: ToolModel, rows: Rows, arguments: JsonObject) -> None:
    """Raise CallError where a call breaks a demand of its tool."""
    broken = find_broken_demand(model, rows, arguments) if model.demands else None
    if broken is not None:
        raise CallError("invalid_arguments", broken.sentence)


class CallScope:
    """The arguments of one call, and the rows that they name.

    Implements `generators.world.expression.ExpressionScope`. Names are parameters, ``arguments``,
    ``row`` (the row that the tool is about), ``today``, ``now``, and the nouns of entities, for the
    rows that arguments name: ``doctor`` for ``doctor_id``.
    """

    def __init__(
        self, rows: Rows, tool: CompiledTool, arguments: JsonObject, row: Row | None = None
    ) -> None:
        """``arguments``: of one element, perhaps not all yet; ``row``: the one that is meant."""
        self.rows_of, self.tool, self.row = rows.whole, tool, row
        self.arguments = self.held = arguments
        self.kinds: dict[int, tuple[Row, Entity]] = {}
        """Identity of a row that was referred to → the row, and its entity."""

    def value(self, name: str) -> Any:
        """A parameter, or one of the names that every scope has."""
        clock = self.rows_of.clock
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
def needs_of(model: ToolModel) -> tuple[tuple[Expression, Need, frozenset[str]], ...]:
    """A tool's needs, read, in the order in which they are tried, with the arguments looked at."""
    read = [(parse_expression(need.require), need) for need in model.needs]
    known = frozenset(model.tool.parameters.get("properties", ()))
    return tuple(
        (one, need, known & {name.partition(".")[0].partition("[")[0] for name in one.names})
        for one, need in read
    )


def find_unmet_need(scope: CallScope, *, partly: bool = False) -> Need | None:
    """The first need that is known not to be met.

    ``partly``: not all arguments are chosen yet, and what looks at one that is not is no need yet:
    ``default(phone, patient.phone) != patient.phone``.
    """
    for expression, need, names in needs_of(scope.tool.model):
        if (not partly or names <= scope.arguments.keys()) and expression.fails(scope):
            return need
    return None


def check_needs(scope: CallScope) -> None:
    """Raise CallError where a need of the tool is not met."""
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
