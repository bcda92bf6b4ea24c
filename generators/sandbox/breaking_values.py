"""Values with which a call breaks a condition: what people ask for that a rule forbids."""

from random import Random
from typing import Any

from generators.sandbox.call_rules import CallScope
from generators.sandbox.compiled_tools import CompiledTool
from generators.sandbox.constraints import draw_between
from generators.sandbox.schema_validity import MISSING, adapt, simple
from generators.sandbox.store import Rows
from generators.world.expression import Bound, find_breaking_bounds, parse_expression
from generators.world.expression_values import MISSING as UNKNOWN
from schemas.record import JsonObject

_MORE = (2, 3, 5, 10)
"""How many times as much of each thing is asked for, where all together are too much."""


def push_beyond(
    rows: Rows, tool: CompiledTool, made: JsonObject, path: str, value: Any, schema: JsonObject,
    rng: Random,
) -> Any:  # fmt: skip
    """A value at a path that breaks what the call is to break, or the value that was drawn.

    ``made``: the arguments that are chosen so far.
    """
    scope = CallScope(rows, tool, made)
    bounds = [one for one in find_breaking_bounds(tool.against) if one.path == (path,)]
    for bound in rng.sample(bounds, len(bounds)):
        pushed = adapt(_draw_beyond(bound, bound.evaluate(scope), value, rng), schema)
        if pushed is not MISSING and pushed is not None:
            return pushed
    summed = {one for one in parse_expression(tool.against).names if one.startswith(f"{path}[")}
    return _enlarge(value, schema, path, summed, rng.choice(_MORE)) if summed else value


def _draw_beyond(bound: Bound, limit: Any, like: Any, rng: Random) -> Any:
    if limit is UNKNOWN or bound.operator in ("!=", "not in"):
        return MISSING  # any other value will do
    if bound.operator in ("==", "in"):
        return rng.choice(limit) if isinstance(limit, list) and limit else limit
    if bound.operator[0] == ">":
        return draw_between(limit, None, like, rng)
    least = min(1, limit) if isinstance(limit, int | float) else None  # nobody asks for less
    return draw_between(least, limit, like, rng)


def _enlarge(value: Any, schema: JsonObject, path: str, names: set[str], factor: int) -> Any:
    """The value with larger numbers at the paths that a condition sums up."""
    plain = simple(schema)
    if isinstance(value, list):
        items = plain.get("items", {})
        return [_enlarge(one, items, f"{path}[]", names, factor) for one in value]
    if isinstance(value, dict):
        parts = plain.get("properties", {})
        return {name: _enlarge(one, parts.get(name, {}), f"{path}.{name}", names, factor)
                for name, one in value.items()}  # fmt: skip
    counted = path in names and isinstance(value, int) and not isinstance(value, bool)
    return min(value * factor, plain.get("maximum", value * factor)) if counted else value
