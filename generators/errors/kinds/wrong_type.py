"""A number, a flag or a list that is written as text."""

import json
from random import Random

from generators.errors.draft import Draft, Kind, WrongCall, replace
from generators.errors.ground import Ground, shuffled
from generators.sandbox.schema_validity import fits


def _place(ground: Ground, rng: Random) -> Draft | None:
    for step in ground.drawn(rng):
        for name, value in shuffled(rng, [*step.call.arguments.items()]):
            told = {**step.call.arguments, name: json.dumps(value, ensure_ascii=False)}
            if not isinstance(value, str) and not fits(told, step.tool.parameters):
                wrong = WrongCall(step.call.name, told, step.call)
                details = {"tool": step.call.name, "parameter": name}
                return replace(step, "invalid_arguments", wrong, details=details)
    return None


KIND = Kind(
    "wrong_type",
    "a number, a flag or a list written as text",
    "{parameter} of {tool} is not of the type that its schema asks for.",
    _place,
)
