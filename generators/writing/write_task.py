"""Situation, wishes and reasons of a proven task by a model, tried out by another, in three rounds.

The calls are decided and executed before; only words are written around them. What programs object
to, or what a reviewer does not come to by the words alone, goes back as feedback. After the last
round the brief stays as code wrote it, or the task is given up: whoever asks decides.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from data.prompts import SHIPPED, Prompts
from generators.backends.backend import Backend
from generators.backends.patience import do_aside
from generators.writing.accept_task import Scripted
from generators.writing.review import review
from generators.writing.writer_prompt import first_request, next_request, read_words
from schemas.brief import Brief
from schemas.canonical import derive_seed
from schemas.chat import ChatModel, ChatReply, ask_again
from schemas.environment import Environment
from schemas.errors import RefusedRequestError
from schemas.task import Task
from schemas.tool import ToolSpec
from schemas.writing import Objection, Round, Written

ROUNDS = 3


@dataclass(frozen=True)
class TaskWriter:
    """Who writes tasks' words, and who tries them out."""

    writer: ChatModel
    reviewer: ChatModel
    environment: Callable[[Task], Environment]
    """The environment of a task in its initial state."""
    backend: Backend
    """Where it runs."""
    drops: bool = False
    """What nobody could write is given up; else it keeps its scripted words."""
    prompts: Prompts = SHIPPED

    async def write(self, task: Task, tools: Sequence[ToolSpec], seed: int) -> tuple[Task, Written]:
        """The task in words that were accepted, or as it was, and how it came to them.

        Raises ProviderError.
        """
        scripted, rounds = Scripted(task, tools, self.backend.world), list[Round]()
        own_seed = derive_seed(seed, "writer")
        request = first_request(task, own_seed, self.prompts)
        try:
            while len(rounds) < ROUNDS:
                reply = await self.writer.complete(request)
                brief, objections = _read(reply, scripted)
                reviewed = brief is not None and not objections
                if brief is not None and reviewed:
                    written = with_brief(task, brief)
                    environment = await do_aside(self.backend, self.environment, written)
                    objections = await review(
                        written, tools, self.reviewer, environment, own_seed, self.prompts,
                        aside=partial(do_aside, self.backend),
                    )  # fmt: skip
                rounds.append(Round(objections=objections, reviewed=reviewed))
                if not objections and brief is not None:
                    told = Written(outcome="written", rounds=tuple(rounds), scripted=task.brief)
                    return with_brief(task, brief), told
                if reply.is_cut_off:
                    request = ask_again(request, reply, len(rounds))
                else:
                    request = next_request(request, reply.text, objections, self.prompts)
        except RefusedRequestError as error:
            refusal = Objection(code="not_served", told=f"{error.code}: {error}")
            rounds.append(Round(objections=(refusal,)))
        outcome = "dropped" if self.drops else "scripted"
        return task, Written(outcome=outcome, rounds=tuple(rounds))


def with_brief(task: Task, brief: Brief) -> Task:
    """The task with other words: its calls, states and what must be said stay."""
    persona = task.persona.model_copy(update={"about": brief.situation})
    return task.model_copy(update={"brief": brief, "persona": persona})


def _read(reply: ChatReply, scripted: Scripted) -> tuple[Brief | None, tuple[Objection, ...]]:
    if reply.is_cut_off:
        return None, (Objection(code="no_words", told="the reply was cut off"),)
    try:
        brief = read_words(reply.text, scripted.brief)
    except ValueError as error:
        return None, (Objection(code="no_words", told=f"the reply cannot be read: {error}"),)
    return brief, tuple(scripted.find_objections(brief))
