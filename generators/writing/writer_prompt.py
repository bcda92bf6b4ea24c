"""What whoever writes a task's words is given, and what they answer.

Each request begins with what the one before it had, so that what is shared is the same.
"""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from data.prompts import Prompts
from generators.writing.accept_task import LONGEST
from schemas.brief import Brief
from schemas.canonical import written_json
from schemas.chat import ChatRequest, object_shape, read_json_reply
from schemas.record import JsonObject
from schemas.task import Task
from schemas.writing import Objection

_MOST_POLICY, _MOST_RESULT, _MOST_ARGUMENTS = 6_000, 800, 400
"""Characters that are shown."""


class WrittenWish(BaseModel):
    """Words for one wish."""

    model_config = ConfigDict(strict=True, extra="forbid")

    ask: str
    why: str = ""


class WrittenWords(BaseModel):
    """What a writer must answer."""

    model_config = ConfigDict(strict=True, extra="forbid")

    situation: str = ""
    wishes: list[WrittenWish]


def first_request(task: Task, seed: int, prompts: Prompts) -> ChatRequest:
    """Ask for the words of a task, of which the brief is as code wrote it."""
    text, wishes = {"type": "string", "maxLength": LONGEST}, len(task.brief.wishes)
    each = object_shape({"ask": text, "why": text})
    listed = {"type": "array", "items": each, "minItems": wishes, "maxItems": wishes}
    return ChatRequest(
        role="writer",
        messages=writer_messages(task, prompts),
        seed=seed,
        json_object=True,
        shape=object_shape({"situation": text, "wishes": listed}),
    )


def writer_messages(task: Task, prompts: Prompts) -> tuple[JsonObject, ...]:
    """What a writer is sent first: instructions, then the material."""
    wishes = [
        [{"made": f"{call.tool} (not made)" if call.barred else call.tool,
          "arguments": _cut(written_json(call.arguments), _MOST_ARGUMENTS),
          "result": "the service fails it each time" if call.lost
          else _cut(call.result, _MOST_RESULT)} for call in turn.calls]
        for turn in task.turns
    ]  # fmt: skip
    material = prompts.render(
        "writer_task.j2", policy=_cut(task.policy, _MOST_POLICY), style=task.persona.style,
        clock=task.clock, brief=task.brief, wishes=wishes,
    )  # fmt: skip
    return (
        {"role": "system", "content": prompts.render("writer.j2")},
        {"role": "user", "content": material},
    )


def next_request(
    before: ChatRequest, reply: str, objections: Sequence[Objection], prompts: Prompts
) -> ChatRequest:
    """Ask once more, with what was wrong, after all that was said before."""
    again = prompts.render("writer_again.j2", objections=objections)
    told = ({"role": "assistant", "content": reply}, {"role": "user", "content": again})
    return before.model_copy(
        update={"messages": (*before.messages, *told), "attempt": before.attempt + 1}
    )


def read_words(text: str, brief: Brief) -> Brief:
    """The brief in the words of an answer. Raises ValueError, in one line, for what is none."""
    try:
        words = WrittenWords.model_validate(read_json_reply(text))
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    if len(words.wishes) != len(brief.wishes):
        raise ValueError(f"it has {len(words.wishes)} wishes and not {len(brief.wishes)}")
    wishes = tuple(
        old.model_copy(update={"ask": new.ask.strip(), "why": new.why.strip().rstrip(".")})
        for old, new in zip(brief.wishes, words.wishes, strict=True)
    )
    return brief.model_copy(update={"situation": words.situation.strip(), "wishes": wishes})


def write_words(brief: Brief) -> str:
    """A brief's words as a writer would answer them."""
    wishes: list[Any] = [{"ask": one.ask, "why": one.why} for one in brief.wishes]
    return written_json({"situation": brief.situation, "wishes": wishes})


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}…"
