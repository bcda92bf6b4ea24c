"""A number, a flag or a list that is written as text."""

import json
from collections.abc import Iterator
from random import Random

from generators.errors.draft import Draft, Kind, retell
from generators.errors.ground import Ground, shuffled
from generators.sandbox.schema_validity import fits


def _place(ground: Ground, rng: Random) -> Iterator[Draft]:
    for step in ground.drawn(rng):
        for name, value in shuffled(rng, [*step.call.arguments.items()]):
            told = {**step.call.arguments, name: json.dumps(value, ensure_ascii=False)}
            if not isinstance(value, str) and not fits(told, step.tool.parameters):
                yield retell(step, "invalid_arguments", told, name)


KIND = Kind(
    "wrong_type",
    "a number, a flag or a list written as text",
    "{parameter} of {tool} is not of the type that its schema asks for.",
    _place,
)
