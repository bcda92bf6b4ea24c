"""What a language model is asked, and what it answers: the seam between stages and provider."""

from typing import Literal, Protocol

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
