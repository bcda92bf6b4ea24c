"""A call without something that its schema requires."""

from random import Random

from generators.errors.draft import Draft, Kind, WrongCall, replace
from generators.errors.ground import Ground, shuffled


def _place(ground: Ground, rng: Random) -> Draft | None:
    for step in ground.drawn(rng):
        given = step.call.arguments
        for name in shuffled(rng, [one for one in step.tool.required if one in given]):
            left = {key: value for key, value in given.items() if key != name}
            wrong = WrongCall(step.call.name, left, step.call)
            details = {"tool": step.call.name, "parameter": name}
            return replace(step, "invalid_arguments", wrong, details=details)
    return None


KIND = Kind(
    "missing_argument",
    "a required argument is left out",
    "{tool} was called without {parameter}, which it requires.",
    _place,
)
