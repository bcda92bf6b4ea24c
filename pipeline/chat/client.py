"""The chat client: `ChatModel` by the openai package, for any OpenAI-compatible endpoint.

Every failure of the endpoint ends here as one line in a ProviderError. What a reply is worth is
for those who asked to say.
"""

import asyncio
import os
import re
from typing import Any, Self
from urllib.parse import urlsplit

import openai
from pydantic import BaseModel, Field, ValidationError

from schemas.chat import ChatCall, ChatReply, ChatRequest
from schemas.errors import InputError, ProviderError


class _Function(BaseModel):
    name: str
    arguments: str | None = None


class _ToolCall(BaseModel):
    id: str | None = None
    function: _Function


class _Message(BaseModel):
    content: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    tool_calls: list[_ToolCall] | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Usage(BaseModel):
    prompt_tokens: int = 0
    completion_tokens: int = 0


class Completion(BaseModel):
    """As much of a chat completion as must be there."""

    choices: tuple[_Choice, ...] = Field(min_length=1)
    usage: _Usage | None = None

    def reply(self) -> ChatReply:
        """Take the first choice; what was cut off counts as nothing, since half is no answer."""
        usage, choice = self.usage or _Usage(), self.choices[0]
        counts = {"input_tokens": usage.prompt_tokens, "output_tokens": usage.completion_tokens}
        if choice.finish_reason in ("length", "content_filter"):
            return ChatReply(**counts)
        said = choice.message
        # Some servers leave the thoughts among the words.
        text, thought = said.content or "", None
        if match := re.match(r"\s*<think>(.*?)</think>\s*", text, re.DOTALL):
            text, thought = text[match.end() :], match[1].strip() or None
        return ChatReply(
            text=text,
            reasoning=said.reasoning_content or said.reasoning or thought,
            calls=tuple(
                ChatCall(
                    id=call.id or f"call_{number}",
                    name=call.function.name,
                    arguments=call.function.arguments or "",
                )
                for number, call in enumerate(said.tool_calls or ())
            ),
            **counts,
        )


KEY_VARIABLE = "OPENAI_API_KEY"
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_OPTIONAL = ("temperature", "seed", "response_format")
"""Left out from then on when an endpoint says that it does not know them."""
_GONE = (401, 403, 404)
"""What an endpoint answers that answers no other request either."""
_MAX_SEED = 2**31
"""Several endpoints take 32 bits only."""


class OpenAIChat:
    """One endpoint and one model; use it in one event loop, with ``async with``."""

    def __init__(
        self,
        model: str,
        base_url: str | None = None,
        *,
        concurrency: int = 8,
        timeout: float = 300.0,
        retries: int = 4,
    ) -> None:
        """``concurrency`` bounds open requests; ``timeout`` is in seconds, for each attempt.

        Timeouts, 408, 409, 429 and 5xx are tried ``retries`` times more, with growing pauses.
        Raises InputError where the key or the address cannot be used.
        """
        self._model = model
        address = base_url or os.environ.get("OPENAI_BASE_URL")
        loopback = _host(address) in _LOOPBACK
        key = os.environ.get(KEY_VARIABLE, "").strip()
        if not key and not loopback:
            raise InputError(f"the endpoint needs a key: set the variable {KEY_VARIABLE}")
        if not (key.isascii() and key.isprintable()):
            raise InputError(f"the variable {KEY_VARIABLE} holds characters that no key has")
        self._key = key
        self._client = openai.AsyncOpenAI(
            api_key=self._key or "none",
            base_url=address,
            timeout=openai.Timeout(timeout, connect=min(timeout, 10.0)),
            max_retries=retries,
            # A proxy of the environment would be asked for the machine's own address too.
            http_client=openai.DefaultAsyncHttpxClient(trust_env=not loopback),
        )
        # Leave name, password and query out of an address.
        shown_address = str(self._client.base_url)
        parts = urlsplit(shown_address)
        self._place = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}".rstrip("/")
        self._slots = asyncio.Semaphore(concurrency)
        self._left_out: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """The model's name."""
        return self._model

    async def complete(self, request: ChatRequest) -> ChatReply:
        """Answer one request. Raises ProviderError."""
        payload: dict[str, Any] = {
            "model": self._model,
            "messages": list(request.messages),
            "temperature": request.temperature,
            "seed": request.seed % _MAX_SEED,
        }
        if request.tools:
            payload["tools"] = list(request.tools)
        if request.json_object:
            payload["response_format"] = {"type": "json_object"}
        async with self._slots:
            body = await self._post(payload)
        try:
            return Completion.model_validate_json(body).reply()
        except ValidationError:
            start = self._clean(body[:500].decode(errors="replace"), 80)
            problem = f"answered with something that is no chat completion: {start!r}"
            raise ProviderError(f"{self._place} {problem}", passing=True) from None

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()

    async def __aenter__(self) -> Self:
        """Nothing is opened before the first request."""
        return self

    async def __aexit__(self, *error: object) -> None:
        """Close all connections."""
        await self.close()

    async def _post(self, payload: dict[str, Any]) -> bytes:
        """Send a request; its answer is not read by the package, which believes anything."""
        while True:
            payload = {k: v for k, v in payload.items() if k not in self._left_out}
            try:
                raw = await self._client.chat.completions.with_raw_response.create(**payload)
                body: bytes = raw.content
                return body
            except openai.OpenAIError as error:
                named = getattr(error, "param", None) or ""
                refused = named.partition(".")[0]
                is_known = refused in _OPTIONAL and refused in payload
                if not (isinstance(error, openai.BadRequestError) and is_known):
                    gone = isinstance(error, openai.APIConnectionError)
                    gone = gone and not isinstance(error, openai.APITimeoutError)
                    gone = gone or getattr(error, "status_code", 0) in _GONE
                    raise ProviderError(self._told(error), passing=not gone) from None
            self._left_out |= {refused}

    def _told(self, error: openai.OpenAIError) -> str:
        """Say what went wrong in one line that names the address, and never the key."""
        if isinstance(error, openai.APITimeoutError):
            return f"{self._place} did not answer in time"
        if isinstance(error, openai.APIConnectionError):
            return f"{self._place} cannot be reached: {self._clean(str(error.__cause__ or error))}"
        if not isinstance(error, openai.APIStatusError):
            return f"{self._place} failed: {self._clean(str(error))}"
        status, body = error.status_code, error.body
        if status in (401, 403):
            return f"{self._place} refuses the key in {KEY_VARIABLE} (HTTP {status})"
        # What the endpoint itself says, in whatever shape.
        message = body.get("message") if isinstance(body, dict) else None
        said = self._clean(message if isinstance(message, str) else error.response.text)
        if status == 404:
            problem = f"does not know the model {self._model!r}, or is no such address"
        elif status == 429:
            problem = "limits the rate, and went on to do so after every retry"
        else:
            problem = f"answered HTTP {status}"
        return f"{self._place} {problem}: {said}"

    def _clean(self, text: str, limit: int = 200) -> str:
        line = re.sub(r"\s+", " ", text.replace(self._key, "***") if self._key else text).strip()
        return line if len(line) <= limit else f"{line[:limit]}…"


def _host(address: str | None) -> str | None:
    """Find the host of an http address. Raises InputError for any other."""
    if address is None:
        return None
    try:
        parts = urlsplit(address)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise InputError(
            f"the base URL must be like http://host:port/v1, not {address.rpartition('@')[2]!r}"
        )
    return parts.hostname
