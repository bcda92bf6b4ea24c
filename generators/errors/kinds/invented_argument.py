"""An optional argument that nobody gave."""

from collections.abc import Iterator
from math import ceil, floor
from random import Random
from typing import Any

from generators.errors.draft import Draft, Kind, retell
from generators.errors.ground import Ground, shuffled
from generators.sandbox.schema_validity import fits
from schemas.demand import fixed_values
from schemas.record import JsonObject

_MOST = 50


def list_values(schema: JsonObject, rng: Random) -> list[Any]:
    """Values that a model might make up."""
    if schema.get("enum"):
        return shuffled(rng, schema["enum"])
    if schema.get("type") == "boolean":
        return [rng.random() < 0.5]
    if schema.get("type") in ("integer", "number"):
        highest = schema.get("maximum")
        least = ceil(schema.get("minimum", 1 if highest is None else min(1, floor(highest))))
        most = floor(least + _MOST if highest is None else highest)
        return [rng.randint(least, most)] if least <= most else []
    return []


def _place(ground: Ground, rng: Random) -> Iterator[Draft]:
    for step in ground.drawn(rng):
        free = [name for name in step.tool.properties if name not in step.call.arguments]
        for name in shuffled(rng, free):
            schema = step.tool.properties[name]
            for value in list_values(schema, rng):
                told = {**step.call.arguments, name: value}
                heard = str(value).replace("_", " ").casefold() in ground.words.casefold()
                if value in fixed_values(schema) or len(schema.get("enum", ())) == 1 or heard:
                    continue
                if fits(told, step.tool.parameters):
                    yield retell(step, "ungrounded_argument", told, name)


KIND = Kind(
    "invented_argument",
    "an optional argument that nobody gave",
    "{parameter} of {tool} was made up: neither the user nor a result gave it.",
    _place,
)
