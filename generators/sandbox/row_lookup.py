"""Which rows a call names, whether they exist, and whether they belong together.

A row that says of itself where it belongs is not found elsewhere; what is returned was ordered; and
nothing new is made about a row that is over.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from generators.identity_cache import Same, remembered
from generators.lexicon.names import in_words
from generators.sandbox.compiled_tools import CompiledTool, Slot, pick, read_identity
from generators.sandbox.errors_and_faults import CallError, call_error, not_in_row, unknown_row
from generators.sandbox.row_links import named_by
from generators.sandbox.row_states import allowed, state_of, usable
from generators.sandbox.row_values import Row, as_text, equals, held_under, is_filed
from generators.sandbox.schema_validity import MISSING, kind_of, simple
from generators.sandbox.search import find_matching, find_suiting, lies_in
from generators.sandbox.store import Rows
from generators.world.model import Entity, ParameterModel, World
from generators.world.needed_parameters import find_nameless
from schemas.record import JsonObject

ANOTHER = frozenset({"related", "other", "duplicate", "parent", "sub", "after", "before"})
"""Words of parameters that name another row than the one that the call is about."""

NamedParts = Mapping[tuple[str, str], Any]
"""(entity key, part of its identity) → the value that a call gives."""


def find_named_rows(
    rows: Rows, tool: CompiledTool, entity: Entity, element: JsonObject
) -> list[Row]:
    """The rows that a get, update or delete is about; more than one only below a folder.

    Raises CallError where there is none.
    """
    given = read_identity(tool, entity, element)
    if entity.identity and len(given) == len(entity.identity):
        row = rows.find(entity, tuple(as_text(given[name]) for name in entity.identity))
        if row is not None and find_suiting(tool, rows.world, [row], element):
            return [row]
        # All below a folder is moved or thrown away with it; nothing else is done to it.
        moved = any(slot.field in entity.identity for slot in tool.of("field"))
        whole = moved or tool.model.operation == "delete"
        if below := find_files_below(rows.rows(entity), entity, given) if whole else []:
            return below
        raise unknown_row(entity.noun, given)
    named = given if tool.model.writes else element  # which one is asked for
    model = tool.model
    nameless = model.writes and find_nameless(model.parameters, model.operation, entity)
    if not named and (tool.of("identity") or nameless):
        raise unknown_row(entity.noun, given)
    found = find_matching(tool, rows.rows(entity), element)
    if tool.model.transition:
        name, state = tool.model.transition
        found = [row for row in found if not equals(row.get(name), state)] or found
    found = allowed(tool.model, entity, found) or found
    if not found:
        raise unknown_row(entity.noun, given)
    return found if "all" in in_words(tool.model.name).split() else found[:1]


def find_files_below(rows: Sequence[Row], entity: Entity, given: JsonObject) -> list[Row]:
    """The files below a folder; none where the entity is not filed."""
    if not is_filed(entity):
        return []
    folder = str(given[entity.identity[0]])
    return [row for row in rows if lies_in(str(row[entity.identity[0]]), folder)]


def names_row(rows: Rows, target: Entity, parameter: ParameterModel, value: Any) -> bool:
    """Whether a value names a row: by its identity, or by a field of the parameter's name."""
    if rows.find(target, (as_text(value),)) is not None:
        return True
    known = rows.rows(target)
    if is_filed(target) and find_files_below(known, target, {target.identity[0]: value}):
        return True
    said = in_words(parameter.name).removeprefix(f"{target.noun} ").replace(" ", "_")
    return said in target.fields and any(said in r and equals(r[said], value) for r in known)


# -- what a call refers to


def check_references(rows: Rows, tool: CompiledTool, element: JsonObject) -> None:
    """Raise CallError where a row that the call refers to does not exist, or cannot be meant."""
    entities = rows.world.entities
    values = {slot.parameter.path: pick(element, slot.path) for slot in tool.slots}
    composites: dict[str, JsonObject] = {}
    for slot in tool.of("reference", "identity"):
        target, value = entities.get(slot.parameter.entity or ""), values[slot.parameter.path]
        if value is MISSING or value is None or target is None or not target.identity:
            continue
        if len(target.identity) > 1:
            composites.setdefault(target.key, {})[identity_part(slot, target)] = value
        elif slot.parameter.use == "reference":
            for one in value if isinstance(value, list) else [value]:
                if not names_row(rows, target, slot.parameter, one):
                    raise unknown_row(target.noun, {target.identity[0]: one})
    for key, parts in composites.items():
        target = entities[key]
        if tool.entity is not None and target.key == tool.entity.key:
            continue
        # A part of an identity is known, too, where a row of the call's own kind has it.
        own = [tool.entity] if tool.entity and len(parts) < len(target.identity) else []
        held = (row for holder in (target, *own) for row in rows.rows(holder))
        if not any(all(n in row and equals(row[n], v) for n, v in parts.items()) for row in held):
            raise unknown_row(target.noun, parts)
    if tool.model.writes:
        _check_agreement(rows, tool, values)


def _check_agreement(rows: Rows, tool: CompiledTool, values: JsonObject) -> None:
    """Refuse rows that belong elsewhere, that do not hold what is asked of them, that are over."""
    world, named = rows.world, collect_named_parts(tool, rows.world, values)
    holders: list[tuple[Entity, Row]] = []
    for slot in tool.of("reference"):
        target = world.entities.get(slot.parameter.entity or "")
        value = values[slot.parameter.path]
        if target is None or value is MISSING or value is None or not target.identity:
            continue
        keys: list[tuple[Any, ...]] = []
        if len(target.identity) == 1:
            keys = [(one,) for one in (value if isinstance(value, list) else [value])]
        elif identity_part(slot, target) == target.identity[-1]:  # the whole, by several values
            parts = {
                identity_part(other, target): values[other.parameter.path]
                for other in tool.of("reference", "identity")
                if other.parameter.entity == target.key or other.field in target.identity[:-1]
            }
            keys = [tuple(parts.get(name, MISSING) for name in target.identity)]
        found = (rows.find(target, tuple(map(as_text, key))) for key in keys if MISSING not in key)
        for row in (one for one in found if one is not None):
            if not usable(tool.model, target, row):
                raise wrong_state(target, row)
            if not is_another(slot) and not keep_belonging([row], target, world, named):
                raise unknown_row(target.noun, {target.identity[-1]: row[target.identity[-1]]})
            holders.append((target, row))
    for slot in tool.of("reference") if tool.model.operation == "create" else ():
        for holder, row in holders:
            lacking = find_lacking(row, slot.parameter.name, values[slot.parameter.path])
            if lacking is not MISSING and holder.key != slot.parameter.entity:
                noun = world.entities[slot.parameter.entity or ""].noun
                raise not_in_row(noun, lacking, holder.noun, row[holder.identity[-1]])


def wrong_state(entity: Entity, row: Row) -> CallError:
    """The error for a row whose state does not allow what is asked."""
    key = as_text(row.get(entity.identity[-1], "")) if entity.identity else ""
    return call_error("wrong_state", noun=entity.noun, key=key, state=state_of(row, entity))


# -- what belongs together


def identity_part(slot: Slot, target: Entity) -> str:
    """Which part of the target's identity a parameter gives."""
    names = (slot.parameter.field or "", slot.parameter.name)
    return next((name for name in names if name in target.identity), target.identity[-1])


@remembered
def is_another(slot: Slot) -> bool:
    """Whether the parameter names another row beside the one that is meant."""
    return bool(ANOTHER & set(in_words(slot.parameter.name).split()))


def collect_named_parts(tool: CompiledTool, world: World, values: Mapping[str, Any]) -> NamedParts:
    """What a call says of rows; ``values`` maps a parameter's path to what is given there.

    Where it names two rows of one entity, from one account to another, it says nothing of others.
    """
    found: dict[tuple[str, str], Any] = {}
    several: set[tuple[str, str]] = set()
    for slot in tool.of("reference", "identity"):
        target = world.entities.get(slot.parameter.entity or "")
        value = values.get(slot.parameter.path, MISSING)
        if value is MISSING or value is None or isinstance(value, list):
            continue
        if target is not None and target.identity and not is_another(slot):
            mark = (target.key, identity_part(slot, target))
            if mark in found:
                several.add(mark)
            found[mark] = value
    return {mark: value for mark, value in found.items() if mark not in several}


@lru_cache(maxsize=4096)
def owner_fields(entity: Same[Entity], world: Same[World]) -> tuple[tuple[str, str, str], ...]:
    """(field, entity, part) of the fields by which a row says where it belongs."""
    found = []
    for field in entity.it.fields.values():
        target = world.it.entities.get(field.entity or "")
        if target is None or not target.identity or target.key == entity.it.key:
            continue
        if kind_of(simple(field.schema)) not in ("array", "object"):
            found.append((field.name, target.key, named_by(field.name, target)))
    return tuple(found)


def keep_belonging(
    rows: Sequence[Row], entity: Entity, world: World, named: NamedParts
) -> list[Row]:  # fmt: skip
    """The rows that belong to the other rows that the call names."""
    owners = owner_fields(Same(entity), Same(world))
    asked = [(name, named[key, part]) for name, key, part in owners if (key, part) in named]
    kept = []
    for row in rows:
        for name, wanted in asked:
            if name in row and not equals(row[name], wanted):
                break
        else:
            kept.append(row)
    return kept


def find_lacking(holder: Row, name: str, values: Any) -> Any:
    """The first value that a row does not hold under this name; `MISSING` where it holds all.

    A row that holds nothing under the name says nothing about it.
    """
    if values is MISSING:
        return MISSING
    held = {*map(as_text, held_under(holder, name))}
    wanted = values if isinstance(values, list) else [values]
    return next((one for one in wanted if held and as_text(one) not in held), MISSING)
