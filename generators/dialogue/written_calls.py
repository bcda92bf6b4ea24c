"""Calls as a model wrote them: their arguments, and those that stand in its text.

In its text it writes them behind an endpoint that does not read them. Only what leaves no doubt is
read: calls and nothing after them, each an object with a name and arguments and nothing else.
Anything else stays words, and the checks turn it down.
"""

import json
import re
from collections.abc import Collection

from generators.dialogue.roles import RoleFailure
from schemas.canonical import read_json, written_json
from schemas.chat import ChatCall, read_json_reply
from schemas.record import JsonObject

_TAGGED = re.compile(r"<tool_call>(.*?)</tool_call>\s*", re.DOTALL)
_FENCED = re.compile(r"```(?:json)?\s*(\{.*?\})\s*```", re.DOTALL)


def read_arguments(name: str, written: str) -> JsonObject:
    """The arguments of a call. Raises RoleFailure for a text that is no JSON object.

    Nor is one with what could not be sent again: a number beyond all bounds, half a character. No
    text at all is how some endpoints say that there are no arguments.
    """
    try:
        read = read_json(written or "{}")
        written_json(read).encode()
    except (ValueError, RecursionError) as error:
        raise RoleFailure("unparsable_arguments", f"{name}: {error}") from error
    if not isinstance(read, dict):
        raise RoleFailure("unparsable_arguments", f"{name}: the arguments are no object")
    return read


def read_written_calls(text: str, names: Collection[str]) -> tuple[str, tuple[ChatCall, ...]]:
    """The words before the calls, and the calls; the whole text and none where there is doubt.

    ``names``: the offered tools. Calls of others are read where they are tagged as calls: to be
    told from a mere answer, a fenced object must name one of them and stand alone.
    """
    words, tag, rest = text.partition("<tool_call>")
    if tag:
        written = _TAGGED.findall(tag + rest)
        if _TAGGED.sub("", tag + rest):
            return text, ()
    elif fenced := _FENCED.fullmatch(text.strip()):
        words, written = "", [fenced[1]]
    else:
        return text, ()
    calls = [_read(one, number) for number, one in enumerate(written)]
    found = tuple(call for call in calls if call is not None)
    if len(found) < len(calls) or not (tag or found[0].name in names):
        return text, ()
    return words.strip(), found


def _read(written: str, number: int) -> ChatCall | None:
    try:
        value = read_json_reply(written)
    except ValueError:
        return None
    if not isinstance(value, dict) or value.keys() != {"name", "arguments"}:
        return None
    name, arguments = value["name"], value["arguments"]
    if isinstance(arguments, dict):
        arguments = json.dumps(arguments, ensure_ascii=False)
    if not isinstance(name, str) or not isinstance(arguments, str):
        return None
    return ChatCall(id=f"written_{number}", name=name, arguments=arguments)
