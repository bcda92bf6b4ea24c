"""The Berkeley leaderboard's tasks of several turns: questions, functions, and calls as Python.

A turn is what the user says; its truth are the calls that follow, none where the assistant asks or
declines. Types have Berkeley's names. The environment is not carried: ``involved_classes`` names
the domain, and ``initial_config`` is empty, so that the calls can be compared but not executed.
"""

import re
from collections.abc import Iterator
from keyword import iskeyword
from typing import Any

from generators.identity_cache import remembered
from pipeline.exports.chat import Called, Chat
from pipeline.exports.format import Format
from pipeline.exports.wire import Shared
from schemas.record import JsonObject
from schemas.tool import ToolSpec

_TYPES = {"object": "dict", "number": "float"}


def rows(chat: Chat) -> Iterator[JsonObject]:
    """The whole chat as a task."""
    question: list[list[JsonObject]] = []
    truth: list[list[str]] = []
    system = [
        {"role": "system", "content": said.text} for said in chat.messages if said.role == "system"
    ]
    for said in chat.messages:
        if said.role == "user":
            question.append([*system, {"role": "user", "content": said.text}])
            truth.append([])
            system = []
        elif said.calls and truth:
            truth[-1] += map(write_call, said.calls)
    yield {
        "id": f"multi_turn_{chat.domain}_{chat.name}",
        "question": question,
        "function": [*map(_function, chat.tools)],
        "initial_config": {},
        "path": [re.split(r"\(", call, maxsplit=1)[0] for turn in truth for call in turn],
        "involved_classes": [chat.domain],
        "ground_truth": truth,
    }


def write_call(call: Called) -> str:
    """A call as Python; arguments that no identifier can name are handed over as ``**{…}``."""
    plain, odd = [], {}
    for name, value in call.arguments.items():
        if name.isidentifier() and not iskeyword(name):
            plain.append(f"{name}={value!r}")
        else:
            odd[name] = value
    if odd:
        plain.append(f"**{odd!r}")
    return f"{call.name}({', '.join(plain)})"


@remembered
def _function(tool: ToolSpec) -> JsonObject:
    told = {"name": tool.wire_name, "description": tool.description}
    return Shared({**told, "parameters": _retyped(tool.parameters)})


def _retyped(schema: Any) -> Any:
    """A schema with Berkeley's names of types; properties may be called ``type``, too."""
    if not isinstance(schema, dict):
        return [*map(_retyped, schema)] if isinstance(schema, list) else schema
    made: JsonObject = {}
    for key, value in schema.items():
        if key == "properties" and isinstance(value, dict):
            made[key] = {name: _retyped(one) for name, one in value.items()}
        elif key == "type" and isinstance(value, str):
            made[key] = _TYPES.get(value, value)
        elif key in ("enum", "const", "default", "examples", "required"):
            made[key] = value
        else:
            made[key] = _retyped(value)
    return made


def problems(row: JsonObject) -> list[str]:
    """What Berkeley's checker could not evaluate: it makes methods of names."""
    odd = {name for name in row["path"] if not name.isidentifier() or iskeyword(name)}
    return [f"{name!r} is called, which is no name of a method" for name in sorted(odd)]


FORMAT = Format("bfcl", rows, problems, carries=frozenset({"masks"}))
