"""Work that is not done: claimed, left, refused or handed over instead."""

from collections.abc import Iterator
from functools import partial
from random import Random

from generators.errors.draft import Draft, Kind, draw_words
from generators.errors.ground import CallStep, Ground, shuffled
from schemas.message import AssistantAct


def _undone(ground: Ground, rng: Random, *, writes: bool | None) -> list[tuple[CallStep, str]]:
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
    ground: Ground, step: CallStep, code: str, act: AssistantAct, text: str, nudge: str
) -> Draft:
    last = ground.last_words(step.message.turn)  # the next wish follows, or the user's thanks
    return Draft(
        decision=step.position, resume=(last[0] if last else step.position) + 1, code=code,
        act=act, text=text, details={"tool": step.call.name}, nudge=nudge,
    )  # fmt: skip


def _claim(ground: Ground, rng: Random) -> Iterator[Draft]:
    for step, told in _undone(ground, rng, writes=True):
        code = "missed_required_action"
        nudge = draw_words(rng, "false_success", "answer")
        yield _instead(ground, step, code, "report", told, nudge)


CLAIMED = Kind(
    "false_success",
    "the user is told that something is done that was never called",
    "The user was told that it is done, and {tool} was never called.",
    _claim,
)


def _leave(name: str, code: str, act: AssistantAct, ground: Ground, rng: Random) -> Iterator[Draft]:
    for step, _ in _undone(ground, rng, writes=None):
        text, nudge = (draw_words(rng, name, part) for part in ("said", "answer"))
        yield _instead(ground, step, code, act, text, nudge)


_LEFT: tuple[tuple[str, str, str, str, AssistantAct], ...] = (
    (
        "stopped_early",
        "the assistant stops before the work is done",
        "The conversation went on before what was asked for was done.",
        "missed_required_action",
        "say",
    ),
    (
        "false_refusal",
        "what a tool on offer serves is declined",
        "It was declined although a tool on offer serves it and no rule forbids it.",
        "false_refusal",
        "refuse",
    ),
    (
        "needless_handover",
        "what a tool on offer serves is handed over to a person",
        "It was handed over although a tool on offer serves it and no rule forbids it.",
        "false_refusal",
        "transfer",
    ),
)
"""Name, what it is about, its diagnosis, its code, and the act that comes in place of work."""
LEFT = tuple(
    Kind(name, about, diagnosis, partial(_leave, name, code, act))
    for name, about, diagnosis, code, act in _LEFT
)


def _ignore(ground: Ground, rng: Random) -> Iterator[Draft]:
    failed = [one for one in ground.steps if one.answer.fault and one.answer.fault.transient]
    for step in shuffled(rng, failed):
        again = [one for one in ground.steps if one.position == step.end and one.succeeded
                 and one.call.arguments == step.call.arguments]  # fmt: skip
        last = ground.last_words(step.message.turn)
        if again and last is not None and last[0] > again[0].position:
            part = "answer" if step.writes else "answer_look"
            nudge = draw_words(rng, "ignored_fault", part)
            code = "unrecovered_fault"
            yield _instead(ground, again[0], code, "report", last[1].text, nudge)


IGNORED = Kind(
    "ignored_fault",
    "the service failed, and the assistant goes on as if it had answered",
    "{tool} had failed; the assistant spoke as if it had answered.",
    _ignore,
)
