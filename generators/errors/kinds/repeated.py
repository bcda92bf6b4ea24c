"""A call that is made once more: a write, a write for another row, or a read."""

from collections.abc import Iterator
from functools import partial
from random import Random

from generators.errors.draft import Draft, Kind, WrongCall
from generators.errors.ground import CallStep, Ground
from generators.errors.kinds.wrong_row import call_rivals
from schemas.record import JsonObject


def _after(step: CallStep, arguments: JsonObject, code: str | None, **told: object) -> Draft:
    """One more such call, after the answer to the first."""
    given: dict[str, object] = {
        "decision": step.end, "resume": step.end, "code": code, "act": "call",
        "calls": (WrongCall(step.call.name, arguments, step.call),),
        "details": {"tool": step.call.name},
    }  # fmt: skip
    return Draft(**(given | told))  # type: ignore[arg-type]


def _again(writes: bool, code: str | None, ground: Ground, rng: Random) -> Iterator[Draft]:
    for step in ground.drawn(rng, writes=writes):
        yield _after(step, step.call.arguments, code, succeeds=True)


WRITE = Kind(
    "repeated_write",
    "the same write once more",
    "{tool} had succeeded already: the same was done twice.",
    partial(_again, True, "repeated_write"),
)


def _other_row(ground: Ground, rng: Random) -> Iterator[Draft]:
    for step in ground.drawn(rng, writes=True):
        for _, changed in call_rivals(ground, rng, step):
            yield _after(step, changed, "unexpected_write", succeeds=True)


OTHER_ROW = Kind(
    "unwanted_write",
    "a write, done to a row of which nobody spoke",
    "Nobody asked that {tool} be called for this, too.",
    _other_row,
)


READ = Kind(
    "needless_call",
    "a read whose answer is known",
    "{tool} had answered this already.",
    partial(_again, False, None),
)
