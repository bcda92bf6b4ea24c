"""A proven conversation as kinds of mistakes look at it: its calls, its turns, its world."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import Any, TypeVar

from generators.world.policy_rules import has_manner
from schemas.canonical import read_json
from schemas.check import EnvironmentFactory
from schemas.demand import Demand, DemandKind
from schemas.leaves import leaves
from schemas.message import AssistantMessage, Call, Source, ToolMessage
from schemas.seen import Shown
from schemas.tool import ToolSpec
from schemas.trajectory import Trajectory

Item = TypeVar("Item")


@dataclass(frozen=True)
class CallStep:
    """A message that makes one call, and its answer."""

    position: int
    message: AssistantMessage
    call: Call
    answer: ToolMessage
    tool: ToolSpec

    @property
    def end(self) -> int:
        """Index of the message after the answer."""
        return self.position + 2

    @property
    def writes(self) -> bool:
        """Whether the call changes something."""
        return self.tool.writes

    @property
    def succeeded(self) -> bool:
        """Answered, and not by an error or a planned fault."""
        return not self.answer.is_error and self.answer.fault is None

    def source(self, path: str) -> Source | None:
        """Where an argument comes from."""
        return next((one.source for one in self.call.provenance if one.path == path), None)


@dataclass(frozen=True)
class Ground:
    """A clean trajectory, and where its calls run."""

    clean: Trajectory
    environments: EnvironmentFactory

    @cached_property
    def tools(self) -> dict[str, ToolSpec]:
        """The tools on offer, by wire name."""
        return {tool.wire_name: tool for tool in self.clean.tools}

    @cached_property
    def steps(self) -> tuple[CallStep, ...]:
        """Messages with one call that is answered, in order; batches are left alone."""
        found, messages = [], self.clean.messages
        for position, message in enumerate(messages):
            if not isinstance(message, AssistantMessage) or len(message.calls) != 1:
                continue
            call, answer = message.calls[0], messages[position + 1]
            if isinstance(answer, ToolMessage) and call.name in self.tools:
                found.append(CallStep(position, message, call, answer, self.tools[call.name]))
        return tuple(found)

    @cached_property
    def silent(self) -> bool:
        """Whether the policy wants no words beside calls."""
        return has_manner(self.clean.task.policy, "silent_call")

    def drawn(self, rng: Random, *, writes: bool | None = None) -> list[CallStep]:
        """Steps that the task wants in their turn and that succeeded, in an order by chance.

        ``writes``: only such, or only others.
        """
        turns = self.clean.task.turns
        found = [
            one for one in self.steps if one.succeeded and writes in (None, one.writes)
            and any(not gold.skipped
                    and gold.is_made_by(one.call.name, one.call.arguments, one.tool)
                    for turn in turns[one.message.turn : one.message.turn + 1]
                    for gold in turn.calls)
        ]  # fmt: skip
        return shuffled(rng, found)

    def failed_before(self, step: CallStep) -> bool:
        """Whether the same call was made before, and in vain: it is not known what it changed."""
        return any(
            (one.call.name, one.call.arguments) == (step.call.name, step.call.arguments)
            for one in self.steps if one.position < step.position and not one.succeeded
        )  # fmt: skip

    def own_turn(self, turn: int) -> list[int]:
        """Indexes of the messages of a turn."""
        return [n for n, one in enumerate(self.clean.messages) if one.turn == turn and n]

    def reports(self, rng: Random, *acts: str) -> list[tuple[int, AssistantMessage]]:
        """Messages without calls of some acts, in an order by chance."""
        found = [
            (n, one) for n, one in enumerate(self.clean.messages)
            if isinstance(one, AssistantMessage) and not one.calls and one.act in acts
        ]  # fmt: skip
        return shuffled(rng, found)

    def last_words(self, turn: int) -> tuple[int, AssistantMessage] | None:
        """The last message of the assistant in a turn, apart from a goodbye."""
        own = ((n, self.clean.messages[n]) for n in reversed(self.own_turn(turn)))
        said = ((n, one) for n, one in own if isinstance(one, AssistantMessage))
        return next(((n, one) for n, one in said if not one.calls and one.act != "close"), None)

    def values(self, before: int | None = None) -> Iterator[tuple[str, Any]]:
        """Path and value of all that results and arguments hold before a message."""
        for message in self.clean.messages[:before]:
            if isinstance(message, ToolMessage):
                yield from leaves(read_json(message.content))
            elif isinstance(message, AssistantMessage):
                for call in message.calls:
                    yield from leaves(call.arguments)

    @cached_property
    def words(self) -> str:
        """All that is said and shown, as one text."""
        parts = []
        for message in self.clean.messages:
            is_answer = isinstance(message, ToolMessage)
            parts.append(message.content if is_answer else message.text)  # type: ignore[union-attr]
        return "\n".join(parts)

    def shown(self, before: int) -> list[Shown]:
        """What calls have shown before a message."""
        return [
            Shown(one.call.name, one.call.arguments, read_json(one.answer.content))
            for one in self.steps if one.succeeded and one.position < before
        ]  # fmt: skip

    def demands(self, tool: str, kind: DemandKind) -> list[Demand]:
        """What a tool demands, of one kind."""
        own = (one.demand for one in self.clean.task.demands if one.tool == tool)
        return [one for one in own if one.kind == kind]


def shuffled(rng: Random, items: Sequence[Item]) -> list[Item]:
    """The items in an order by chance."""
    return rng.sample(list(items), len(items))
