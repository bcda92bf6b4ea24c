"""What a language model is asked, and what it answers: the seam between stages and provider."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, Literal, Protocol, TypeVar

from schemas.record import JsonObject, Record

Role = Literal["user", "assistant", "judge", "documenter", "tool"]


class ChatRequest(Record):
    """One request, in the shapes of the chat completions interface."""

    role: Role
    """Who the model plays: for the journal and for reports."""
    messages: tuple[JsonObject, ...]
    tools: tuple[JsonObject, ...] = ()
    seed: int
    temperature: float = 0.7
    json_object: bool = False


class ChatCall(Record):
    """A call as the model wrote it: the arguments are unparsed text."""

    id: str
    name: str
    arguments: str


class ChatReply(Record):
    """What came back."""

    text: str = ""
    reasoning: str | None = None
    calls: tuple[ChatCall, ...] = ()
    input_tokens: int = 0
    output_tokens: int = 0


class ChatModel(Protocol):
    """Anything that answers a request; a provider's failure is raised as ProviderError."""

    @property
    def name(self) -> str:
        """The model's name, as records note it."""
        ...

    async def complete(self, request: ChatRequest) -> ChatReply:
        """Answer one request."""
        ...


T = TypeVar("T")


async def ask_all(questions: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Ask all at once; the first failure ends the others and is raised by itself."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(question) for question in questions]
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from failures
    return [task.result() for task in tasks]
