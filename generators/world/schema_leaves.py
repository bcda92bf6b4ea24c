"""The leaves of a JSON schema: the scalars that a call has to fill, with their paths.

Knows objects, lists and compositions; not what the leaves mean. The leaves of *values* are
`schemas.leaves`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from schemas.record import JsonObject

SORTS: Mapping[str, JsonObject] = {
    "string": {"type": "string"},
    "datetime": {"type": "string", "format": "date-time"},
    "date": {"type": "string", "format": "date"},
    "email": {"type": "string", "format": "email"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
}
"""How the lexicon says of what sort a value is."""

_COMPOSITIONS = ("allOf", "anyOf", "oneOf")


@dataclass(frozen=True)
class Leaf:
    """One leaf of an object schema."""

    path: str
    """``items[].sku``."""
    schema: JsonObject
    required: bool
    """The leaf and all that it lies in must be given."""
    listed: str = ""
    """For an element of a list: what is said of the list."""

    @cached_property
    def top(self) -> str:
        """The argument that it lies in: ``items``."""
        return self.path.replace("[]", "").split(".", 1)[0]

    @cached_property
    def name(self) -> str:
        """The last name in the path: ``sku``."""
        return self.path.replace("[]", "").rsplit(".", 1)[-1]

    @property
    def many(self) -> bool:
        """Lies in a list."""
        return "[]" in self.path


def path_top(path: str) -> str:
    """The field or argument that a path begins in: ``items`` of ``items[].sku``."""
    return path.partition(".")[0].partition("[")[0]


def as_schema(value: Any) -> JsonObject:
    """Read a schema as an object: ``True`` and ``False`` are schemas too, and say nothing."""
    return dict(value) if isinstance(value, Mapping) else {}


def schema_type(schema: JsonObject) -> str:
    """Name the first type that is not null: ``string``, ``object`` …; empty where none is told."""
    told = schema.get("type")
    types = told if isinstance(told, list) else [told]
    named = [kind for kind in types if isinstance(kind, str) and kind != "null"]
    return named[0] if named else _guess_type(schema)


def _guess_type(schema: JsonObject) -> str:
    if isinstance(schema.get("properties"), Mapping):
        return "object"
    if "items" in schema:
        return "array"
    examples = schema.get("enum") or ([schema["const"]] if "const" in schema else [])
    kinds = {"str": "string", "bool": "boolean", "int": "integer", "float": "number"}
    known = [kinds[type(value).__name__] for value in examples if type(value).__name__ in kinds]
    if known:
        return known[0]
    branches = [schema_type(branch) for branch in _branches(schema)]
    return next((kind for kind in branches if kind), "")


def plain_schema(schema: JsonObject) -> JsonObject:
    """Leave the null branch out: ``anyOf: [string, null]`` → ``string``."""
    if "type" in schema:
        return schema
    branches = [branch for branch in _branches(schema) if branch.get("type") != "null"]
    if not branches:
        return schema
    told: JsonObject = {key: schema[key] for key in ("description", "default") if key in schema}
    return plain_schema(branches[0]) | told


def _branches(schema: JsonObject) -> list[JsonObject]:
    found = [schema[key] for key in _COMPOSITIONS if isinstance(schema.get(key), list)]
    return [as_schema(branch) for branches in found for branch in branches]


def members(schema: JsonObject) -> dict[str, tuple[JsonObject, bool]]:
    """Property → (schema, required), through compositions; only ``allOf`` can add to required."""
    found: dict[str, tuple[JsonObject, bool]] = {}
    for key in _COMPOSITIONS:
        for branch in schema.get(key) or []:
            for name, (part, needed) in members(as_schema(branch)).items():
                found.setdefault(name, (part, needed and key == "allOf"))
    names = schema.get("required")
    required = frozenset(map(str, names)) if isinstance(names, list) else frozenset()
    for name, part in as_schema(schema.get("properties")).items():
        found[str(name)] = (as_schema(part), found.get(str(name), ({}, False))[1])
    return {name: (part, had or name in required) for name, (part, had) in found.items()}


def leaves_of(schema: JsonObject, path: str = "", required: bool = True) -> Iterator[Leaf]:
    """Every leaf in the order of the schema; free objects and lists are leaves of their own."""
    for name, (part, needed) in members(schema).items():
        place = f"{path}.{name}" if path else name
        yield from _walk(part, place, required and needed)


def leaves_within(schema: JsonObject, path: str) -> Iterator[Leaf]:
    """The leaves of an object, or of the objects in a list; of a list of scalars none."""
    return (leaf for leaf in _walk(schema, path, True) if leaf.path.removesuffix("[]") != path)


def _walk(schema: JsonObject, path: str, required: bool, listed: str = "") -> Iterator[Leaf]:
    plain = plain_schema(schema)
    kind = schema_type(plain)
    if kind == "object" and members(plain):
        yield from leaves_of(plain, path, required)
    elif kind == "array" and as_schema(plain.get("items")):
        listed = str(schema.get("description") or "")
        yield from _walk(as_schema(plain["items"]), f"{path}[]", required, listed)
    else:
        yield Leaf(path, schema, required, listed)
