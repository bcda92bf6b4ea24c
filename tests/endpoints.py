"""Ways in which an endpoint fails: what a `Loopback` answers."""

import json
import socket
from functools import cache

from pipeline.chat.loopback import HOST, Answer, Response, failure
from schemas.record import JsonObject


@cache
def find_port() -> int:
    """A free port, the same one always: a model is known by its endpoint's address too."""
    with socket.create_server((HOST, 0)) as free:
        return int(free.getsockname()[1])


def refuse_key(request: JsonObject) -> Response:
    """Fail as an endpoint does that does not know the key."""
    del request
    return failure(401, "incorrect key")


def server_error(request: JsonObject) -> Response:
    """Fail as an endpoint does that is broken."""
    del request
    return failure(503, "overloaded")


def html(request: JsonObject) -> Response:
    """Answer as a portal or a wrong port does: with a page."""
    del request
    return Response(body=b"<html><body>Welcome</body></html>", content_type="text/html")


def no_choices(request: JsonObject) -> JsonObject:
    """Answer with JSON that is no completion."""
    del request
    return {"object": "chat.completion", "choices": []}


def truncated(request: JsonObject) -> Response:
    """Hang up in the middle of the answer."""
    del request
    return Response(body=json.dumps({"choices": [{"message": {}}]}).encode(), cut=True)


def unreadable_judge(answer: Answer) -> Answer:
    """Answer as ``answer`` does, but let the judge speak prose."""

    def answered(request: JsonObject) -> JsonObject | Response:
        if request.get("response_format", {}).get("json_schema", {}).get("name") == "judge":
            return {"choices": [{"message": {"content": "It looks good to me!"}}]}
        return answer(request)

    return answered
