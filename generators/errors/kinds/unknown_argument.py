"""An argument that the tool does not have."""

from random import Random

from generators.errors.draft import Draft, Kind, WrongCall, replace
from generators.errors.ground import Ground, shuffled
from generators.sandbox.schema_validity import fits


def _place(ground: Ground, rng: Random) -> Draft | None:
    names = sorted({name for tool in ground.tools.values() for name in tool.properties})
    for step in ground.drawn(rng):
        for name in shuffled(rng, [one for one in names if one not in step.tool.properties]):
            for value in shuffled(rng, [*step.call.arguments.values()]):
                told = {**step.call.arguments, name: value}
                if not fits(told, step.tool.parameters):
                    wrong = WrongCall(step.call.name, told, step.call)
                    details = {"tool": step.call.name, "parameter": name}
                    return replace(step, "invalid_arguments", wrong, details=details)
    return None


KIND = Kind(
    "unknown_argument",
    "an argument that the tool does not have",
    "{tool} has no parameter {parameter}.",
    _place,
)
