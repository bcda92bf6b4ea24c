"""A small OpenAI-compatible endpoint on this machine, for tests, dry runs and measurements.

It listens on 127.0.0.1 only and ends with its context. What it answers is decided by a function
that is handed in. ``python -m pipeline.chat.loopback OUTDIR`` plays a finished output folder back:
`Recorded` sees nothing but requests, as any model does. From the system text it tells whose part is
asked for, and from the words, calls and results so far in which conversation it is, and where. What
it does not recognise it does not answer, so that nothing passes by accident.
"""

import argparse
import asyncio
import json
import re
import socket
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any, Self

from data.prompts import SHIPPED
from generators.backends.patience import LoopThread
from generators.dialogue.acts import write_reply, write_stop
from generators.dialogue.model_roles import HINT, assistant_history, heard, user_prompt, wire_call
from generators.writing.review import read_wish, reviewer_instructions
from generators.writing.write_task import with_brief
from generators.writing.writer_prompt import write_words, writer_messages
from pipeline.chat.gold_reviewer import act_as_gold
from pipeline.run.data_index import FILES
from pipeline.run.data_lines import lines
from pipeline.run.forking import AT_WORK
from schemas.errors import InputError, ToolweaveError
from schemas.message import AssistantMessage, UserMessage
from schemas.record import JsonObject
from schemas.trajectory import Trajectory
from validators.judge import judge_instructions, write_good

_SUSPICION = re.compile(r"(?m)^\d+\. ")


class Recorded:
    """Plays users, assistants, writers, reviewers and a lenient judge.

    Call it with the body of a request.
    """

    def __init__(self, trajectories: Iterable[Trajectory]) -> None:
        self._judge, self._writer = judge_instructions(), SHIPPED.render("writer.j2")
        self._by_script: dict[str, list[Trajectory]] = defaultdict(list)
        self._by_opening: dict[tuple[Any, Any], list[Trajectory]] = defaultdict(list)
        self._by_material: dict[Any, Trajectory] = {}
        self._by_reading: dict[tuple[str, str], Trajectory] = {}
        for trajectory in trajectories:
            task, written = trajectory.task, trajectory.writing
            if not task.turns:
                continue
            known = written is not None and written.scripted
            scripted = with_brief(task, known) if known else task  # before a model put it in words
            _, material = writer_messages(scripted, SHIPPED)
            self._by_material[material["content"]] = trajectory
            reading = reviewer_instructions(task.policy), read_wish(task, 0)
            self._by_reading[reading] = trajectory
            self._by_script[user_prompt(trajectory.task)].append(trajectory)
            self._by_opening[_opening(assistant_history(trajectory.messages))].append(trajectory)

    def __call__(self, request: JsonObject) -> JsonObject:
        """Answer with a chat completion. Raises LookupError where nothing recorded fits."""
        *before, last = request.get("messages") or [{}]
        if said := last.get("content"):  # behind it stands a hint where a move was turned down
            last = last | {"content": said.partition(HINT)[0]}
        asked = [*before, last]
        system = asked[0].get("content")
        if system == self._judge:
            asked_last = asked[-1]["content"].rpartition("# To be decided\n")
            count = len(_SUSPICION.findall(asked_last[2])) if asked_last[1] else 0
            return completion({"content": write_good(count)}, request)
        if system == self._writer and asked[1]["content"] in self._by_material:
            written = self._by_material[asked[1]["content"]].task.brief
            return completion({"content": write_words(written)}, request)
        if (read := self._by_reading.get(_opening(asked))) is not None:
            return completion(act_as_gold(read, asked), request)
        if system in self._by_script:
            return completion({"content": self._say(self._by_script[system], asked)}, request)
        return completion(self._move(self._by_opening.get(_opening(asked), []), asked), request)

    def _say(self, candidates: list[Trajectory], asked: list[JsonObject]) -> str:
        """What a recorded user says who has heard the same so far."""
        heard_so_far = tuple(asked[1:])
        for trajectory in candidates:
            messages = trajectory.messages
            talk: list[UserMessage] = []
            for position, message in enumerate(messages):
                if isinstance(message, UserMessage) and message.act == "talk":
                    talk.append(message)
                elif isinstance(message, UserMessage):
                    if heard(messages[: position - len(talk)]) == heard_so_far:
                        return write_reply(message, talk)
                    talk = []
            if heard(messages) == heard_so_far:
                return write_stop(len(trajectory.task.turns))
        raise LookupError(f"no recorded user said this so far: {_last(asked)}")

    def _move(self, candidates: list[Trajectory], asked: list[JsonObject]) -> JsonObject:
        """What a recorded assistant says that was asked the same."""
        for trajectory in candidates:
            upto, talk = 0, 0  # what several people say on end is one message to an assistant
            while upto < len(trajectory.messages) and upto - talk < len(asked):
                talk += getattr(trajectory.messages[upto], "act", "") == "talk"
                upto += 1
            before, following = trajectory.messages[:upto], trajectory.messages[upto:]
            message = following[0] if following else None
            if not isinstance(message, AssistantMessage):
                continue
            if _without_ids(assistant_history(before)) == _without_ids(asked):
                said: JsonObject = {"content": message.text or None}
                if message.calls:
                    said["tool_calls"] = [wire_call(call) for call in message.calls]
                if message.reasoning:
                    said["reasoning_content"] = message.reasoning
                return said
        raise LookupError(f"no recorded assistant was asked this: {_last(asked)}")


def completion(message: JsonObject, request: JsonObject) -> JsonObject:
    """Wrap an assistant's message as a chat completion with a usage block."""
    read, written = len(json.dumps(request)) // 4, len(json.dumps(message)) // 4
    return {
        "id": "chatcmpl-loopback",
        "object": "chat.completion",
        "created": 0,
        "model": request.get("model", ""),
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", **message},
                "finish_reason": "tool_calls" if message.get("tool_calls") else "stop",
            }
        ],
        "usage": {
            "prompt_tokens": read,
            "completion_tokens": written,
            "total_tokens": read + written,
        },
    }


def load_recorded(folder: Path) -> Recorded:
    """Read a finished output folder. Raises InputError with file and line."""
    files = [folder / name for name in FILES if (folder / name).is_file()]
    if not files:
        raise InputError(f"holds none of {', '.join(FILES)}", file=str(folder))
    return Recorded(line.trajectory for file in files for line in lines(file))


def _opening(history: Sequence[JsonObject]) -> tuple[Any, Any]:
    """Take the system text and the user's first words."""
    system, user, *_ = *(message.get("content") for message in history[:2]), None, None
    return system, user


def _without_ids(history: Sequence[JsonObject]) -> list[JsonObject]:
    """Put numbers in the place of call ids, which whoever runs the calls may choose."""
    numbers: dict[str, int] = {}
    plain: list[JsonObject] = []
    for message in history:
        message = dict(message)
        if "tool_call_id" in message:
            message["tool_call_id"] = numbers.get(message["tool_call_id"])
        if message.get("tool_calls"):
            message["tool_calls"] = [
                {**call, "id": numbers.setdefault(call["id"], len(numbers))}
                for call in message["tool_calls"]
            ]
        plain.append(message)
    return plain


def _last(asked: list[JsonObject]) -> str:
    return json.dumps(asked[-1], ensure_ascii=False)[:300]


HOST = "127.0.0.1"
_LOOK = 0.005
"""Seconds between two looks whether an answer that is held may be sent."""


@dataclass(frozen=True)
class Response:
    """An answer in full; a plain object stands for its JSON with status 200."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    """Seconds to wait before it is sent."""
    release: threading.Event | None = None
    """What has to be set before it is sent."""
    cut: bool = False
    """Announce the whole body, send half of it and hang up."""


Answer = Callable[[JsonObject], JsonObject | Response]
"""Body of a request → what is answered. A LookupError becomes a 500 with its words."""


class Loopback:
    """A running endpoint: ``with Loopback(answer) as endpoint: … endpoint.base_url``."""

    def __init__(
        self, answer: Answer, *, port: int = 0, key: str | None = None,
        read: Callable[[bytes, float], None] = lambda *_: None,
    ) -> None:  # fmt: skip
        """``port`` 0 takes a free one. With a ``key``, requests without it are refused.

        ``read`` hears of each request whose answer its client has read whole, also where it has
        died since, and when the answer was sent: what a dead client had not read, the system tells
        by a reset.
        """
        self.requests = 0
        """Requests for a completion so far, refused ones included."""
        self.most_open = self._open = 0
        """The most requests that were ever being answered at once."""
        self._answer, self._port, self._key, self._read = answer, port, key, read
        self._connections: set[asyncio.Task[None]] = set()
        self._thread = LoopThread("loopback")

    @property
    def base_url(self) -> str:
        """Address for a client."""
        return f"http://{HOST}:{self._port}/v1"

    def __enter__(self) -> Self:
        """Begin to listen. Raises OSError where the port is taken."""
        listening = socket.create_server((HOST, self._port))
        self._port = listening.getsockname()[1]
        self._server = self._thread.run(asyncio.start_server(self._converse, sock=listening))
        return self

    def __exit__(self, *error: object) -> None:
        """Close every connection and end."""

        async def close() -> None:
            self._server.close()
            for connection in self._connections:
                connection.cancel()
            await asyncio.gather(*self._connections)
            await self._server.wait_closed()

        self._thread.run(close())
        self._thread.close()

    async def __aenter__(self) -> Self:
        """Begin to listen."""
        return self.__enter__()

    async def __aexit__(self, *error: object) -> None:
        """Close every connection and end."""
        self.__exit__(*error)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection, request after request."""
        connection = asyncio.current_task()
        assert connection is not None
        self._connections.add(connection)
        body, sent = b"", 0.0
        try:
            while True:
                head = b""
                with suppress(asyncio.IncompleteReadError):  # then the connection was closed
                    head = await reader.readuntil(b"\r\n\r\n")
                if body:
                    self._read(body, sent)
                if not head:
                    return
                body = await self._serve(head.decode("latin-1"), reader, writer)
                if not body:
                    return
                sent = time.monotonic()
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            pass  # the client hung up, or we close
        finally:
            writer.close()
            self._connections.discard(connection)

    async def _serve(
        self, head: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bytes:
        """Answer one request; its body where another may follow, else nothing."""
        first, *lines = head.split("\r\n")
        method, path, _ = first.split(" ", 2)
        pairs = (line.partition(":") for line in lines if line)
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        response = self._respond(method, path, headers, body)
        self._open += 1
        self.most_open = max(self.most_open, self._open)
        await asyncio.sleep(response.delay)
        while response.release is not None and not response.release.is_set():
            await asyncio.sleep(_LOOK)
        self._open -= 1
        if reader.at_eof():
            raise ConnectionResetError("the client hung up before it was answered")
        told = {
            "content-type": response.content_type,
            "content-length": str(len(response.body)),
            **response.headers,
        }
        answer = [f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}"]
        answer += [f"{name}: {value}" for name, value in told.items()]
        sent = response.body[: len(response.body) // 2] if response.cut else response.body
        writer.write("\r\n".join([*answer, "", ""]).encode("latin-1") + sent)
        await writer.drain()
        more = not response.cut and headers.get("connection", "").lower() != "close"
        return body or b" " if more else b""

    def _respond(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Response:
        place = (method, path.partition("?")[0])
        if place == ("GET", "/v1/models"):
            return _json({"object": "list", "data": [{"id": "loopback", "object": "model"}]})
        if place != ("POST", "/v1/chat/completions"):
            return failure(404, f"no such address: {method} {path}")
        self.requests += 1
        given = headers.get("authorization", "").removeprefix("Bearer ")
        if self._key is not None and given != self._key:
            return failure(401, f"incorrect key: {given}")
        try:
            request = json.loads(body)
        except ValueError:
            return failure(400, "the body is no JSON")
        if not isinstance(request, dict) or request.get("stream"):
            return failure(400, "the body must be an object that does not ask for a stream")
        try:
            with AT_WORK:
                answer = self._answer(request)
        except LookupError as error:
            return failure(500, str(error.args[0]), retry=False)
        return answer if isinstance(answer, Response) else _json(answer)


def failure(
    status: int,
    message: str,
    *,
    param: str | None = None,
    code: str | None = None,
    after: float | None = None,
    retry: bool = True,
) -> Response:
    """Tell an error as endpoints do; ``retry=False`` asks the client not to try again.

    ``after``: seconds after which it may.
    """
    body = {"error": {"message": message, "type": "loopback", "param": param, "code": code}}
    headers = {} if retry else {"x-should-retry": "false"}
    if after is not None:
        headers["retry-after"] = str(after)
    return Response(status, json.dumps(body).encode(), headers=headers)


def _json(value: JsonObject) -> Response:
    return Response(body=json.dumps(value, ensure_ascii=False).encode())


def main(arguments: list[str] | None = None) -> int:
    """Play an output folder back until standard input ends, or for some seconds."""
    parser = argparse.ArgumentParser(
        prog="python -m pipeline.chat.loopback", description=main.__doc__
    )
    parser.add_argument("outdir", type=Path, help="a finished output folder")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--seconds", type=float, help="end after so long, whatever the input does")
    options = parser.parse_args(arguments)
    try:
        with Loopback(load_recorded(options.outdir), port=options.port) as endpoint:
            sys.stdout.write(f"{endpoint.base_url}\n")
            sys.stdout.flush()
            if options.seconds is not None:
                time.sleep(options.seconds)
            else:
                sys.stdin.read()
    except (ToolweaveError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
