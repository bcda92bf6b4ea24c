"""An assistant whose every move is checked before it is made, and asked for again if it is wrong.

It is asked again with the reason as a hint, which is in no record, and the last time with the call
that would be right (Magnet's hints for wrong calls and for right ones). What was turned down is
kept beside the conversation. Who checks is handed in: a function over the conversation as it would
be, with what is wrong as its answer.

A dialogue that failed all the same is played again: from where it went wrong, and with another
seed. What comes before the first message at fault is played back, calls and all, and costs no
request.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple, Protocol

from data.prompts import SHIPPED, Prompts
from generators.dialogue.following import list_utterances
from generators.dialogue.model_roles import HINT
from generators.dialogue.provenance import trace
from generators.dialogue.roles import (
    AssistantRole,
    Move,
    PlannedCall,
    RoleFailure,
    UserRole,
    Utterance,
)
from schemas.message import AssistantMessage, Call, Message, ToolMessage, UserMessage
from schemas.reasons import BY_CODE, ROLE_FAILURES, find_blame
from schemas.task import Task
from schemas.tool import ToolSpec
from schemas.trajectory import GivenUp, Trajectory, TurnedDown
from schemas.verdict import Reason

Inspect = Callable[[Task, tuple[ToolSpec, ...], tuple[Message, ...]], Sequence[Reason]]
"""The conversation whose last message is the move → what is wrong with that message."""
_UNMADE = ("unknown_tool", "unparsable_arguments")
"""Role failures that are a move's fault: a hint may mend it."""
_BELIED = frozenset(
    "unexpected_write wrong_arguments repeated_write demand_ignored format_ignored"
    " policy_read_missing consent_incomplete".split()
)
"""What the service may yet refuse, so that nothing is lost by it: it is left to what comes."""
_SHOWN = 200


class HintedAssistant(Protocol):
    """An assistant that can be asked again for the same move."""

    async def move(self, messages: tuple[Message, ...], hint: str = "", again: int = 0) -> Move:
        """Answer the last message; ``hint`` stands behind it, ``again`` counts the tries before."""
        ...


class TurnedDownError(RoleFailure):
    """No move was right, so that the dialogue cannot end well."""

    def __init__(self, reason: Reason, turned_down: tuple[TurnedDown, ...]) -> None:
        super().__init__(reason.code, reason.explanation, final=True)
        self.turned_down = turned_down


@dataclass(frozen=True)
class CheckedAssistant:
    """Implements `AssistantRole`."""

    task: Task
    tools: tuple[ToolSpec, ...]
    inner: HintedAssistant
    inspect: Inspect
    tries: int
    """How often a move is asked for again."""
    warned: Sequence[Reason] = ()
    """What was wrong with the move of an earlier dialogue, at message ``at``."""
    at: int = -1
    prompts: Prompts = SHIPPED

    async def move(self, messages: tuple[Message, ...]) -> Move:
        """The first right move; else the least wrong one. Raises TurnedDownError, ProviderError."""
        down: list[tuple[Move | None, TurnedDown]] = []
        best: tuple[tuple[int, int], Move, Sequence[Reason]] | None = None
        reasons = self.warned if len(messages) == self.at else ()
        for number in range(self.tries + 1):
            last = number and number == self.tries
            hint = self._write_hint(messages, reasons, told=bool(last)) if reasons else ""
            try:
                made = await self.inner.move(messages, hint, number)
            except RoleFailure as failure:
                if best is not None and not _find_fatal(best[2]):
                    break  # what was made before may stand
                if failure.code not in _UNMADE or number == self.tries:
                    failure.turned_down = (*(told for _, told in down), *failure.turned_down)
                    raise
                reasons = (Reason(code=failure.code, explanation=failure.explanation),)
                down.append((None, TurnedDown(message=len(messages), reasons=reasons)))
                continue
            move = replace(made, calls=self._trace(made, messages))
            message = _as_message(move, messages)
            reasons = self.inspect(self.task, self.tools, (*messages, message))
            if not reasons:
                return replace(move, turned_down=tuple(told for _, told in down))
            weight = sum(not one.suspect for one in reasons), len(reasons)
            insists = best is not None and _is_same(best[1], move) and not (weight[0] or best[0][0])
            told = TurnedDown(
                message=len(messages), text=move.text, reasoning=move.reasoning,
                calls=message.calls, reasons=tuple(reasons),
            )  # fmt: skip
            down.append((move, told))
            if best is None or weight < best[0]:
                best = weight, move, reasons
            if insists:
                break
        assert best is not None, "a move that cannot be read is raised"
        _, move, reasons = best
        fatal = _find_fatal(reasons)
        if fatal and self.tries:
            raise TurnedDownError(fatal[0], tuple(told for _, told in down))
        # What stands was turned down by nobody, however often it was said.
        others = (told for made, told in down if made is None or not _is_same(made, move)
                  or told.reasons != tuple(reasons))  # fmt: skip
        return replace(move, turned_down=tuple(others))

    def _trace(self, move: Move, messages: Sequence[Message]) -> tuple[PlannedCall, ...]:
        """The calls with the sources of their arguments."""
        tools = {tool.wire_name: tool for tool in self.tools}
        clock = datetime.fromisoformat(self.task.clock)
        return tuple(
            replace(call, provenance=trace(tools[call.name], call.arguments, messages, clock))
            for call in move.calls
        )

    def _write_hint(
        self, messages: Sequence[Message], reasons: Sequence[Reason], *, told: bool
    ) -> str:
        """What was wrong, and the tool that is wanted next where it is to be ``told``."""
        wrong = []
        for one in reasons:
            found = BY_CODE.get(one.code)
            meaning = found.meaning if found else ROLE_FAILURES.get(one.code, "")
            said = one.explanation[:_SHOWN]
            wrong.append(said if meaning in ("", said) else f"{meaning}: {said}")
        # The gold calls of this turn that are still to be made.
        turn, tools = messages[-1].turn, {tool.wire_name: tool for tool in self.tools}
        failed = {one.call_id for one in messages if isinstance(one, ToolMessage) and one.is_error}
        made = [call for message in messages if isinstance(message, AssistantMessage)
                for call in message.calls if call.id not in failed]  # fmt: skip
        own = self.task.turns[turn].calls if told and turn < len(self.task.turns) else ()
        left = (
            one.tool for one in own
            if not (one.barred or one.lost or one.is_error)
            and not any(one.is_made_by(call.name, call.arguments, tools.get(call.name))
                        for call in made)
        )  # fmt: skip
        told_so = [*dict.fromkeys(wrong)]
        return HINT + self.prompts.render("hint.j2", wrong=told_so, wanted=next(left, ""))


def _find_fatal(reasons: Sequence[Reason]) -> list[Reason]:
    """What no insisting lets stand."""
    return [one for one in reasons if not one.suspect and one.code not in _BELIED]


def _as_message(move: Move, messages: Sequence[Message]) -> AssistantMessage:
    """The move as it would stand in the conversation."""
    before = messages[-1]
    calls = tuple(
        Call(id=f"tried_{number}", name=one.name, arguments=one.arguments, raw=one.raw,
             provenance=one.provenance)
        for number, one in enumerate(move.calls)
    )  # fmt: skip
    return AssistantMessage(
        index=len(messages), turn=before.turn, timestamp=before.timestamp, act=move.act,
        text=move.text, reasoning=move.reasoning, calls=calls,
    )  # fmt: skip


def _is_same(one: Move, other: Move) -> bool:
    """Whether two moves do the same: equal calls, or equal words where there are none."""
    if one.calls or other.calls:
        return [(call.name, call.arguments) for call in one.calls] == [
            (call.name, call.arguments) for call in other.calls
        ]
    return one.text == other.text


_WHOLE = frozenset(
    "too_many_steps too_many_messages repeated_message repeated_call premature_termination"
    " missed_required_action stop_too_early judge_user_ends_early".split()
)
"""Codes that name a message at which something is noticed, not the one that it comes from."""


class Fork(NamedTuple):
    """Where another dialogue goes its own way."""

    at: int
    """So many messages stay; 0: none."""
    reasons: tuple[Reason, ...] = ()
    """What was wrong with the assistant's message there."""


def find_fork(trajectory: Trajectory) -> Fork | None:
    """Where to begin again; None where it is good, or nobody who speaks is at fault."""
    causes = trajectory.causes
    if trajectory.accepted or not causes or find_blame(causes[0]) not in ("user", "assistant"):
        return None
    found = [one for verdict in trajectory.verdicts if verdict.label == "bad"
             for one in verdict.reasons if one.code in causes and not one.suspect]  # fmt: skip
    if not found or any(one.message is None or one.code in _WHOLE for one in found):
        return Fork(0)
    messages = trajectory.messages
    places = []
    for one in found:
        place = one.message or 0
        while 0 < place < len(messages) and isinstance(messages[place], ToolMessage):
            place -= 1  # of a result, the one that calls
        places.append((place, one))
    at = min(place for place, _ in places)
    if at < 2:  # the system message, and the words that open it
        return Fork(0)
    said = at < len(messages) and isinstance(messages[at], AssistantMessage)
    own = at == len(messages) and find_blame(causes[0]) == "assistant"
    return Fork(at, tuple(one for place, one in places if place == at) if said or own else ())


def give_up(failed: Trajectory, following: Trajectory) -> Trajectory:
    """The dialogue that was played next, and beside it the one that failed."""
    pairs = zip(failed.messages, following.messages, strict=False)
    shared = next((n for n, (one, other) in enumerate(pairs) if one != other),
                  min(len(failed.messages), len(following.messages)))  # fmt: skip
    kept = GivenUp(
        seed=failed.seed, shared=shared, messages=failed.messages[shared:],
        verdicts=failed.verdicts, labels=failed.labels, turned_down=failed.turned_down,
    )  # fmt: skip
    # What was turned down before they part belongs to both.
    own = tuple(one for one in failed.turned_down if one.message < shared)
    return following.model_copy(
        update={
            "given_up": (*failed.given_up, kept),
            "turned_down": (*own, *following.turned_down),
        }
    )


@dataclass(frozen=True)
class ResumedUser:
    """Implements `UserRole`: says again what was said, then leaves it to another."""

    before: Sequence[Message]
    after: UserRole

    async def speak(self, messages: tuple[Message, ...]) -> Utterance | None:
        """The next thing of those before; else what the other says."""
        rest = self.before[len(messages) :]
        said = list_utterances(rest) if isinstance(next(iter(rest), None), UserMessage) else []
        return said[0] if said else await self.after.speak(messages)


@dataclass(frozen=True)
class ResumedAssistant:
    """Implements `AssistantRole` in the same way."""

    before: Sequence[Message]
    after: AssistantRole

    async def move(self, messages: tuple[Message, ...]) -> Move:
        """The next move of those before; else the other's."""
        said = self.before[len(messages)] if len(messages) < len(self.before) else None
        if not isinstance(said, AssistantMessage):
            return await self.after.move(messages)
        calls = tuple(
            PlannedCall(one.name, one.arguments, one.provenance, one.raw) for one in said.calls
        )
        return Move(said.text, said.act, calls, said.reasoning)
