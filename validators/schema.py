"""Checks that calls and results satisfy the JSON schemas of the tools that were offered."""

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from jsonschema_rs import Draft202012Validator

from schemas.check import CheckContext
from schemas.formats import FORMAT_OF
from schemas.reasons import reason
from schemas.record import JsonObject
from schemas.task import FormatInstruction
from schemas.tool import ToolSpec
from schemas.verdict import Reason
from validators.code_check import code_check
from validators.transcript import Exchange, exchanges, parse


@code_check("schema", level="schema")
def check(context: CheckContext) -> Iterator[Reason]:
    """Find calls of unknown tools, and arguments and results that do not fit their schemas."""
    tools = {tool.wire_name: tool for tool in context.trajectory.tools}
    for exchange in exchanges(context.trajectory.messages):
        tool = tools.get(exchange.call.name)
        if tool is None:
            yield reason(
                "unknown_tool", exchange.message, f"{exchange.place}.name", exchange.call.name
            )
            continue
        place = f"{exchange.place}.arguments"
        given = {}
        for name, value in exchange.call.arguments.items():
            if value is None and name in tool.properties and name not in tool.required:
                yield reason("null_argument", exchange.message, f"{place}.{name}")
            else:
                given[name] = value
        for path, problem in faults(tool.parameters, given):
            yield reason("invalid_arguments", exchange.message, _join(place, path), problem)
        yield from _formats(exchange, context.trajectory.task.formats)
        yield from _result(exchange, tool)


def _formats(exchange: Exchange, formats: tuple[FormatInstruction, ...]) -> Iterator[Reason]:
    """A call that was refused has changed nothing: it may still be put right."""
    if exchange.answer is None or exchange.answer.is_error:
        return
    for one in formats:
        value = exchange.call.arguments.get(one.parameter)
        if one.tool != exchange.call.name or not isinstance(value, str):
            continue
        form = FORMAT_OF[one.rule]
        if not form.holds(value):
            place = f"{exchange.place}.arguments.{one.parameter}"
            yield reason("format_ignored", exchange.message, place, form.sentence)


def _result(exchange: Exchange, tool: ToolSpec) -> Iterator[Reason]:
    if exchange.answer is None:
        return
    try:
        value = parse(exchange.answer.content)
    except ValueError as error:
        yield reason("unreadable_result", exchange.answered_at, "content", str(error))
        return
    if tool.returns is None or exchange.answer.is_error:
        return
    for path, problem in faults(tool.returns, value):
        yield reason("invalid_result", exchange.answered_at, _join("content", path), problem)


def _join(place: str, path: str) -> str:
    return f"{place}{path}" if not path or path.startswith("[") else f"{place}.{path}"


def faults(schema: JsonObject, value: Any) -> Iterator[tuple[str, str]]:
    """Path and problem of everything in ``value`` that the schema does not allow."""
    for error in _compiled(json.dumps(schema, sort_keys=True)).iter_errors(value):
        path = "".join(
            f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.instance_path
        )
        yield path.removeprefix("."), error.message[:300]


@lru_cache(maxsize=4096)
def _compiled(schema: str) -> Draft202012Validator:
    """By the schema's text, because schemas are plain dictionaries without a hash."""
    return Draft202012Validator(json.loads(schema), validate_formats=True)
