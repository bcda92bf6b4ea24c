"""Keeps keys and passwords that somebody left in a catalogue out of everything that follows.

A credential's default or example goes; in texts, what has the form of a key is blanked. That a
parameter for it exists is no secret. What was dropped is noted without its value.
"""

import json
import re
from typing import Any

from generators.importers.subschemas import Note
from schemas.record import JsonObject

AUTH_HEADERS = frozenset(
    {"authorization", "x-rapidapi-key", "x-rapidapi-host", "x-api-key", "toolbench_rapidapi_key"}
)
"""Names, in lower case, of what a client adds to a request by itself."""

_CREDENTIAL = re.compile(
    r"authorization|api[-_ ]?key|rapidapi[-_ ]?key|app[-_ ]?key$|password|passwd|secret"
    r"|credential|private[-_ ]?key|access[-_ ]?key|bearer"
    r"|(access|auth|api|refresh|id|bot)[-_ ]?token|^(token|auth)$",
    re.IGNORECASE,
)
_KEY = re.compile(
    r"\b[0-9a-f]{10}msh[0-9a-f]{6,}p1[0-9a-f]+jsn[0-9a-f]+\b"
    r"|\b(?:sk|pk|rk)[-_][A-Za-z0-9_-]{16,}|\bgh[pousr]_[A-Za-z0-9]{20,}|\bAKIA[0-9A-Z]{16}\b"
    r"|\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*|(?<=Bearer )[A-Za-z0-9._~+/-]{16,}"
    r"|(?<=key=)[A-Za-z0-9_-]{8,}|(?<=token=)[A-Za-z0-9._-]{8,}",
    re.IGNORECASE,
)
_VALUES = ("default", "example", "examples")


def drop_secrets(schema: JsonObject, note: Note) -> JsonObject:
    """A rule for schemas that hold parameters: none of them keeps a key."""
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return schema
    clean = dict(properties)
    for name, item in properties.items():
        if not isinstance(item, dict):
            continue
        secret = [key for key in _VALUES if key in item and _is_secret(name, item[key])]
        for key in secret:
            note(f"{key} of {name!r} may be a secret and was dropped")
        clean[name] = {key: value for key, value in item.items() if key not in secret}
        if isinstance(item.get("description"), str):
            clean[name]["description"] = redact(item["description"])
    return schema if clean == properties else {**schema, "properties": clean}


def redact(text: str) -> str:
    """The text with an ellipsis for whatever has the form of a key."""
    return _KEY.sub("…", text)


def _is_secret(name: str, value: Any) -> bool:
    if isinstance(value, str | list) and value and _CREDENTIAL.search(name):
        return True
    if value is None or isinstance(value, bool | int | float):
        return False
    return _KEY.search(json.dumps(value, ensure_ascii=False)) is not None
