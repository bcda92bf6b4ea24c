"""Results that were observed, as users have them in their logs: JSON Lines.

A row is ``{"tool": …, "result": …}`` (or ``name``; ``output``, ``content``); a conversation is
``{"messages": […]}`` in the form of the chat completions interface, whose results are paired with
calls by id. What failed is left out. Schemas are made of them in `generators.results.merging`.
"""

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generators.importers.document import json_kind
from generators.results.examples import is_error
from generators.results.literals import check_value
from schemas.errors import InputError
from schemas.record import JsonObject

_NAMES = ("tool", "name")
_RESULTS = ("result", "output", "content")


@dataclass(frozen=True)
class Observation:
    """What one call of a tool gave."""

    tool: str
    """Its wire name, or its name where only one tool has it."""
    result: Any
    """A JSON value."""


def read_observations(paths: Sequence[Path]) -> tuple[Observation, ...]:
    """Read the results that succeeded, in order. Raises InputError with file and line."""
    return tuple(found for path in paths for found in _read_file(path))


def _read_file(path: Path) -> Iterator[Observation]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=str(path)) from None
    except UnicodeDecodeError as error:
        raise InputError(f"not UTF-8 text: offset {error.start}", file=str(path)) from None
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                yield from _read_row(_parse(line))
            except InputError as error:
                where = ", ".join(part for part in (f"line {number}", error.place) if part)
                raise InputError(error.problem, file=str(path), place=where) from None


def _parse(line: str) -> JsonObject:
    try:
        row = json.loads(line, parse_constant=_refuse, parse_float=_finite)
    except json.JSONDecodeError as error:
        place = f"column {error.colno}"
        raise InputError(f"not JSON: {error.msg[:1].lower()}{error.msg[1:]}", place=place) from None
    except RecursionError:
        raise InputError("nested too deep") from None
    except ValueError as error:
        raise InputError(f"not JSON: {error}") from None
    try:
        check_value(row)
    except ValueError as error:
        raise InputError(str(error)) from None
    if not isinstance(row, dict):
        raise InputError(f"a row must be an object, not {json_kind(row)}")
    return row


def _refuse(word: str) -> None:
    raise ValueError(f"holds {word}, which JSON does not have")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"holds the number {digits[:40]}, which is too large")
    return number


def _read_row(row: JsonObject) -> Iterator[Observation]:
    if "messages" in row:
        yield from _read_conversation(row["messages"])
        return
    name = next((row[key] for key in _NAMES if key in row), None)
    keys = [key for key in _RESULTS if key in row]
    if not isinstance(name, str) or not keys:
        raise InputError("neither a tool with its result nor messages")
    yield from _observed(name, row[keys[0]], row)


def _read_conversation(messages: Any) -> Iterator[Observation]:
    if not isinstance(messages, list) or not all(isinstance(item, dict) for item in messages):
        raise InputError("messages must be a list of objects")
    called: dict[str, str] = {}
    for number, message in enumerate(messages, start=1):
        called |= _calls(message, number)
        if message.get("role") not in ("tool", "function"):
            continue
        name = called.get(str(message.get("tool_call_id")), message.get("name"))
        if not isinstance(name, str):
            raise InputError("the result answers no call", place=f"message {number}")
        yield from _observed(name, message.get("content"), message)


def _calls(message: JsonObject, number: int) -> dict[str, str]:
    """Id → name of the tool, of the calls in one message."""
    calls = message.get("tool_calls") or []
    try:
        return {str(call["id"]): str(call["function"]["name"]) for call in calls if "id" in call}
    except (KeyError, TypeError):
        raise InputError("a call without a name", place=f"message {number}") from None


def _observed(name: str, given: Any, row: JsonObject) -> Iterator[Observation]:
    failed = row.get("is_error") or row.get("isError")
    if isinstance(given, dict) and isinstance(given.get("content"), list):  # as MCP wraps it
        failed = failed or given.get("isError")
        given = given.get("structuredContent", given["content"])
    result = _opened(_joined(given))
    if not failed and result is not None and not is_error(result):
        yield Observation(name, result)


def _joined(content: Any) -> Any:
    """Texts of a message that comes in blocks become one."""
    if not isinstance(content, list) or not content:
        return content
    blocks = [block for block in content if isinstance(block, dict) and "type" in block]
    if len(blocks) < len(content) or not all(isinstance(b.get("text"), str) for b in blocks):
        return content
    return "\n".join(block["text"] for block in blocks)


def _opened(value: Any) -> Any:
    """Read an object or a list that is written as text."""
    if not isinstance(value, str) or value.lstrip()[:1] not in ("{", "["):
        return value
    try:
        opened = json.loads(value, parse_constant=_refuse, parse_float=_finite)
        check_value(opened)
    except (ValueError, RecursionError):
        return value
    return opened
