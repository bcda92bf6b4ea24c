"""The role-play: user, assistant and tools in turn, until nothing more is wanted.

Knows nothing of who plays a role. Calls really run; a fault that the task plans is injected at the
first attempt of its call; arguments that come without their sources are traced.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from generators.dialogue.provenance import trace
from generators.dialogue.role_failure import RoleFailure
from generators.dialogue.roles import AssistantRole, Move, PlannedCall, UserRole, Utterance
from schemas.canonical import canonical_json, content_hash, derive_seed, written_json
from schemas.environment import Environment
from schemas.message import (
    AssistantMessage,
    Call,
    Fault,
    Message,
    SystemMessage,
    ToolMessage,
    UserMessage,
)  # fmt: skip
from schemas.task import Task
from schemas.tool import ToolSpec
from schemas.trajectory import Roles, Trajectory
from schemas.verdict import Reason, Verdict

MAX_MESSAGES = 80
MAX_STEPS = 16
"""Moves of the assistant between two messages of the user."""


@dataclass(frozen=True)
class Played:
    """A finished dialogue; ``failure`` where a role gave up or never came to an end."""

    trajectory: Trajectory
    failure: Verdict | None = None


async def play(
    task: Task,
    tools: Sequence[ToolSpec],
    user: UserRole,
    assistant: AssistantRole,
    environment: Environment,
    *,
    index: int,
    seed: int,
    roles: Roles,
) -> Played:
    """Play a task. A provider's failure is raised; a role's failure is part of the answer."""
    stage = _Stage(task, {tool.wire_name: tool for tool in tools}, environment)
    stage.open()
    failure = None
    try:
        await _converse(stage, user, assistant)
    except RoleFailure as gave_up:
        explanation = str(gave_up)
        place = len(stage.messages)
        reason = Reason(code=gave_up.code, message=place, explanation=explanation)
        failure = Verdict(
            check="role_play", version=1, level="structure", label="bad", reasons=(reason,)
        )
    trajectory = Trajectory(
        index=index,
        seed=seed,
        roles=roles,
        task=task,
        tools=tuple(tools),
        messages=tuple(stage.messages),
        final_state=environment.state_hash(),
    )
    return Played(trajectory, failure)


async def _converse(stage: "_Stage", user: UserRole, assistant: AssistantRole) -> None:
    while len(stage.messages) < MAX_MESSAGES:
        utterance = await user.speak(tuple(stage.messages))
        if utterance is None:
            return
        stage.hear(utterance)
        for _ in range(MAX_STEPS):
            move = await assistant.move(tuple(stage.messages))
            stage.make(move)
            if not move.calls:
                break
        else:
            raise RoleFailure("too_many_steps", f"no answer to the user after {MAX_STEPS} moves")
    raise RoleFailure("too_many_messages", f"not at an end after {MAX_MESSAGES} messages")


@dataclass
class _Stage:
    """The conversation so far, and the clock that runs along."""

    task: Task
    tools: dict[str, ToolSpec]
    environment: Environment
    messages: list[Message] = field(default_factory=list)
    turn: int = 0
    faulted: set[int] = field(default_factory=set)
    """Gold calls whose fault has struck."""
    made: set[int] = field(default_factory=set)
    """Gold calls that were made in earnest."""

    def __post_init__(self) -> None:
        self.clock = datetime.fromisoformat(self.task.clock)
        self.now = self.clock
        self.task_id = self.task.id
        self.rng = Random(derive_seed("times", self.task_id))
        self.turns = [n for n, turn in enumerate(self.task.turns) for _ in turn.calls]

    def _place(self, least: int, most: int) -> tuple[int, str]:
        """Index and time of the next message, some seconds after the last."""
        self.now += timedelta(seconds=self.rng.randint(least, most))
        return len(self.messages), self.now.isoformat()

    def open(self) -> None:
        index, time = self._place(0, 0)
        self.messages.append(
            SystemMessage(index=index, turn=0, timestamp=time, text=self.task.policy)
        )

    def hear(self, utterance: Utterance) -> None:
        reached = max(self.turn, utterance.turn)
        passed = self.task.turns[self.turn + 1 : reached + 1]
        self.now += timedelta(seconds=sum(turn.elapsed for turn in passed))
        index, time = self._place(5, 60)
        self.turn = reached
        self.messages.append(
            UserMessage(
                index=index, turn=self.turn, timestamp=time, text=utterance.text, act=utterance.act
            )
        )

    def make(self, move: Move) -> None:
        """Note the assistant's move, and run its calls one after the other."""
        index, time = self._place(1, 6)
        calls = tuple(self._call(planned, index, n) for n, planned in enumerate(move.calls))
        self.messages.append(
            AssistantMessage(
                index=index, turn=self.turn, timestamp=time, text=move.text,
                reasoning=move.reasoning, calls=calls, act=move.act,
            )
        )  # fmt: skip
        for call in calls:
            self._run(call)

    def _call(self, planned: PlannedCall, index: int, number: int) -> Call:
        tool = self.tools.get(planned.name)
        sources = planned.provenance
        if not sources and tool is not None:
            sources = trace(tool, planned.arguments, self.messages, self.clock)
        return Call(
            id=f"call_{content_hash([self.task_id, index, number], 12)}",
            name=planned.name,
            arguments=planned.arguments,
            raw=planned.raw,
            provenance=sources,
        )

    def _run(self, call: Call) -> None:
        fault = self._due_fault(call)
        outcome = self.environment.call(call.name, call.arguments, fault)
        index, time = self._place(1, 3)
        self.messages.append(
            ToolMessage(
                index=index, turn=self.turn, timestamp=time, call_id=call.id, name=call.name,
                content=written_json(outcome.content), is_error=outcome.is_error, fault=fault,
            )
        )  # fmt: skip

    def _due_fault(self, call: Call) -> Fault | None:
        """The fault planned for this call: at its first attempt, or at each one of its turn."""
        for number, gold in enumerate(self.task.calls):
            over = number in self.faulted and self.turns[number] < self.turn
            if over and gold.fault and not gold.fault.transient:
                continue  # what failed for good in an earlier turn may be asked for again
            if number not in self.made and (
                gold.tool == call.name
                and canonical_json(gold.arguments) == canonical_json(call.arguments)
            ):
                if gold.fault and not (gold.fault.transient and number in self.faulted):
                    self.faulted.add(number)
                    return gold.fault
                self.made.add(number)
                return None
        return None
