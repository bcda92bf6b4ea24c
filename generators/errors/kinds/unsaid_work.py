"""Work that is not done: claimed, left, refused or handed over instead."""

from random import Random

from generators.errors.draft import Draft, Kind
from generators.errors.ground import Ground, Step, shuffled
from schemas.message import AssistantAct

_NUDGES = (
    "Are you sure? I can't see it here yet.",
    "Hm, it doesn't look as if anything has happened. Could you check?",
    "That isn't done yet, as far as I can see.",
)
_LEFT = (
    "Noted. Is there anything else that I can do for you?",
    "All right, I've taken that down. Anything else?",
    "Thank you, I have what I need for that.",
)
_REFUSED = (
    "I'm sorry, that is not something I can do here.",
    "I'm afraid I can't help with that.",
    "Sorry, none of my tools does that.",
)
_HANDED = (
    "I'll hand you over to a colleague for that.",
    "A colleague has to take care of that; I'm passing you on.",
)
_PROTESTS = (
    "But that is what you are there for, isn't it? Please try.",
    "I'm quite sure that you can do that. Could you look again?",
)
_REMINDERS = (
    "Wait, you haven't done what I asked for yet.",
    "What about what I asked for? That isn't done.",
)


def _undone(ground: Ground, rng: Random, *, writes: bool | None) -> list[tuple[Step, str]]:
    """First calls of a wish that ends well, and the words in which its end is told."""
    found = []
    for step in ground.drawn(rng, writes=writes):
        turn = step.message.turn
        last = ground.last_words(turn)
        whole = turn < len(ground.clean.task.turns) and last is not None
        if not whole or last is None or ground.clean.task.turns[turn].outcome != "complete":
            continue
        if last[0] > step.position and last[1].act == "report":
            found.append((step, last[1].text))
    return found


def _instead(
    ground: Ground, step: Step, code: str, act: AssistantAct, text: str, nudge: str
) -> Draft:
    return Draft(
        decision=step.position, resume=_after(ground, step), code=code, act=act, text=text,
        details={"tool": step.call.name}, nudge=nudge,
    )  # fmt: skip


def _after(ground: Ground, step: Step) -> int:
    """Where the conversation goes on: with the next wish, or the user's thanks."""
    last = ground.last_words(step.message.turn)
    return (last[0] if last else step.position) + 1


def _claim(ground: Ground, rng: Random) -> Draft | None:
    for step, told in _undone(ground, rng, writes=True):
        code = "missed_required_action"
        return _instead(ground, step, code, "report", told, rng.choice(_NUDGES))
    return None


CLAIMED = Kind(
    "false_success",
    "the user is told that something is done that was never called",
    "The user was told that it is done, and {tool} was never called.",
    _claim,
    notice="You're right, I'm sorry: I had not done it yet.",
)


def _stop(ground: Ground, rng: Random) -> Draft | None:
    for step, _ in _undone(ground, rng, writes=None):
        text, nudge = rng.choice(_LEFT), rng.choice(_REMINDERS)
        return _instead(ground, step, "missed_required_action", "say", text, nudge)
    return None


STOPPED = Kind(
    "stopped_early",
    "the assistant stops before the work is done",
    "The conversation went on before what was asked for was done.",
    _stop,
    notice="You're right, I'm sorry.",
)


def _refuse(ground: Ground, rng: Random) -> Draft | None:
    for step, _ in _undone(ground, rng, writes=None):
        text, nudge = rng.choice(_REFUSED), rng.choice(_PROTESTS)
        return _instead(ground, step, "false_refusal", "refuse", text, nudge)
    return None


REFUSED = Kind(
    "false_refusal",
    "what a tool on offer serves is declined",
    "It was declined although a tool on offer serves it and no rule forbids it.",
    _refuse,
    notice="I'm sorry, you're right: I can.",
)


def _hand_over(ground: Ground, rng: Random) -> Draft | None:
    for step, _ in _undone(ground, rng, writes=None):
        text, nudge = rng.choice(_HANDED), rng.choice(_PROTESTS)
        return _instead(ground, step, "false_refusal", "transfer", text, nudge)
    return None


HANDED_OVER = Kind(
    "needless_handover",
    "what a tool on offer serves is handed over to a person",
    "It was handed over although a tool on offer serves it and no rule forbids it.",
    _hand_over,
    notice="I'm sorry, there is no need for that: I can do it myself.",
)


def _ignore(ground: Ground, rng: Random) -> Draft | None:
    failed = [one for one in ground.steps if one.answer.fault and one.answer.fault.transient]
    for step in shuffled(rng, failed):
        again = [one for one in ground.steps if one.position == step.end and one.succeeded
                 and one.call.arguments == step.call.arguments]  # fmt: skip
        last = ground.last_words(step.message.turn)
        if again and last is not None and last[0] > again[0].position:
            code, nudge = "unrecovered_fault", rng.choice(_NUDGES)
            return _instead(ground, again[0], code, "report", last[1].text, nudge)
    return None


IGNORED = Kind(
    "ignored_fault",
    "the service failed, and the assistant goes on as if it had answered",
    "{tool} had failed; the assistant spoke as if it had answered.",
    _ignore,
    notice="You're right, I'm sorry: the service had failed, and I did not try again.",
)
