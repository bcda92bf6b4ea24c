"""Makes a mistake of a kind in a conversation, with what really follows and what puts it right.

A wrong call that has left the state as it was is followed by the right move, with a word that it
was noticed; a mistake in words is followed by a user who doubts it. Where the world would not be
what it was, nothing is put right: there is no recovery, and none is forced.

The wrong conversation keeps the clean one's messages, but each result is what the environment
answers now, and each source follows its message, or is looked for anew where that is gone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from random import Random

from generators.dialogue.provenance import trace
from generators.errors.draft import Draft, Kind
from generators.errors.ground import Ground
from schemas.canonical import content_hash, derive_seed, written_json
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
    UserMessage,
)  # fmt: skip
from schemas.mistake import Mistake, Use
from schemas.trajectory import Slip, Trajectory

_IF_DONE = frozenset(
    {"wrong_arguments", "unexpected_write", "demand_ignored", "format_ignored", "repeated_write"}
)
"""Codes that are about a call which was carried out."""
_TRIES = 8
"""Places at most that are tried until the tools answer as the mistake needs it."""


@dataclass(frozen=True)
class Made:
    """A mistake and the conversations that come of it."""

    mistake: Mistake
    twin: Trajectory
    """The conversation in which nobody notices."""
    recovery: Trajectory | None
    """The one in which it is noticed and put right; None where it cannot be."""


def make_mistake(ground: Ground, kind: Kind, seed: int, use: Use = "pair") -> Made | None:
    """Make one, by seed; None where the conversation has no place for this kind."""
    rng = Random(derive_seed("mistake", seed, ground.clean.id, kind.name))
    for draft in islice(kind.drafts(ground, rng), _TRIES):
        twin = spoil(ground, kind.name, draft)
        after = twin.trajectory.messages[draft.decision + 1 :][: len(draft.calls)]
        answers = [one for one in after if isinstance(one, ToolMessage)]  # to the wrong calls
        failed = any(one.is_error for one in answers)
        if draft.succeeds is not None and draft.succeeds == failed:
            continue
        code = "missed_required_action" if failed and draft.code in _IF_DONE else draft.code
        recovery = recover(ground, kind, draft)
        clean, at = ground.clean, draft.decision
        mistake = Mistake(
            kind=kind.name, use=use, trajectory=clean.id, index=clean.index, decision=at,
            wrong=twin.trajectory.messages[at : at + 1 + len(answers)], code=code, blame=at,
            repair=recovery.repair if recovery else (),
            diagnosis=kind.diagnosis.format_map({"tool": "", "parameter": ""} | draft.details),
        )  # fmt: skip
        slip = Slip(message=at, kind=kind.name, code=code, of=clean.id, repaired=False)
        spoilt = twin.trajectory.model_copy(update={"slips": (slip,)})
        if recovery is None:
            return Made(mistake, spoilt, None)
        mended = slip.model_copy(update={"repaired": True})
        return Made(mistake, spoilt, recovery.trajectory.model_copy(update={"slips": (mended,)}))
    return None


@dataclass(frozen=True)
class Recovery:
    """The conversation, and the move that puts it right with its results."""

    trajectory: Trajectory
    repair: tuple[Message, ...]


def recover(ground: Ground, kind: Kind, draft: Draft) -> Recovery | None:
    """Play it; None where the kind, or what the tools answer, leaves nothing to be put right."""
    clean, mend = ground.clean, draft.decision if draft.mend is None else draft.mend
    right = clean.messages[mend]
    before = reversed(clean.messages[: draft.decision])
    asked = next((one for one in before if isinstance(one, UserMessage)), None)
    assert isinstance(right, AssistantMessage)
    if not kind.notice or (not draft.calls and not draft.nudge) or asked is None:
        return None
    move = write_move(ground, kind.name, draft)
    parts = [TwinPart(one, n) for n, one in enumerate(clean.messages[: draft.decision])]
    parts.append(TwinPart(move))
    if not draft.calls:
        nudge = asked.model_copy(update={"text": draft.nudge, "act": "inform", "turn": right.turn})
        parts.append(TwinPart(nudge))
    again = "" if right.text == move.text else right.text  # nobody says the same twice running
    words = "" if right.calls and ground.silent else f"{kind.notice} {again}".strip()
    parts.append(TwinPart(right.model_copy(update={"text": words}), mend))
    parts += [TwinPart(one, n) for n, one in enumerate(clean.messages) if n > mend]
    twin = make_twin(ground, parts, frozenset(call.id for call in move.calls))
    made = twin.trajectory
    if not twin.untouched or made.final_state != clean.final_state:
        return None
    start = twin.places[mend]
    end = start + 1
    while end < len(made.messages) and isinstance(made.messages[end], ToolMessage):
        end += 1
    return Recovery(made, made.messages[start:end])


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
