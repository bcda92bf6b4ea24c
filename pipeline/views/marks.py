"""Text and JSON as HTML in which the places that something was taken from are marked.

Everything that comes from data is escaped here; what is taken from where is `pipeline.views.chat`'s
business.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from markupsafe import Markup, escape

from schemas.leaves import leaves

_MARK = Markup('<mark title="{}">{}</mark>')
_STRUCTURE = re.compile(r".*[{\[]|[}\]],?")


class Note(NamedTuple):
    """Why a span of text is marked."""

    span: str
    told: str


class _Stretch(NamedTuple):
    """A part of a text, and the notes on it."""

    start: int
    stop: int
    told: tuple[str, ...]


def mark_text(text: str, notes: Sequence[Note]) -> Markup:
    """Escape ``text``, and mark the first place of each span that is in it."""
    html, position = Markup(), 0
    # In order of the text; those that overlap become one.
    places = _places(text, notes)
    joined: list[_Stretch] = []
    for place in sorted(places):
        if joined and place.start < joined[-1].stop:
            last = joined.pop()
            joined_told = tuple(dict.fromkeys((*last.told, *place.told)))
            place = _Stretch(last.start, max(last.stop, place.stop), joined_told)
        joined.append(place)
    for start, stop, told in joined:
        html += escape(text[position:start]) + _mark(text[start:stop], told)
        position = stop
    return html + escape(text[position:])


def _mark(text: str, told: Sequence[str]) -> Markup:
    return _MARK.format("\n".join(told), text)


def _places(text: str, notes: Sequence[Note]) -> Iterator[_Stretch]:
    for span, told in notes:
        whole = re.search(rf"(?<!\w){re.escape(span)}(?!\w)", text)
        start = whole.start() if whole else text.find(span)
        if span and start >= 0:
            yield _Stretch(start, start + len(span), (told,))


def mark_json(text: str, notes: Mapping[str, Sequence[str]]) -> Markup:
    """Indent the JSON ``text`` and mark the scalars at the paths of ``notes``.

    What is no JSON is only escaped.
    """
    try:
        value = json.loads(text)
    except ValueError:
        return escape(text)
    lines = json.dumps(value, ensure_ascii=False, indent=2).split("\n")
    return Markup("\n").join(_marked_lines(lines, value, notes))


def _marked_lines(
    lines: list[str], value: Any, notes: Mapping[str, Sequence[str]]
) -> Iterator[Markup]:
    """Indented JSON has one line for each leaf, in the leaves' order."""
    paths = (path for path, _ in leaves(value))
    for line in lines:
        content = line.lstrip()
        told = () if _STRUCTURE.fullmatch(content) else notes.get(next(paths), ())
        indent = escape(line[: len(line) - len(content)])
        yield indent + (_mark(content, told) if told else escape(content))
