"""A write against what the user has just said: they change a value, and what was first is done."""

from collections.abc import Iterator
from random import Random

from generators.errors.draft import Draft, Kind, retell
from generators.errors.ground import Ground
from schemas.leaves import leaves, set_value


def _place(ground: Ground, rng: Random) -> Iterator[Draft]:
    task = ground.clean.task
    for step in ground.drawn(rng, writes=True):
        for twist in task.turns[step.message.turn].twists:
            if twist.kind != "revision" or task.calls[twist.call].tool != step.call.name:
                continue
            told = dict(leaves(step.call.arguments))
            if told.get(twist.path) in (None, twist.first):
                continue
            changed = set_value(step.call.arguments, twist.path, twist.first)
            yield retell(step, "wrong_arguments", changed, twist.path, succeeds=True)


KIND = Kind(
    "ignored_correction",
    "the user says no to a value and gives another, and the first one is written",
    "The user changed their mind about {parameter} before {tool} was called.",
    _place,
)
