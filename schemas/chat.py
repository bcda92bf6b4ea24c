"""What a language model is asked, and what it answers: the seam between stages and provider."""

import json
import re
from collections.abc import Callable
from typing import Any, Literal, NoReturn, Protocol, TypeVar

from schemas.canonical import derive_seed
from schemas.errors import InputError
from schemas.record import JsonObject, Record

Role = Literal["user", "assistant", "writer", "reviewer", "judge", "documenter", "tool"]


class ChatRequest(Record):
    """One request, in the shapes of the chat completions interface."""

    role: Role
    """Who the model plays: for the journal and for reports."""
    messages: tuple[JsonObject, ...]
    tools: tuple[JsonObject, ...] = ()
    seed: int
    attempt: int = 0
    """How many replies to the same question could not be used."""
    room: int = 1
    """How many times the reply's usual limit it may be: more after one that was cut off."""
    temperature: float = 0.7
    json_object: bool = False
    shape: JsonObject | None = None
    """JSON Schema of that object: an endpoint that can constrain its replies keeps to it."""


def object_shape(required: JsonObject, optional: JsonObject | None = None) -> JsonObject:
    """The JSON Schema of an object with these properties and no other."""
    return {
        "type": "object", "properties": required | (optional or {}), "required": [*required],
        "additionalProperties": False,
    }  # fmt: skip


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
    finish: str = "stop"
    """Why it ends, as the endpoint says it; ``length`` where it was cut off."""
    input_tokens: int = 0
    cached_tokens: int = 0
    """Of the first, those that the endpoint had read before."""
    output_tokens: int = 0

    @property
    def is_cut_off(self) -> bool:
        """Whether it was cut off at a limit: half an answer is none."""
        return self.finish == "length"


class ChatModel(Protocol):
    """Anything that answers a request.

    A provider's failure is raised as ProviderError; where it concerns this request alone, as
    RefusedRequestError.
    """

    @property
    def name(self) -> str:
        """The model's name, as records note it."""
        ...

    async def complete(self, request: ChatRequest) -> ChatReply:
        """Answer one request."""
        ...


T = TypeVar("T")
_SHOWN = 200
"""Characters of a reply that was cut off which are told."""
_FENCED = re.compile(r"\s*```(?:json)?\s*(.*?)\s*```\s*", re.DOTALL)


async def ask_twice(
    model: ChatModel, request: ChatRequest, read: Callable[[str], T]
) -> tuple[T | None, str]:
    """What ``read`` makes of the answer; None and why where it refuses two. Raises ProviderError.

    ``read`` raises ValueError or InputError; then the request is made once more, with a seed of
    its own.
    """
    problem = ""
    for number in range(2):
        reply = await model.complete(request)
        if reply.is_cut_off:
            problem = f"cut off after {reply.text[-_SHOWN:]!r}"
        else:
            try:
                return read(reply.text), ""
            except (ValueError, InputError) as error:
                problem = str(error)
        request = ask_again(request, reply, number + 1)
    return None, problem


def ask_again(request: ChatRequest, reply: ChatReply, attempt: int) -> ChatRequest:
    """The request whose reply could not be used, with a seed of its own, and room if it needs it.

    ``attempt``: the number of such replies so far.
    """
    seed = derive_seed(request.seed, attempt)
    room = 2 * request.room if reply.is_cut_off else request.room
    return request.model_copy(update={"seed": seed, "attempt": attempt, "room": room})


def read_json_reply(text: str) -> Any:
    """The JSON value of an answer, bare or in a code fence.

    Raises ValueError, in one line, for what is none or leaves room for doubt: a key that stands
    twice, a number that JSON does not have.
    """

    def refuse(word: str) -> NoReturn:
        raise ValueError(f"holds {word}, which JSON does not have")

    def pair(pairs: list[tuple[str, Any]]) -> JsonObject:
        if len(found := dict(pairs)) < len(pairs):
            raise ValueError("a key stands twice")
        return found

    fenced = _FENCED.fullmatch(text)
    try:
        bare = fenced[1] if fenced else text
        return json.loads(bare, object_pairs_hook=pair, parse_constant=refuse)
    except RecursionError:
        raise ValueError("nested too deep") from None
