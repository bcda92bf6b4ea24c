"""Rows of results in words: which of their fields a person would name, and how."""

from dataclasses import dataclass
from typing import Any

from generators.language.scene import Scene
from generators.language.words import label, plural
from schemas.leaves import value_at
from schemas.record import JsonObject
from schemas.semantic import SemanticType

_NAMING: tuple[SemanticType, ...] = ("title", "person_name", "company", "query")
_SILENT: frozenset[str] = frozenset(
    {
        "opaque_id",
        "sha",
        "cursor",
        "url",
        "latitude",
        "longitude",
        "unknown",
        "object",
        "list",
        "color",
    }
)
_TELLING: tuple[SemanticType, ...] = (
    "date", "datetime", "time", "money", "enum", "rating", "count", "airport", "city", "duration",
    "number", "person_name", "label", "percent", "company", "email", "phone", "handle", "branch",
)  # fmt: skip


@dataclass(frozen=True)
class Field:
    """A scalar of a row with its meaning."""

    name: str
    value: Any
    semantic: SemanticType


def schema_at(schema: JsonObject, path: str) -> JsonObject:
    """The part of a result's schema for the value at a path; empty where it is silent."""
    for part in path.replace("[", ".[").split("."):
        if not part:
            continue
        schema = (
            schema.get("items", {})
            if part.startswith("[")
            else schema.get("properties", {}).get(part, {})
        )
        if not isinstance(schema, dict):
            return {}
    return schema


def fields_of(scene: Scene, call: int, path: str) -> list[Field]:
    """The scalars of the row at ``path`` (the whole result for an empty path), one level deep."""
    row = value_at(scene.results[call], path) if path else scene.results[call]
    if not isinstance(row, dict):
        return []
    properties = schema_at(scene.model(call).returns, path).get("properties", {})
    return [
        Field(name, value, scene.semantic(call, name, properties.get(name, {})))
        for name, value in row.items()
        if value is not None and not isinstance(value, dict | list) and value != ""
    ]


def name_of(fields: list[Field]) -> Field | None:
    """The field that a person would call the row by."""
    names = {field.name: field for field in fields if isinstance(field.value, str)}
    for key in (
        "name",
        "title",
        "full_name",
        "subject",
        "summary",
        "label",
        "path",
        "display_name",
    ):
        if key in names and len(names[key].value) < 80:
            return names[key]
    for semantic in _NAMING:
        for field in names.values():
            if field.semantic == semantic and len(field.value) < 80:
                return field
    return None


def telling(fields: list[Field], skip: frozenset[str], most: int) -> list[Field]:
    """The fields most worth telling, in the order of the row."""
    worth = [
        f
        for f in fields
        if f.name not in skip and f.semantic in _TELLING and not isinstance(f.value, bool)
    ]
    ranked = sorted(worth, key=lambda field: _TELLING.index(field.semantic))[:most]
    return [field for field in worth if field in ranked]


def short(scene: Scene, call: int, field: Field) -> str:
    """A value in brackets behind a name: ``120 euros``, ``departure time 9:40 am``."""
    text = scene.tell(field.value, field.semantic, _description(scene, call, field))
    if field.semantic in ("money", "city", "airport", "person_name", "company", "email", "label"):
        return (
            text
            if (field.semantic == "money" and field.name in ("price", "total", "amount"))
            or field.semantic in ("city", "company")
            else f"{label(field.name)} {text}"
        )
    if field.semantic == "enum":
        return text if isinstance(field.value, str) else f"{label(field.name)} {text}"
    if field.semantic == "rating":
        return f"rated {text}"
    if field.semantic == "count":
        return counted(field.name, field.value, text)
    return f"{label(field.name)} {text}"


def counted(name: str, value: Any, text: str) -> str:
    """``three guests``, ``stock 4``."""
    said = label(name)
    if said.endswith("s") and not said.endswith("ss") and value != 1:
        return f"{text} {said}"
    return f"{said} {text}"


def clause(scene: Scene, call: int, field: Field) -> str:
    """``the status is delivered``."""
    if isinstance(field.value, bool):
        return f"{label(field.name)}: {'yes' if field.value else 'no'}"
    text = scene.tell(field.value, field.semantic, _description(scene, call, field))
    said = label(field.name)
    if said.endswith("s") and field.semantic == "count":
        return f"the number of {said} is {text}"
    return f"the {said} is {text}"


def _description(scene: Scene, call: int, field: Field) -> str:
    properties = scene.model(call).returns.get("properties", {})
    schema = properties.get(field.name)
    if schema is None:
        rows = (p.get("items", {}) for p in properties.values() if isinstance(p, dict))
        found = (r.get("properties", {}).get(field.name) for r in rows if isinstance(r, dict))
        schema = next((entry for entry in found if entry), {})
    return str(schema.get("description", ""))


def main_list(result: Any) -> tuple[str, list[Any]] | None:
    """The list in a result that holds its rows, with its path; None where there is none."""
    if isinstance(result, list):
        return "", result
    if not isinstance(result, dict):
        return None
    lists = [(name, value) for name, value in result.items() if isinstance(value, list)]
    return max(lists, key=lambda item: len(item[1])) if lists else None


def speakable(field: Field) -> bool:
    """Whether the value means something to a person who hears it."""
    return field.semantic not in _SILENT and not (
        isinstance(field.value, str) and len(field.value) > 100
    )


def size(rows: list[Any], noun: str) -> str:
    """``3 flights``."""
    return f"{len(rows)} {plural(noun, len(rows))}"
