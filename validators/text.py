"""Checks what the user and the assistant say: words of people, without a trace of the machinery.

A mark that stands inside a value (a branch ``fix_login``, a title with ".." in it) is no fault of
the speaker: what arguments and results hold is masked before a fault is believed.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from schemas.check import CheckContext
from schemas.leaves import leaves
from schemas.reasons import reason
from schemas.trajectory import Trajectory
from schemas.verdict import Reason
from validators.code_check import code_check
from validators.transcript import exchanges, results, texts

_CONTROL = re.compile(
    r"<\||\|>|</?(?:tool_call|tool_response|tools|think|function)\b[^>]*>|#{3}\s?\w+\s?#{3}"
    r"|\[/?INST\]|\{%|%\}"
)
_PLACEHOLDER = re.compile(
    r"\{\{|\}\}|\$\{|<[A-Za-z_][\w ]*>|\bTBD\b|\bX{3,}\b|%\(\w+\)s"
    r"|(?i:lorem ipsum)"
)
_ALLOWED_TWICE = r"(?!(?:that|had|bye|very|no|so|ha|really)\b)"
_ASSISTANT_PHRASES = re.compile(
    r"\bas an ai\b|\bhow (?:can|may) i (?:help|assist)\b"
    r"|\bi(?:'d| would) be (?:happy|glad) to (?:help|assist)\b"
    r"|\banything else i can (?:do|help)\b|\bis there anything else you\b"
    r"|\blet me (?:check|look|find|do) that .*\bfor you\b"
    r"|\bi(?:'ve| have) (?:now )?(?:booked|created|updated|cancelled|sent|added) .*\bfor you\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Mark:
    """A pattern that people's words do not show."""

    code: str
    pattern: re.Pattern[str]


STRICT: tuple[Mark, ...] = (Mark("control_token", _CONTROL), Mark("placeholder", _PLACEHOLDER))
"""Wrong wherever they stand."""

MARKS: tuple[Mark, ...] = (
    Mark("placeholder", re.compile(r"\[[A-Za-z_][\w ]*\](?!\()")),
    Mark("null_word", re.compile(r"\b(?:null|undefined|NaN)\b|(?<=[\w,:=(] )None\b(?! of\b)"
                                 r"|\bNone(?=[,;)\"”]|[.!?]?$)")),
    Mark("data_fragment", re.compile(r"\{\s*[\"'}]|\[\s*[{\"]|\"[\w ]+\"\s*:\s*[\"\[{\d]"
                                     r"|\b[A-Za-z_]\w*=[^\s=]|\\[nt\"]")),
    Mark("doubled_word", re.compile(rf"\b{_ALLOWED_TWICE}([a-z]{{2,}})\s+\1\b(?!-)", re.I)),
    Mark("bad_spacing", re.compile(r"(?<=\S) {2,}(?=\S)|\s[,;:!?.](?:\s|$)|^\s*[,;!?]")),
    Mark("doubled_punctuation",
         re.compile(r"(?<!\.)\.\.(?![./\\])|,,|;;|::|,[.;:?!]|[;:?!][.,;:]|\(\s*\)|\.{4,}")),
)  # fmt: skip
"""Wrong unless a value brings them."""


@code_check("text", level="text")
def check(context: CheckContext) -> Iterator[Reason]:
    """Find in what is said what people would not say."""
    names = _Names(context.trajectory)
    for position, role, text in texts(context.trajectory.messages):
        for code, piece in dict(_faults(role, text, names)).items():
            yield reason(code, position, "text", repr(piece))


def _faults(role: str, text: str, names: "_Names") -> Iterator[tuple[str, str]]:
    for mark in STRICT:
        if found := mark.pattern.search(text):
            yield mark.code, found.group(0)
            text = mark.pattern.sub(" ", text).strip()
            text = re.sub(r"\s+(?=[\s.,;:!?])", "", text)
    if role == "user" and (found := _ASSISTANT_PHRASES.search(text.replace("’", "'"))):
        yield "user_speaks_as_assistant", found.group(0)
    suspected = dict(_suspicions(text, names))
    if suspected:
        masked = dict(_suspicions(names.mask(text), names))
        yield from ((code, piece) for code, piece in masked.items() if code in suspected)


def _suspicions(text: str, names: "_Names") -> Iterator[tuple[str, str]]:
    for mark in MARKS:
        if found := mark.pattern.search(text):
            yield mark.code, found.group(0) or text
    if text.count('"') % 2 or text.count("“") != text.count("”"):
        yield "unbalanced_quotes", text
    # Whether a run of words comes more than ``most`` times: the rows of a list may be alike.
    words = re.findall("\\w+", text.casefold())
    starts = range(len(words) - 8 + 1)
    if len(starts) > 4 and max(Counter(tuple(words[n : n + 8]) for n in starts).values()) > 4:
        yield "repetition", text
    for token in re.findall(r"[A-Za-z_][\w-]*\w", text):
        if not _coded(token):
            continue
        if token in names.tools:
            yield "raw_tool_name", token
        elif token in names.fields:
            yield "raw_parameter_name", token


@dataclass(frozen=True)
class _Names:
    """The names that only programs use, and the values that may hold anything."""

    trajectory: Trajectory

    @cached_property
    def tools(self) -> frozenset[str]:
        names = {tool.wire_name for tool in self.trajectory.tools}
        names |= {tool.name for tool in self.trajectory.tools}
        return frozenset(name for name in names if _coded(name))

    @cached_property
    def fields(self) -> frozenset[str]:
        tools = self.trajectory.tools
        schemas = [schema for tool in tools for schema in (tool.parameters, tool.returns)]
        return frozenset(name for schema in schemas for name in _fields(schema) if _coded(name))

    @cached_property
    def values(self) -> tuple[str, ...]:
        """Texts in arguments and results, the longest first."""
        messages = self.trajectory.messages
        wholes = [exchange.call.arguments for exchange in exchanges(messages)]
        wholes += results(messages).values()
        scalars = (item for whole in wholes for _, item in leaves(whole))
        written = [item for item in scalars if isinstance(item, str)]
        found = {variant for item in written for variant in (item, item.strip())}
        return tuple(sorted((item for item in found if len(item) > 2), key=lambda v: (-len(v), v)))

    def mask(self, text: str) -> str:
        for value in self.values:
            if value in text:
                text = text.replace(value, "▪")
        return text


def _coded(name: str) -> bool:
    """Spelt as no person spells: snake_case, camelCase, or three parts with hyphens."""
    return "_" in name.strip("_") or name.count("-") > 1 or bool(re.search(r"[a-z][A-Z]", name))


def _fields(schema: Any) -> Iterator[str]:
    """Yield the names of all properties, at any depth."""
    if isinstance(schema, list):
        for item in schema:
            yield from _fields(item)
    elif isinstance(schema, dict):
        properties = schema.get("properties")
        yield from properties if isinstance(properties, dict) else ()
        for item in schema.values():
            if isinstance(item, dict | list):
                yield from _fields(item)
