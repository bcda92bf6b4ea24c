"""Texts of others as a model may see them: without markup, imitating nothing, of bounded length.

A mark of a chat template (``<|im_start|>``, ``<tool_call>``, ``[INST]``) keeps its words between
signs that no template has. Escape sequences, which steer a terminal, and characters of control, of
direction and of tags go.
"""

import html
import re
from typing import Any

from schemas.record import JsonObject

MAX_DESCRIPTION = 1000
"""Characters of a tool's description; interfaces that take tools allow little over this."""
MAX_NOTE = 400
"""Characters of the description of one parameter or field."""

_BREAK = re.compile(r"</?(?:br|p|div|li|ul|ol|tr|table|h[1-6]|pre|blockquote)\b[^<>]*>", re.I)
_TAG = re.compile(
    r"</?(?:a|abbr|b|code|dd|dl|dt|em|hr|i|img|kbd|small|span|strong|sub|sup|tbody|td|th|thead|u)"
    r"(?:\s[^<>]*)?/?>",
    re.I,
)
"""Only what HTML knows: ``<album_id>`` may be meant as it stands."""
_MARKDOWN = (
    (re.compile(r"<!--.*?-->", re.S), ""),
    (re.compile(r"!\[[^\]\n]*\]\([^)\n]*\)"), ""),
    (re.compile(r"\[([^\]\n]+)\]\([^)\n]*\)"), r"\1"),
    (re.compile(r"^\s*(?:```|~~~).*$", re.M), ""),
    (re.compile(r"^\s{0,3}#{1,6}\s+", re.M), ""),
    (re.compile(r"\*\*(\S(?:[^\n]*?\S)?)\*\*"), r"\1"),
)


def describe_operation(operation: JsonObject) -> str:
    """Summary and description of an operation, each once."""
    summary, text = clean_text(operation.get("summary")), clean_text(operation.get("description"))
    if not text.lower().startswith(summary.lower().rstrip(".")):
        stop = "" if summary[-1] in ".!?:" else "."
        text = f"{summary}{stop}\n{text}".strip()
    if operation.get("deprecated") is True:
        return f"{shorten(text, MAX_DESCRIPTION - 12)}\nDeprecated.".strip()
    return shorten(text, MAX_DESCRIPTION)


def clean_text(text: Any) -> str:
    """Without tags, links, headings and emphasis; line breaks stay, other space is single."""
    if not isinstance(text, str):
        return ""
    for pattern, instead in _MARKDOWN:
        text = pattern.sub(instead, text)
    text = html.unescape(_TAG.sub("", _BREAK.sub("\n", text)))
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def shorten(text: str, length: int) -> str:
    """At most ``length`` characters, cut between words."""
    if len(text) <= length:
        return text
    head = text[: length - 1]
    space = max(head.rfind(" "), head.rfind("\n"))
    return f"{(head[:space] if space > length // 2 else head).rstrip()}…"


_ESCAPES = re.compile(
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?"  # a command to the terminal: its title, a link
    r"|\x1b[PX^_][^\x1b]*(?:\x1b\\)?|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?|\x1b[ -/]*[0-~]?"
)
_CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f"
    r"\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_BREAKS = re.compile(r"\r\n?|[\u2028\u2029\x85\x0b\x0c]")
_WORDS = (
    r"tool_?calls?|tool_?responses?|tool_?results?|tool_?outputs?|tools|function_?calls?"
    r"|function_?results?|functions?|invoke|parameters?|think(?:ing)?|thoughts?|reasoning|scratchpad"
    r"|antml:[\w.-]+|s|bos|eos|pad|unk|start_of_turn|end_of_turn"
    r"|(?:start|end)_of_text|start_header_id|end_header_id|eot_id|eom_id|unused\d+"
    r"|begin_of_text|im_start|im_end|im_sep|endoftext|python_tag|extra_id_\d+"
)
_MARKS = (
    (re.compile(r"<[|｜]([^<>|｜\n]{0,80})[|｜]>"), r"‹\1›"),
    (re.compile(rf"<(/?(?:{_WORDS})(?:[\s=:][^<>\n]{{0,200}})?/?)>", re.I), r"‹\1›"),
    (re.compile(r"<<(/?SYS)>>", re.I), r"‹\1›"),
    (re.compile(r"\[(/?(?:INST|SYSTEM_PROMPT|TOOL_CALLS|TOOL_CONTENT|TOOL_RESULTS|AVAILABLE_TOOLS"
                r"|(?:BEGIN|END) OF AVAILABLE TOOLS|IMG|THINK))\]", re.I), r"‹\1›"),
    (re.compile(r"<[|｜]|[|｜]>"), "‹"),
    (re.compile(r"#{3}(?=\s?(?:instruction|input|response|system|user|assistant|human)\b)", re.I),
     "—"),
)  # fmt: skip
_NAMES = frozenset({"required", "dependentRequired", "$ref", "$anchor", "$dynamicRef"})
"""Keywords whose texts are names."""
_ROUNDS = 8
"""Marks inside marks: each round takes the inner ones."""


def neutralise(text: str) -> str:
    """The text without anything that a template or a terminal takes for its own."""
    if text.isascii() and text.isprintable() and not set(text) & set("<[|#"):
        return text
    text = _CONTROL.sub("", _BREAKS.sub("\n", _ESCAPES.sub("", text)))
    for _ in range(_ROUNDS):
        before = text
        for pattern, instead in _MARKS:
            text = pattern.sub(instead, text)
        if text == before:
            break
    return text


def neutralise_values(value: Any, place: str, notes: list[str]) -> Any:
    """A copy of a schema or a value in which every text is neutral; places are noted.

    Names of properties stay: they are made legal where that can be mapped back.
    """
    if isinstance(value, str):
        neutral = neutralise(value)
        if neutral != value:
            notes.append(f"{place}: what imitates a template or steers a terminal was neutralised")
        return neutral
    if isinstance(value, list):
        return [neutralise_values(one, f"{place}[{at}]", notes) for at, one in enumerate(value)]
    if not isinstance(value, dict):
        return value
    told: JsonObject = {}
    for key, item in value.items():
        inside = f"{place}.{key}"
        if key in _NAMES and not isinstance(item, dict):
            told[key] = item
        elif key == "pattern" and isinstance(item, str):
            # Its bars and brackets are signs of its own: only a whole mark counts.
            if any(mark.search(item) for mark in (_CONTROL, _MARKS[0][0], _MARKS[1][0])):
                notes.append(f"{inside}: a pattern that imitates a template was dropped")
            else:
                told[key] = item
        else:
            told[key] = neutralise_values(item, inside, notes)
    return told


def cap_descriptions(value: Any, length: int, place: str, notes: list[str]) -> Any:
    """A copy of a schema in which no description is longer."""
    if isinstance(value, list):
        return [
            cap_descriptions(one, length, f"{place}[{n}]", notes) for n, one in enumerate(value)
        ]
    if not isinstance(value, dict):
        return value
    capped = {}
    for key, item in value.items():
        if key == "description" and isinstance(item, str):
            capped[key] = cap_text(item, length, f"{place}.{key}", notes)
        else:
            capped[key] = cap_descriptions(item, length, f"{place}.{key}", notes)
    return capped


def cap_text(text: str, length: int, place: str, notes: list[str]) -> str:
    """A description of bounded length."""
    if len(text) <= length:
        return text
    notes.append(f"{place}: {len(text):,} characters were cut to {length:,}")
    return shorten(text, length)
