"""Whether each turn ends as it should: done, declined, handed over, asked about, or admitted."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from schemas.message import AssistantAct, AssistantMessage
from schemas.reasons import reason
from schemas.task import Outcome, TaskTurn
from schemas.trajectory import Trajectory
from schemas.verdict import Reason
from validators.transcript import Exchange, writers


@dataclass(frozen=True)
class Ending:
    """A turn of the task, and what the assistant has made of it."""

    trajectory: Trajectory
    number: int
    last: int
    """Position of the assistant's last message in it, apart from a goodbye."""
    made: Sequence[Exchange]

    @property
    def turn(self) -> TaskTurn:
        """The turn, as the task has it."""
        return self.trajectory.task.turns[self.number]

    @cached_property
    def writes(self) -> list[Exchange]:
        """The attempts at a write in this turn."""
        names = writers(self.trajectory)
        return [one for one in self.made if one.turn == self.number and one.call.name in names]

    def ends_with(self, *acts: AssistantAct) -> bool:
        """Whether the last message does one of these."""
        message = self.trajectory.messages[self.last]
        return isinstance(message, AssistantMessage) and message.act in acts

    def has(self, act: AssistantAct) -> bool:
        """Whether some message of the turn does this."""
        return any(
            isinstance(message, AssistantMessage)
            and message.turn == self.number
            and message.act == act
            for message in self.trajectory.messages
        )


def misses(ending: Ending) -> Iterator[Reason]:
    """Find how a turn ends otherwise than its outcome says."""
    yield from _RULES[ending.turn.outcome](ending)


def _complete(ending: Ending) -> Iterator[Reason]:
    if ending.ends_with("refuse", "transfer"):
        yield reason("false_refusal", ending.last, "text", ending.turn.intent)


def _refuse(ending: Ending) -> Iterator[Reason]:
    """Looking does no harm; trying to do it does."""
    for write in ending.writes:
        yield reason("should_have_refused", write.message, write.place, write.call.name)
    if not ending.writes and not ending.ends_with("refuse"):
        yield reason("should_have_refused", ending.last, "act")


def _transfer(ending: Ending) -> Iterator[Reason]:
    """Where the catalogue has a tool for it, the gold call says so; else it is done in words."""
    gold = {call.tool for call in ending.turn.calls}
    for write in ending.writes:
        if write.call.name not in gold:
            yield reason("should_have_transferred", write.message, write.place, write.call.name)
    if not gold and not ending.writes and not ending.ends_with("transfer"):
        yield reason("should_have_transferred", ending.last, "act")


def _clarify(ending: Ending) -> Iterator[Reason]:
    for write in ending.writes:
        yield reason("should_have_asked", write.message, write.place, write.call.name)
    if not ending.writes and not ending.has("clarify"):
        yield reason("should_have_asked", ending.last, "act")


def _fail(ending: Ending) -> Iterator[Reason]:
    if not ending.has("report_failure"):
        yield reason("undisclosed_failure", ending.last, "act")


_RULES: dict[Outcome, Callable[[Ending], Iterator[Reason]]] = {
    "complete": _complete,
    "refuse": _refuse,
    "transfer": _transfer,
    "clarify": _clarify,
    "fail": _fail,
}
