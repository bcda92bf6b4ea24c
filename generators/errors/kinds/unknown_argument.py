"""An argument that the tool does not have."""

from collections.abc import Iterator
from random import Random

from generators.errors.draft import Draft, Kind, retell
from generators.errors.ground import Ground, shuffled
from generators.sandbox.schema_validity import fits


def _place(ground: Ground, rng: Random) -> Iterator[Draft]:
    names = sorted({name for tool in ground.tools.values() for name in tool.properties})
    for step in ground.drawn(rng):
        for name in shuffled(rng, [one for one in names if one not in step.tool.properties]):
            for value in shuffled(rng, [*step.call.arguments.values()]):
                told = {**step.call.arguments, name: value}
                if not fits(told, step.tool.parameters):
                    yield retell(step, "invalid_arguments", told, name)


KIND = Kind(
    "unknown_argument",
    "an argument that the tool does not have",
    "{tool} has no parameter {parameter}.",
    _place,
)
