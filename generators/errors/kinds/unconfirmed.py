"""A write that the user has not agreed to: without asking, or before asking."""

from collections.abc import Iterator
from functools import partial
from random import Random

from generators.errors.draft import Draft, Kind, WrongCall
from generators.errors.ground import Ground
from schemas.message import AssistantMessage


def _place(rushed: bool, ground: Ground, rng: Random) -> Iterator[Draft]:
    """``rushed``: the question comes all the same, behind the call."""
    messages, turns = ground.clean.messages, ground.clean.task.turns
    for step in ground.drawn(rng, writes=True):
        turn = step.message.turn
        own = [n for n in ground.own_turn(turn) if n < step.position]
        asks = [n for n in own if isinstance(one := messages[n], AssistantMessage)
                and one.act == "confirm"]  # fmt: skip
        if turn >= len(turns) or not turns[turn].confirm or not asks:
            continue
        # Where the user says more in their answer than yes, the call needs it.
        told = {getattr(one.source, "message", None) for one in step.call.provenance}
        if not told.isdisjoint(range(asks[0], step.position)):
            continue
        wrong = WrongCall(step.call.name, step.call.arguments, step.call)
        made = (step.position, step.position + 1) if rushed else ()
        yield Draft(
            decision=asks[0], resume=asks[0] if rushed else step.end, act="call",
            code="unconfirmed_write", text=step.message.text, calls=(wrong,),
            details={"tool": step.call.name}, dropped=frozenset(made),
        )  # fmt: skip


MISSING = Kind(
    "missing_confirmation",
    "a write without asking for the confirmation that it needs",
    "{tool} changes something, and the user was not asked before.",
    partial(_place, False),
)
PREMATURE = Kind(
    "premature_call",
    "a write first, and the question afterwards",
    "{tool} was called before the user had answered.",
    partial(_place, True),
)
