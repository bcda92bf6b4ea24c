"""One schema instead of ``allOf``, keyword by keyword, where that says the same.

What its parts say of one keyword is put together: the narrower bound, the options that both allow,
the properties of both. Where a keyword cannot be put together, ``allOf`` stays as it stands.
"""

from collections.abc import Callable
from typing import Any

from generators.importers.subschemas import ANNOTATIONS
from schemas.record import JsonObject

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
    around = {key: value for key, value in schema.items() if key != "allOf"}
    if False in parts:
        return TORN
    every = [part for part in parts if part and part is not True] + [around]
    if not _are_open_enough(every):
        return schema
    try:
        merged: JsonObject = {}
        for part in every:
            merged = _merge_two(merged, part)
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


def _merge_two(one: JsonObject, two: JsonObject) -> JsonObject:
    merged = {**one, **two}
    for key in one.keys() & two.keys():
        if key in ANNOTATIONS or key in _OWN_ALONE or key.startswith("x-"):
            continue
        if one[key] != two[key]:
            if key not in _TOGETHER:
                raise _ApartError
            merged[key] = _TOGETHER[key](one[key], two[key])
    if merged.get("type") == [] or merged.get("enum") == []:
        return TORN
    return merged


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
