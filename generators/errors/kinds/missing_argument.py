"""A call without something that its schema requires."""

from collections.abc import Iterator
from random import Random

from generators.errors.draft import Draft, Kind, retell
from generators.errors.ground import Ground, shuffled


def _place(ground: Ground, rng: Random) -> Iterator[Draft]:
    for step in ground.drawn(rng):
        given = step.call.arguments
        for name in shuffled(rng, [one for one in step.tool.required if one in given]):
            left = {key: value for key, value in given.items() if key != name}
            yield retell(step, "invalid_arguments", left, name)


KIND = Kind(
    "missing_argument",
    "a required argument is left out",
    "{tool} was called without {parameter}, which it requires.",
    _place,
)
