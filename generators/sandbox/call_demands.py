"""What a tool's description demands of a call, beyond its schema.

Plain functions over arguments and rows, for the sandbox, for proposals of calls, and for checks.
``ask_first`` is no matter of one call; ``once`` needs the calls that were made before.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from generators.sandbox.compiled_tools import pick
from generators.sandbox.row_values import Rows, as_text, equals
from generators.sandbox.schema_validity import MISSING
from generators.world.model import ToolModel
from schemas.record import JsonObject
from schemas.world_model import Demand

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
