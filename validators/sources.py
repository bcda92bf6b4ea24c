"""Tests one recorded source: whether it really gives the value that it is said to give.

Shared by the check of provenance and the check of order; they decide what a failure means.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from schemas.formats import FORMAT_OF
from schemas.leaves import value_at
from schemas.message import FromContext, FromResult, FromUser, Message, Source, ToolMessage
from schemas.reading import says
from schemas.record import JsonObject
from schemas.task import FormatInstruction
from schemas.trajectory import Trajectory
from validators.transcript import Exchange, equal, results


@dataclass(frozen=True)
class Evidence:
    """Everything that the calls of a trajectory can draw on."""

    trajectory: Trajectory

    @cached_property
    def results(self) -> dict[int, Any]:
        """Position of a tool message → its parsed content."""
        return results(self.trajectory.messages)

    @cached_property
    def clock(self) -> datetime:
        """The task's present moment."""
        return datetime.fromisoformat(self.trajectory.task.clock)

    @cached_property
    def parameters(self) -> dict[str, JsonObject]:
        """Wire name → schema of the parameters."""
        return {tool.wire_name: tool.parameters for tool in self.trajectory.tools}

    def fault(self, exchange: Exchange, path: str, value: Any, source: Source) -> str | None:
        """Find the reason code of what is wrong with a source; None where it holds."""
        # Words are read in a format only where the parameter's description asks for it.
        if isinstance(source, FromUser | FromContext) and not (
            source.rule not in FORMAT_OF
            or FormatInstruction(tool=exchange.call.name, parameter=path, rule=source.rule)
            in self.trajectory.task.formats
        ):
            return "source_misread"
        if isinstance(source, FromUser):
            if source.message >= exchange.message:
                return "source_from_future"
            return self._words_fault(self._at(source.message), "user", value, source)
        if isinstance(source, FromResult):
            return self._result_fault(exchange, value, source)
        if isinstance(source, FromContext):
            return self._words_fault(self.trajectory.messages[0], "system", value, source)
        del source
        schema = self.parameters.get(exchange.call.name, {})
        found = re.findall("([^.\\[\\]]+)|\\[(\\d+)\\]", path)
        given = (
            equal(default, value)
            for default in _defaults(schema, [name or int(number) for name, number in found])
        )
        return None if any(given) else "source_no_default"

    def _words_fault(
        self, message: Message | None, role: str, value: Any, source: FromUser | FromContext
    ) -> str | None:
        if message is None or message.role != role or isinstance(message, ToolMessage):
            return "source_wrong_role"
        if not contains(message.text, source.span, source.rule):
            return "source_missing_span"
        return None if says(source.rule, source.span, value, self.clock) else "source_misread"

    def _result_fault(self, exchange: Exchange, value: Any, source: FromResult) -> str | None:
        if source.message >= exchange.message:
            return "source_from_future"
        message = self._at(source.message)
        if not isinstance(message, ToolMessage):
            return "source_wrong_role"
        if message.is_error:
            return "source_from_error"
        try:
            found = value_at(self.results[source.message], source.path)
        except KeyError:  # no such path, or not JSON at all
            return "source_missing_path"
        return None if equal(found, value) else "source_value_differs"

    def _at(self, position: int) -> Message | None:
        messages = self.trajectory.messages
        return messages[position] if 0 <= position < len(messages) else None


def contains(text: str, span: str, rule: str) -> bool:
    """Whether the span stands in the text as whole words: "Oak" does not stand in "Oakland"."""
    if not span.strip():
        return False
    before = r"(?<!\w)(?<!\d[.,:])" if span[0].isalnum() else ""
    after = ""
    if span[-1].isalnum():  # "12" may be read out of "12th", but not out of "12.5"
        after = r"(?![\d_])(?![.,:]\d)" if rule == "number" and span[-1].isdigit() else r"(?!\w)"
    return re.search(before + re.escape(span) + after, text) is not None


def _defaults(schema: Any, steps: list[str | int]) -> Iterator[Any]:
    """Every value that a schema gives for the leaf at the end of the steps."""
    if not isinstance(schema, dict):
        return
    for value in _given(schema):
        yield from _inside(value, steps)
    for key in ("anyOf", "oneOf", "allOf"):
        for branch in schema.get(key, ()):
            yield from _defaults(branch, steps)
    if steps:
        step = steps[0]
        (
            yield from _defaults(
                schema.get("items")
                if isinstance(step, int)
                else schema.get("properties", {}).get(step) or schema.get("additionalProperties"),
                steps[1:],
            )
        )


def _given(schema: JsonObject) -> Iterator[Any]:
    yield from (schema[key] for key in ("default", "const") if key in schema)
    if len(schema.get("enum", ())) == 1:
        yield schema["enum"][0]


def _inside(value: Any, steps: list[str | int]) -> Iterator[Any]:
    for step in steps:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return
    yield value
