"""Carries a wrong move out: its calls really run, and so do all that come after it.

The wrong conversation keeps the clean one's messages, but each result is what the environment
answers now, and each source follows its message, or is looked for anew where that is gone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from generators.dialogue.provenance import trace
from generators.errors.draft import Draft
from generators.errors.ground import Ground
from schemas.canonical import content_hash, written_json
from schemas.environment import Environment, call_at
from schemas.leaves import leaves
from schemas.message import (
    ArgumentSource,
    AssistantMessage,
    Call,
    FromResult,
    FromUser,
    Message,
    ToolMessage,
)  # fmt: skip
from schemas.trajectory import Trajectory

_PAUSE = timedelta(seconds=2)


@dataclass(frozen=True)
class TwinPart:
    """A message on its way into another conversation."""

    message: Message
    was: int | None = None
    """Its index in the clean trajectory; None: it is new."""


@dataclass(frozen=True)
class Twin:
    """A conversation made of another one."""

    trajectory: Trajectory
    places: dict[int, int]
    """Index of a clean message → its index here."""
    untouched: bool
    """Whether the new calls have left the state as it was."""


def write_move(ground: Ground, kind: str, draft: Draft) -> AssistantMessage:
    """The wrong message itself; sources of its arguments are looked for, as for any model's."""
    clean = ground.clean
    before, clock = clean.messages[: draft.decision], datetime.fromisoformat(clean.task.clock)
    calls = []
    for number, planned in enumerate(draft.calls):
        tool, like = ground.tools.get(planned.name), planned.like
        found = trace(tool, planned.arguments, before, clock) if tool else ()
        sources = {one.path: one for one in found}
        right = dict(leaves(like.arguments)) if like else {}
        same = {p for p, value in leaves(planned.arguments) if p in right and right[p] == value}
        for given in like.provenance if like else ():
            at = given.source
            known = not isinstance(at, FromUser | FromResult) or at.message < draft.decision
            if given.path in same and known:
                sources[given.path] = given
        order = [p for p, _ in leaves(planned.arguments) if p in sources]
        ident = content_hash([clean.id, kind, draft.decision, number], 12)
        calls.append(
            Call(
                id=f"call_{ident}", name=planned.name, arguments=planned.arguments,
                provenance=tuple(sources[path] for path in order),
            )
        )  # fmt: skip
    right_move = clean.messages[draft.decision]
    return AssistantMessage(
        index=draft.decision, turn=right_move.turn, timestamp=right_move.timestamp, act=draft.act,
        text="" if calls and ground.silent else draft.text, calls=tuple(calls),
    )  # fmt: skip


def make_twin(ground: Ground, parts: Sequence[TwinPart], new: frozenset[str] = frozenset()) -> Twin:
    """Run the conversation that consists of these parts; ``new``: ids of the wrong calls.

    Answers of calls are made here; those on record only tell when and under which fault.
    """
    clean = ground.clean
    environment = ground.environments(clean.task)
    answers = {one.call_id: one for one in clean.messages if isinstance(one, ToolMessage)}
    stands = not any(one.at for one in answers.values())
    clock = datetime.fromisoformat(clean.task.clock)
    messages: list[Message] = []
    places: dict[int, int] = {}
    untouched = True
    for part in parts:
        if isinstance(part.message, ToolMessage):
            continue
        message = _place(part.message, messages, part.was is None)
        if part.was is not None:
            places[part.was] = len(messages)
        if isinstance(message, AssistantMessage) and message.calls:
            moved = [_follow(ground, one, messages, places, clock, one.id in new)
                     for one in message.calls]  # fmt: skip
            message = message.model_copy(update={"calls": tuple(moved)})
        messages.append(message)
        for call in message.calls if isinstance(message, AssistantMessage) else ():
            before = environment.state_hash() if call.id in new else ""
            messages.append(_answer(clean, environment, call, answers, messages, stands))
            if call.id in answers:
                places[answers[call.id].index] = len(messages) - 1
            untouched = untouched and (call.id not in new or environment.state_hash() == before)
    made = clean.model_copy(
        update={
            "messages": tuple(messages), "final_state": environment.state_hash(),
            "verdicts": (), "labels": (), "rewriting": (),
        }
    )  # fmt: skip
    return Twin(made, places, untouched)


def _place(message: Message, before: Sequence[Message], is_new: bool) -> Message:
    """The message at its position: what is new comes a little after the last one."""
    time = datetime.fromisoformat(message.timestamp)
    if before:
        last = datetime.fromisoformat(before[-1].timestamp)
        time = last + _PAUSE if is_new else max(time, last)
    return message.model_copy(update={"index": len(before), "timestamp": time.isoformat()})


def _follow(
    ground: Ground,
    call: Call,
    messages: Sequence[Message],
    places: dict[int, int],
    clock: datetime,
    is_new: bool,
) -> Call:
    """The call, with its sources where their messages have gone."""
    if is_new:
        return call
    found: list[ArgumentSource] = []
    lost: list[str] = []
    for given in call.provenance:
        at = given.source
        if isinstance(at, FromUser | FromResult):
            if at.message not in places:
                lost.append(given.path)
                continue
            at = at.model_copy(update={"message": places[at.message]})
        found.append(given.model_copy(update={"source": at}))
    tool = ground.tools.get(call.name)
    if lost and tool is not None:
        anew = trace(tool, call.arguments, messages, clock)
        found += [one for one in anew if one.path in lost]
    return call.model_copy(update={"provenance": tuple(found)})


def _answer(
    clean: Trajectory,
    environment: Environment,
    call: Call,
    answers: dict[str, ToolMessage],
    messages: Sequence[Message],
    stands: bool,
) -> ToolMessage:
    """What the environment really answers; a call that the task has fail each time, fails."""
    known = answers.get(call.id)
    last = messages[-1]
    time = datetime.fromisoformat(last.timestamp) + _PAUSE
    at = known.at if known else "" if stands else time.isoformat()
    if known:
        time = max(datetime.fromisoformat(known.timestamp), time - _PAUSE)
    tool = next((one for one in clean.tools if one.wire_name == call.name), None)
    lost = (gold.fault for gold in clean.task.calls
            if gold.lost and gold.is_made_by(call.name, call.arguments, tool))  # fmt: skip
    fault = known.fault if known else next(lost, None)
    outcome = call_at(environment, at, call.name, call.arguments, fault)
    return ToolMessage(
        index=len(messages), turn=last.turn, timestamp=time.isoformat(), call_id=call.id,
        name=call.name, content=written_json(outcome.content), is_error=outcome.is_error,
        fault=fault, at=at,
    )  # fmt: skip


def spoil(ground: Ground, kind: str, draft: Draft) -> Twin:
    """The conversation in which nobody notices."""
    messages = ground.clean.messages
    move = write_move(ground, kind, draft)
    parts = [TwinPart(one, n) for n, one in enumerate(messages[: draft.decision])]
    parts.append(TwinPart(move))
    if draft.reply is not None:
        parts.append(TwinPart(draft.reply))
    parts += [TwinPart(messages[n], n) for n in range(draft.resume, len(messages))
              if n not in draft.dropped]  # fmt: skip
    return make_twin(ground, parts, frozenset(call.id for call in move.calls))
