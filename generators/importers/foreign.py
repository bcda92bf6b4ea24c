"""Rules that turn what other dialects say about parameters into JSON Schema.

A type of another language becomes the type it stands for; whether a parameter is required is said
in one place. Strange types that nobody knows are left for the check that follows, unless the whole
tool is written in a foreign dialect: then they allow anything.
"""

from typing import Any

from generators.importers.document import short_repr
from generators.importers.foreign_types import JSON_TYPES, any_of, parse_type
from generators.importers.keywords import Note
from schemas.record import JsonObject

_FLAGS = ("required", "optional")


def translate_types(schema: JsonObject, note: Note) -> JsonObject:
    """``{"type": "int"}`` becomes ``{"type": "integer"}``; what is unknown stays."""
    kind = schema.get("type")
    meant = _meaning(kind)
    if meant is None or meant == {"type": kind}:
        return schema
    note(f"type {_shown(kind)} became {_told(meant)}")
    rest = {key: value for key, value in schema.items() if key != "type"}
    return {**meant, **rest}


def free_unknown_types(schema: JsonObject, note: Note) -> JsonObject:
    """Of a foreign dialect: a type that is not in the table allows anything."""
    kind = schema.get("type")
    known = [kind] if isinstance(kind, str) else kind
    if "type" not in schema or (isinstance(known, list) and known and _all_json(known)):
        return schema
    note(f"type {_shown(kind)} is not known and allows anything")
    return {key: value for key, value in schema.items() if key != "type"}


def gather_required(schema: JsonObject, note: Note) -> JsonObject:
    """Flags at the parameters, ``required: true``, are one list at what holds them."""
    properties, required = schema.get("properties"), schema.get("required", [])
    if not isinstance(properties, dict) or not isinstance(required, list):
        return schema
    flags = {name: flag for name, item in properties.items() if (flag := _flag(item)) is not None}
    if not flags:
        return schema
    note(f"required or optional said at {', '.join(map(repr, flags))} was gathered")
    kept = [name for name in required if not (isinstance(name, str) and flags.get(name) is False)]
    added = [name for name, flag in flags.items() if flag and name not in kept]
    return {
        **schema,
        "properties": {name: _unflagged(item) for name, item in properties.items()},
        "required": [*kept, *added],
    }


def truth(value: Any) -> bool | None:
    """A boolean, also where it is written as text."""
    if isinstance(value, bool):
        return value
    word = value.strip().lower() if isinstance(value, str) else ""
    return {"true": True, "false": False}.get(word)


def _flag(item: Any) -> bool | None:
    """Whether a parameter says of itself that it is required."""
    if not isinstance(item, dict):
        return None
    required, optional = item.get("required"), item.get("optional")
    if isinstance(required, bool):
        return required
    said = truth(optional)
    return None if said is None else not said


def _unflagged(item: Any) -> Any:
    if _flag(item) is None:
        return item
    return {
        key: value for key, value in item.items() if key not in _FLAGS or (truth(value) is None)
    }


def _meaning(kind: Any) -> JsonObject | None:
    if isinstance(kind, str):
        return {"type": kind} if kind in JSON_TYPES else parse_type(kind)
    if isinstance(kind, list) and kind and all(isinstance(item, str) for item in kind):
        if _all_json(kind):
            return None
        meanings = [_meaning(item) for item in kind]
        known = [meaning for meaning in meanings if meaning is not None]
        return any_of(known) if len(known) == len(kind) else None
    return None


def _all_json(kinds: list[Any]) -> bool:
    return all(isinstance(kind, str) and kind in JSON_TYPES for kind in kinds)


def _shown(kind: Any) -> str:
    return repr(kind) if isinstance(kind, str) else short_repr(kind)


def _told(meant: JsonObject) -> str:
    if not meant:
        return "any value"
    kind = meant.get("type")
    return kind if meant.keys() == {"type"} and isinstance(kind, str) else short_repr(meant)
