"""Results in words: sentences about what was done, texts where a tool answers with a string."""

from collections.abc import Sequence
from typing import Any

from generators.lexicon.names import in_words
from generators.lexicon.nouns import plural
from generators.lexicon.tables import word_set
from generators.lexicon.verbs import participle
from generators.sandbox.compiled_tools import CompiledTool, pick
from generators.sandbox.row_values import Row, as_text, is_filed, is_folder
from generators.sandbox.store import Rows
from generators.world.model import Entity
from schemas.record import JsonObject

_METADATA = word_set("info information detail details metadata stat stats status")
_TEXTS = ("content", "text", "body", "message", "description", "note", "notes", "summary")
_SENTENCES = word_set("message confirmation result detail details status_message info note")


def sentence(plan: CompiledTool, rows: Sequence[Row]) -> str:
    """Say what a write did: ``The order ord_8f3k2m has been cancelled``."""
    entity, verb = plan.entity, participle(plan.model.verb)
    if entity is None or not rows:
        return f"The {plan.model.noun} has been {verb}."
    if len(rows) > 1:
        return f"{len(rows)} {plural(entity.noun)} have been {verb}."
    shown = name_of(rows[0], entity)
    place = " to" if verb in ("moved", "renamed", "written") and is_filed(entity) else ""
    return f"The {entity.noun} {shown} has been {verb}.".replace(f"{shown} has been {verb}",
        f"has been {verb}{place} {shown}" if place else f"{shown} has been {verb}")  # fmt: skip


def name_of(row: Row, entity: Entity) -> str:
    """What a row is called in a sentence: the last part of its identity."""
    return as_text(row.get(entity.identity[-1], "")) if entity.identity else ""


def text_answer(store: Rows, plan: CompiledTool, rows: Sequence[Row], element: JsonObject) -> str:
    """The whole answer as one text."""
    entity = plan.entity
    if entity is None or plan.model.writes:
        return sentence(plan, rows)
    listing = plan.model.operation == "list" and not plan.batch
    if is_filed(entity) and (listing or is_folder(entity)):
        return "\n".join(_folder_lines(store, entity, plan, rows, element))
    if listing:
        lines = [_line(row, entity) for row in rows]
        return "\n".join(lines) if lines else f"No {plural(entity.noun)} were found."
    if _METADATA & set(in_words(plan.model.name).split()):
        return "\n\n".join(_sheet(row, entity) for row in rows)
    texts = [_text_of(row, entity) for row in rows]
    if len(texts) == 1:
        return _ends(texts[0], element)
    named = zip(rows, texts, strict=True)
    return "\n\n".join(f"{name_of(row, entity)}:\n{text}" for row, text in named)


def _folder_lines(
    store: Rows, entity: Entity, plan: CompiledTool, rows: Sequence[Row], element: JsonObject
) -> list[str]:
    """What lies directly in the folder, folders first; all paths below where a search asks."""
    given = [pick(element, slot.path) for slot in plan.of("identity", "reference", "filter")]
    folder = next((str(one).rstrip("/") for one in given if isinstance(one, str)), "")
    if not folder or list(plan.of("query")):
        return sorted(name_of(row, entity) for row in rows)
    inside = [
        (name_of(row, other)[len(folder) + 1 :].split("/"), is_folder(other))
        for other in store.world.entities.values()
        if other.domain == entity.domain and is_filed(other)
        for row in store.rows(other)
        if name_of(row, other).startswith(f"{folder}/")
    ]
    folders = sorted({parts[0] for parts, is_dir in inside if len(parts) > 1 or is_dir})
    names = sorted({parts[0] for parts, is_dir in inside if len(parts) == 1 and not is_dir})
    lines = [f"[DIR] {name}" for name in folders] + [f"[FILE] {name}" for name in names]
    return lines or ["The folder is empty."]


def _ends(text: str, element: JsonObject) -> str:
    """The first or last lines where only these are wanted."""
    lines = text.splitlines(keepends=True)
    head, tail = element.get("head"), element.get("tail")
    if isinstance(head, int | float):
        return "".join(lines[: int(head)])
    return "".join(lines[-int(tail) :]) if isinstance(tail, int | float) and tail else text


def _text_of(row: Row, entity: Entity) -> str:
    for name in (*_TEXTS, *(n for n, field in entity.fields.items() if field.semantic == "text")):
        if isinstance(row.get(name), str):
            return str(row[name])
    return _sheet(row, entity)


def _sheet(row: Row, entity: Entity) -> str:
    """One line a field; of a file, its size in the place of its content."""
    shown = {name: value for name, value in row.items() if not isinstance(value, dict | list)}
    if is_filed(entity) and isinstance(row.get("content"), str):
        known = {name: value for name, value in shown.items() if name in entity.identity}
        times = {n: v for n, v in shown.items() if entity.fields[n].semantic == "datetime"}
        shown = (
            known | {"size": f"{len(str(row['content']).encode())} bytes", "type": "file"} | times
        )
    lines = (f"{in_words(name)}: {as_text(value)}" for name, value in shown.items())
    return "\n".join(line for line in lines if "\n" not in line)


def _line(row: Row, entity: Entity) -> str:
    """Identity and the first words that say what it is."""
    title = next(
        (row[n] for n, f in entity.fields.items()
         if f.semantic in ("title", "person_name", "text") and n in row), "")  # fmt: skip
    shown = name_of(row, entity)
    return f"{shown}: {title}" if title and str(title) != shown else shown


def is_sentence(name: str) -> bool:
    """Whether a result's property of this name says what was done."""
    return in_words(name).replace(" ", "_") in _SENTENCES


def lone_text(schema: JsonObject, entity: Entity | None) -> str | None:
    """The property that is the whole answer in words; "" for a bare string; None for neither."""
    if schema.get("type") == "string":
        return ""
    properties: dict[str, Any] = schema.get("properties", {})
    if len(properties) != 1:
        return None
    (name, rule), *_ = properties.items()
    known = entity is not None and name in entity.fields and name not in ("content", "text")
    return name if rule.get("type") == "string" and "enum" not in rule and not known else None
