"""Lists of fields in prose: ``flight_id, price and departure time``, ``'id' (int), 'name' (str)``.

Also bullets and lines. Names are kept as they are given, words become snake case; a type is what
explicit words say, or left open.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from generators.results.attributes import is_attribute
from generators.results.type_words import read_type
from generators.world.naming_words import snake
from schemas.record import JsonObject

MOST_WORDS = 4
NAMED_LINE = re.compile(r"\s*[`'\"]?[a-z_]\w*[`'\"]?\s*(?:\([^()]+\)\s*)?(?::|[-–—]\s)")
"""``total (float): in euros``, ``status - one of …``."""
_BULLET = re.compile(r"^\s*(?:[-*•+]|\d+[.)])\s+")
_QUOTED = re.compile(r"""^[`'"“‘*]{1,3}(?P<name>[A-Za-z_$][\w $.-]*?)[`'"”’*]{1,3}""")
_CODE = re.compile(r"^(?P<name>[A-Za-z$][\w$]*(?:_[\w$]+)+|[a-z]+(?:[A-Z][a-z0-9]+)+[A-Z]*)\b")
_PLAIN = re.compile(r"^(?P<name>[A-Za-z][\w-]*(?: [A-Za-z0-9][\w-]*)*)")
_LEADING = re.compile(
    r"^(?:(?:and|or|also|the|an?|its|their|his|her|any|all|each|both|optionally|optional|"
    r"corresponding|associated|official|[a-z]+['’]s)\s+)+",
    re.IGNORECASE,
)
_DETAIL = re.compile(r"^\s*\((?P<detail>[^()]*(?:\([^()]*\)[^()]*)*)\)")
_MANNER = re.compile(r",\s*(?:optional|required|nullable|always|read-only|unique|in [\w ]+)$")
_AFTER = re.compile(r"^\s*(?::|=|—|–|-(?=\s))\s*(?P<after>.*)$", re.DOTALL)
_TAIL = re.compile(
    r"\s+(?:for|in|at|from|when|if|where|by|per|that|which|to|on|within|as|with|since|between|"
    r"during|during|after|before|under|over|sorted|ordered|based|using|via|it|they|is|are|was|were|"
    r"respectively|only|given|of(?=\s+(?:the|each|every|a|an|all|this|that|its|their)\b))\b.*$",
    re.IGNORECASE | re.DOTALL,
)
_LISTED = re.compile(r"^(?:lists?|arrays?|collections?) of\s+(?P<of>.+)$", re.IGNORECASE)
_REFUSED = re.compile(
    r"^(?:whether|if|given|specified|same|provided|requested|matching|other|others|ones|one|more|"
    r"etc|so on|various|everything|anything|information|details|data|metadata|none|null|error|"
    r"not|no|only|at|least|most|up|available|detailed|basic|full|additional|further|relevant|"
    r"related|true|false|success|failure|hidden|multiple|several|some|how|what|when|where|which|that|who|whose)\b",
    re.IGNORECASE,
)
_OPTIONAL = re.compile(
    r"\b(?:optional(?:ly)?|if (?:any|available|present|known|set|applicable)|when (?:available|"
    r"present|known|set)|may be (?:absent|missing)|where (?:available|known))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class ToldField:
    """A field that a text names."""

    name: str
    schema: JsonObject
    optional: bool
    sure: bool
    """Written as code or with a type, or ending as names of fields do."""
    exact: bool = False
    """Written as code."""


def read_fields(text: str) -> tuple[ToldField, ...]:
    """Read all the fields; empty where a part of the text is no field's name."""
    items = list(_items(text))
    found = [read_field(item) for item in items]
    fields = [field for field in found if field is not None]
    unread = len(found) - len(fields)
    if not fields or unread * 3 > len(found):
        return ()
    return tuple({field.name: field for field in reversed(fields)}.values())[::-1]


def read_field(text: str) -> ToldField | None:
    """Read one: a name, in brackets or after a colon its type, and words that explain it."""
    text = text.strip().rstrip(".;,")
    optional = bool(_OPTIONAL.search(text))
    named = _QUOTED.match(text) or _QUOTED.match(_LEADING.sub("", text))
    exact = named or _CODE.match(_LEADING.sub("", text))
    if exact is None:
        return _read_words(text, optional)
    rest = (text if named and _QUOTED.match(text) else _LEADING.sub("", text))[exact.end() :]
    name = exact["name"].strip()
    written = name if re.fullmatch(r"[\w$.-]+", name) else snake(name)
    return ToldField(written, _type_in(rest) or {}, optional, sure=True, exact=True)


def _read_words(text: str, optional: bool) -> ToldField | None:
    words = _LEADING.sub("", text)
    listed = _LISTED.match(words)
    words = listed["of"] if listed else words
    if _REFUSED.match(words):
        return None
    plain = _PLAIN.match(_TAIL.sub("", _before_detail(words)))
    if plain is None:
        return None
    name = plain["name"].strip()
    rest = words[len(name) :] if words.startswith(name) else ""
    junk = _TAIL.sub("", _before_detail(words))[len(name) :].strip()
    if len(name.split()) > MOST_WORDS or junk:
        return None
    kind = {"type": "array", "items": {}} if listed else _type_in(rest)
    sure = kind is not None or is_attribute(name)
    return ToldField(snake(name), kind or {}, optional, sure)


def _before_detail(text: str) -> str:
    """Leave out what stands in brackets or after a colon or a dash."""
    return re.split(r"\s*\(|\s*[:=—–]|\s-\s", text, maxsplit=1)[0].strip()


def _type_in(rest: str) -> JsonObject | None:
    """Read the type in ``(int, optional)``, ``: str - the name`` or ``(USD): number``."""
    detail = _DETAIL.match(rest)
    if detail:
        known = read_type(_MANNER.sub("", detail["detail"]))
        if known is not None:
            return known
        rest = rest[detail.end() :]
    after = _AFTER.match(rest)
    return _first_type(after["after"]) if after else None


def _first_type(text: str) -> JsonObject | None:
    """Read a type that stands alone or before a comma, a dash, a colon or a bracket."""
    for part in (text, re.split(r"\s[-–—]\s|[:;(]|\.\s", text)[0], text.split(",")[0]):
        known = read_type(part)
        if known is not None:
            return known
    return None


def _items(text: str) -> Iterator[str]:
    """Split at bullets, at lines that each name a field, or at commas and *and*."""
    lines = [line for line in text.splitlines() if line.strip()]
    bullets = [line for line in lines if _BULLET.match(line)]
    if bullets:
        level = min(len(line) - len(line.lstrip()) for line in bullets)
        top = [line for line in bullets if len(line) - len(line.lstrip()) == level]
        yield from (_BULLET.sub("", line) for line in top)
    elif len(lines) > 1 and all(NAMED_LINE.match(line) for line in lines):
        yield from lines
    else:
        yield from _parts(" ".join(lines))


def _parts(text: str) -> Iterator[str]:
    """Split at commas, semicolons and *and* that stand in no bracket."""
    depth = start = 0
    for mark in re.finditer(r"[()\[\]{}]|[,;]|\s+(?:and|as well as|plus|&)\s+", text):
        if mark[0] in "([{":
            depth += 1
        elif mark[0] in ")]}":
            depth = max(0, depth - 1)
        elif depth == 0:
            if text[start : mark.start()].strip():
                yield text[start : mark.start()]
            start = mark.end()
    if re.sub(r"^\s*and\b", "", text[start:]).strip():
        yield re.sub(r"^\s*and\s+", "", text[start:])
