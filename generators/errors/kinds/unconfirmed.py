"""A write that the user has not agreed to: without asking, or before asking."""

from random import Random

from generators.errors.draft import Draft, Kind, WrongCall
from generators.errors.ground import Ground, Step
from schemas.message import AssistantMessage


def _asked(ground: Ground, rng: Random) -> list[tuple[Step, list[int]]]:
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


def _skip(ground: Ground, rng: Random) -> Draft | None:
    for step, question in _asked(ground, rng):
        # Where the user says more in their answer than yes, the call needs it.
        told = {getattr(one.source, "message", None) for one in step.call.provenance}
        if told & {*question}:
            continue
        wrong = WrongCall(step.call.name, step.call.arguments, step.call)
        return Draft(
            decision=question[0], resume=step.end, code="unconfirmed_write", act="call",
            text=step.message.text, calls=(wrong,), details={"tool": step.call.name},
        )  # fmt: skip
    return None


MISSING = Kind(
    "missing_confirmation",
    "a write without asking for the confirmation that it needs",
    "{tool} changes something, and the user was not asked before.",
    _skip,
)


def _rush(ground: Ground, rng: Random) -> Draft | None:
    for step, question in _asked(ground, rng):
        told = {getattr(one.source, "message", None) for one in step.call.provenance}
        if told & {*question}:
            continue
        wrong = WrongCall(step.call.name, step.call.arguments, step.call)
        return Draft(
            decision=question[0], resume=question[0], code="unconfirmed_write", act="call",
            text=step.message.text, calls=(wrong,), details={"tool": step.call.name},
            dropped=frozenset((step.position, step.position + 1)),
        )  # fmt: skip
    return None


PREMATURE = Kind(
    "premature_call",
    "a write first, and the question afterwards",
    "{tool} was called before the user had answered.",
    _rush,
)
