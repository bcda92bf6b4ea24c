"""Keys, passwords and headers: what a client adds to a request by itself, and nobody says.

Such parameters are dropped. Where one stays, its default or example goes; in texts, what has the
form of a key is blanked. What was dropped is noted without its value.
"""

import json
import re
from functools import lru_cache
from typing import Any

from generators.identity_cache import Same
from generators.importers.subschemas import Note
from generators.lexicon.names import split_words
from generators.lexicon.tables import load_table, load_words
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


_HEADER = re.compile(r"[A-Za-z]+(?:-[A-Za-z0-9]+)+")
"""How a header of HTTP is spelt, and hardly any other parameter."""


def is_transport_header(name: str) -> bool:
    """Whether a header serves the passing of requests, not what is asked for."""
    return join_name(name) in load_words("transport", "headers")


@lru_cache(maxsize=4096)  # thousands of tools have the same few parameters
def is_credential(name: str, description: str = "") -> bool:
    """Whether a parameter holds a credential, by its name or by what is told of it."""
    joined = join_name(name)
    endings = load_words("transport", "credential_endings")
    told = [*load_table("transport")["told"]]
    told += load_table("transport")["told_of_token"] if joined in ("token", "auth") else ()
    return (
        joined in load_words("transport", "credentials")
        or any(joined.endswith(f"-{one}") for one in endings)
        or any(re.search(pattern, description, re.IGNORECASE) for pattern in told)
    )


def is_token(name: str) -> bool:
    """Whether a parameter is a credential where an operation asks for any."""
    return join_name(name) in load_words("transport", "tokens")


def join_name(name: str) -> str:
    """``X-Request-ID``, ``xRequestId`` and ``x_request_id`` are one name."""
    return "-".join(split_words(name))


def drop_transport(
    parameters: JsonObject, tool: str, *, credentials: bool = True
) -> tuple[JsonObject, tuple[str, ...]]:
    """The parameters of a tool without what its client adds, at any depth, and what that was.

    ``credentials``: those too, unless the tool by its name deals with them (``revoke_api_key``).
    """
    if not _drop_for(Same(parameters), frozenset(), credentials)[1]:  # whatever it deals with
        return parameters, ()
    return _drop_for(Same(parameters), frozenset(split_words(tool)), credentials)


@lru_cache(maxsize=256)
def _drop_for(
    given: Same[JsonObject], about: frozenset[str], credentials: bool
) -> tuple[JsonObject, tuple[str, ...]]:
    """``about``: the words of the tool's name."""
    notes = list[str]()

    def why(name: str, schema: JsonObject) -> str:
        told = str(schema.get("description") or "")
        if schema.get("type", "string") not in ("string", ["string", "null"]):
            return ""
        header = _HEADER.fullmatch(name) and is_transport_header(name)
        once = re.search(load_table("transport")["told_once"], told, re.IGNORECASE)
        if header or once or join_name(name) in load_words("transport", "once"):
            return "is added by the transport"
        known = credentials and is_credential(name, told)
        return "is a credential" if known and not about >= set(split_words(name)) else ""

    def clean(schema: JsonObject, place: str) -> JsonObject:
        properties: dict[str, Any] = schema.get("properties", {})
        kept = {}
        for name, item in properties.items():
            rule = item if isinstance(item, dict) else {}
            reason = why(name, rule)
            inner = clean(rule, f"{place}.{name}") if rule.get("properties") else item
            if inner is not item and not inner["properties"]:
                reason = "is of the transport alone"
            if reason:
                notes.append(f"{place}.{name} {reason}: dropped")
            else:
                kept[name] = inner
        if all(kept.get(name) is item for name, item in properties.items()):
            return schema
        needed = [name for name in schema.get("required", ()) if name in kept]
        return {**schema, "properties": kept, "required": needed}

    return clean(given.it, "parameters"), tuple(notes)
