"""A reviewer tries a task's words out: it gets wishes and tools, not the calls, and must get there.

It is an assistant to whom somebody reads the brief out, wish by wish, and whose calls really run:
the dialogue loop plays it, with the task's clock and faults. What counts is what code can compare:
the final state, what has to be told, and what the wanted reads show. After APIGen-MT
(arXiv 2504.03601), whose reviewers raise the yield of its tasks from 28 to 70 %.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from data.prompts import SHIPPED, Prompts
from generators.dialogue.acts import opening_act
from generators.dialogue.loop import Aside, play
from generators.dialogue.model_roles import ModelAssistant
from generators.dialogue.roles import Move, Utterance
from schemas.canonical import canonical_json, derive_seed
from schemas.chat import ChatModel, ChatReply, ChatRequest
from schemas.environment import Environment
from schemas.errors import RefusedRequestError
from schemas.failure import is_failure
from schemas.leaves import leaves
from schemas.message import AssistantMessage, Message, ToolMessage, UserMessage
from schemas.reading import tells
from schemas.task import Task
from schemas.tool import ToolSpec
from schemas.trajectory import Roles, Trajectory
from schemas.writing import Objection

_SHOWN = 200
"""Characters of what a reviewer said that the writer is told."""


async def review(
    task: Task,
    tools: Sequence[ToolSpec],
    model: ChatModel,
    environment: Environment,
    seed: int,
    prompts: Prompts = SHIPPED,
    *,
    aside: Aside | None = None,
) -> tuple[Objection, ...]:
    """What a reviewer does not come to by the words of a task; nothing: it does.

    ``aside`` makes calls where tools are waited for.

    Raises ProviderError, and RefusedRequestError for a request that is not served.
    """
    reviewer = Reviewer(tuple(tools), model, derive_seed(seed, "review"), prompts)
    played = await play(
        task, tools, Reader(task, prompts), reviewer, environment,
        aside=aside, index=0, seed=seed, roles=Roles(user="reader", assistant=model.name),
    )  # fmt: skip
    if reviewer.refusal is not None:
        raise reviewer.refusal
    if played.failure is not None and is_failure(played.failure):
        raise RuntimeError(played.failure.reasons[0].explanation)  # ours, and not the words'
    tried = _Tried(played.trajectory, {one.wire_name: one for one in tools})
    if played.failure is not None:
        reason = played.failure.reasons[0]
        last = max((one.turn for one in played.trajectory.messages), default=0)
        told = f"wish {last + 1}: the reader could not go on: {reason.explanation[:_SHOWN]}"
        return (Objection(code="review_ended", told=f"{told}. {tried.tell_last(last)}".strip()),)
    return tuple(tried.compare())


@dataclass(frozen=True)
class Reader:
    """Implements `UserRole`: reads the brief out, wish by wish, and answers nothing."""

    task: Task
    prompts: Prompts = SHIPPED

    async def speak(self, messages: tuple[Message, ...]) -> Utterance | None:
        """Read the next wish; None behind the last."""
        number = sum(isinstance(one, UserMessage) for one in messages)
        if number == len(self.task.turns):
            return None
        text = read_wish(self.task, number, self.prompts)
        return Utterance(text=text, act=opening_act(self.task.turns[number]), turn=number)


def read_wish(task: Task, number: int, prompts: Prompts = SHIPPED) -> str:
    """A wish with all that the user knows of it, counted from 0."""
    return prompts.render("reviewer_wish.j2", brief=task.brief, number=number + 1)


@dataclass
class Reviewer:
    """Implements `AssistantRole`, and `ChatModel` for it: an assistant with instructions apart."""

    tools: tuple[ToolSpec, ...]
    model: ChatModel
    seed: int
    prompts: Prompts
    refusal: RefusedRequestError | None = None
    """Why a request was not served."""

    @property
    def name(self) -> str:
        """The model's name."""
        return self.model.name

    async def move(self, messages: tuple[Message, ...]) -> Move:
        """Answer as an assistant would. Raises RoleFailure and ProviderError."""
        return await ModelAssistant(self.tools, self, self.seed).move(messages)

    async def complete(self, request: ChatRequest) -> ChatReply:
        """Ask as a reviewer. Raises ProviderError."""
        policy, *said = request.messages
        told = reviewer_instructions(policy["content"], self.prompts)
        messages = ({"role": "system", "content": told}, *said)
        asked = request.model_copy(
            update={"role": "reviewer", "messages": messages, "temperature": 0.0}
        )
        try:
            return await self.model.complete(asked)
        except RefusedRequestError as error:  # the loop makes it a part of its answer
            self.refusal = error
            raise


def reviewer_instructions(policy: str, prompts: Prompts = SHIPPED) -> str:
    """The system text of a reviewer."""
    return prompts.render("reviewer.j2", policy=policy)


@dataclass(frozen=True)
class _Tried:
    """What a reviewer has done, beside what is wanted."""

    trajectory: Trajectory
    tools: Mapping[str, ToolSpec]

    @property
    def task(self) -> Task:
        return self.trajectory.task

    def compare(self) -> Iterator[Objection]:
        """Where they differ."""
        calls = {call.id: call for one in self.trajectory.messages
                 if isinstance(one, AssistantMessage) for call in one.calls}  # fmt: skip
        made = (
            calls[one.call_id]
            for one in self.trajectory.messages
            if isinstance(one, ToolMessage) and not one.is_error and self._writes(one.name)
        )
        done = Counter((one.name, canonical_json(one.arguments)) for one in made)
        for number, turn in enumerate(self.task.turns):
            wanted = [one for one in turn.calls if not one.skipped and not one.is_error]
            missed = []
            for gold in (one for one in wanted if self._writes(one.tool)):
                tool = self.tools.get(gold.tool)
                alike = ((name, given) for name, given in done if done[name, given]
                         and gold.is_made_by(name, json.loads(given), tool))  # fmt: skip
                same = next(alike, None)
                if same:
                    done[same] -= 1
                else:
                    missed.append(gold.tool)
            if missed:
                told = f"wish {number + 1}: the reader did not do {' and '.join(missed)} so"
                yield Objection(code="state_missed", told=f"{told}. {self.tell_last(number)}")
            elif turn.outcome == "complete" and (lost := self._find_untold(number)):
                told = f"wish {number + 1}: {lost}. {self.tell_last(number)}"
                yield Objection(code="result_missed", told=told)
        besides = [key[0] for key, count in done.items() if count]
        if besides:
            told = f"the reader also did {' and '.join(besides)}, which is not wanted"
            yield Objection(code="state_missed", told=told)
        composed = any(one.composed for one in self.task.calls)
        differs = self.trajectory.final_state != self.task.final_state
        if differs and not composed:
            told = "in the end, things are not as they are to be"
            yield Objection(code="state_missed", told=told)

    def _find_untold(self, number: int) -> str:
        """What of a turn was not told, or not found; empty where all of it was."""
        clock = datetime.fromisoformat(self.task.clock)
        said = [one.text for one in self.trajectory.messages
                if isinstance(one, AssistantMessage) and one.turn >= number]  # fmt: skip
        for must in self.task.acceptance.must_say:
            if must.turn == number and not any(tells(text, must.value, clock) for text in said):
                return f"the reader did not tell {must.value}"
        calls = [one for one in self.task.turns[number].calls if not one.skipped]
        if not calls or self._writes(calls[-1].tool):
            return ""
        shown = [json.loads(one.content) for one in self.trajectory.messages
                 if isinstance(one, ToolMessage) and one.turn <= number]  # fmt: skip
        found = {canonical_json(value) for whole in shown for _, value in leaves(whole)}
        wanted = {canonical_json(value) for _, value in leaves(json.loads(calls[-1].result))}
        return "" if wanted <= found else f"the reader did not find what {calls[-1].tool} shows"

    def tell_last(self, number: int) -> str:
        """What the reviewer did for a wish, and what it said in the end."""
        own = [one for one in self.trajectory.messages
               if isinstance(one, AssistantMessage) and one.turn == number]  # fmt: skip
        made = [
            f"{call.name} {canonical_json(call.arguments)}" for one in own for call in one.calls
        ]
        words = [one.text for one in own if one.text]
        called = f"It called {'; '.join(made)[-_SHOWN:]}" if made else "It called nothing"
        return f"{called}, and said: {words[-1][:_SHOWN]!r}" if words else called

    def _writes(self, name: str) -> bool:
        tool = self.tools.get(name)
        return tool is not None and tool.writes
