"""A call without something optional that the user asked for."""

from collections.abc import Iterator
from random import Random

from generators.errors.draft import Draft, Kind, retell
from generators.errors.ground import Ground, shuffled
from schemas.message import FromUser


def _place(ground: Ground, rng: Random) -> Iterator[Draft]:
    for step in [*ground.drawn(rng, writes=True), *ground.drawn(rng, writes=False)]:
        given = step.call.arguments
        asked = [one for one in given if one not in step.tool.required]
        for name in shuffled(rng, asked):
            left = {key: value for key, value in given.items() if key != name}
            if not left or not isinstance(step.source(name), FromUser):
                continue
            yield retell(step, "wrong_arguments", left, name, succeeds=True)


KIND = Kind(
    "dropped_wish",
    "something optional that the user asked for is left out",
    "The user said more than {tool} was told: {parameter} is missing.",
    _place,
)
