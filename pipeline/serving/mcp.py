"""The same episodes as a server of the Model Context Protocol: any agent can be pointed at it.

A session of the protocol (streamable HTTP) is an episode, whose task the address names:
``/mcp?seed=7``. The task's tools are tools, and one more of them speaks to the user. What is asked
is answered at once, as JSON: nothing is ever sent unasked. A stream that a client opens shows that
it is there (`stay`): its session ends with it.
"""

import json
from collections.abc import Mapping

from pipeline.serving.episode import Episode
from pipeline.serving.play import HIGHEST, Play, tell
from schemas.errors import InputError
from schemas.record import JsonObject

VERSIONS = ("2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05")
"""Of the protocol, the newest first: those in which a session is begun."""
SESSION = "mcp-session-id"
TALK, TASK = "talk_to_user", "toolweave://task"
"""The tool that speaks to the user, and the resource that has what a conversation begins with."""
_UNKNOWN, _WRONG = -32601, -32602


async def begin(play: Play, query: Mapping[str, str], params: JsonObject) -> tuple[str, JsonObject]:
    """Begin an episode: its session, and what is told of it. Raises ToolweaveError."""
    wanted: JsonObject = {**query} or {"seed": 0}
    seed = query.get("seed", "")
    if seed.isdecimal() and len(seed) <= len(str(HIGHEST)):
        wanted["seed"] = int(seed)
    name, _, episode = await play.begin(wanted)
    if any(one["function"]["name"] == TALK for one in episode.tools):
        play.sessions.drop(name)
        raise InputError(f"its tools have one that is called {TALK} themselves")
    version = params.get("protocolVersion")
    return name, {
        "protocolVersion": version if version in VERSIONS else VERSIONS[0],
        "capabilities": {"tools": {}, "resources": {}},
        "serverInfo": {"name": "toolweave", "version": "0"},
        "instructions": tell_beginning(episode),
    }


def tell_beginning(episode: Episode) -> str:
    """What a conversation begins with, and how it goes on."""
    policy, asked = read_beginning(episode)
    how = f"The user hears only what is said by {TALK}; it answers with what they say next."
    return f"{policy}\n\n{how} They have begun with:\n{asked}"


def read_beginning(episode: Episode) -> tuple[str, str]:
    """The system message, and the first words of the user."""
    first = episode.beginning
    said = {role: [str(one["content"]) for one in first if one["role"] == role]
            for role in ("system", "user")}  # fmt: skip
    return "\n\n".join(said["system"]), "\n\n".join(said["user"])


async def answer(play: Play, session: str, method: str, params: JsonObject) -> JsonObject:
    """What is answered to a request of a session. Raises ToolweaveError, MethodError."""
    episode = play.sessions.find(session)
    match method, params:
        case "ping", _:
            return {}
        case "tools/list", _:
            told = {"type": "string", "description": "what the user is told or asked"}
            hears = f"and hear what they answer. They began: {read_beginning(episode)[1]}"
            talk = {
                "name": TALK,
                "description": f"Say something to the user, {hears}",
                "inputSchema": {
                    "type": "object",
                    "properties": {"message": told},
                    "required": ["message"],
                },
            }
            return {"tools": [*map(_show_tool, episode.tools), talk]}
        case "tools/call", {"name": str(name), **more}:
            return await _call(play, session, name, more.get("arguments") or {})
        case "resources/list", _:
            task = {"uri": TASK, "name": "task", "mimeType": "text/plain"}
            return {"resources": [task | {"description": "what the conversation begins with"}]}
        case "resources/templates/list", _:
            return {"resourceTemplates": []}
        case "resources/read", {"uri": str(uri)} if uri == TASK:
            text = tell_beginning(episode)
            return {"contents": [{"uri": TASK, "mimeType": "text/plain", "text": text}]}
        case (("tools/call" | "resources/read"), _):
            raise InputError(f"{method} takes the name of one that is there")
    raise MethodError(f"there is no method {method[:80]!r}")


class MethodError(InputError):
    """A method that the server does not have."""


def fail(identity: object, error: Exception) -> JsonObject:
    """An error as the protocol tells it."""
    code = _UNKNOWN if isinstance(error, MethodError) else _WRONG
    return {"jsonrpc": "2.0", "id": identity, "error": {"code": code, "message": str(error)}}


async def _call(play: Play, session: str, name: str, arguments: object) -> JsonObject:
    """A tool's result; ``isError``, as the protocol wants it, where it failed or wasn't run."""
    if not isinstance(arguments, dict):
        raise InputError("the arguments are no object")
    if name != TALK:
        move: JsonObject = {"tool_calls": [{"name": name, "arguments": arguments}]}
    elif arguments.keys() == {"message"} and isinstance(arguments["message"], str):
        move = {"content": arguments["message"]}
    else:
        return _show_failure(f"{TALK} takes a message, a text")
    try:
        seen = await play.move(session, move)
    except InputError as error:
        return _show_failure(str(error))
    texts = [str(one["content"]) for one in seen.messages]
    ran = any(one["role"] == "tool" for one in seen.messages) or name == TALK
    if seen.done:
        over = {one: told for one, told in tell(seen).items() if one != "messages"}
        texts.append(f"The conversation is over.\n{json.dumps(over, ensure_ascii=False)}")
    told: JsonObject = {"content": [{"type": "text", "text": text} for text in texts]}
    told["isError"] = seen.failed or not ran
    return told | ({"_meta": {"toolweave/end": over}} if seen.done else {})


def _show_failure(problem: str) -> JsonObject:
    return {"content": [{"type": "text", "text": problem}], "isError": True}


def _show_tool(tool: JsonObject) -> JsonObject:
    told = tool["function"]
    shown = {"name": told["name"], "description": told.get("description", "")}
    return shown | {"inputSchema": {"type": "object", **told.get("parameters", {})}}
