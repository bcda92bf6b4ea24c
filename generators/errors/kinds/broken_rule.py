"""What a rule forbids, or nobody knows enough for, is done all the same."""

from collections.abc import Iterator
from random import Random

from generators.errors.draft import Draft, Kind, WrongCall
from generators.errors.ground import Ground, shuffled
from schemas.message import AssistantMessage

_CODES = {
    "refuse": "should_have_refused",
    "transfer": "should_have_transferred",
    "clarify": "should_have_asked",
}


def _place(ground: Ground, rng: Random) -> Iterator[Draft]:
    messages = ground.clean.messages
    for number, turn in shuffled(rng, [*enumerate(ground.clean.task.turns)]):
        barred = [call for call in turn.calls if call.barred and call.tool in ground.tools]
        if turn.outcome not in _CODES or not barred:
            continue
        ends = [
            n for n in ground.own_turn(number)
            if isinstance(one := messages[n], AssistantMessage) and not one.calls
            and one.act == turn.outcome
        ]  # fmt: skip
        call = rng.choice(barred)
        if not ends or not ground.tools[call.tool].writes:
            continue
        yield Draft(
            decision=ends[0], resume=ends[0], code=_CODES[turn.outcome], act="call",
            calls=(WrongCall(call.tool, call.arguments),), details={"tool": call.tool},
            succeeds=True,
        )  # fmt: skip


KIND = Kind(
    "policy_broken",
    "what a rule forbids, or nobody knows enough for, is done",
    "{tool} was called although the policy, or what was not known, stood against it.",
    _place,
)
