"""A value used before the result that brings it."""

from random import Random

from generators.errors.draft import Draft, Kind, WrongCall
from generators.errors.ground import Ground, Step, shuffled
from schemas.message import FromResult


def find_fed(ground: Ground, rng: Random) -> list[tuple[Step, Step]]:
    """A call, and the next one, which takes a value of its result and stands in the same turn."""
    found = []
    for first, second in zip(ground.steps, ground.steps[1:], strict=False):
        fed = [
            one for one in second.call.provenance
            if isinstance(one.source, FromResult) and one.source.message == first.answer.index
        ]  # fmt: skip
        sound = first.succeeded and second.succeeded
        if fed and sound and second.position == first.end and not first.writes:
            found.append((first, second))
    return shuffled(rng, found)


def _place(ground: Ground, rng: Random) -> Draft | None:
    for first, second in find_fed(ground, rng):
        wrong = WrongCall(second.call.name, second.call.arguments, second.call)
        return Draft(
            decision=first.position, resume=second.end, code="ungrounded_argument",
            act=second.message.act, text=first.message.text, calls=(wrong,),
            details={"tool": second.call.name},
        )  # fmt: skip
    return None


KIND = Kind(
    "early_value",
    "a value is used before the result that brings it",
    "{tool} was called with a value that nobody had given yet.",
    _place,
    notice="I should have looked that up first.",
)
