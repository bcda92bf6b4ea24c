"""The chat client: `ChatModel` by the openai package, for any OpenAI-compatible endpoint.

What an attempt's failure means is decided by `pipeline.chat.trouble`; here it is waited for, told,
or raised in one line: as a RefusedRequestError where another request may be served, and as a
ProviderError where none will be. What a reply is worth is for those who asked to say. To an
endpoint that takes no tools they are told in words: the definitions stand in the system text, calls
and results of before in the messages as the model is asked to write them.
"""

import asyncio
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from itertools import cycle
from math import ceil
from time import monotonic
from typing import Any, Self
from urllib.parse import urlsplit

import httpx2
import openai
from pydantic import ValidationError

from data.prompts import SHIPPED, Prompts
from pipeline.chat.completion import FILTERED, Completion
from pipeline.chat.pace import Pace, back_off
from pipeline.chat.profile import Profile
from pipeline.chat.trouble import TOOLS, Trouble, read_refusal, read_trouble, spent_until
from schemas.canonical import written_json
from schemas.chat import ChatReply, ChatRequest
from schemas.errors import InputError, ProviderError, RefusedRequestError
from schemas.record import JsonObject

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_OPTIONAL = frozenset(
    {"temperature", "top_p", "seed", "response_format", "max_tokens", "max_completion_tokens"}
)
"""Left out from then on when an endpoint says that it does not know them."""
_LIMIT = ("max_tokens", "max_completion_tokens")
"""What the limit of a reply is called: some take the one name, some the other."""
_SHAPE = "json_schema"
"""How a reply is constrained; an endpoint that cannot is asked for any JSON object."""
_MAX_SEED = 2**31
"""Several endpoints take 32 bits only."""
_TIMEOUT_WEIGHT = 2
"""A timeout costs long enough: of those, a request has half as many attempts."""
_POOL = 32
"""Requests for which connections are held together: at each, all of a pool are looked through."""
_PROBE_SECONDS = 15.0
_SHOWN = 200
_PATH = "/chat/completions"
_JSON = {"Content-Type": "application/json"}
_open_tls = cache(httpx2.create_ssl_context)
"""Reads all certificates that are trusted: once will do."""


class OpenAIChat:
    """One endpoint and one model; use it in one event loop, with ``async with``."""

    def __init__(
        self,
        model: str,
        base_url: str | None = None,
        profile: Profile | None = None,
        *,
        concurrency: int = 8,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        """``concurrency`` bounds open requests; `pace` may be that of others at the same endpoint.

        ``tell`` hears of long pauses, and of options that the endpoint does not take. Raises
        InputError where the key, a header or the address cannot be used.
        """
        self._model, self._profile, self._tell = model, profile or Profile(), tell
        self.prompts = SHIPPED
        address = base_url or os.environ.get("OPENAI_BASE_URL")
        loopback = _host(address) in _LOOPBACK
        self._key = _read_variable(self._profile.key, needed=not loopback)
        headers = self._profile.headers
        values = {name: _read_variable(variable) for name, variable in headers.items()}
        self._secrets = [one for one in (self._key, *values.values()) if one]
        # A proxy of the environment would be asked for the machine's own address too.
        trust: dict[str, Any] = {"trust_env": not loopback}
        trust["verify"] = _open_tls(**trust)
        timeout = self._profile.timeout
        self._clients = [  # each with connections of its own
            openai.AsyncOpenAI(
                api_key=self._key or "none",
                base_url=address,
                timeout=openai.Timeout(timeout, connect=min(timeout, 10.0)),
                max_retries=0,
                default_headers=values,
                http_client=openai.DefaultAsyncHttpxClient(**trust),
            )
            for _ in range(ceil(concurrency / _POOL))
        ]
        self._turns = cycle(self._clients)
        # Leave name, password and query out of an address.
        parts = urlsplit(str(self._clients[0].base_url))
        self.place = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}".rstrip("/")
        """The address, as it may be shown."""
        self.pace = Pace(concurrency, tell, self._profile.pause)
        self.left_out: frozenset[str] = frozenset()
        """Options that the endpoint does not take."""
        self.shown: frozenset[str] = frozenset()
        """What it has been seen to do: `json_schema`, `tools` and `seed` are taken, calls come
        several at once, thoughts and tokens that it had read before are told apart."""
        self.allow: Callable[[], None] = lambda: None
        """Called before anything is sent; what it raises is raised."""
        self._refused = 0
        """Requests of this client that were refused, one after the other: others at the same
        endpoint, in other roles, may be served all the while."""
        self._probing = asyncio.Lock()

    @property
    def name(self) -> str:
        """The model's name."""
        return self._model

    async def complete(self, request: ChatRequest) -> ChatReply:
        """Answer one request. Raises RefusedRequestError and ProviderError."""
        payload, failures, first_failed = self.payload(request), 0, 0.0
        while True:
            async with self.pace.place():
                self.allow()
                begun = monotonic()
                reply = await self._try(payload)
            if isinstance(reply, ChatReply):
                self._refused = 0
                return reply
            told = f"{self.place} {reply.told}"
            if reply.option:
                self._leave_out(reply.option)
            elif reply.kind == "never":
                raise ProviderError(told)
            elif reply.kind == "request":
                self._refuse(reply.code, told)
            elif reply.limited:
                self.pace.slow_down(begun, reply.wait)
            else:
                failures += reply.weight
                first_failed = first_failed or begun
                dead = self.pace.note_failure() >= self._profile.outage
                tried = failures >= self._profile.attempts
                if dead or tried:
                    lives = await self._serves(first_failed)
                    if lives and tried:
                        self._refuse(reply.code, told)
                    if not lives and dead:
                        raise ProviderError(told)
                # Short enough for an outage to be noticed in time.
                pause = min(back_off(failures, self._profile.pause), self._profile.outage / 4)
                await asyncio.sleep(pause if reply.wait is None else reply.wait)

    def payload(self, request: ChatRequest) -> JsonObject:
        """What is sent, whatever of it the endpoint does not take."""
        profile = self._profile
        temperature = profile.temperature
        payload: JsonObject = {
            "model": self._model,
            "messages": list(request.messages),
            "temperature": request.temperature if temperature is None else temperature,
            "seed": request.seed % _MAX_SEED,
        }
        if request.tools:
            payload["tools"] = list(request.tools)
        if request.json_object:
            payload["response_format"] = {"type": "json_object"}
            if request.shape is not None:
                shape = {"name": request.role, "schema": request.shape}
                payload["response_format"] = {"type": _SHAPE, _SHAPE: shape}
        if profile.top_p is not None:
            payload["top_p"] = profile.top_p
        if (limit := profile.limit(request.role)) is not None:
            payload[_LIMIT[0]] = limit * request.room
        return payload | profile.extra_body

    async def close(self) -> None:
        """Close all connections."""
        for client in self._clients:
            await client.close()

    async def __aenter__(self) -> Self:
        """Nothing is opened before the first request."""
        return self

    async def __aexit__(self, *error: object) -> None:
        """Close all connections."""
        await self.close()

    def _leave_out(self, option: str) -> None:
        if option not in self.left_out:  # others under way may have heard the same
            self.left_out |= {option}
            self._tell(f"{self._model} at {self.place} does not take {option}: it is left out")

    def _refuse(self, code: str, told: str) -> None:
        """Give this request up, or the endpoint where it refuses one after the other."""
        self.pace.note_refusal()
        self._refused += 1
        if self._refused >= self._profile.most_refused:
            raise ProviderError(f"{told} (as {self._refused} requests in a row)")
        raise RefusedRequestError(code, told)

    async def _serves(self, since: float) -> bool:
        """Whether the endpoint answers others: it has ``since``, or answers the smallest one."""
        async with self._probing:
            if self.pace.last_answer > since:
                return True
            hello: JsonObject = {
                "model": self._model, "messages": [{"role": "user", "content": "Say yes."}],
                _LIMIT[0]: 16,
            }  # fmt: skip
            reply = await self._try(hello, min(_PROBE_SECONDS, self._profile.timeout))
            return isinstance(reply, ChatReply) or reply.limited

    async def _try(self, payload: JsonObject, seconds: float | None = None) -> ChatReply | Trouble:
        """Send a request once; its answer is not read by the package, which believes anything."""
        if TOOLS in payload and TOOLS in self.left_out:
            payload = tell_tools(payload, self.prompts)
        sent = {name: value for name, value in payload.items() if name not in self.left_out}
        if _LIMIT[0] in payload and _LIMIT[0] not in sent and _LIMIT[1] not in self.left_out:
            sent[_LIMIT[1]] = payload[_LIMIT[0]]
        shaped = _SHAPE in sent.get("response_format", ())
        if shaped and _SHAPE in self.left_out:
            sent["response_format"], shaped = {"type": "json_object"}, False
        try:
            async with asyncio.timeout(seconds or self._profile.timeout):
                # By the package's own method for completions, half of the processor time of a
                # request goes into comparing each field of it with the package's types.
                raw = await next(self._turns).post(
                    _PATH, cast_to=httpx2.Response, content=written_json(sent).encode(),
                    options={"headers": _JSON},
                )  # fmt: skip
        except (openai.APITimeoutError, TimeoutError):
            return Trouble("later", "did not answer in time", weight=_TIMEOUT_WEIGHT)
        except openai.APIConnectionError as error:
            told = f"cannot be reached: {self._clean(str(error.__cause__ or error))}"
            absent = isinstance(error.__cause__, httpx2.ConnectError) and not self.pace.answered
            return Trouble("never" if absent else "later", told)
        except openai.APIStatusError as error:
            body = error.body if error.body is not None else error.response.text
            told = self._told(error)
            options = _OPTIONAL & {*sent}
            if TOOLS in sent and TOOLS not in self.shown:
                options |= {TOOLS}
            trouble = read_trouble(error.status_code, body, error.response.headers, told, options)
            return self._blame_shape(trouble) if shaped else trouble
        except openai.OpenAIError as error:
            return Trouble("request", f"failed: {self._clean(str(error))}")
        reply = self._read(raw.content, raw.headers)
        if isinstance(reply, ChatReply):
            able = {
                _SHAPE: shaped, TOOLS: TOOLS in sent, "seed": "seed" in sent,
                "parallel_calls": len(reply.calls) > 1, "reasoning": reply.reasoning is not None,
                "cached_tokens": reply.cached_tokens > 0,
            }  # fmt: skip
            self.shown |= {name for name, is_shown in able.items() if is_shown}
        return reply

    def _blame_shape(self, trouble: Trouble) -> Trouble:
        """What a refusal means of a request that constrains the reply.

        Few endpoints name the option then; so one that has never served such a request is asked
        without, before the request is given up.
        """
        unsaid = not trouble.option and _SHAPE not in self.shown
        refused = trouble.kind == "request" and trouble.code == "provider_refused"
        blamed = refused and (unsaid or trouble.option == "response_format")
        return trouble._replace(option=_SHAPE) if blamed else trouble

    def _read(self, body: bytes, headers: Mapping[str, str]) -> ChatReply | Trouble:
        try:
            completion = Completion.model_validate_json(body)
        except ValidationError:
            start = self._clean(body[:500].decode(errors="replace"), 80)
            told = f"answered with something that is no chat completion: {start!r}"
            return read_refusal(body, told) or Trouble("later", told)
        if (wait := spent_until(headers)) is not None:
            self.pace.cool_down(wait)
        if completion.choices[0].finish_reason == FILTERED:  # the reply, or the rest of it
            said = self._clean(completion.choices[0].message.content or "")
            return Trouble("request", f"withheld the reply (content filter): {said!r}")
        self.pace.note_answer()
        return completion.reply()

    def _told(self, error: openai.APIStatusError) -> str:
        """Say what went wrong in one line, and never the key."""
        status, body = error.status_code, error.body
        if status in (401, 403):
            return f"refuses the key in {self._profile.key} (HTTP {status})"
        # What the endpoint itself says, in whatever shape.
        message = body.get("message") if isinstance(body, dict) else None
        said = self._clean(message if isinstance(message, str) else error.response.text)
        if status == 404:
            problem = f"does not know the model {self._model!r}, or is no such address"
        else:
            problem = f"answered HTTP {status}"
        return f"{problem}: {said}"

    def _clean(self, text: str, limit: int = _SHOWN) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "***")
        line = re.sub(r"\s+", " ", text).strip()
        return line if len(line) <= limit else f"{line[:limit]}…"


def _read_variable(variable: str, needed: bool = True) -> str:
    """The value of a variable of the environment. Raises InputError where it cannot be sent."""
    value = os.environ.get(variable, "").strip()
    if not value and needed:
        raise InputError(f"the endpoint needs a key: set the variable {variable}")
    if not (value.isascii() and value.isprintable()):
        raise InputError(f"the variable {variable} holds characters that no key has")
    return value


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


def tell_tools(payload: JsonObject, prompts: Prompts = SHIPPED) -> JsonObject:
    """The request without the option ``tools``."""
    sent = {name: value for name, value in payload.items() if name != "tools"}
    told = prompts.render("told_tools.j2", tools=payload["tools"])
    first, *rest = payload["messages"]
    if first["role"] == "system":
        told, messages = f"{first['content']}\n\n{told}", rest
    else:
        messages = [first, *rest]
    sent["messages"] = [{"role": "system", "content": told}, *_told(messages)]
    return sent


def _told(messages: Iterable[JsonObject]) -> Iterator[JsonObject]:
    """The messages in words; results on end are one message, since roles must alternate."""
    results: list[str] = []
    for message in messages:
        if message["role"] == "tool":
            results.append(f"<tool_response>{message['content']}</tool_response>")
            continue
        if results:
            yield {"role": "user", "content": "\n".join(results)}
            results = []
        if calls := message.get("tool_calls"):
            words = [message["content"]] if message.get("content") else []
            for function in (call["function"] for call in calls):
                name = json.dumps(function["name"], ensure_ascii=False)
                told = f'{{"name": {name}, "arguments": {function["arguments"]}}}'
                words.append(f"<tool_call>{told}</tool_call>")
            yield {"role": "assistant", "content": "\n".join(words)}
        else:
            yield message
    if results:
        yield {"role": "user", "content": "\n".join(results)}
