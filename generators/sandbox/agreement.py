"""What must agree between the rows that one call names: the dish with the restaurant.

A row that says of itself where it belongs is not found elsewhere; what is returned was ordered; and
nothing new is made about a row that is over.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from generators.identity_cache import Same, remembered
from generators.lexicon.names import in_words
from generators.sandbox.compiled_tools import CompiledTool, Slot
from generators.sandbox.row_links import named_by
from generators.sandbox.row_values import Row, as_text, equals, held_under
from generators.sandbox.schema_validity import MISSING, kind_of, simple
from generators.world.model import Entity, World

ANOTHER = frozenset({"related", "other", "duplicate", "parent", "sub", "after", "before"})
"""Words of parameters that name another row than the one that the call is about."""

Named = Mapping[tuple[str, str], Any]
"""(entity key, part of its identity) → the value that a call gives."""


def part_of(slot: Slot, target: Entity) -> str:
    """Which part of the target's identity a parameter gives."""
    names = (slot.parameter.field or "", slot.parameter.name)
    return next((name for name in names if name in target.identity), target.identity[-1])


@remembered
def is_another(slot: Slot) -> bool:
    """Whether the parameter names another row beside the one that is meant."""
    return bool(ANOTHER & set(in_words(slot.parameter.name).split()))


def named_parts(plan: CompiledTool, world: World, values: Mapping[str, Any]) -> Named:
    """What a call says of rows; ``values`` maps a parameter's path to what is given there.

    Where it names two rows of one entity, from one account to another, it says nothing of others.
    """
    found: dict[tuple[str, str], Any] = {}
    several: set[tuple[str, str]] = set()
    for path, mark in _marks(Same(plan), Same(world)):
        value = values.get(path, MISSING)
        if value is not MISSING and value is not None and not isinstance(value, list):
            if mark in found:
                several.add(mark)
            found[mark] = value
    return {mark: value for mark, value in found.items() if mark not in several}


@lru_cache(maxsize=4096)
def _marks(plan: Same[CompiledTool], world: Same[World]) -> tuple[tuple[str, tuple[str, str]], ...]:
    """Parameter's path → the part of an identity that is given there."""
    marks = []
    for slot in plan.it.of("reference", "identity"):
        target = world.it.entities.get(slot.parameter.entity or "")
        if target is not None and target.identity and not is_another(slot):
            marks.append((slot.parameter.path, (target.key, part_of(slot, target))))
    return tuple(marks)


def belonging(entity: Entity, world: World) -> tuple[tuple[str, str, str], ...]:
    """(field, entity, part) of the fields by which a row says where it belongs."""
    return _belonging(Same(entity), Same(world))


@lru_cache(maxsize=4096)
def _belonging(entity: Same[Entity], world: Same[World]) -> tuple[tuple[str, str, str], ...]:
    found = []
    for field in entity.it.fields.values():
        target = world.it.entities.get(field.entity or "")
        if target is None or not target.identity or target.key == entity.it.key:
            continue
        if kind_of(simple(field.schema)) not in ("array", "object"):
            found.append((field.name, target.key, named_by(field.name, target)))
    return tuple(found)


def belongs(row: Row, entity: Entity, world: World, named: Named) -> bool:
    """Whether a row belongs to the other rows that the call names."""
    return all(
        equals(row[name], named[key, part])
        for name, key, part in belonging(entity, world)
        if (key, part) in named and name in row
    )


def lacks(holder: Row, name: str, values: Any) -> Any:
    """The first value that a row does not hold under this name; `MISSING` where it holds all.

    A row that holds nothing under the name says nothing about it.
    """
    held = {as_text(value) for value in held_under(holder, name)}
    wanted = values if isinstance(values, list) else [values]
    return next((one for one in wanted if held and as_text(one) not in held), MISSING)
