"""An assistant whose every move is checked before it is made, and asked for again if it is wrong.

It is asked again with the reason as a hint, which is in no record, and the last time with the call
that would be right (Magnet's hints for wrong calls and for right ones). What was turned down is
kept beside the conversation. Who checks is handed in: a function over the conversation as it would
be, with what is wrong as its answer.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from data.prompts import SHIPPED, Prompts
from generators.dialogue.model_roles import HINT
from generators.dialogue.provenance import trace
from generators.dialogue.roles import Move, PlannedCall, RoleFailure
from schemas.message import AssistantMessage, Call, Message, ToolMessage
from schemas.reasons import BY_CODE, ROLE_FAILURES
from schemas.task import Task
from schemas.tool import ToolSpec
from schemas.turned_down import TurnedDown
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
        wanted = self._find_wanted(messages) if told else ""
        told_so = [*dict.fromkeys(wrong)]
        return HINT + self.prompts.render("hint.j2", wrong=told_so, wanted=wanted)

    def _find_wanted(self, messages: Sequence[Message]) -> str:
        """The tool of the next gold call of this turn; none where all were made."""
        turn = messages[-1].turn
        tools = {tool.wire_name: tool for tool in self.tools}
        failed = {one.call_id for one in messages if isinstance(one, ToolMessage) and one.is_error}
        made = [
            call
            for message in messages
            if isinstance(message, AssistantMessage)
            for call in message.calls
            if call.id not in failed
        ]
        own = self.task.turns[turn].calls if turn < len(self.task.turns) else ()
        left = (
            one.tool for one in own
            if not (one.barred or one.lost or one.is_error)
            and not any(one.is_made_by(call.name, call.arguments, tools.get(call.name))
                        for call in made)
        )  # fmt: skip
        return next(left, "")


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
