"""Unfolds the schemas of a document, so that each stands alone, bounded in depth and in number.

Real interfaces refer to one another without end: a schema that is inside itself is cut, and so is
what lies too deep; a cut schema keeps its type and its description. Each is mended first
(`mending`), kinds that a discriminator tells apart are told (`discriminators`), ``allOf`` is
put together. OpenAPI's own keywords become those of JSON Schema or go, with a note; what only
older dialects write (``nullable``, boolean ``exclusiveMinimum``) is left to normalising.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from generators.importers.openapi.discriminators import give_value, list_kinds, tell_as_one
from generators.importers.openapi.mending import (
    COMPOSING,
    SCHEMA_REPAIRS,
    unknown_keywords,
)
from generators.importers.openapi.operations import Document, follow, target_of
from generators.importers.subschemas import ANNOTATIONS, MANY, NAMED, ONE, map_subschemas, without
from generators.importers.texts import MAX_NOTE, clean_text, shorten
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
_FOREIGN = frozenset({"discriminator", "example", "readOnly", "title", "writeOnly"})
_BESIDE = ANNOTATIONS | {"nullable", "readOnly", "summary", "writeOnly"}
_KEPT = ("type", "nullable", "description")
_NAMED = 5

MAX_NESTING = 24
"""Schemas inside one another, composition included; normalising takes no more than 32."""


@dataclass(frozen=True)
class Unfolded:
    """A schema that stands alone."""

    schema: Any
    faults: tuple[str, ...] = ()
    """What was mended, each with its place."""
    notes: tuple[str, ...] = ()
    """What was cut and left out, in words."""


def unfold(document: Document, schema: Any, side: Side, place: str) -> Unfolded:
    """The schema without references.

    All levels that are allowed are shown, or as many as stay within bounds. Raises InputError for
    a reference that leads nowhere, and where the first level alone unfolds to too many.
    """
    for kinds in (True, False):  # where children are too many, the parent stands for them
        least, best = -1, None
        depth, most = side.depth, side.depth
        while depth > least:
            unfolding = _Unfolding(document, side, depth, place, kinds)
            try:
                found = unfolding.unfold(schema, 0, (), place)
            except _TooManyError:
                most = depth - 1
            else:
                least, best = depth, Unfolded(found, *unfolding.say_all())
            depth = (least + most + 1) // 2
        if best is not None:
            return best
    raise InputError(f"unfolds to more than {MAX_SCHEMAS} schemas", place=place)


class _TooManyError(Exception):
    """More schemas than are shown."""


@dataclass(frozen=True)
class _Mended:
    """A schema of the document without its references, mended, in the words of JSON Schema."""

    source: Any
    """The schema as it stood: what is remembered by its identity must live on."""
    schema: Any
    references: tuple[str, ...]
    """Those that led to it, in order."""
    notes: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()
    """Keywords that went."""
    discriminator: Any = None


@dataclass
class _Unfolding:
    document: Document
    side: Side
    depth: int
    place: str
    kinds: bool
    count: int = 0
    deep: int = 0
    recursive: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    foreign: set[str] = field(default_factory=set)
    hidden: list[str] = field(default_factory=list)

    def unfold(
        self, schema: Any, level: int, inside: tuple[str, ...], place: str, nesting: int = 0
    ) -> Any:
        """The schema as it stands alone; ``inside`` are the references that lead to it."""
        self.count += 1
        if self.count > MAX_SCHEMAS:
            raise _TooManyError
        if not isinstance(schema, dict):
            return schema
        mended = self.mend(schema)
        chain = mended.references
        repeated = [one for at, one in enumerate(chain) if one in (*inside, *chain[:at])]
        if repeated:
            self.recursive.append(repeated[0].rsplit("/", 1)[-1])
            return _cut_schema(mended.schema)
        if not isinstance(mended.schema, dict):
            return mended.schema
        inside = (*inside, *mended.references)
        self.faults += [f"{place}: {note}" for note in mended.notes]
        self.foreign.update(mended.foreign)
        keywords = _LEADING if level >= self.depth else frozenset[str]()
        keywords |= _COMPOSITION if nesting >= MAX_NESTING else frozenset[str]()
        # It goes on, and is too deep for it.
        if keywords and any(mended.schema.get(keyword) for keyword in keywords):
            self.deep += 1
            return _cut_schema(mended.schema)
        tag, kinds, plain = self.find_kinds(mended, inside)
        if kinds and plain is not mended.schema:
            # A child that refers to its parent means the parent alone.
            inside = (*inside[:-1], f"base {inside[-1]}")
            self.faults.append(f"{place}: discriminator {tag!r}: its kinds are shown")

        def unfold_inner(item: Any, at: str) -> Any:
            deeper = level + (not at.startswith(tuple(_COMPOSITION)))
            within = inside
            base = item.get("$ref") if at.startswith("allOf") and isinstance(item, dict) else None
            if (
                base
                and mended.references[-1:]
                and (mended.references[-1] in self.document.children.get(base, ()))
            ):
                within = (*inside, f"base {base}")
            return self.unfold(item, deeper, within, f"{place}.{at}", nesting + 1)

        shown = map_subschemas(self.drop_other_side(plain), unfold_inner)
        if kinds:
            keyword = "anyOf" if "anyOf" in shown else "oneOf"
            named = zip(shown[keyword], kinds, strict=True)
            shown[keyword] = [give_value(one, tag, value) for one, value in named]
            shown = tell_as_one(shown, keyword, tag)
        for rule in COMPOSING:
            shown = rule(shown, lambda text: self.faults.append(f"{place}: {text}"))
        return shown

    def find_kinds(
        self, mended: _Mended, inside: tuple[str, ...]
    ) -> tuple[str, list[str], JsonObject]:
        """What a discriminator tells apart: its field, the values, the schema that lists them."""
        plain: JsonObject = mended.schema
        own = mended.references[-1] if mended.references else ""
        if not mended.discriminator or f"base {own}" in inside:
            return "", [], plain
        tag, kinds = list_kinds(
            {**plain, "discriminator": mended.discriminator}, own, self.document.children
        )
        listed = "oneOf" in plain or "anyOf" in plain
        if not kinds or not (listed or self.kinds):
            self.foreign.add("discriminator")
            return "", [], plain
        if not listed:
            told = {key: value for key, value in plain.items() if key in ANNOTATIONS}
            plain = {**told, "oneOf": [one for _, one in kinds]}
        return tag, [value for value, _ in kinds], plain

    def mend(self, schema: JsonObject) -> _Mended:
        """The schema mended; remembered, as the same stands in many operations."""
        known = self.document.mended.get(id(schema))
        if isinstance(known, _Mended) and known.source is schema:
            return known
        plain, references = self.follow_references(schema)
        notes: list[str] = []
        foreign: list[str] = []
        told = None
        if isinstance(plain, dict):
            for repair in SCHEMA_REPAIRS:
                plain = repair(plain, notes.append)
            told = plain.get("discriminator")
            foreign = unknown_keywords(plain)
            # What OpenAPI says about one schema, in the words of JSON Schema.
            unknown = {*_FOREIGN, "x-nullable", *unknown_keywords(plain)}
            simple = {key: value for key, value in plain.items() if key not in unknown}
            if plain.get("x-nullable") is True:
                simple["nullable"] = True
            if plain.get("type") == "file":
                simple |= {"type": "string", "format": "binary"}
            if isinstance(simple.get("examples"), dict):
                simple["examples"] = list(simple["examples"].values())
            if plain.get("example") is not None:
                simple.setdefault("examples", [plain["example"]])
            if "description" in plain:
                simple["description"] = shorten(clean_text(plain["description"]), MAX_NOTE)
            plain = simple
        mended = _Mended(schema, plain, references, tuple(notes), tuple(foreign), told)
        self.document.mended[id(schema)] = mended
        return mended

    def say_all(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What was mended, and what was cut or left out, in words."""
        said = []
        if self.recursive:
            said.append(f"{self.place}: cut where they are inside themselves: "
                        f"{_name_some(dict.fromkeys(self.recursive))}")  # fmt: skip
        if self.deep:
            said.append(f"{self.place}: schemas cut below level {self.depth}: {self.deep}")
        if self.hidden:
            told = _name_some(dict.fromkeys(self.hidden))
            said.append(f"{self.place}: {self.side.hidden}, so no part of it: {told}")
        if self.foreign:
            told = ", ".join(sorted(self.foreign))
            said.append(f"{self.place}: keywords that say nothing to a caller dropped: {told}")
        return tuple(dict.fromkeys(self.faults)), tuple(said)

    def follow_references(self, schema: Any) -> tuple[Any, tuple[str, ...]]:
        """Where the references lead, and which; what stands beside them holds as well."""
        references: tuple[str, ...] = ()
        while isinstance(schema, dict) and isinstance(schema.get("$ref"), str):
            reference = schema["$ref"]
            referred = target_of(self.document.root, reference, self.place)
            if reference in references:
                return {}, (*references, reference)
            beside = without(schema, "$ref")
            if not all(key in _BESIDE or key.startswith("x-") for key in beside):
                parts = beside.get("allOf")
                both = [*(parts if isinstance(parts, list) else []), {"$ref": reference}]
                return {**beside, "allOf": both}, references
            references = (*references, reference)
            schema = {**referred, **beside} if isinstance(referred, dict) else referred
        return schema, references

    def drop_other_side(self, schema: JsonObject) -> JsonObject:
        """Without the properties of the other side, which then are not required either."""
        properties = schema.get("properties")
        if not isinstance(properties, dict):
            return schema
        hidden = set()
        for name, item in properties.items():
            plain = follow(self.document.root, item, self.place)
            if isinstance(plain, dict) and plain.get(self.side.hidden) in (True, "true"):
                hidden.add(name)
        if not hidden:
            return schema
        self.hidden += sorted(hidden)
        shown = {name: item for name, item in properties.items() if name not in hidden}
        required = schema.get("required")
        if isinstance(required, list):
            schema = {**schema, "required": [name for name in required if name not in hidden]}
        return {**schema, "properties": shown}


def _name_some(names: Iterable[str]) -> str:
    listed = list(names)
    more = f" and {len(listed) - _NAMED} more" if len(listed) > _NAMED else ""
    return f"{', '.join(listed[:_NAMED])}{more}"


def _cut_schema(schema: Any) -> Any:
    if not isinstance(schema, dict):
        return schema
    return {key: value for key, value in schema.items() if key in _KEPT}
