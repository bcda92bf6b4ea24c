"""A state as tables: which of its attributes hold rows, and what has changed in them."""

from collections.abc import Iterator, Mapping
from typing import Any

from generators.lexicon.names import in_words
from generators.lexicon.nouns import plural, singular
from generators.world.model import Entity
from schemas.canonical import canonical_json
from schemas.environment import Change
from schemas.record import JsonObject

Tables = Mapping[str, Mapping[str, JsonObject]]
"""Table → the row's key, as text → row."""
OTHERS = "attributes"
"""The table of what is no table: a row an attribute, its value under ``value``."""


def tables_of(state: JsonObject) -> Tables:
    """The attributes of a state that are maps or lists of objects, and all others in one table.

    The key of a row in a list is its field ``orders`` → ``order_id`` or ``id``, else its place.
    """
    tables: dict[str, dict[str, JsonObject]] = {}
    others: dict[str, JsonObject] = {}
    for name, value in state.items():
        rows = _rows(name, value)
        if rows is None:
            others[name] = {"value": value}
        else:
            tables[name] = rows
    return {**tables, OTHERS: others} if others else tables


def _rows(name: str, value: Any) -> dict[str, JsonObject] | None:
    if isinstance(value, dict) and all(isinstance(row, dict) for row in value.values()):
        field = id_field(name)
        return {key: row if field in row or "id" in row else {field: key, **row}
                for key, row in value.items()}  # fmt: skip
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        return None
    for field in (id_field(name), "id"):
        keys = [str(row.get(field)) for row in value]
        if all(field in row for row in value) and len(set(keys)) == len(keys):
            return dict(zip(keys, value, strict=True))
    return {str(at): row for at, row in enumerate(value)}


def id_field(table: str) -> str:
    """``work_orders`` → ``work_order_id``."""
    return f"{singular(in_words(table)).replace(' ', '_')}_id"


def table_for(entity: Entity, tables: Tables) -> str | None:
    """The table that holds an entity's rows: by its noun, else by the end of the noun."""
    names = {singular(in_words(name)): name for name in tables if name != OTHERS}
    noun = singular(entity.noun)
    for wanted in (noun, plural(noun), noun.rpartition(" ")[2]):
        if wanted in names:
            return names[wanted]
    return next((name for said, name in names.items() if said.endswith(f" {noun}")), None)


def changes(before: Tables, after: Tables) -> Iterator[Change]:
    """The rows that differ, by table and key; equal numbers do not."""
    for table in sorted({*before, *after}):
        old, new = before.get(table, {}), after.get(table, {})
        for key in sorted({*old, *new}):
            was, now = old.get(key), new.get(key)
            if canonical_json(was) != canonical_json(now):
                yield Change(table=table, key=key, before=was, after=now)
