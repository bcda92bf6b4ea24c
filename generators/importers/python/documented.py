"""Types as docstrings have them, looser than annotations: ``list of str``, ``int, optional``.

They count where the source has no annotation, and where they tell the keys of a result that is
annotated as a mere mapping.
"""

import ast
import json
import re
from collections.abc import Iterable
from dataclasses import replace

from generators.importers.python.annotations import Annotations, TooLargeError, UngivableError
from generators.importers.python.docstrings import Described
from generators.importers.python.models import open_annotations
from schemas.record import JsonObject

_WORDS = {
    "string": "str",
    "text": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "array": "list",
    "map": "dict",
    "dictionary": "dict",
    "strings": "str",
    "integers": "int",
    "ints": "int",
    "floats": "float",
    "dicts": "dict",
    "dictionaries": "dict",
}
_ASIDE = re.compile(r"(?i),?\s*\b(?:optional|required|default(?:s to)?[ :=].*|by default.*)\s*$")
_OF = re.compile(r"(?i)\b(list|array|set|tuple|sequence|iterable)s? of (.+)$")
_CHOICES = re.compile(r"\[Enum\]:?\s*(\[[^\]]*\])")
_OPTIONAL = "[optional]"


def documented_schema(text: str, annotations: Annotations) -> JsonObject | None:
    """The schema of a type in a docstring; None where it tells nothing that is understood."""
    quiet = open_annotations(annotations.module)
    try:
        node = ast.parse(_as_annotation(text), mode="eval").body
        schema = quiet.schema(node, "")
    except (SyntaxError, ValueError, UngivableError, TooLargeError, RecursionError):
        return None
    if quiet.repairs:
        return None
    annotations.definitions.update(quiet.definitions)
    return schema or None


def documented_returns(
    items: tuple[Described, ...], annotations: Annotations, *, is_mapping: bool
) -> JsonObject | None:
    """The schema of a documented result. Of a mapping, the items are its keys."""
    if is_mapping and all(item.name for item in items):
        if len(items) == 1 and items[0].parts:
            schema = _described(items[0], annotations)
            if schema.get("type") == "object":
                return schema
        if all(item.type for item in items):
            return _keys(items, annotations)
    if len(items) != 1:
        return None
    schema = _described(_with_type(items[0]), annotations)
    return schema if schema.keys() - {"description"} else None


def _with_type(item: Described) -> Described:
    """``dict: what it holds`` is a type and a text, but reads like a name or a mere text."""
    if item.type:
        return item
    if item.name:
        return replace(item, name="", type=item.name)
    kind, colon, text = item.text.partition(":")
    return replace(item, type=kind, text=text.strip()) if colon else item


def _as_annotation(text: str) -> str:
    text = _ASIDE.sub("", text.strip().strip("`")).strip().rstrip(".").strip()
    of = _OF.search(text)
    if of:
        return f"list[{_as_annotation(of[2])}]"
    if text.startswith("{") or (text.startswith(("'", '"')) and "," in text):
        return f"Literal[{text.strip('{}')}]"
    text = re.sub(r"\s+or\s+", " | ", text)
    return re.sub(r"[A-Za-z]+", lambda word: _WORDS.get(word[0].lower(), word[0]), text)


def _keys(items: Iterable[Described], annotations: Annotations) -> JsonObject:
    named = {item.name.strip("`'\""): item for item in items}
    required = [name for name, item in named.items() if _OPTIONAL not in item.text.lower()]
    properties = {name: _described(item, annotations) for name, item in named.items()}
    schema: JsonObject = {"type": "object", "properties": properties}
    return {**schema, "required": required} if required else schema


def _described(item: Described, annotations: Annotations) -> JsonObject:
    schema = documented_schema(item.type, annotations) or {}
    if item.parts:
        keys = _keys(item.parts, annotations)
        is_list = schema.get("type") == "array"
        schema = {"type": "array", "items": keys} if is_list else keys
    choices = _CHOICES.search(item.text)
    if choices and schema.get("type") in ("string", "integer"):
        schema = {**schema, **_listed(choices[1])}
    return {**schema, "description": item.text} if item.text else schema


def _listed(text: str) -> JsonObject:
    try:
        values = json.loads(text)
    except ValueError:
        return {}
    return {"enum": values} if values else {}
