"""Checks that every argument has exactly one source, and that the source gives the argument.

`Evidence` tests one recorded source; the check of order asks it too. Of a model's argument without
a source, `validators.unsourced` says whether it follows from what was known all the same; else it
is suspected.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from schemas.check import CheckContext
from schemas.demand import fixed_values
from schemas.formats import FORMAT_OF
from schemas.leaves import leaves, value_at
from schemas.message import FromContext, FromResult, FromUser, Message, Source, ToolMessage
from schemas.reading import says, stands_between
from schemas.reasons import reason
from schemas.record import JsonObject
from schemas.task import FormatInstruction
from schemas.trajectory import Trajectory
from schemas.verdict import Reason
from validators.code_check import code_check
from validators.transcript import Exchange, equal, exchanges, knows_acts, results
from validators.unsourced import follows

_ANYWHERE = re.compile("")
_WORD_BEGINS = re.compile(r"(?<!\w)(?<!\d[.,:])")
_WORD_ENDS = re.compile(r"(?!\w)")
# "12" may be read out of "12th", but not out of "12.5".
_NUMBER_ENDS = re.compile(r"(?![\d_])(?![.,:]\d)")
_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


@code_check("provenance", level="provenance")
def check(context: CheckContext) -> Iterator[Reason]:
    """Find arguments that neither the user nor a result nor the policy nor the schema gave."""
    evidence, modelled = Evidence(context.trajectory), not knows_acts(context.trajectory)
    for exchange in exchanges(context.trajectory.messages):
        values = dict(leaves(exchange.call.arguments)) if exchange.call.arguments else {}
        counts = Counter(given.path for given in exchange.call.provenance)
        found = [
            ("ungrounded_argument", path, f"nothing gives {value!r}")
            for path, value in values.items()
            if not counts[path]
        ]
        for path, count in counts.items():
            if path not in values:
                found.append(("source_without_argument", path, ""))
            elif count > 1:
                found.append(("source_duplicate", path, f"{count} sources"))
        for given in exchange.call.provenance:
            if given.path in values:
                value = values[given.path]
                code = evidence.fault(exchange, given.path, value, given.source)
                if code:
                    found.append((code, given.path, f"{value!r} from {given.source!r}"))
        for code, path, explanation in found:
            unsourced = modelled and code == "ungrounded_argument"
            if unsourced and follows(context.trajectory, exchange, path, values[path]):
                continue
            place = f"{exchange.place}.arguments.{path}"
            yield reason(code, exchange.message, place, explanation, suspect=unsourced)


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

    @staticmethod
    def names(exchange: Exchange, path: str) -> bool:
        """Whether any source is told for an argument."""
        return any(given.path == path for given in exchange.call.provenance)

    def fault(self, exchange: Exchange, path: str, value: Any, source: Source) -> str | None:
        """Find the reason code of what is wrong with a source; None where it holds."""
        # Words are read in a format only where the parameter's description asks for it.
        if isinstance(source, FromUser | FromContext) and not (
            source.rule not in FORMAT_OF
            or FormatInstruction(tool=exchange.call.name, parameter=path, rule=source.rule)
            in self.trajectory.task.formats
        ):
            return "source_misread"
        if isinstance(source, FromUser | FromResult) and source.message >= exchange.message:
            return "source_from_future"
        if isinstance(source, FromUser):
            return self._find_words_fault(self._at(source.message), "user", value, source)
        if isinstance(source, FromContext):
            first = self.trajectory.messages[0]
            return self._find_words_fault(first, "system", value, source)
        if isinstance(source, FromResult):
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
        steps = [name or int(number) for name, number in _STEP.findall(path)]
        defaults = _defaults(self.parameters.get(exchange.call.name, {}), steps)
        return None if any(equal(one, value) for one in defaults) else "source_no_default"

    def _find_words_fault(
        self, message: Message | None, role: str, value: Any, source: FromUser | FromContext
    ) -> str | None:
        if message is None or message.role != role or isinstance(message, ToolMessage):
            return "source_wrong_role"
        if not contains(message.text, source.span, source.rule):
            return "source_missing_span"
        return None if says(source.rule, source.span, value, self.clock) else "source_misread"

    def _at(self, position: int) -> Message | None:
        messages = self.trajectory.messages
        return messages[position] if 0 <= position < len(messages) else None


def contains(text: str, span: str, rule: str) -> bool:
    """Whether the span stands in the text as whole words: "Oak" does not stand in "Oakland"."""
    if not span.strip():
        return False
    before = _WORD_BEGINS if span[0].isalnum() else _ANYWHERE
    after = _WORD_ENDS if span[-1].isalnum() else _ANYWHERE
    if rule == "number" and span[-1].isdigit():
        after = _NUMBER_ENDS
    return stands_between(span, text, before, after)


def _defaults(schema: Any, steps: list[str | int]) -> Iterator[Any]:
    """Every value that a schema gives for the leaf at the end of the steps."""
    if not isinstance(schema, dict):
        return
    choices = schema.get("enum", ())
    for value in [*fixed_values(schema), *(choices if len(choices) == 1 else ())]:
        try:
            for step in steps:
                value = value[step]
        except (KeyError, IndexError, TypeError):
            continue
        yield value
    for key in ("anyOf", "oneOf", "allOf"):
        for branch in schema.get(key, ()):
            yield from _defaults(branch, steps)
    if steps and isinstance(steps[0], int):
        yield from _defaults(schema.get("items"), steps[1:])
    elif steps:
        properties = schema.get("properties", {})
        inner = properties.get(steps[0]) or schema.get("additionalProperties")
        yield from _defaults(inner, steps[1:])
