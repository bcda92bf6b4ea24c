"""What must agree between the rows that one call names: the dish with the restaurant.

A row that says of itself where it belongs is not found elsewhere; what is returned was ordered; and
nothing new is made about a row that is over.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from generators.sandbox.fitting import MISSING, kind_of, simple
from generators.sandbox.links import named_by
from generators.sandbox.matching import Row, as_text, equals, held_under
from generators.sandbox.naming import in_words
from generators.sandbox.plans import Plan, Slot
from generators.world import Entity, World

ANOTHER = frozenset({"related", "other", "duplicate", "parent", "sub", "after", "before"})
"""Words of parameters that name another row than the one that the call is about."""

Named = Mapping[tuple[str, str], Any]
"""(entity key, part of its identity) → the value that a call gives."""


def part_of(slot: Slot, target: Entity) -> str:
    """Which part of the target's identity a parameter gives."""
    names = (slot.parameter.field or "", slot.parameter.name)
    return next((name for name in names if name in target.identity), target.identity[-1])


def is_another(slot: Slot) -> bool:
    """Whether the parameter names another row beside the one that is meant."""
    return bool(ANOTHER & set(in_words(slot.parameter.name).split()))


def named_parts(plan: Plan, world: World, values: Mapping[str, Any]) -> Named:
    """What a call says of rows; ``values`` maps a parameter's path to what is given there.

    Where it names two rows of one entity, from one account to another, it says nothing of others.
    """
    found: dict[tuple[str, str], Any] = {}
    several: set[tuple[str, str]] = set()
    for slot in plan.of("reference", "identity"):
        target = world.entities.get(slot.parameter.entity or "")
        value = values.get(slot.parameter.path, MISSING)
        if target is None or not target.identity or is_another(slot):
            continue
        if value is not MISSING and value is not None and not isinstance(value, list):
            mark = (target.key, part_of(slot, target))
            several |= {mark} & found.keys()
            found[mark] = value
    return {mark: value for mark, value in found.items() if mark not in several}


def belonging(entity: Entity, world: World) -> Iterator[tuple[str, str, str]]:
    """(field, entity, part) of the fields by which a row says where it belongs."""
    for field in entity.fields.values():
        target = world.entities.get(field.entity or "")
        if target is None or not target.identity or target.key == entity.key:
            continue
        if kind_of(simple(field.schema)) not in ("array", "object"):
            yield field.name, target.key, named_by(field.name, target)


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
