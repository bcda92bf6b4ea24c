"""Checks what the user and the assistant say: words of people, without a trace of the machinery.

A mark that stands inside a value (a branch ``fix_login``, a title with ".." in it) is no fault of
the speaker: what arguments and results hold is masked before a fault is believed.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from schemas.check import CheckContext
from schemas.leaves import leaves
from schemas.message import AssistantMessage, UserMessage
from schemas.reasons import reason
from schemas.trajectory import Trajectory
from schemas.verdict import Reason
from validators.code_check import code_check
from validators.transcript import exchanges, results

_CONTROL = re.compile(
    r"<\||\|>|</?(?:tool_call|tool_response|tools|think|function)\b[^>]*>|#{3}\s?\w+\s?#{3}"
    r"|\[/?INST\]|\{%|%\}"
)
_PLACEHOLDER = re.compile(r"\{\{|\}\}|\$\{|<[A-Za-z_][\w ]*>|\bTBD\b|\bX{3,}\b|%\(\w+\)s")
_ALLOWED_TWICE = r"(?!(?:that|had|bye|very|no|so|ha|really)\b)"
_ASSISTANT_PHRASES = re.compile(
    r"\b(?=[ahil])(?:as an ai\b|how (?:can|may) i (?:help|assist)\b"
    r"|i(?:'d| would) be (?:happy|glad) to (?:help|assist)\b"
    r"|anything else i can (?:do|help)\b|is there anything else you\b"
    r"|let me (?:check|look|find|do) that .*\bfor you\b"
    r"|i(?:'ve| have) (?:now )?(?:booked|created|updated|cancelled|sent|added) .*\bfor you\b)",
    re.IGNORECASE,
)


class Mark(NamedTuple):
    """A pattern that people's words do not show."""

    code: str
    pattern: re.Pattern[str]
    hints: tuple[str, ...] = ("",)
    """Of which each place that it matches holds one: a text with none is not searched."""

    def find(self, text: str) -> re.Match[str] | None:
        """Where it stands first."""
        for hint in self.hints:
            if hint in text:
                return self.pattern.search(text)
        return None


STRICT: tuple[Mark, ...] = (
    Mark("control_token", _CONTROL, ("<", ">", "###", "INST", "{%", "%}")),
    Mark("placeholder", re.compile("lorem ipsum", re.IGNORECASE)),
    Mark("placeholder", _PLACEHOLDER, ("{{", "}}", "${", "<", "TBD", "XXX", "%(")),
)
"""Wrong wherever they stand."""

MARKS: tuple[Mark, ...] = (
    Mark("placeholder", re.compile(r"\[[A-Za-z_][\w ]*\](?!\()"), ("[",)),
    Mark("null_word", re.compile(r"\b(?:null|undefined|NaN)\b|(?<=[\w,:=(] )None\b(?! of\b)"
                                 r"|\bNone(?=[,;)\"”]|[.!?]?$)"),
         ("null", "undefined", "NaN", "None")),
    Mark("data_fragment", re.compile(r"\{\s*[\"'}]|\[\s*[{\"]|\"[\w ]+\"\s*:\s*[\"\[{\d]"
                                     r"|\b[A-Za-z_]\w*=[^\s=]|\\[nt\"]"),
         ("{", "[", '"', "=", "\\")),
    Mark("doubled_word", re.compile(rf"\b([a-z]{{2,}}+)\s+{_ALLOWED_TWICE}\1\b(?!-)", re.I)),
    Mark("bad_spacing", re.compile(r"(?=[\s,;!?])(?:(?<=\S) {2,}(?=\S)|\s[,;:!?.](?:\s|$)"
                                   r"|^\s*[,;!?])")),
    Mark("doubled_punctuation",  # what it begins with stands first, which is searched for fast
         re.compile(r"[.,;:?!(](?:(?<=,)[,.;:?!]|(?<=[;:?!])[.,;:]|(?<=\()\s*\)"
                    r"|(?<=\.)(?:(?<!\.\.)\.(?![./\\])|\.{3,}))")),
)  # fmt: skip
"""Wrong unless a value brings them."""


_LEAST_REPEATED = 12
"""Words in which five runs of eight begin; one of five times the same words has each so often."""
_WORD = re.compile(r"\w+")
_CODED = re.compile(r"[^_]_+[^_]|-.*-|[a-z][A-Z]")
"""Spelt as no person spells: snake_case, camelCase, or three parts with hyphens."""


@code_check("text", level="text")
def check(context: CheckContext) -> Iterator[Reason]:
    """Find in what is said what people would not say."""
    names = _Names(context.trajectory)
    for position, message in enumerate(context.trajectory.messages):
        if position < context.since or not isinstance(message, UserMessage | AssistantMessage):
            continue
        text, faults = message.text, {}
        for mark in STRICT:
            if found := mark.find(text):
                faults[mark.code] = found[0]
                text = mark.pattern.sub(" ", text).strip()
                text = re.sub(r"\s+(?=[\s.,;:!?])", "", text)
        plain = text.replace("’", "'")
        if message.role == "user" and (found := _ASSISTANT_PHRASES.search(plain)):
            faults["user_speaks_as_assistant"] = found[0]
        if suspected := dict(_suspicions(text, names)):
            for value in names.values:
                if value in text:  # as a word: the value "order" excuses no get_order
                    text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", "▪", text)
            masked = dict(_suspicions(text, names))
            faults |= {code: piece for code, piece in masked.items() if code in suspected}
        for code, piece in faults.items():
            yield reason(code, position, "text", repr(piece))


def _suspicions(text: str, names: "_Names") -> Iterator[tuple[str, str]]:
    for mark in MARKS:
        if found := mark.find(text):
            yield mark.code, found.group(0) or text
    if text.count('"') % 2 or text.count("“") != text.count("”"):
        yield "unbalanced_quotes", text
    if any(_repeats(text.casefold())):
        yield "repetition", text
    for token in re.findall(r"[A-Za-z_][\w-]*\w", text) if _CODED.search(text) else ():
        if _CODED.search(token):
            if token in names.tools:
                yield "raw_tool_name", token
            elif token in names.fields:
                yield "raw_parameter_name", token


def _repeats(text: str) -> Iterator[bool]:
    """Whether a line, or a run of eight words, comes more than four times.

    Rows of a list may be told in the same words but for a name, so each of them is read by itself.
    """
    lines, every = [line for line in text.splitlines() if line], _WORD.findall(text)
    if len(lines) < 5 and len(every) - len({*every}) < 4:
        return  # no word stands there five times
    rows = [line for line in lines if line.startswith("- ")]
    prose = " ".join(line for line in lines if not line.startswith("- "))
    for words in map(_WORD.findall, (prose, *rows)):
        if len(words) >= _LEAST_REPEATED and max(Counter(words).values()) > 4:
            runs = Counter(tuple(words[start : start + 8]) for start in range(len(words) - 7))
            yield max(runs.values(), default=0) > 4
    yield len(lines) > 4 and max(Counter(lines).values()) > 4


@dataclass(frozen=True)
class _Names:
    """The names that only programs use, and the values that may hold anything."""

    trajectory: Trajectory

    @cached_property
    def tools(self) -> frozenset[str]:
        tools = self.trajectory.tools
        return frozenset(name for tool in tools for name in (tool.wire_name, tool.name))

    @cached_property
    def fields(self) -> set[str]:
        """The names of all properties, at any depth."""
        found: set[str] = set()
        within: list[Any] = [
            s for one in self.trajectory.tools for s in (one.parameters, one.returns)
        ]
        while within:
            schema = within.pop()
            if isinstance(schema, dict):
                properties = schema.get("properties")
                if isinstance(properties, dict):
                    found.update(properties)
                within.extend(schema.values())
            elif isinstance(schema, list):
                within.extend(schema)
        return found

    @cached_property
    def values(self) -> tuple[str, ...]:
        """Texts in arguments and results, the longest first.

        What is wanted counts before it is called: it is asked about by its words.
        """
        messages = self.trajectory.messages
        wholes = [gold.arguments for gold in self.trajectory.task.calls]
        wholes += [exchange.call.arguments for exchange in exchanges(messages)]
        wholes += results(messages).values()
        scalars = (item for whole in wholes for _, item in leaves(whole))
        written = [item for item in scalars if isinstance(item, str)]
        found = {variant for item in written for variant in (item, item.strip())}
        return tuple(sorted((item for item in found if len(item) > 2), key=lambda v: (-len(v), v)))
