"""Two calls at once, of which one needs the other's result."""

from random import Random

from generators.errors.draft import Draft, Kind, WrongCall
from generators.errors.ground import Ground
from generators.errors.kinds.early_value import find_fed


def _place(ground: Ground, rng: Random) -> Draft | None:
    for first, second in find_fed(ground, rng):
        calls = (
            WrongCall(first.call.name, first.call.arguments, first.call),
            WrongCall(second.call.name, second.call.arguments, second.call),
        )
        return Draft(
            decision=first.position, resume=second.end, code="dependency_race",
            act=first.message.act, text=first.message.text, calls=calls,
            details={"tool": second.call.name},
        )  # fmt: skip
    return None


KIND = Kind(
    "dependent_batch",
    "two calls at once, of which one needs the other's result",
    "{tool} was called together with the call whose result it needs.",
    _place,
    notice="One of these needs what the other finds.",
)
