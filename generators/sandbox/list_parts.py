"""Things that are kept as a list in another row: observations, in the entity that they are about.

A tool that adds such things lengthens the list; one that deletes them shortens it. The thing has no
rows of its own beside.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from generators.identity_cache import Same
from generators.lexicon.names import in_words
from generators.lexicon.nouns import plural
from generators.sandbox.compiled_tools import CompiledTool, pick
from generators.sandbox.errors import call_error, unknown_row
from generators.sandbox.row_values import Row, as_text
from generators.sandbox.schema_validity import MISSING, kind_of, simple
from generators.sandbox.store import Rows, Store
from generators.world.model import Entity, World
from schemas.record import JsonObject


@dataclass(frozen=True)
class Whole:
    """Where a thing's parts are kept: the entity, and its field with the list."""

    entity: Entity
    field: str
    key: str
    """The part's field that names the row of the whole."""


@lru_cache(maxsize=1024)
def whole_of(world: Same[World], part: Same[Entity]) -> Whole | None:
    """The entity that keeps the things of this kind in a list of texts; None where none does."""
    own = part.it
    if len(own.identity) != 1:
        return None
    field = own.fields.get(own.identity[0])
    target = world.it.entities.get(field.entity or "") if field else None
    if target is None or target.key == own.key or len(target.identity) != 1:
        return None
    for name, kept in target.fields.items():
        schema = simple(kept.schema)
        texts = kind_of(schema) == "array" and kind_of(simple(schema.get("items", {}))) == "string"
        if in_words(name) == plural(own.noun) and texts:
            return Whole(target, name, own.identity[0])
    return None


def _held(store: Store, whole: Whole, element: JsonObject) -> Row:
    value = element.get(whole.key)
    row = store.find(whole.entity, (as_text(value),))
    if row is None:
        raise unknown_row(whole.entity.noun, {whole.key: value})
    return row


def _texts(plan: CompiledTool, element: JsonObject) -> list[str]:
    """The parts that a call names: the one list of texts among its arguments."""
    for slot in plan.slots:
        value = pick(element, slot.path.removesuffix("[]"))
        if slot.parameter.path.endswith("[]") and isinstance(value, list) and value:
            return [str(one) for one in value]
    return []


def add_parts(
    store: Store, plan: CompiledTool, entity: Entity, whole: Whole, element: JsonObject
) -> Row:
    """Lengthen the list; what comes back names the whole, and says what is new in it."""
    row, texts = _held(store, whole, element), _texts(plan, element)
    fresh = [text for text in dict.fromkeys(texts) if text not in row[whole.field]]
    store.put(whole.entity, {**row, whole.field: [*row[whole.field], *fresh]})
    shown = {
        name: fresh if in_words(name).startswith(("added", "new")) else texts
        for name, field in entity.fields.items()
        if kind_of(simple(field.schema)) == "array"
    }
    return {whole.key: element[whole.key], **shown}


def remove_parts(store: Store, plan: CompiledTool, whole: Whole, element: JsonObject) -> Row:
    """Shorten the list. Raises CallError where nothing of what is named stands in it."""
    row, texts = _held(store, whole, element), _texts(plan, element)
    left = [text for text in row[whole.field] if text not in texts]
    if len(left) == len(row[whole.field]):
        raise call_error("no_such_parts", key=element[whole.key], parts=whole.field)
    store.put(whole.entity, {**row, whole.field: left})
    return {whole.key: element[whole.key]}


def parts_in(rows: Rows, plan: CompiledTool, row: Row | None) -> Any:
    """The parts that a row of the tool's entity stands for; `MISSING` where it keeps none."""
    entity = plan.entity
    whole = whole_of(Same(rows.world), Same(entity)) if entity is not None else None
    if whole is None or row is None:
        return MISSING
    held = rows.find(whole.entity, (as_text(row.get(whole.key)),))
    return held[whole.field] if held is not None and held.get(whole.field) else MISSING
