"""A rival row: one that results have shown, and that is not the one that is meant."""

from collections.abc import Iterator
from random import Random
from typing import Any

from generators.errors.draft import Draft, Kind, WrongCall, replace
from generators.errors.ground import Ground, Step, set_value, shuffled
from schemas.leaves import leaves
from schemas.message import FromResult


def find_rivals(ground: Ground, step: Step, path: str, value: Any) -> list[Any]:
    """Other values that results before the call have under the name of its source."""
    source = step.source(path)
    if not isinstance(source, FromResult) or not isinstance(value, str | int):
        return []
    name = source.path.rpartition(".")[2]
    known = ground.values(step.position)
    found = dict.fromkeys(v for p, v in known if p.rpartition(".")[2] == name and v != value)
    return [one for one in found if type(one) is type(value)]


def _place(ground: Ground, rng: Random) -> Iterator[Draft]:
    for step in [*ground.drawn(rng, writes=True), *ground.drawn(rng, writes=False)]:
        for path, value in shuffled(rng, [*leaves(step.call.arguments)]):
            for rival in shuffled(rng, find_rivals(ground, step, path, value)):
                changed = set_value(step.call.arguments, path, rival)
                wrong = WrongCall(step.call.name, changed, step.call)
                details = {"tool": step.call.name, "parameter": path}
                yield replace(step, "wrong_arguments", wrong, details=details, succeeds=True)


KIND = Kind(
    "wrong_row",
    "a rival row that was shown as well",
    "{parameter} of {tool} names something that was found too, but it is not what is meant.",
    _place,
)
