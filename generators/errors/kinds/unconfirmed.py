"""A write that the user has not agreed to: without asking, or before asking."""

from functools import partial
from random import Random

from generators.errors.draft import Draft, Kind, WrongCall
from generators.errors.ground import CallStep, Ground
from schemas.message import AssistantMessage


def _asked(ground: Ground, rng: Random) -> list[tuple[CallStep, list[int]]]:
    """Writes whose turn demands a confirmation, and the messages in which it is asked for."""
    found, messages = [], ground.clean.messages
    turns = ground.clean.task.turns
    for step in ground.drawn(rng, writes=True):
        turn = step.message.turn
        own = [n for n in ground.own_turn(turn) if n < step.position]
        asks = [n for n in own if isinstance(one := messages[n], AssistantMessage)
                and one.act == "confirm"]  # fmt: skip
        if turn < len(turns) and turns[turn].confirm and asks:
            found.append((step, [*range(asks[0], step.position)]))
    return found


def _place(rushed: bool, ground: Ground, rng: Random) -> Draft | None:
    """``rushed``: the question comes all the same, behind the call."""
    for step, question in _asked(ground, rng):
        # Where the user says more in their answer than yes, the call needs it.
        told = {getattr(one.source, "message", None) for one in step.call.provenance}
        if told & {*question}:
            continue
        wrong = WrongCall(step.call.name, step.call.arguments, step.call)
        own = (step.position, step.position + 1) if rushed else ()
        return Draft(
            decision=question[0], resume=question[0] if rushed else step.end, act="call",
            code="unconfirmed_write", text=step.message.text, calls=(wrong,),
            details={"tool": step.call.name}, dropped=frozenset(own),
        )  # fmt: skip
    return None


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
