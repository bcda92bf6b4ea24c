"""Results that were observed, as users have them in their logs: JSON Lines.

A row is ``{"tool": …, "result": …}`` (or ``name``; ``output``, ``content``); a conversation is
``{"messages": […]}`` in the form of the chat completions interface, whose results are paired with
calls by id. What failed is left out. Schemas are made of them in `completion`.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generators.importers.documents import check_writable, json_kind, parse_json, read_lines
from schemas.errors import InputError
from schemas.record import JsonObject

_NAMES = ("tool", "name")
_RESULTS = ("result", "output", "content")
_ERRORS = frozenset({"error", "errors"})
_OF_ERRORS = frozenset({"error", "errors", "message", "code", "status", "status_code", "detail"})


@dataclass(frozen=True)
class Observation:
    """What one call of a tool gave."""

    tool: str
    """Its wire name, or its name where only one tool has it."""
    result: Any
    """A JSON value."""


def read_observations(paths: Sequence[Path]) -> tuple[Observation, ...]:
    """Read the results that succeeded, in order. Raises InputError with file and line."""
    found: list[Observation] = []
    for path in paths:
        place = ""
        try:
            for number, row in read_lines(path):
                place = f"line {number}"
                found += _read_row(row)
                place = ""
        except InputError as error:
            where = ", ".join(filter(None, (place, error.place)))
            raise InputError(error.problem, file=str(path), place=where) from None
    return tuple(found)


def _read_row(row: Any) -> Iterator[Observation]:
    if not isinstance(row, dict):
        raise InputError(f"a row must be an object, not {json_kind(row)}")
    if "messages" in row:
        yield from _read_conversation(row["messages"])
        return
    name = next((row[key] for key in _NAMES if key in row), None)
    keys = [key for key in _RESULTS if key in row]
    if not isinstance(name, str) or not keys:
        raise InputError("neither a tool with its result nor messages")
    yield from _observe(name, row[keys[0]], row)


def _read_conversation(messages: Any) -> Iterator[Observation]:
    if not isinstance(messages, list) or not all(isinstance(item, dict) for item in messages):
        raise InputError("messages must be a list of objects")
    called: dict[str, str] = {}
    """Id of a call → name of the tool."""
    for number, message in enumerate(messages, start=1):
        place = f"message {number}"
        try:
            for call in message.get("tool_calls") or []:
                if "id" in call:
                    called[str(call["id"])] = str(call["function"]["name"])
        except (KeyError, TypeError):
            raise InputError("a call without a name", place=place) from None
        if message.get("role") in ("tool", "function"):
            name = called.get(str(message.get("tool_call_id")), message.get("name"))
            if not isinstance(name, str):
                raise InputError("the result answers no call", place=place)
            yield from _observe(name, message.get("content"), message)


def _observe(name: str, given: Any, row: JsonObject) -> Iterator[Observation]:
    """What a result holds, unless the call failed."""
    failed = row.get("is_error") or row.get("isError")
    if isinstance(given, dict) and isinstance(given.get("content"), list):  # as MCP wraps it
        failed = failed or given.get("isError")
        given = given.get("structuredContent", given["content"])
    # Texts of a message that comes in blocks become one.
    blocks = given if isinstance(given, list) else []
    if blocks and all(
        isinstance(one, dict) and "type" in one and isinstance(one.get("text"), str)
        for one in blocks
    ):
        given = "\n".join(one["text"] for one in blocks)
    # The object or list that a text spells; anything else as it is.
    if isinstance(given, str) and given.lstrip()[:1] in ("{", "["):
        with suppress(InputError):
            given = check_writable(parse_json(given))
    told = given.keys() if isinstance(given, dict) else set()
    if not failed and given is not None and not (told & _ERRORS and told <= _OF_ERRORS):
        yield Observation(name, given)
