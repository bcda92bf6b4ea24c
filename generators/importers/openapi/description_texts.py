"""Descriptions as a model should see them: one kind of text, without markup, of bounded length."""

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
