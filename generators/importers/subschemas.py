"""Schemas inside schemas: which keywords hold them, and what references lead to.

A parameter may be called ``title`` or ``$ref``, and an example may hold anything: only the
keywords below lead to schemas. What a walk does there is left to its caller.

`dereference` unfolds ``$ref``: afterwards a schema stands alone, without definitions. A reference
to a schema that is just being unfolded would never end and becomes ``{}``, which allows anything.
References to other documents are refused: nothing is fetched.

`merge_all_of` makes one schema of the parts of ``allOf``, keyword by keyword, where that says the
same: the narrower bound, the options that both allow, the properties of both. Where a keyword
cannot be put together, ``allOf`` stays as it stands.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import unquote

from schemas.errors import InputError
from schemas.record import JsonObject

MAX_SCHEMAS = 20_000
"""Definitions that use one another twice double at each step: unfolding must end."""
MAX_DEPTH = 32
"""Schemas and references inside one another: each costs a validator ten of Python's 1000 frames."""

Note = Callable[[str], None]
"""Takes down what a rule repaired, in words."""

Rule = Callable[[JsonObject, Note], JsonObject]
"""Rewrites one schema, and notes what it repaired."""

ONE = frozenset(
    {
        "additionalItems", "additionalProperties", "contains", "contentSchema", "else", "if",
        "items", "not", "propertyNames", "then", "unevaluatedItems", "unevaluatedProperties",
    }
)  # fmt: skip
"""Keywords that hold one schema; ``items`` held a list of them before 2020-12."""

MANY = frozenset({"allOf", "anyOf", "items", "oneOf", "prefixItems"})
"""Keywords that hold a list of schemas."""

NAMED = frozenset({"dependencies", "dependentSchemas", "patternProperties", "properties"})
"""Keywords that hold an object whose values are schemas."""

DEFINITIONS = frozenset({"$defs", "definitions"})
"""Keywords whose schemas apply only where a reference names them."""

ANNOTATIONS = frozenset(
    {"$comment", "default", "deprecated", "description", "example", "examples", "title"}
)
"""Keywords that tell and do not restrict."""


def without(schema: JsonObject, *keys: str) -> JsonObject:
    """The schema without the keys; a copy, where it has one of them."""
    if not any(key in schema for key in keys):
        return schema
    return {key: value for key, value in schema.items() if key not in keys}


def list_types(schema: JsonObject) -> list[Any]:
    """The types that a schema names, one or several; none where it names none."""
    kind = schema.get("type")
    return [kind] if isinstance(kind, str) else kind if isinstance(kind, list) else []


def map_subschemas(schema: JsonObject, change: Callable[[Any, str], Any]) -> JsonObject:
    """A copy in which ``change(subschema, place)`` stands for each direct subschema.

    Keywords of the wrong type are copied as they are, for the check that follows to find.
    """
    mapped: JsonObject = {}
    for key, value in schema.items():
        if key in NAMED and isinstance(value, dict):
            mapped[key] = {name: change(item, f"{key}.{name}") for name, item in value.items()}
        elif key in MANY and isinstance(value, list):
            mapped[key] = [change(item, f"{key}[{at}]") for at, item in enumerate(value)]
        elif key in ONE and isinstance(value, dict):
            mapped[key] = change(value, key)
        else:
            mapped[key] = value
    return mapped


_UNTELLING = frozenset(
    {"type", "additionalProperties", "title", "description", "properties", "required"}
)
"""Keywords of an object that say nothing of what it holds, where none is filled."""


def tells_nothing(schema: JsonObject) -> bool:
    """Whether a schema is that of any object: ``{"type": "object"}``."""
    kinds, free = schema.get("type"), schema.get("additionalProperties", True)
    bare = kinds == "object" or (isinstance(kinds, list) and {*kinds} <= {"object", "null"})
    filled = schema.get("properties") or schema.get("required")
    known = isinstance(free, dict) and bool(free.keys() - {"description", "title"})
    return bare and schema.keys() <= _UNTELLING and not filled and not known


def looks_like_schema(value: Any) -> bool:
    """Whether an object is a schema of arguments, not a flat list of parameters or an example.

    A parameter may be called ``type`` or ``properties``: as keywords they hold text and schemas.
    """
    if not isinstance(value, dict):
        return False
    properties = value.get("properties")
    if isinstance(properties, dict) and not any(
        isinstance(one, str) for one in properties.values()
    ):
        return True
    return (
        isinstance(value.get("type"), str | list)
        or isinstance(value.get("$ref"), str)
        or any(isinstance(value.get(key), list) for key in ("allOf", "anyOf", "oneOf", "enum"))
    )


_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
_ANCHORS = ("$anchor", "$dynamicAnchor")
_DROPPED = frozenset({*DEFINITIONS, *_REFERENCES, *_ANCHORS, "$id", "$recursiveAnchor", "$schema"})


def dereference(schema: JsonObject, place: str) -> tuple[JsonObject, list[str]]:
    """The schema without references, and what had to be cut.

    Raises InputError for a reference that leads nowhere, and for one that unfolds without bound.
    """
    cuts: list[str] = []
    count = 0

    def unfold(part: Any, place: str, inside: tuple[int, ...], around: tuple[Any, ...]) -> Any:
        """``inside`` are the identities of the schemas that are being unfolded around this one.

        ``around``: those that bring definitions of their own, the nearest last.
        """
        nonlocal count
        if not isinstance(part, dict):
            return part
        count += 1
        if count > MAX_SCHEMAS:
            raise InputError(f"unfolds to more than {MAX_SCHEMAS:,} schemas", place=place)
        if len(inside) >= MAX_DEPTH:
            raise InputError(f"schemas are nested more than {MAX_DEPTH} deep", place=place)
        inside = (*inside, id(part))
        kept = {key: value for key, value in part.items() if key not in _DROPPED}
        around = (*around, part) if DEFINITIONS & part.keys() else around
        plain = map_subschemas(kept, lambda item, at: unfold(item, f"{place}.{at}", inside, around))
        for keyword in _REFERENCES:
            if keyword in part:
                at = f"{place}.{keyword}"
                target = _find_target(schema, part[keyword], at, around)
                if id(target) in inside:
                    cuts.append(f"{at}: {part[keyword]!r} leads back into itself and was cut")
                    plain = _combine(plain, {})
                else:
                    plain = _combine(plain, unfold(target, at, inside, around))
        return plain

    return unfold(schema, place, (), ()), cuts


def _find_target(root: JsonObject, reference: Any, place: str, around: Sequence[Any]) -> Any:
    """What a reference leads to; what is not in the whole is looked for in what lies around it.

    A schema that was put into another one brings its definitions, and still calls itself ``#``.
    """
    if not isinstance(reference, str):
        raise InputError("a reference must be text", place=place)
    if not reference.startswith("#"):
        problem = f"{reference!r} is another document; only references inside the schema are read"
        raise InputError(problem, place=place)
    pointer = unquote(reference[1:])
    if pointer[:1] in ("", "/"):
        ways = (by_pointer(one, pointer) for one in (root, *reversed(around)))
        found = next((one for one in ways if one is not None), None)
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
    """The schema and those inside it, definitions too."""
    if not isinstance(schema, dict):
        return
    yield schema
    for key, value in schema.items():
        inner: Iterable[Any] = [value] if key in ONE else []
        if key in NAMED | DEFINITIONS and isinstance(value, dict):
            inner = value.values()
        elif key in MANY and isinstance(value, list):
            inner = value
        for item in inner:
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


TORN: JsonObject = {"not": {}, "$comment": "no value: the parts of allOf exclude one another"}
"""The schema of parts that no value satisfies together."""

_CLOSING = frozenset(
    {"additionalProperties", "patternProperties", "propertyNames", "unevaluatedProperties"}
)
"""Keywords that look at the properties which stand beside them."""
_OWN_ALONE = frozenset({"nullable"})


class _ApartError(Exception):
    """Two parts say of one keyword what no single keyword can say."""


def merge_all_of(schema: JsonObject) -> JsonObject:
    """The schema without ``allOf``, if one schema can say the same; otherwise as it stands.

    What stands around the parts counts as the last of them: what it tells comes first.
    """
    parts = schema.get("allOf")
    if not isinstance(parts, list) or not all(isinstance(part, dict | bool) for part in parts):
        return schema
    around = without(schema, "allOf")
    if False in parts:
        return TORN
    every = [part for part in parts if part and part is not True] + [around]
    if not _are_open_enough(every):
        return schema
    try:
        merged: JsonObject = {}
        for part in every:
            joined = {**merged, **part}
            for key in merged.keys() & part.keys():
                alone = key in ANNOTATIONS or key in _OWN_ALONE or key.startswith("x-")
                if alone or merged[key] == part[key]:
                    continue
                if key not in _TOGETHER:
                    return schema
                joined[key] = _TOGETHER[key](merged[key], part[key])
            torn = joined.get("type") == [] or joined.get("enum") == []
            merged = TORN if torn else joined
    except _ApartError:
        return schema
    # Null is allowed by what stands around, or by every part.
    if "nullable" in merged and not around.get("nullable"):
        merged["nullable"] = all(part.get("nullable") is True for part in every if part != around)
    return merged


def _are_open_enough(parts: list[JsonObject]) -> bool:
    """Whether no part forbids or forms the properties that another describes."""
    named: dict[str, Any] = {}
    for part in parts:
        own = part.get("properties")
        named |= own if isinstance(own, dict) else {}
    for part in parts:
        closed = any(part.get(key) not in (None, True, {}) for key in _CLOSING)
        own = part.get("properties")
        if closed and named.keys() - (own.keys() if isinstance(own, dict) else ()):
            return False
    return True


def _share_types(one: Any, two: Any) -> Any:
    """The types that both allow; a whole number is a number, too."""
    ones, twos = ([kinds] if isinstance(kinds, str) else kinds for kinds in (one, two))
    if not isinstance(ones, list) or not isinstance(twos, list):
        raise _ApartError
    both = [kind for kind in ones if kind in twos]
    for few, many in ((ones, twos), (twos, ones)):
        if "integer" in few and "number" in many and "integer" not in both:
            both.append("integer")
    return both[0] if len(both) == 1 else both


def _join_properties(one: Any, two: Any) -> Any:
    joined = {**one, **two}
    for name in one.keys() & two.keys():
        if one[name] != two[name]:
            joined[name] = _join_schemas(one[name], two[name])
    return joined


def _join_schemas(one: Any, two: Any) -> Any:
    if isinstance(one, dict) and isinstance(two, dict):
        return merge_all_of({"allOf": [one, two]})
    return two if one is True else one if two is True else False  # one of them allows nothing


Join = Callable[[Any, Any], Any]


def _join(kinds: Any, join: Join) -> Join:
    """Joins values of these types; any others stand apart."""

    def joined(one: Any, two: Any) -> Any:
        if any(isinstance(item, bool) or not isinstance(item, kinds) for item in (one, two)):
            raise _ApartError
        return join(one, two)

    return joined


_LEAST = ("exclusiveMinimum", "minContains", "minItems", "minLength", "minProperties", "minimum")
_MOST = ("exclusiveMaximum", "maxContains", "maxItems", "maxLength", "maxProperties", "maximum")
_TOGETHER: dict[str, Join] = {
    "type": _share_types,
    "enum": _join(list, lambda one, two: [option for option in one if option in two]),
    "properties": _join(dict, _join_properties),
    "required": _join(list, lambda one, two: [*one, *(item for item in two if item not in one)]),
    "items": _join_schemas,
    "uniqueItems": lambda one, two: bool(one or two),
    # An open object may be closed by another part: `_are_open_enough` has looked.
    "additionalProperties": _join_schemas,
    **dict.fromkeys(_LEAST, _join((int, float), max)),
    **dict.fromkeys(_MOST, _join((int, float), min)),
}
"""How two values of one keyword become one that says both."""
