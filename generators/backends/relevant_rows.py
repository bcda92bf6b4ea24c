"""The rows that a model is shown before it plays a call: those it is about, and their like."""

from collections.abc import Iterable, Iterator
from typing import Any

from generators.sandbox.row_values import as_text
from generators.sandbox.store import Store
from generators.world.model import Entity, ToolModel
from schemas.leaves import leaves
from schemas.record import JsonObject

MOST = 40
"""Rows of a table that are shown at most."""


def relevant_rows(
    store: Store, model: ToolModel, arguments: JsonObject
) -> dict[str, list[JsonObject]]:
    """Entity → rows: those that the arguments name first, then others, `MOST` in all.

    The entities are the tool's own and those that its parameters name. What the rows so named refer
    to is shown too.
    """
    said = {as_text(value) for _, value in leaves(arguments) if isinstance(value, str | int)}
    shown: dict[str, list[JsonObject]] = {}
    for entity in _entities(store, model):
        rows = [dict(row) for row in store.rows(entity)]
        named = [row for row in rows if _named(entity, row, said)]
        others = [row for row in rows if row not in named]
        shown[entity.key] = [*named, *others][:MOST]
        for row in named:
            said |= {as_text(row[name]) for name, field in entity.fields.items()
                     if field.entity and isinstance(row.get(name), str | int)}  # fmt: skip
    return shown


def _entities(store: Store, model: ToolModel) -> Iterator[Entity]:
    """Distinct, the tool's own first; then what their fields refer to."""
    named = (model.entity, *(parameter.entity for parameter in model.parameters))
    own = _known(store, named)
    yield from own
    referred = (field.entity for entity in own for field in entity.fields.values())
    yield from (entity for entity in _known(store, referred) if entity not in own)


def _known(store: Store, keys: Iterable[str | None]) -> list[Entity]:
    entities = store.world.entities
    return [entities[key] for key in dict.fromkeys(keys) if key is not None and key in entities]


def _named(entity: Entity, row: Any, said: set[str]) -> bool:
    names = [name for name in entity.identity if name in row]
    return bool(names) and all(as_text(row[name]) in said for name in names)
