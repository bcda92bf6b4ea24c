"""Results that are drawn rather than told: ``{id: int, tags: [str], owner?: {name}}``.

Such a shape names fields and types; an example names values (`generators.results.examples`).
"""

import re
from typing import Any

from generators.results.type_words import read_type
from schemas.record import JsonObject

MOST_DEPTH = 8
_TOKEN = re.compile(
    r"""\s*(?:(?P<mark>[{}\[\],:?])|"(?P<double>[^"\n]*)"|'(?P<single>[^'\n]*)'"""
    r"""|(?P<word><[^<>\n]*>|[^\s{}\[\],:?"'][^{}\[\],:?"'\n]*))"""
)
_NAME = re.compile(r"[A-Za-z_$][\w$-]*")
_TELLING = re.compile(r"^(?:the|a|an|whether|number of|list of)\s|\s\S+\s\S+\s\S", re.IGNORECASE)


def read_shape(text: str) -> JsonObject | None:
    """Read ``{…}`` or ``[{…}]``; None where it is no shape. One bare name is a placeholder."""
    tokens = _tokens(text)
    if tokens is None:
        return None
    reader = _Reader(tokens)
    try:
        schema = reader.value(0)
    except _NoShape:
        return None
    told = reader.names > 1 or reader.typed
    return schema if told and not reader.left else None


def shape_of(value: Any) -> JsonObject | None:
    """Read a value whose texts are types or explanations, ``{"id": "int"}``; else None."""
    texts = list(_scalars(value))
    if not texts or not all(isinstance(text, str) for text in texts):
        return None
    typed = [read_type(text) is not None for text in texts]
    if all(typed) or any(_TELLING.search(text) for text in texts):
        return _shape(value)
    return None


def _scalars(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for item in value.values() for leaf in _scalars(item)]
    if isinstance(value, list):
        return [leaf for item in value for leaf in _scalars(item)]
    return [value]


def _shape(value: Any) -> JsonObject:
    if isinstance(value, dict):
        return object_of({name: _shape(item) for name, item in value.items()})
    if isinstance(value, list):
        return {"type": "array", "items": _shape(value[0]) if value else {}}
    return read_type(value) or {}


def object_of(properties: JsonObject, optional: frozenset[str] = frozenset()) -> JsonObject:
    """Make the schema of an object with these properties, all but the optional ones required."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required}


class _NoShape(Exception):  # noqa: N818 - how reading stops, not an error
    """The text is something else."""


class _Reader:
    """Reads one shape, token by token."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.left = tokens
        self.names = 0
        self.typed = False

    def value(self, depth: int) -> JsonObject:
        if depth > MOST_DEPTH:
            raise _NoShape
        kind, text = self._take()
        if (kind, text) == ("mark", "{"):
            return self._object(depth)
        if (kind, text) == ("mark", "["):
            return self._array(depth)
        if kind == "mark":
            raise _NoShape
        known = read_type(text.strip("<> "))
        self.typed = self.typed or known is not None
        return known or {}

    def _object(self, depth: int) -> JsonObject:
        properties: JsonObject = {}
        optional: set[str] = set()
        while True:
            kind, name = self._take()
            if kind == "word" and name in ("...", "…") and properties:
                self._expect("}")
                break
            if kind == "mark" or not _NAME.fullmatch(name):
                raise _NoShape
            self.names += 1
            if self._skip("?"):
                optional.add(name)
            properties[name] = self.value(depth + 1) if self._skip(":") else {}
            if not self._skip(","):
                self._expect("}")
                break
        return object_of(properties, frozenset(optional))

    def _array(self, depth: int) -> JsonObject:
        items = self.value(depth + 1)
        if self._skip(",") and self._take()[1] not in ("...", "…"):
            raise _NoShape
        self._expect("]")
        return {"type": "array", "items": items}

    def _take(self) -> tuple[str, str]:
        if not self.left:
            raise _NoShape
        return self.left.pop(0)

    def _skip(self, mark: str) -> bool:
        if self.left[:1] == [("mark", mark)]:
            del self.left[0]
            return True
        return False

    def _expect(self, mark: str) -> None:
        if not self._skip(mark):
            raise _NoShape


def _tokens(text: str) -> list[tuple[str, str]] | None:
    tokens: list[tuple[str, str]] = []
    at = 0
    text = text.strip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            return None
        kind = str(found.lastgroup)
        tokens.append(("mark" if kind == "mark" else "word", found[kind].strip()))
        at = found.end()
        while at < len(text) and text[at].isspace():
            at += 1
    return tokens
