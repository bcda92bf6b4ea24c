"""Unfolds the schemas of a document, so that each stands alone, bounded in depth and in number.

Real interfaces refer to one another without end: a schema that is inside itself is cut, and so is
what lies too deep; a cut schema keeps its type and its description. ``allOf`` is put together where
its parts are plain. OpenAPI's own keywords become those of JSON Schema or go (``discriminator``
restricts nothing that its branches do not); what only older dialects write (``nullable``, boolean
``exclusiveMinimum``) is left to normalising.
"""

from dataclasses import dataclass, field
from typing import Any

from generators.importers.all_of import merge_all_of
from generators.importers.openapi.description_texts import MAX_NOTE, clean_text, shorten
from generators.importers.openapi.operations import follow, target_of
from generators.importers.subschemas import ANNOTATIONS, MANY, NAMED, ONE, map_subschemas
from schemas.errors import InputError
from schemas.record import JsonObject


@dataclass(frozen=True)
class Side:
    """What belongs to one side of an interface, and how much of it is unfolded."""

    hidden: str
    """The keyword of properties that belong to the other side."""
    depth: int
    """Levels of properties and of items at most; composition and references are none."""


INPUT = Side("readOnly", depth=8)
OUTPUT = Side("writeOnly", depth=6)

MAX_SCHEMAS = 500
"""Schemas that one unfolds to, itself included: fewer levels are shown where it would be more."""

_COMPOSITION = frozenset({"allOf", "anyOf", "else", "if", "not", "oneOf", "then"})
_LEADING = (NAMED | ONE | MANY) - _COMPOSITION
_FOREIGN = frozenset(
    {"discriminator", "example", "externalDocs", "readOnly", "title", "writeOnly", "xml"}
)
_BESIDE = ANNOTATIONS | {"nullable", "readOnly", "summary", "writeOnly"}
_KEPT = ("type", "nullable", "description")
_NAMED = 5

MAX_NESTING = 24
"""Schemas inside one another, composition included; normalising takes no more than 32."""


def unfold(root: JsonObject, schema: Any, side: Side, place: str) -> tuple[Any, tuple[str, ...]]:
    """The schema without references, and what was cut, in words.

    Levels are added until nothing is cut, or all that is allowed is used. Raises InputError for a
    reference that leads nowhere, and where the first level alone unfolds to too many.
    """
    best: tuple[Any, tuple[str, ...]] | None = None
    for depth in range(side.depth + 1):
        unfolding = _Unfolding(root, side, depth, place)
        unfolded = unfolding.unfold(schema, 0, ())
        if unfolding.count > MAX_SCHEMAS:
            break
        best = unfolded, unfolding.say_cuts()
        if not unfolding.deep:
            break
    if best is None:
        raise InputError(f"unfolds to more than {MAX_SCHEMAS} schemas", place=place)
    return best


@dataclass
class _Unfolding:
    root: JsonObject
    side: Side
    depth: int
    place: str
    count: int = 0
    deep: int = 0
    recursive: list[str] = field(default_factory=list)

    def unfold(self, schema: Any, level: int, inside: tuple[str, ...], nesting: int = 0) -> Any:
        """The schema as it stands alone; ``inside`` are the references that lead to it."""
        self.count += 1
        if self.count > MAX_SCHEMAS or not isinstance(schema, dict):
            return schema
        schema, inside = self.follow_references(schema, inside)
        if not isinstance(schema, dict):
            return schema
        keywords = _LEADING if level >= self.depth else frozenset[str]()
        keywords |= _COMPOSITION if nesting >= MAX_NESTING else frozenset[str]()
        if any(schema.get(keyword) for keyword in keywords):  # it goes on, and is too deep for it
            self.deep += 1
            return _cut_schema(schema)
        shown = self.drop_other_side(_translate_keywords(schema))

        def unfold_inner(item: Any, at: str) -> Any:
            deeper = level + (not at.startswith(tuple(_COMPOSITION)))
            return self.unfold(item, deeper, inside, nesting + 1)

        return merge_all_of(map_subschemas(shown, unfold_inner))

    def say_cuts(self) -> tuple[str, ...]:
        """What was cut, in words."""
        said = []
        if self.recursive:
            names = list(dict.fromkeys(self.recursive))
            more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
            told = f"{', '.join(names[:_NAMED])}{more}"
            said.append(f"{self.place}: cut where they are inside themselves: {told}")
        if self.deep:
            said.append(f"{self.place}: schemas cut below level {self.depth}: {self.deep}")
        return tuple(said)

    def follow_references(
        self, schema: Any, inside: tuple[str, ...]
    ) -> tuple[Any, tuple[str, ...]]:
        """Where the references lead; what stands beside them holds as well."""
        while isinstance(schema, dict) and isinstance(schema.get("$ref"), str):
            reference = schema["$ref"]
            referred = target_of(self.root, reference, self.place)
            if reference in inside:
                self.recursive.append(reference.rsplit("/", 1)[-1])
                return (_cut_schema(referred) if isinstance(referred, dict) else referred), inside
            beside = {key: value for key, value in schema.items() if key != "$ref"}
            if not all(key in _BESIDE or key.startswith("x-") for key in beside):
                parts = beside.get("allOf")
                both = [*(parts if isinstance(parts, list) else []), {"$ref": reference}]
                return {**beside, "allOf": both}, inside
            inside = (*inside, reference)
            schema = {**referred, **beside} if isinstance(referred, dict) else referred
        return schema, inside

    def drop_other_side(self, schema: JsonObject) -> JsonObject:
        """Without the properties of the other side, which then are not required either."""
        properties = schema.get("properties")
        if not isinstance(properties, dict):
            return schema
        plain = {name: follow(self.root, item, self.place) for name, item in properties.items()}
        shown = {
            name: properties[name]
            for name, item in plain.items()
            if not isinstance(item, dict) or item.get(self.side.hidden) is not True
        }
        required = schema.get("required")
        if len(shown) == len(properties) or not isinstance(required, list):
            return {**schema, "properties": shown}
        hidden = properties.keys() - shown.keys()
        kept = [name for name in required if name not in hidden]
        return {**schema, "properties": shown, "required": kept}


def _cut_schema(schema: JsonObject) -> JsonObject:
    return {key: value for key, value in _translate_keywords(schema).items() if key in _KEPT}


def _translate_keywords(schema: JsonObject) -> JsonObject:
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
