"""Finds the passages of a description that say what a tool returns.

A passage is the body of a section (``Returns:`` as Google, NumPy, Sphinx and JSDoc write it), or a
sentence whose verb is to return. What it says is read in `generators.results.phrases`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TITLE = (
    r"(?:returns?|return (?:values?|type)|outputs?(?: format)?|responses?(?: format)?|results?|"
    r"yields?)"
)
_HEADER = re.compile(rf"^[#*\s]*{_TITLE}[*\s]*:?[*\s]*$", re.IGNORECASE)
_LABEL = re.compile(rf"^[#*\s]*{_TITLE}[*\s]*:[*\s]*(?=\S)", re.IGNORECASE)
_TAG = re.compile(r"^\s*(?::returns?:|@returns?\b:?|\\returns?\b)\s*", re.IGNORECASE)
_TAG_TYPE = re.compile(r"^\s*:rtype:\s*(.+)$", re.IGNORECASE)
_OTHER = re.compile(
    r"^[#*\s]*(?:(?:args|arguments|parameters|params|inputs?|raises|throws|errors?|notes?|"
    r"examples?(?: \w+)?|usage|see also|warnings?|limits?|limitations?|permissions?|requires|"
    r"sample \w+)[*\s]*:|:(?:param|type|raises?)\b|@(?:param|throws|raises|example)\b)",
    re.IGNORECASE,
)
_OTHER_WITHIN = re.compile(
    r"\s(?:Args|Arguments|Parameters|Params|Inputs?|Raises|Throws|Errors|Notes?|Examples?|Usage)\s*:"
    r"|\s(?::param|:raises?|@param|@throws)\b"
)
_LABEL_WITHIN = re.compile(
    r"(?<=[.!?;)])\s+(?:(?:Returns?|Return type|Outputs?|Responses?|Results?)\s*:|@returns?\b|"
    r":returns?:)"
    r"\s*(?=\S)"
)
_UNDERLINE = re.compile(r"^\s*[-=~]{3,}\s*$")
_SENTENCE = re.compile(r"(?<!e\.g)(?<!i\.e)(?<!etc)(?<!vs)[.!?](?=\s|$)")
_SUBJECT = (
    r"(?:(?:it|this|and|which|the)\s+)?(?:(?:function|tool|method|endpoint|api|call|operation|"
    r"command|action|service|query|request|step)\s+)?(?:(?:also|then|will|always)\s+){0,2}"
)
_VERB = re.compile(
    rf"(?:^|(?:,|;|\band\b|\bto\b|\bwhich\b|\bthat\b)\s+){_SUBJECT}"
    r"(?:returns?|responds? with|outputs|yields|gives back|replies with)\s+"
    r"(?!on\b|to\b|of\b|policy)",
    re.IGNORECASE,
)
_DESCRIBED = re.compile(
    r"^(?:the|each|every)\s+(?:(?:returned|resulting)\s+)?(?:response|result|output|answer|reply|"
    r"returned \w+|\w+ (?:in the (?:response|results?|output|list)|returned)|"
    r"item|entry|element|row|record|object)s?\s+(?:also\s+)?"
    r"(?:(?:includes?|contains?|has|have|consists? of|lists?|holds?|carr(?:y|ies)|comprises?)\b"
    r"|is\s+(?=an?\s))",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Statement:
    """What is said of a result."""

    body: str
    """Without the word that announces it; its lines are kept."""
    labelled: bool
    """Stood under ``Returns:`` or a tag, not in a sentence of prose."""
    every: bool = False
    """Is about each element of what is returned."""


def statements(text: str, prose: bool = True) -> Iterator[Statement]:
    """Yield what a description says of results, sections first, then sentences if wanted."""
    lines = text.splitlines()
    rest: list[str] = []
    at = 0
    while at < len(lines):
        body, after = _labelled(lines, at)
        if body is None:
            rest.append("" if _OTHER.match(lines[at]) else lines[at])
            at += 1
            continue
        yield Statement(body, labelled=True)
        at = after
    loose = "\n".join(rest)
    for found in _LABEL_WITHIN.finditer(loose):
        yield Statement(_until_other(loose[found.end() :]), labelled=True)
    if prose:
        yield from _told(_LABEL_WITHIN.split(loose)[0])


def _labelled(lines: list[str], at: int) -> tuple[str | None, int]:
    """Read a labelled passage that begins in this line, and say which line comes after it."""
    line = lines[at]
    if _HEADER.match(line) and (":" in line or _underlined(lines, at) or line.strip()[:1] in "#*"):
        start = at + 1 + _underlined(lines, at)
        after = _section_end(lines, start)
        return "\n".join(lines[start:after]), after
    typed = _TAG_TYPE.match(line)
    if typed:
        return f"{{{typed[1].strip()}}}", at + 1
    label = _TAG.match(line) or _LABEL.match(line)
    if label is None:
        return None, at
    after = _section_end(lines, at + 1)
    first = line[label.end() :]
    return _until_other("\n".join((first, *lines[at + 1 : after]))), after


def _underlined(lines: list[str], at: int) -> bool:
    return at + 1 < len(lines) and bool(_UNDERLINE.match(lines[at + 1]))


def _section_end(lines: list[str], start: int) -> int:
    """Find the line at which another section begins, or a paragraph that is not indented."""
    for at in range(start, len(lines)):
        line = lines[at]
        if _OTHER.match(line) or _HEADER.match(line) or _TAG.match(line) or _TAG_TYPE.match(line):
            return at
        if _underlined(lines, at) and at > start:
            return at
        if at > start and not lines[at - 1].strip() and line[:1].strip() and line[:1] not in "-*•":
            return at
    return len(lines)


def _until_other(text: str) -> str:
    """Cut where another section begins in the same line."""
    other = _OTHER_WITHIN.search(text)
    return text[: other.start()] if other else text


def _told(text: str) -> Iterator[Statement]:
    """Yield sentences of prose that say what is returned, or what it holds."""
    for paragraph in re.split(r"\n\s*\n", text):
        for sentence in _sentences(paragraph):
            verb = _VERB.search(sentence)
            described = _DESCRIBED.match(sentence)
            if verb and not re.search(r"\bnot\s+$", sentence[: verb.end()]):
                yield Statement(sentence[verb.end() :], labelled=False)
            elif described:
                every = sentence.lower().startswith(("each", "every"))
                yield Statement(_as_content(sentence, described), labelled=False, every=every)


def _as_content(sentence: str, described: re.Match[str]) -> str:
    holds = described[0].rstrip().lower().endswith("is")
    body = sentence[described.end() :]
    return body if holds else f"object containing{body}"


def _sentences(paragraph: str) -> Iterator[str]:
    """Split into sentences; the lines of a list stay with the sentence that announces it."""
    start = 0
    for end in _SENTENCE.finditer(paragraph):
        yield paragraph[start : end.start()].strip()
        start = end.end()
    yield paragraph[start:].strip()
