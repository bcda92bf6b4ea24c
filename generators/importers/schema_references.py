"""Unfolds ``$ref``: afterwards a schema stands alone, without definitions.

A reference to a schema that is just being unfolded would never end and becomes ``{}``, which
allows anything. References to other documents are refused: nothing is fetched.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from generators.importers.schema_keywords import (
    ANNOTATIONS,
    DEFINITIONS,
    MANY,
    NAMED,
    ONE,
    map_subschemas,
)
from schemas.errors import InputError
from schemas.record import JsonObject

MAX_SCHEMAS = 20_000
"""Definitions that use one another twice double at each step: unfolding must end."""
MAX_DEPTH = 32
"""Schemas and references inside one another: each costs a validator ten of Python's 1000 frames."""

_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
_ANCHORS = ("$anchor", "$dynamicAnchor")
_DROPPED = frozenset({*DEFINITIONS, *_REFERENCES, *_ANCHORS, "$id", "$recursiveAnchor", "$schema"})


def dereference(schema: JsonObject, place: str = "") -> tuple[JsonObject, tuple[str, ...]]:
    """The schema without references, and what had to be cut.

    Raises InputError for a reference that leads nowhere, and for one that unfolds without bound.
    """
    unfolding = _Unfolding(schema)
    unfolded = unfolding.unfold(schema, place, ())
    return unfolded, tuple(unfolding.cuts)


@dataclass
class _Unfolding:
    root: JsonObject
    count: int = 0
    cuts: list[str] = field(default_factory=list)

    def unfold(self, schema: Any, place: str, inside: tuple[int, ...]) -> Any:
        """``inside`` are the identities of the schemas that are being unfolded around this one."""
        if not isinstance(schema, dict):
            return schema
        depth = len(inside)
        self.count += 1
        if self.count > MAX_SCHEMAS:
            raise InputError(f"unfolds to more than {MAX_SCHEMAS:,} schemas", place=place)
        if depth >= MAX_DEPTH:
            raise InputError(f"schemas are nested more than {MAX_DEPTH} deep", place=place)
        inside = (*inside, id(schema))
        kept = {key: value for key, value in schema.items() if key not in _DROPPED}
        plain = map_subschemas(kept, lambda item, at: self.unfold(item, _join(place, at), inside))
        for keyword in _REFERENCES:
            if keyword in schema:
                at = _join(place, keyword)
                reference = schema[keyword]
                target = _find_target(self.root, reference, at)
                if id(target) in inside:
                    self.cuts.append(f"{at}: {reference!r} leads back into itself and was cut")
                    referred = {}
                else:
                    referred = self.unfold(target, at, inside)
                plain = _combine(plain, referred)
        return plain


def _find_target(root: JsonObject, reference: Any, place: str) -> Any:
    if not isinstance(reference, str):
        raise InputError("a reference must be text", place=place)
    if not reference.startswith("#"):
        problem = f"{reference!r} is another document; only references inside the schema are read"
        raise InputError(problem, place=place)
    pointer = unquote(reference[1:])
    if pointer[:1] in ("", "/"):
        found = by_pointer(root, pointer)
    else:
        nodes = _walk_schemas(root)
        named = (node for node in nodes if any(node.get(key) == pointer for key in _ANCHORS))
        found = next(named, None)
    if not isinstance(found, dict | bool):
        raise InputError(f"{reference!r} leads to no schema", place=place)
    return found


def by_pointer(node: Any, pointer: str) -> Any:
    """What a JSON pointer leads to, None where it leads nowhere."""
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(node, dict):
            node = node.get(name)
        elif isinstance(node, list) and re.fullmatch(r"[0-9]{1,6}", name) and int(name) < len(node):
            node = node[int(name)]
        else:
            return None
    return node


def _walk_schemas(schema: Any) -> Iterator[JsonObject]:
    if not isinstance(schema, dict):
        return
    yield schema
    for key, value in schema.items():
        if key in NAMED or key in DEFINITIONS:
            items = list(value.values()) if isinstance(value, dict) else []
        elif key in MANY and isinstance(value, list):
            items = value
        else:
            items = [value] if key in ONE else []
        for item in items:
            yield from _walk_schemas(item)


def _combine(around: JsonObject, referred: Any) -> JsonObject:
    """What stands beside a reference may describe it anew; other keywords must hold as well."""
    if not isinstance(referred, dict):
        referred = {} if referred else {"not": {}}
    if around.keys() <= ANNOTATIONS:
        return {**referred, **around}
    if not referred:
        return around
    both = around.get("allOf")
    return {**around, "allOf": [*(both if isinstance(both, list) else []), referred]}


def _join(place: str, step: str) -> str:
    return f"{place}.{step}" if place else step
