"""Where the arguments of a call come from, found by looking: for roles that cannot say it.

A value is sought in earlier results, in what the user and the system message said, word for word or
by a rule of `schemas.reading`, and in the parameter's default. What is found nowhere has no source,
and the provenance check refuses it.
"""

import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from schemas.demand import fixed_values
from schemas.formats import Format, asked_of
from schemas.leaves import leaves
from schemas.message import (
    ArgumentSource,
    FromContext,
    FromDefault,
    FromResult,
    FromUser,
    Message,
    Source,
    SystemMessage,
    ToolMessage,
    UserMessage,
)
from schemas.reading import RULES, is_read_from, read_words, says
from schemas.record import JsonObject
from schemas.tool import ToolSpec

_WORD = re.compile(r"[^\s,;:!?“”\"()]+")
_FLAG = re.compile(r"\b(?:with|without)\b[^.,;!?]*")
_BEGINS, _ENDS = re.compile(r"(?<![\w:.])"), re.compile(r"(?!\w|[:.,]\d)")
"""Where a word, or a number, may begin and end."""
_LONGEST = 6


def trace(
    tool: ToolSpec, arguments: JsonObject, messages: Sequence[Message], clock: datetime
) -> tuple[ArgumentSource, ...]:
    """One source for each leaf that has one, in the order of the leaves."""
    sources = (
        (path, _find_source(tool, path, value, messages, clock))
        for path, value in leaves(arguments)
        if path  # a call without arguments has one leaf, without a path
    )
    return tuple(ArgumentSource(path=path, source=one) for path, one in sources if one is not None)


def _find_source(
    tool: ToolSpec, path: str, value: Any, messages: Sequence[Message], clock: datetime
) -> Source | None:
    """The user's own words first, then results, then the system message, then the default."""
    forms = asked_of(tool, path)
    for message in reversed(messages):
        if isinstance(message, UserMessage) and (
            said := hear_value(message.text, value, clock, forms)
        ):
            return FromUser(message=message.index, span=said[0], rule=said[1])
    for message in reversed(messages):
        if isinstance(message, ToolMessage) and not message.is_error:
            for place, known in _read_leaves(message.content):
                if type(known) is type(value) and known == value and value != "":
                    return FromResult(message=message.index, path=place)
    for message in messages:
        if isinstance(message, SystemMessage) and (said := hear_value(message.text, value, clock)):
            return FromContext(span=said[0], rule=said[1])
    schema: Any = tool.parameters
    for name, number in re.findall(r"([^.\[\]]+)|\[(\d+)\]", path):
        schema = schema.get("items", {}) if number else schema.get("properties", {}).get(name, {})
        if not isinstance(schema, dict):
            return None
    known_values = fixed_values(schema)
    known_values += schema["enum"] if len(schema.get("enum", ())) == 1 else []
    usual = any(type(item) is type(value) and item == value for item in known_values)
    return FromDefault() if usual else None


@lru_cache(maxsize=256)  # each leaf of each call is looked for in each result
def _read_leaves(content: str) -> tuple[tuple[str, Any], ...]:
    return tuple(leaves(json.loads(content)))


def hear_value(
    text: str, value: Any, clock: datetime, forms: Sequence[Format] = ()
) -> tuple[str, str] | None:
    """Span and rule by which ``text`` says ``value``; first, as a format writes it."""
    for rule, span in _spans(text, value, clock, forms):
        if span and _stands_alone(span, text) and says(rule, span, value, clock):
            return span, rule
    return None


def _spans(
    text: str, value: Any, clock: datetime, forms: Sequence[Format]
) -> Iterator[tuple[str, str]]:
    """Rules, and the spans of a text that they might read the value from."""
    if isinstance(value, bool):
        yield from (("flag", span) for span in _FLAG.findall(text))
        return
    for form in forms if isinstance(value, str) else ():
        # The value's words as they stand in the text, with the marks after them and without.
        core = value.removeprefix(form.before).removesuffix(form.after)
        words = r"[\W_]+".join(map(re.escape, re.findall(r"[^\W_]+", core)))
        for match in re.finditer(rf"{words}([.!?)]*)", text, re.IGNORECASE) if words else ():
            whole = match.group()
            yield from ((form.name, whole[: len(whole) - cut]) for cut in range(len(match[1]) + 1))
    if isinstance(value, str) and value and _stands_alone(value, text):
        yield "literal", value
    if is_read_from(text, value, clock.date()):
        for rule in RULES:
            yield from ((rule.name, span) for span in rule.spans(text))
    if isinstance(value, str) and value:
        # Runs of one word, and of as many as the value has.
        words = read_words(value, datetime.min)
        count = len(words.split())
        near = words in read_words(text, datetime.min) or value.casefold() in text.casefold()
        found = [*_WORD.finditer(text)] if near else []
        for size in {1, count} if 0 < count <= _LONGEST else ():
            for first, last in zip(found, found[size - 1 :], strict=False):
                yield "words", text[first.start() : last.end()].rstrip(".")


def _stands_alone(value: str, text: str) -> bool:
    """Whether the value is in the text, and not merely a part of a longer word."""
    at = text.find(value)  # a pattern for each value would take longer to make than to use
    while at >= 0:
        begins = not value[0].isalnum() or _BEGINS.match(text, at)
        if begins and (not value[-1].isalnum() or _ENDS.match(text, at + len(value))):
            return True
        at = text.find(value, at + 1)
    return False
