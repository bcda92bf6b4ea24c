"""Two calls at once, of which one needs the other's result."""

from collections.abc import Iterator
from random import Random

from generators.errors.draft import Draft, Kind, WrongCall
from generators.errors.ground import Ground
from generators.errors.kinds.early_value import find_guess


def _place(ground: Ground, rng: Random) -> Iterator[Draft]:
    found = find_guess(ground, rng)
    if found is None:
        return
    first, second, guess = found
    right = WrongCall(first.call.name, first.call.arguments, first.call)
    yield Draft(
        decision=first.position, resume=second.end, code="ungrounded_argument",
        act=first.message.act, text=first.message.text, calls=(right, guess),
        details={"tool": second.call.name}, mend=second.position,
    )  # fmt: skip


KIND = Kind(
    "dependent_batch",
    "two calls at once, of which one needs the other's result",
    "{tool} was called together with the call whose result it needs.",
    _place,
)
