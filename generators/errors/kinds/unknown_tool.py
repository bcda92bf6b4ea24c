"""A tool that is not on offer."""

from collections.abc import Iterator
from random import Random

from generators.errors.draft import Draft, Kind, WrongCall, replace
from generators.errors.ground import Ground

_ENDINGS = ("_v2", "_info", "_details")


def _place(ground: Ground, rng: Random) -> Iterator[Draft]:
    for step in ground.drawn(rng):
        name = step.call.name + rng.choice(_ENDINGS)
        if name not in ground.tools:
            yield replace(step, "unknown_tool", WrongCall(name, step.call.arguments, step.call))


KIND = Kind(
    "unknown_tool",
    "a tool that is not on offer",
    "There is no tool {tool}; call one of those that are offered.",
    _place,
)
