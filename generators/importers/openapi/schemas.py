"""Unfolds the schemas of a document, so that each stands alone, bounded in depth and in number.

Real interfaces refer to one another without end: a schema that is inside itself is cut, and so is
what lies too deep; a cut schema keeps its type and its description. OpenAPI's own keywords become
those of JSON Schema or go (``discriminator`` restricts nothing that its branches do not); what
only older dialects write (``nullable``, boolean ``exclusiveMinimum``) is left to normalising.
"""

from dataclasses import dataclass, field
from typing import Any

from generators.importers.keywords import ANNOTATIONS, MANY, NAMED, ONE, map_subschemas
from generators.importers.openapi.allof import merge_all_of
from generators.importers.openapi.operations import follow, target_of
from generators.importers.openapi.texts import MAX_NOTE, clean_text, shorten
from schemas.errors import InputError
from schemas.record import JsonObject


@dataclass(frozen=True)
class Side:
    """What belongs to one side of an interface, and how much of it is unfolded."""

    hidden: str
    """The keyword of properties that belong to the other side."""
    depth: int
    """Levels of properties and of items; composition and references are none."""
    schemas: int
    """At most so many in all: levels are given up until it is so."""


INPUT = Side("readOnly", depth=8, schemas=2000)
OUTPUT = Side("writeOnly", depth=6, schemas=500)

_COMPOSITION = ("allOf", "anyOf", "else", "if", "not", "oneOf", "then")
_LEADING = (NAMED | ONE | MANY) - {*_COMPOSITION}
_FOREIGN = frozenset({"discriminator", "example", "externalDocs", "readOnly", "writeOnly", "xml"})
_BESIDE = ANNOTATIONS | {"nullable", "readOnly", "summary", "writeOnly"}
_KEPT = ("type", "nullable", "description")


def unfold(root: JsonObject, schema: Any, side: Side, place: str) -> tuple[Any, tuple[str, ...]]:
    """The schema without references, and what was cut, in words.

    Raises InputError for a reference that leads nowhere, and where even one level is too large.
    """
    for depth in range(side.depth, 0, -1):
        unfolding = _Unfolding(root, side, depth, place)
        unfolded = unfolding.unfold(schema, 0, ())
        if not unfolding.is_full:
            return unfolded, unfolding.cuts()
    raise InputError(f"unfolds to more than {side.schemas:,} schemas", place=place)


@dataclass
class _Unfolding:
    root: JsonObject
    side: Side
    depth: int
    place: str
    count: int = 0
    deep: int = 0
    recursive: list[str] = field(default_factory=list)

    @property
    def is_full(self) -> bool:
        return self.count > self.side.schemas

    def unfold(self, schema: Any, level: int, inside: tuple[str, ...]) -> Any:
        """``inside`` are the references that are being unfolded around this schema."""
        self.count += 1
        if self.is_full or not isinstance(schema, dict):
            return schema
        schema, inside = self._opened(schema, inside)
        if not isinstance(schema, dict):
            return schema
        if level >= self.depth and any(schema.get(key) for key in _LEADING):
            self.deep += 1
            return _cut(schema)
        shown = self._shown(_translated(schema))
        return merge_all_of(
            map_subschemas(shown, lambda item, at: self.unfold(item, level + _is_level(at), inside))
        )

    def cuts(self) -> tuple[str, ...]:
        """What was cut, in words."""
        cuts = []
        if self.recursive:
            names = ", ".join(dict.fromkeys(self.recursive))
            cuts.append(f"{self.place}: cut where they are inside themselves: {names}")
        if self.deep:
            cuts.append(f"{self.place}: {self.deep} below level {self.depth} cut")
        return tuple(cuts)

    def _opened(self, schema: Any, inside: tuple[str, ...]) -> tuple[Any, tuple[str, ...]]:
        """Where the references lead; what stands beside them holds as well."""
        while isinstance(schema, dict) and isinstance(schema.get("$ref"), str):
            reference = schema["$ref"]
            referred = target_of(self.root, reference, self.place)
            if reference in inside:
                self.recursive.append(reference.rsplit("/", 1)[-1])
                return (_cut(referred) if isinstance(referred, dict) else referred), inside
            beside = {key: value for key, value in schema.items() if key != "$ref"}
            if not _only_tells(beside):
                parts = beside.get("allOf")
                both = [*(parts if isinstance(parts, list) else []), {"$ref": reference}]
                return {**beside, "allOf": both}, inside
            inside = (*inside, reference)
            schema = {**referred, **beside} if isinstance(referred, dict) else referred
        return schema, inside

    def _shown(self, schema: JsonObject) -> JsonObject:
        """Without the properties of the other side, which then are not required either."""
        properties = schema.get("properties")
        if not isinstance(properties, dict):
            return schema
        shown = {name: item for name, item in properties.items() if not self._hides(item)}
        required = schema.get("required")
        if len(shown) == len(properties) or not isinstance(required, list):
            return {**schema, "properties": shown}
        hidden = properties.keys() - shown.keys()
        kept = [name for name in required if name not in hidden]
        return {**schema, "properties": shown, "required": kept}

    def _hides(self, schema: Any) -> bool:
        plain = follow(self.root, schema, self.place)
        return isinstance(plain, dict) and plain.get(self.side.hidden) is True


def _is_level(place: str) -> bool:
    return not place.startswith(_COMPOSITION)


def _only_tells(beside: JsonObject) -> bool:
    return all(key in _BESIDE or key.startswith("x-") for key in beside)


def _cut(schema: JsonObject) -> JsonObject:
    return {key: value for key, value in _translated(schema).items() if key in _KEPT}


def _translated(schema: JsonObject) -> JsonObject:
    """What OpenAPI says about one schema, in the words of JSON Schema."""
    plain = {
        key: value
        for key, value in schema.items()
        if key not in _FOREIGN and not key.startswith("x-")
    }
    if schema.get("x-nullable") is True:
        plain["nullable"] = True
    if schema.get("type") == "file":
        plain |= {"type": "string", "format": "binary"}
    if schema.get("example") is not None:
        plain.setdefault("examples", [schema["example"]])
    if "description" in schema:
        plain["description"] = shorten(clean_text(schema["description"]), MAX_NOTE)
    return plain
