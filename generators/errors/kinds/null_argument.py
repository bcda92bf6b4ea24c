"""An optional argument that is null instead of absent."""

from collections.abc import Iterator
from random import Random

from generators.errors.draft import Draft, Kind, retell
from generators.errors.ground import Ground, shuffled
from generators.sandbox.schema_validity import fits


def _place(ground: Ground, rng: Random) -> Iterator[Draft]:
    for step in ground.drawn(rng):
        given, tool = step.call.arguments, step.tool
        free = [one for one in tool.properties if one not in given and one not in tool.required]
        for name in shuffled(rng, free):
            told = {**given, name: None}
            if not fits(told, tool.parameters):
                yield retell(step, "null_argument", told, name)


KIND = Kind(
    "null_argument",
    "an optional argument is null instead of absent",
    "{parameter} of {tool} is null; what is not known is left out.",
    _place,
)
