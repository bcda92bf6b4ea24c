"""The role-play: user, assistant and tools in turn, until nothing more is wanted.

Knows nothing of who plays a role. Calls really run; a fault that the task plans is injected at the
first attempt of its call; arguments that come without their sources are traced.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from generators.dialogue.provenance import trace
from generators.dialogue.roles import (
    AssistantRole,
    Course,
    LeadsNowhereError,
    Move,
    RoleFailure,
    UserRole,
    Utterance,
)
from schemas.canonical import content_hash, derive_seed, written_json
from schemas.environment import Environment, call_at
from schemas.errors import RefusedRequestError, ToolweaveError
from schemas.failure import judge_failure
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
from schemas.trajectory import ROLE_PLAY, Roles, Trajectory, TurnedDown
from schemas.twists import count_messages
from schemas.verdict import Reason, Verdict

Aside = Callable[[Callable[[Move], None], Move], Awaitable[None]]
MAX_MESSAGES = 80
MAX_STEPS = 16
"""Moves of the assistant between two messages of the user."""
_OPENING, _SPEAKING = timedelta(seconds=50), timedelta(seconds=25)
"""… how long before its first call a turn is opened, and what each word of the user takes."""


@dataclass(frozen=True)
class Played:
    """A finished dialogue; ``failure`` where it broke off: a role gave up, or our code raised."""

    trajectory: Trajectory
    failure: Verdict | None = None


async def play(
    task: Task,
    tools: Sequence[ToolSpec],
    user: UserRole,
    assistant: AssistantRole,
    environment: Environment,
    *,
    aside: Aside | None = None,
    index: int,
    seed: int,
    roles: Roles,
) -> Played:
    """Play a task. A provider's failure is raised; a role's, or our own, is part of the answer.

    So is a request that is not served. ``aside`` makes the moves with calls, where tools are waited
    for; without it they are made at once.
    """
    stage = Stage(task, {tool.wire_name: tool for tool in tools}, environment)
    messages, failure = stage.messages, None
    try:
        while utterance := await user.speak(tuple(messages)):
            stage.hear(utterance)
            for _ in range(MAX_STEPS):
                move = await assistant.move(tuple(messages))
                if aside is None or not move.calls:
                    stage.make(move)
                else:
                    await aside(stage.make, move)
                if not move.calls:
                    break
            else:
                raise RoleFailure(
                    "too_many_steps", f"no answer to the user after {MAX_STEPS} moves"
                )
            if len(messages) >= MAX_MESSAGES:
                raise RoleFailure(
                    "too_many_messages", f"not at an end after {MAX_MESSAGES} messages"
                )
    except RoleFailure as gave_up:
        stage.turned_down += gave_up.turned_down
        place = len(messages) - isinstance(gave_up, LeadsNowhereError)
        reason = Reason(code=gave_up.code, message=place, explanation=gave_up.explanation)
        failure = Verdict(
            check=ROLE_PLAY, version=1, level="structure", label="bad", reasons=(reason,)
        )
    except ToolweaveError as error:
        if not isinstance(error, RefusedRequestError):
            raise
        failure = judge_failure(error, len(messages))
    except Exception as error:
        failure = judge_failure(error, len(messages))
    try:
        final_state = environment.state_hash()
    except Exception as error:
        final_state, failure = "", failure or judge_failure(error, len(messages))
    trajectory = Trajectory(
        index=index,
        seed=seed,
        roles=roles,
        task=task,
        tools=tuple(tools),
        messages=tuple(messages),
        final_state=final_state,
        turned_down=tuple(stage.turned_down),
    )
    return Played(trajectory, failure)


class Stage:
    """The conversation so far, and the clock that runs along."""

    def __init__(self, task: Task, tools: dict[str, ToolSpec], environment: Environment) -> None:
        self.task, self.tools, self.environment = task, tools, environment
        self.messages: list[Message] = []
        self.turned_down: list[TurnedDown] = []
        self.several = False
        """Whether several people are in the chat."""
        self.turn = self.reached = 0
        """The wish that is spoken of, and the last one that was brought up so far."""
        self.faulted: set[int] = set()
        """Gold calls whose fault has struck."""
        self.made: set[int] = set()
        """Gold calls that were made in earnest."""
        self.clock = self.now = datetime.fromisoformat(task.clock)
        self.stands = not any(one.at for one in task.calls)
        """Whether the service's clock stands still."""
        self.times = {
            number: datetime.fromisoformat(one.at)
            for number, one in enumerate(task.calls) if one.at and not one.skipped
        }  # fmt: skip
        """When each gold call is due that is to be made in earnest."""
        self.rng = Random(derive_seed("times", task.id))
        self.turns = [number for number, turn in enumerate(task.turns) for _ in turn.calls]
        self.course = Course(task, tools)
        self.messages.append(SystemMessage(text=task.policy, **self._head(0, 0)))

    def _head(self, least: int, most: int) -> dict[str, Any]:
        """Index, turn and time of the next message: some seconds after the last.

        What is said before the next gold call fits in before it.
        """
        step = self.rng.randint(least, most)
        due = (time for n, time in self.times.items() if time > self.now and n not in self.made)
        if (coming := min(due, default=None)) is not None:
            step = min(step, max(int((coming - self.now).total_seconds()) // 3, 1))
        self.now += timedelta(seconds=step)
        return {
            "index": len(self.messages), "turn": self.turn, "timestamp": self.now.isoformat()
        }  # fmt: skip

    def hear(self, utterance: Utterance) -> None:
        """Note the user's words; the time between the turns passes."""
        reached, before = max(self.reached, utterance.turn), self.reached
        passed = self.task.turns[before + 1 : reached + 1]
        due = [time for number, time in self.times.items() if self.turns[number] == reached]
        if due and (passed or len(self.messages) == 1):
            turn = self.task.turns[reached]
            spoken = count_messages(turn, confirm=turn.confirm)
            self.now = max(self.now, due[0] - _OPENING - spoken * _SPEAKING)
        elif not due:
            self.now += timedelta(seconds=sum(turn.elapsed for turn in passed))
        self.turn, self.reached = utterance.turn, reached
        for speaker, text in utterance.before:
            self.several = True
            self.messages.append(
                UserMessage(text=text, act="talk", speaker=speaker, **self._head(5, 20))
            )
        speaker = self.task.persona.name.split()[0] if self.several else ""
        said = UserMessage(
            text=utterance.text, act=utterance.act, speaker=speaker, **self._head(5, 60)
        )
        self.messages.append(said)
        self.course.hear("user", utterance.text)

    def make(self, move: Move) -> None:
        """Note the assistant's move, and run its calls one after the other."""
        head = self._head(1, 6)
        self.turned_down += move.turned_down
        calls = []
        for number, planned in enumerate(move.calls):
            tool, sources = self.tools.get(planned.name), planned.provenance
            if not sources and tool is not None:
                sources = trace(tool, planned.arguments, self.messages, self.clock)
            calls.append(
                Call(
                    id=f"call_{content_hash([self.task.id, head['index'], number], 12)}",
                    name=planned.name, arguments=planned.arguments, raw=planned.raw,
                    provenance=sources,
                )
            )  # fmt: skip
        self.messages.append(
            AssistantMessage(
                text=move.text, reasoning=move.reasoning, calls=tuple(calls), act=move.act, **head
            )
        )
        if not calls:
            self.course.hear("assistant", move.text)
        for call in calls:
            fault, due = self.match(call)
            reads = call.name in self.tools and self.tools[call.name].effect == "read"
            waiting = [time for n, time in self.times.items() if n not in self.made]
            if due is not None and not (reads and any(time < due for time in waiting)):
                self.now = max(self.now, due)  # a read that comes early leaves time for the rest
            moment = self.now if due is None or reads else due
            at = "" if self.stands else moment.isoformat()
            outcome = call_at(self.environment, at, call.name, call.arguments, fault)
            answer = ToolMessage(
                call_id=call.id, name=call.name, content=written_json(outcome.content),
                is_error=outcome.is_error, fault=fault, at=at, **self._head(1, 3),
            )  # fmt: skip
            self.messages.append(answer)
            self.course.note(call, answer)

    def match(self, call: Call) -> tuple[Fault | None, datetime | None]:
        """The fault planned for this call, at its first attempt or each one of its turn.

        Else the time at which such a call is due: it is made then, in whatever order.
        """
        for number, gold in enumerate(self.task.calls):
            if gold.lost and number in self.faulted and self.turns[number] < self.turn:
                continue  # what failed for good in an earlier turn may be asked for again
            tool = self.tools.get(call.name)
            if number in self.made or not gold.is_made_by(call.name, call.arguments, tool):
                continue
            if gold.fault and (gold.lost or number not in self.faulted):
                self.faulted.add(number)
                return gold.fault, None
            self.made.add(number)
            return None, self.times.get(number)
        return None, None
