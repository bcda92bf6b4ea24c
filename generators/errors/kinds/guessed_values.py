"""A value used before the result that brings it, so that it is guessed."""

import re
from collections.abc import Iterator
from datetime import datetime
from random import Random

from generators.dialogue.provenance import trace
from generators.errors.draft import Draft, Kind, WrongCall
from generators.errors.ground import CallStep, Ground, shuffled
from generators.sandbox.schema_validity import fits
from schemas.leaves import set_value, value_at
from schemas.message import FromResult

_DIGIT = re.compile(r"\d")


def find_guess(ground: Ground, rng: Random) -> tuple[CallStep, CallStep, WrongCall] | None:
    """A call, the next one, which takes a value that only its result has, and that one guessed."""
    before_all = {value for _, value in ground.values() if isinstance(value, str)}
    clock = datetime.fromisoformat(ground.clean.task.clock)
    for first, second in shuffled(rng, [*zip(ground.steps, ground.steps[1:], strict=False)]):
        sound = first.succeeded and second.succeeded and not first.writes
        if not sound or second.position != first.end:
            continue
        before = ground.clean.messages[: first.position]
        given = second.call.arguments
        known = {one.path for one in trace(second.tool, given, before, clock)}
        fed = [
            one.path for one in second.call.provenance
            if isinstance(one.source, FromResult) and one.source.message == first.answer.index
            and one.path not in known
        ]  # fmt: skip
        for path in fed:
            guess = _DIGIT.sub(lambda _: rng.choice("123456789"), str(value_at(given, path)))
            changed = set_value(given, path, guess)
            if guess not in before_all and fits(changed, second.tool.parameters):
                return first, second, WrongCall(second.call.name, changed, second.call)
    return None


def _place_early_value(ground: Ground, rng: Random) -> Iterator[Draft]:
    found = find_guess(ground, rng)
    if found is None:
        return
    first, second, wrong = found
    yield Draft(
        decision=first.position, resume=second.end, code="ungrounded_argument",
        act=second.message.act, text=first.message.text, calls=(wrong,),
        details={"tool": second.call.name},
    )  # fmt: skip


EARLY_VALUE = Kind(
    "early_value",
    "a value is used before the result that brings it",
    "{tool} was called with a value that nobody had given yet.",
    _place_early_value,
)


def _place_dependent_batch(ground: Ground, rng: Random) -> Iterator[Draft]:
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


DEPENDENT_BATCH = Kind(
    "dependent_batch",
    "two calls at once, of which one needs the other's result",
    "{tool} was called together with the call whose result it needs.",
    _place_dependent_batch,
)
