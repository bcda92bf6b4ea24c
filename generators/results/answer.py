"""What a model answers when it completes a tool, and how that is read: strictly, or not at all."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from generators.importers.document import json_kind
from generators.importers.keywords import looks_like_schema, map_subschemas
from generators.importers.normalise import normalise_returns
from schemas.record import JsonObject

MOST_DEPTH = 6
"""Schemas inside one another."""
MOST_SCHEMAS = 150
_TYPES = ("string", "integer", "number", "boolean", "object", "array")
OpenParameters = Mapping[str, Sequence[str]]
"""Parameter → what it lacks: ``description``, ``type``."""


@dataclass(frozen=True)
class Answer:
    """What was answered, checked."""

    returns: JsonObject | None
    parameters: Mapping[str, JsonObject]
    """Parameter → what is added to its schema."""


def read_answer(text: str, asks_returns: bool, open_parameters: OpenParameters) -> Answer:
    """Read an answer, bare or in a code fence. Raises ValueError, in one line, for any doubt.

    Raises InputError for a schema that is wrong.
    """
    fenced = re.fullmatch(r"\s*```(?:json)?\s*(.*?)\s*```\s*", text, re.DOTALL)
    try:
        value = json.loads(
            fenced[1] if fenced else text,
            object_pairs_hook=_no_key_twice,
            parse_constant=_no_constant,
        )
    except RecursionError:
        raise ValueError("nested too deep") from None
    wanted = {"returns"} if asks_returns else set()
    wanted |= {"parameters"} if open_parameters else set()
    if not isinstance(value, dict):
        raise ValueError(f"must be an object, not {json_kind(value)}")
    if set(value) != wanted:
        raise ValueError(f"has the keys {sorted(value)}, not {sorted(wanted)}")
    returns = _read_returns(value["returns"]) if asks_returns else None
    parameters = _read_parameters(value["parameters"], open_parameters) if open_parameters else {}
    return Answer(returns, parameters)


def _read_returns(schema: Any) -> JsonObject:
    if not isinstance(schema, dict) or not looks_like_schema(schema):
        raise ValueError("returns: not a JSON Schema")
    if schema.get("type") not in ("object", "array"):
        raise ValueError(f"returns: neither an object nor an array but {schema.get('type')!r}")
    if _count(schema, MOST_DEPTH) > MOST_SCHEMAS:
        raise ValueError(f"returns: more than {MOST_SCHEMAS} schemas")
    if not schema.get("properties") and not schema.get("items"):
        raise ValueError("returns: says nothing of what it holds")
    return normalise_returns(schema)[0]


def _count(schema: Any, depth: int) -> int:
    """Count the schemas. Raises ValueError where they lie deeper than ``depth``."""
    if not isinstance(schema, dict):
        return 0
    if depth == 0:
        raise ValueError(f"returns: more than {MOST_DEPTH} levels deep")
    inside: list[Any] = []
    map_subschemas(schema, lambda part, _: inside.append(part))
    return 1 + sum(_count(part, depth - 1) for part in inside)


def _read_parameters(value: Any, wanted: OpenParameters) -> dict[str, JsonObject]:
    if not isinstance(value, dict) or set(value) != set(wanted):
        raise ValueError(f"parameters: must have the keys {sorted(wanted)}")
    return {name: _read_parameter(name, value[name], wanted[name]) for name in wanted}


def _read_parameter(name: str, value: Any, missing: Sequence[str]) -> JsonObject:
    if not isinstance(value, dict) or set(value) != set(missing):
        raise ValueError(f"parameters.{name}: must have the keys {sorted(missing)}")
    text = value.get("description", "-")
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"parameters.{name}.description: must be text")
    if value.get("type", "string") not in _TYPES:
        raise ValueError(f"parameters.{name}.type: is no type")
    return {**value, "items": {}} if value.get("type") == "array" else dict(value)


def _no_key_twice(pairs: list[tuple[str, Any]]) -> JsonObject:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found


def _no_constant(word: str) -> None:
    raise ValueError(f"holds {word}, which JSON does not have")
