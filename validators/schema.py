"""Checks that calls and results satisfy the JSON schemas of the tools that were offered."""

import json
import marshal
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from jsonschema_rs import Draft202012Validator

from schemas.canonical import read_json
from schemas.check import CheckContext
from schemas.formats import FORMAT_OF
from schemas.reasons import reason
from schemas.record import JsonObject
from schemas.verdict import Reason
from validators.code_check import code_check
from validators.transcript import exchanges


@code_check("schema", level="schema")
def check(context: CheckContext) -> Iterator[Reason]:
    """Find calls of unknown tools, and arguments and results that do not fit their schemas."""
    tools = {tool.wire_name: tool for tool in context.trajectory.tools}
    for exchange in exchanges(context.trajectory.messages):
        name, given = exchange.call.name, exchange.call.arguments
        tool = tools.get(name)
        if tool is None:
            yield reason("unknown_tool", exchange.message, f"{exchange.place}.name", name)
            continue
        place = f"{exchange.place}.arguments"
        nulls = [
            key
            for key, value in given.items()
            if value is None and key in tool.properties and key not in tool.required
        ]
        for key in nulls:
            yield reason("null_argument", exchange.message, f"{place}.{key}")
        said = {key: value for key, value in given.items() if key not in nulls}
        for path, problem in faults(tool.parameters, said):
            yield reason("invalid_arguments", exchange.message, _join(place, path), problem)
        for one in context.trajectory.task.formats:
            # A call that was refused has changed nothing: it may still be put right.
            written = given.get(one.parameter) if exchange.succeeded and one.tool == name else None
            if isinstance(written, str) and not FORMAT_OF[one.rule].holds(written):
                where, sentence = f"{place}.{one.parameter}", FORMAT_OF[one.rule].sentence
                yield reason("format_ignored", exchange.message, where, sentence)
        if exchange.answer is None:
            continue
        try:
            value = read_json(exchange.answer.content)
        except ValueError as error:
            yield reason("unreadable_result", exchange.answered_at, "content", str(error))
            continue
        if tool.returns is not None and not exchange.answer.is_error:
            for path, problem in faults(tool.returns, value):
                where = _join("content", path)
                yield reason("invalid_result", exchange.answered_at, where, problem)


def _join(place: str, path: str) -> str:
    return f"{place}{path}" if not path or path.startswith("[") else f"{place}.{path}"


def faults(schema: JsonObject, value: Any) -> Iterator[tuple[str, str]]:
    """Path and problem of everything in ``value`` that the schema does not allow."""
    for error in _compiled(marshal.dumps(schema, _PLAIN)).iter_errors(value):
        path = "".join(
            f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.instance_path
        )
        yield path.removeprefix("."), error.message[:300]


_PLAIN = 2
"""The form of ``marshal`` in which equal schemas have equal bytes; to make text takes ten times as
long."""


@lru_cache(maxsize=4096)
def _compiled(schema: bytes) -> Draft202012Validator:
    """By the schema's bytes, because schemas are plain dictionaries without a hash."""
    text = json.dumps(marshal.loads(schema), sort_keys=True)
    return Draft202012Validator(json.loads(text), validate_formats=True)
