"""Rules that mend what is wrong in schemas, and not merely old: each notes what it changed.

Lists that another language wrote as objects, nulls that a table filled in, keywords of the wrong
type, flags where a list belongs, options of another type. What allows no value at all is
`generators.importers.schema_checks`' business.
"""

from contextlib import suppress
from typing import Any

from generators.importers.dialect_rules import read_truth
from generators.importers.documents import json_kind, parse_json, short_repr
from generators.importers.subschemas import (
    ANNOTATIONS,
    DEFINITIONS,
    MANY,
    NAMED,
    ONE,
    Note,
    list_types,
    merge_all_of,
    without,
)
from schemas.errors import InputError
from schemas.record import JsonObject

_LISTS = frozenset({"enum", "examples", "required", "type", *MANY}) - {"items"}
NUMBERS = frozenset({"exclusiveMaximum", "exclusiveMinimum", "maximum", "minimum", "multipleOf"})
COUNTS = frozenset(
    {
        "maxContains", "maxItems", "maxLength", "maxProperties",
        "minContains", "minItems", "minLength", "minProperties",
    }
)  # fmt: skip
FLAGS = frozenset({"deprecated", "readOnly", "uniqueItems", "writeOnly"})
TEXTS = frozenset(
    {"$comment", "contentEncoding", "contentMediaType", "description", "format", "pattern"}
)
_LARGEST = 1e300
"""What lies beyond is no bound that a float could be compared with."""
_KINDS: dict[type, str] = {
    bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object",
    type(None): "null",
}  # fmt: skip


def fill_in_members(schema: JsonObject, note: Note) -> JsonObject:
    """Members that a table or another language left empty: null is none, PHP's ``[]`` is ``{}``.

    A list with holes comes out of PHP as an object with numbers for keys.
    """
    mended: JsonObject = {}
    for key, value in schema.items():
        if key in (NAMED | DEFINITIONS | ONE) - {"items"} and value == []:
            note(f"{key} was an empty list and became an object")
            value = {}
        elif key in _LISTS and isinstance(value, dict) and value and all(map(str.isdigit, value)):
            note(f"{key} was an object of numbered members and became a list")
            value = list(value.values())
        if key in (NAMED | DEFINITIONS) and isinstance(value, dict):
            gone = [name for name, item in value.items() if item is None]
            empty = [name for name, item in value.items() if item == [] and key != "dependencies"]
            if gone:
                note(f"{key} without a schema dropped: {', '.join(map(repr, gone))}")
            if empty:
                note(f"{key}: an empty list became a schema at {', '.join(map(repr, empty))}")
            value = {**without(value, *gone), **{name: {} for name in empty}}
        elif key in MANY and isinstance(value, list) and None in value:
            note(f"null among {key} dropped")
            value = [item for item in value if item is not None]
        mended[key] = value
    return mended


def mend_keywords(schema: JsonObject, note: Note) -> JsonObject:
    """Keywords of the wrong type: what can be read is read, what cannot is dropped."""
    mended: JsonObject = {}
    for key, value in schema.items():
        right: Any = value
        if key in NUMBERS | COUNTS:
            right = _read_number(value, whole=key in COUNTS)
            right = None if key == "multipleOf" and right is not None and right <= 0 else right
        elif key in FLAGS:
            right = read_truth(value)
        elif key in TEXTS:
            right = value if isinstance(value, str) else None
        elif key == "examples" and not isinstance(value, list):
            right = [value]
        elif key == "enum" and not isinstance(value, list):
            right = [value] if isinstance(value, str | int | float) else None
        if right is None and value is not None:
            note(f"{key} was {short_repr(value)} and was dropped")
            continue
        if right is not value and (right != value or type(right) is not type(value)):
            note(f"{key} {short_repr(value)} became {short_repr(right)}")
        mended[key] = right
    return mended


def _read_number(value: Any, *, whole: bool) -> int | float | None:
    if isinstance(value, str):
        with suppress(InputError):
            value = parse_json(value.strip())
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > _LARGEST:
        return None
    if not whole:
        return value
    return int(value) if value >= 0 and value == int(value) else None


def mend_required(schema: JsonObject, note: Note) -> JsonObject:
    """``required`` is a list of names, each once; a flag is for what stands around to gather."""
    required = schema.get("required")
    if "required" not in schema or isinstance(required, bool):
        return schema
    if isinstance(required, str):
        flag = read_truth(required)
        if flag is not None:
            return {**schema, "required": flag}
        names = [name.strip() for name in required.split(",") if name.strip()]
        note(f"required {short_repr(required)} became a list")
        return {**schema, "required": list(dict.fromkeys(names))}
    if not isinstance(required, list):
        note(f"required was {json_kind(required)} and was dropped")
        return without(schema, "required")
    names = list(dict.fromkeys(name for name in required if isinstance(name, str)))
    if len(names) < len(required):
        note(f"required {short_repr(required)}: what is no name, or stands twice, was dropped")
        return {**schema, "required": names}
    return schema


def drop_stray_flag(schema: JsonObject, note: Note) -> JsonObject:
    """``required: true`` where nothing stands around that could gather it."""
    if isinstance(schema.get("required"), bool):
        note("required was a flag where no property stands, and was dropped")
        return without(schema, "required")
    return schema


def cast_values(schema: JsonObject, note: Note) -> JsonObject:
    """Options of another type than the schema's become that type, or the type becomes theirs."""
    kinds = list_types(schema)
    if not kinds:
        return schema
    options = schema.get("enum")
    if kinds == ["array"] and isinstance(options, list) and options:
        items = schema.get("items", {})
        if isinstance(items, dict) and not any(isinstance(option, list) for option in options):
            note("enum stood beside the list and was moved to its items")
            inner = cast_values({**items, "enum": items.get("enum", options)}, note)
            return {**without(schema, "enum"), "items": inner}
    for keyword in ("enum", "const"):
        if schema.get(keyword, []) == [] or (keyword == "enum" and not isinstance(options, list)):
            continue
        told = schema[keyword] if keyword == "enum" else [schema[keyword]]
        cast = [option for one in told for option in _cast(one, kinds)]
        if len(cast) == len(told) and all(map(_is_same, cast, told)):
            continue
        if not cast:
            types = list(dict.fromkeys(_KINDS.get(type(one), "object") for one in told))
            note(f"{keyword} {short_repr(told)} is of another type, which became the schema's")
            return {**schema, "type": types[0] if len(types) == 1 else types}
        distinct = [
            one for at, one in enumerate(cast) if not any(map(_is_same, cast[:at], [one] * at))
        ]
        note(f"{keyword} {short_repr(told)} became {short_repr(distinct)}, as the type asks")
        schema = {**schema, keyword: distinct if keyword == "enum" else distinct[0]}
    return schema


def _is_same(one: Any, two: Any) -> bool:
    """Whether two values are one in JSON as well: ``True`` is not 1."""
    return bool(one == two) and isinstance(one, bool) == isinstance(two, bool)


def _cast(value: Any, kinds: list[Any]) -> list[Any]:
    """The value as one of the types has it; empty where none can."""
    own = _KINDS.get(type(value), "object")
    if own in kinds or (own == "integer" and "number" in kinds):
        return [value]
    if isinstance(value, float) and value.is_integer() and "integer" in kinds:
        return [value]
    if isinstance(value, str):
        with suppress(InputError):
            flag = read_truth(value)
            read = parse_json(value) if flag is None else flag
            if not isinstance(read, str) and read is not None:
                return _cast(read, [kind for kind in kinds if kind != "string"])
    if "string" in kinds and isinstance(value, bool | int | float):
        return [str(value).lower() if isinstance(value, bool) else str(value)]
    return []


def merge_parts(schema: JsonObject, note: Note) -> JsonObject:
    """``allOf`` becomes one schema, where one can say the same."""
    merged = merge_all_of(schema)
    if merged is not schema:
        note("allOf was merged")
    return merged


def loosen_one_of(schema: JsonObject, note: Note) -> JsonObject:
    """``oneOf`` whose branches overlap refuses what its author meant: it becomes ``anyOf``."""
    branches = schema.get("oneOf")
    if not isinstance(branches, list) or "anyOf" in schema:
        return schema
    if not all(isinstance(branch, dict) for branch in branches):
        return schema
    pairs = ((one, two) for at, one in enumerate(branches) for two in branches[:at])
    if all(_exclude(one, two) for one, two in pairs):
        return schema
    note("oneOf has branches that overlap and became anyOf")
    return {**without(schema, "oneOf"), "anyOf": branches}


def _exclude(one: JsonObject, two: JsonObject) -> bool:
    """Whether no value can satisfy both, as far as types, options and required names tell."""
    types = [{*(list_types(schema) or _KINDS.values())} for schema in (one, two)]
    types = [kinds | ({"integer"} if "number" in kinds else set()) for kinds in types]
    if not types[0] & types[1]:
        return True
    told = [schema["enum"] if "enum" in schema else [schema["const"]] if "const" in schema else None
            for schema in (one, two)]  # fmt: skip
    if all(isinstance(options, list) for options in told):
        return not any(_is_same(a, b) for a in told[0] or () for b in told[1] or ())
    if types[0] & types[1] != {"object"}:
        return False
    names = [schema.get("properties") or {} for schema in (one, two)]
    needed = [schema.get("required") or [] for schema in (one, two)]
    if not all(isinstance(part, dict) for part in names):
        return False
    for mine, other, there in ((needed[0], two, names[1]), (needed[1], one, names[0])):
        if other.get("additionalProperties") is False and set(mine) - there.keys():
            return True
    shared = [name for name in needed[0] if name in needed[1]]
    found = [(names[0].get(name), names[1].get(name)) for name in shared]
    return any(_exclude(a, b) for a, b in found if isinstance(a, dict) and isinstance(b, dict))


def level_tuple(schema: JsonObject, note: Note) -> JsonObject:
    """A tuple whose places are alike is a list of so many of them."""
    places = schema.get("prefixItems")
    if not isinstance(places, list) or not places or not isinstance(places[0], dict):
        return schema
    plain = [without(one, *ANNOTATIONS) if isinstance(one, dict) else one for one in places]
    others = {*MANY, "if", "contains"} - {"prefixItems"}
    if "unevaluatedItems" in schema and others.isdisjoint(schema):
        # Nothing else looks at what follows the places.
        rest = schema["unevaluatedItems"]
        schema = {**without(schema, "unevaluatedItems"), "items": rest}
    rest = schema.get("items", True)
    if any(place != plain[0] for place in plain) or rest not in (True, False, {}, plain[0]):
        return schema
    least = schema.get("minItems", 0)
    if rest is False and least > len(places):  # no list is both so short and so long
        return schema
    note(f"{len(places)} places that are alike became items")
    size = max(least, len(places))
    return {
        **without(schema, "prefixItems"),
        "items": places[0],
        "minItems": least or size if rest is False else size,
        "maxItems": min(schema.get("maxItems", size), size),
    }


def name_map_keys(schema: JsonObject, note: Note) -> JsonObject:
    """A map whose keys are listed is an object with these properties."""
    names, values = schema.get("propertyNames"), schema.get("additionalProperties")
    options = names.get("enum") if isinstance(names, dict) else None
    if not isinstance(options, list) or not isinstance(values, dict) or schema.get("properties"):
        return schema
    keys = [option for option in options if isinstance(option, str)]
    note(f"a map with the keys {', '.join(map(repr, keys))} became an object with these properties")
    bare = without(schema, "propertyNames")
    return {**bare, "properties": dict.fromkeys(keys, values), "additionalProperties": False}


def type_items(schema: JsonObject, note: Note) -> JsonObject:
    """A parameter's list that does not say what it holds: what it shows, or else texts."""
    told = schema.get("items", {}) not in ({}, True) or "prefixItems" in schema
    if told or "array" not in list_types(schema):
        return schema
    given = [schema.get("default"), *(schema.get("examples") or ()), *(schema.get("enum") or ())]
    held = [one for value in given if isinstance(value, list) for one in value]
    kinds = list(dict.fromkeys(_KINDS.get(type(one), "object") for one in held)) or ["string"]
    note(f"items are not described and were taken to be of type {' or '.join(kinds)}")
    return {**schema, "items": {"type": kinds[0] if len(kinds) == 1 else kinds}}
