"""Rows and their values: how they are named, read, copied and compared.

Values are compared leniently in form, as of case or of ``12`` and ``"12"``.
"""

from collections.abc import Callable, Mapping
from itertools import repeat
from typing import Any

from generators.identity_cache import remembered
from generators.lexicon.names import in_words
from generators.lexicon.nouns import singular
from generators.world.model import Entity, Field
from schemas.canonical import canonical_json, content_hash, copied
from schemas.record import JsonObject

Row = Mapping[str, Any]
"""Field → value. Rows are never changed: a write puts a new one in the place of the old."""
Key = tuple[str, ...]
"""The values of an entity's identity, as text."""
_FOLDERS = frozenset({"directory", "folder"})


@remembered
def schemas_of(entity: Entity) -> Mapping[str, JsonObject]:
    """Field → its schema."""
    return {name: field.schema for name, field in entity.fields.items()}


@remembered
def is_filed(entity: Entity) -> bool:
    """Whether the entity is named by a path in a tree of folders."""
    if len(entity.identity) != 1:
        return False
    field = entity.fields.get(entity.identity[0])
    return entity.identity == ("path",) or (field is not None and field.semantic == "path")


def is_folder(entity: Entity) -> bool:
    """Whether the rows are folders, not files."""
    return bool(_FOLDERS & set(entity.noun.split()))


def key_of(entity: Entity, row: Row) -> Key:
    """The row's place in its table: its identity as text; its content where it has no identity."""
    if not entity.identity:
        return (content_hash(dict(row)),)
    return tuple(as_text(row.get(name)) for name in entity.identity)


@remembered
def leading_fields(entity: Entity) -> tuple[Field, ...]:
    """Fields whose values say parts of a composite identity: Bastille Day, a 14 July."""
    parts = {*entity.identity} if len(entity.identity) > 1 else set[str]()
    return tuple(
        field
        for field in entity.fields.values()
        if any(not parts.isdisjoint(held) for held in field.implies.values())
    )


def as_text(value: Any) -> str:
    """One text for values that are equal: ``12``, ``12.0`` and ``"12"``."""
    if isinstance(value, str):
        return value
    if type(value) is int:  # as JSON has it
        return str(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return canonical_json(value)


def equals(held: Any, wanted: Any) -> bool:
    """Whether a row's value is what is asked for: any of a list, a day of a moment."""
    if isinstance(held, str) and held == wanted:
        return True
    if isinstance(wanted, list):
        return any(equals(held, one) for one in wanted)
    if isinstance(held, list):
        return any(equals(one, wanted) for one in held)
    if isinstance(held, dict):
        return any(equals(one, wanted) for one in held.values())
    if isinstance(held, bool) or isinstance(wanted, bool) or held is None or wanted is None:
        return held is wanted
    mine, other = as_text(held).casefold(), as_text(wanted).casefold()
    return mine == other or (len(other) == 10 and _dated(other) and mine.startswith(other))


def equal_to(wanted: Any) -> Callable[[Any], bool]:
    """`equals` for many rows and one value that is asked for."""
    if not isinstance(wanted, str):
        return lambda held: equals(held, wanted)
    folded = wanted.casefold()
    day = len(folded) == 10 and _dated(folded)

    def is_equal(held: Any) -> bool:
        if not isinstance(held, str):
            return equals(held, wanted)
        mine = held.casefold()
        return mine == folded or (day and mine.startswith(folded))

    return is_equal


def _dated(text: str) -> bool:
    return text[4] == text[7] == "-" and text[:4].isdigit()


def field_of(row: Row, path: str) -> Any:
    """A row's field by name, or by a dotted path into it. Raises KeyError."""
    if path in row:
        return row[path]
    value: Any = row
    for name in path.replace("[]", "").split("."):
        if not isinstance(value, dict):
            raise KeyError(path)
        value = value[name]
    return value


def held_under(row: Row, name: str, *, besides: str = "") -> list[Any]:
    """All that a row holds under a parameter's name, at any depth: the products of an order."""
    said = singular(in_words(name))
    found, held = list[Any](), dict(row)
    held.pop(besides, None)
    waiting = [*held.items()]
    while waiting:
        one, value = waiting.pop(0)
        if isinstance(value, dict):
            waiting.extend(value.items())
        elif isinstance(value, list):
            waiting.extend(zip(repeat(one), value))
        elif singular(in_words(one)) == said:
            found.append(value)
    return found


_MARK = "~"
"""Begins the names of notes, which no field's name does."""


def noted(tool: str, row: Row, told: JsonObject) -> JsonObject:
    """The row with a note of what a call told that no field tells of: saved, triggered, checked.

    So such a write leaves its trace in the state, though in no result; the same call again changes
    nothing more.
    """
    return {**row, f"{_MARK}{tool}": told}


def bare(row: Row) -> JsonObject:
    """A copy of the row without notes."""
    return {name: copied(value) for name, value in row.items() if not name.startswith(_MARK)}
