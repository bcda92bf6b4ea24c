"""Which rows a call is about, or finds."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from typing import Any

from generators.lexicon.names import in_words
from generators.sandbox.agreement import (
    belongs,
    is_another,
    lacks,
    named_parts,
    part_of,
)
from generators.sandbox.compiled_tools import CompiledTool, Slot, pick
from generators.sandbox.errors import CallError
from generators.sandbox.row_states import allows, state_of, usable
from generators.sandbox.row_values import (
    Row,
    as_text,
    at_least,
    at_most,
    equal_to,
    equals,
    field_of,
    text_of,
    words_of,
)
from generators.sandbox.schema_validity import MISSING
from generators.sandbox.seeding import is_filed
from generators.sandbox.store import Store
from generators.world.model import Entity, ParameterModel, World
from schemas.record import JsonObject


def named_rows(store: Store, plan: CompiledTool, entity: Entity, element: JsonObject) -> list[Row]:
    """The rows that a get, update or delete is about; more than one only below a folder.

    Raises CallError where there is none.
    """
    given = identity_of(plan, entity, element)
    if entity.identity and len(given) == len(entity.identity):
        row = store.find(entity, tuple(as_text(given[name]) for name in entity.identity))
        if row is not None and suiting(plan, store.world, [row], element):
            return [row]
        below = rows_below(store.rows(entity), entity, given) if plan.model.writes else []
        if below:
            return below
        raise unknown(entity, given)
    if not given and plan.model.writes and plan.of("identity"):
        raise unknown(entity, given)
    found = meeting(plan, store.rows(entity), element)
    if plan.model.transition:
        name, state = plan.model.transition
        found = [row for row in found if not equals(row.get(name), state)] or found
    found = [row for row in found if allows(plan.model, entity, row)] or found
    if not found:
        raise unknown(entity, given)
    return found if "all" in in_words(plan.model.name).split() else found[:1]


def identity_of(plan: CompiledTool, entity: Entity, element: JsonObject) -> JsonObject:
    """Identity field → the value that the call gives."""
    given: JsonObject = {}
    for slot in plan.of("identity", "reference"):
        name = slot.field
        strange = name not in entity.identity and name not in entity.fields
        if strange and slot.parameter.use == "identity" and len(entity.identity) == 1:
            name = entity.identity[0]
        if name in entity.identity and name not in given:
            value = pick(element, slot.path)
            if value is not MISSING and value is not None:
                given[name] = value
    return given


def unknown(entity: Entity, given: JsonObject) -> CallError:
    """The error for a row that does not exist."""
    shown = ", ".join(str(value) for value in given.values() if value != "")
    what = f"{entity.noun} {shown}".strip()
    return CallError("not_found", f"There is no {what}." if shown else f"No {what} was found.")


def rows_below(rows: list[Row], entity: Entity, given: JsonObject) -> list[Row]:
    """The files below a folder; none where the entity is not filed."""
    if not is_filed(entity):
        return []
    folder = str(given[entity.identity[0]])
    return [row for row in rows if lies_in(str(row[entity.identity[0]]), folder)]


def lies_in(path: str, folder: str) -> bool:
    """Whether a path lies in a folder, at any depth, or is the folder itself."""
    top = folder.rstrip("/")
    return path == top or path.startswith(f"{top}/") or folder in ("", ".", "/")


def meeting(plan: CompiledTool, rows: Iterable[Row], element: JsonObject) -> list[Row]:
    """The rows that satisfy all conditions of the call but the words of a query."""
    return _holding(rows, _conditions(plan, plan.slots, element))


def suiting(
    plan: CompiledTool, world: World, rows: Iterable[Row], element: JsonObject
) -> list[Row]:
    """The rows that a call with these arguments can be about, whatever it writes."""
    if plan.model.operation != "update":
        return meeting(plan, rows, element)
    asked = plan.of("identity", "filter", "minimum", "maximum")
    placed = [slot for slot in plan.of("reference") if plan.locates(slot, world)]
    return _holding(rows, _conditions(plan, (*asked, *placed), element))


Condition = Callable[[Row], bool]


def _holding(rows: Iterable[Row], conditions: list[Condition]) -> list[Row]:
    for holds in conditions:
        rows = [row for row in rows if holds(row)]
    return list(rows)


def _conditions(plan: CompiledTool, slots: Sequence[Slot], element: JsonObject) -> list[Condition]:
    """What the arguments ask of a row; an argument that is not given asks nothing."""
    made = (_condition(plan, slot, pick(element, slot.path)) for slot in slots)
    return [condition for condition in made if condition is not None]


def _condition(plan: CompiledTool, slot: Slot, value: Any) -> Condition | None:
    use, field = slot.parameter.use, slot.field
    if value is MISSING or use in ("option", "input", "query"):
        return None
    if use == "field":
        said = equal_to(value)
        return None if plan.model.writes else lambda row: field not in row or said(row[field])
    if value is None or value == "":
        return None
    compare = _comparison(plan, slot, value)
    strange = plan.entity is None or field not in plan.entity.fields

    def holds(row: Row) -> bool:
        try:
            held = field_of(row, field)
        except KeyError:
            return strange
        return compare(held)

    return holds


def _comparison(plan: CompiledTool, slot: Slot, value: Any) -> Callable[[Any], bool]:
    if slot.parameter.use == "minimum":
        return lambda held: at_least(held, value)
    if slot.parameter.use == "maximum":
        return lambda held: at_most(held, value)
    same = equal_to(value)
    named = plan.by_path and plan.entity is not None and slot.field == plan.entity.identity[0]
    if named and plan.model.operation == "list":
        return lambda held: same(held) or lies_in(str(held), str(value))
    return same


def searched(rows: list[Row], plan: CompiledTool, element: JsonObject) -> list[Row]:
    """The rows in whose texts the words of the query stand: all of them, or else the most."""
    for slot in plan.of("query"):
        value = pick(element, slot.path)
        if plan.by_path and plan.entity is not None and isinstance(value, str):
            name = plan.entity.identity[0]
            rows = [row for row in rows if is_match(str(row[name]), value)]
            continue
        words = words_of(value) if isinstance(value, str) else []
        if not words:
            continue
        hits = [
            (sum(word in text for word in words), row) for row in rows for text in [text_of(row)]
        ]
        best = max((count for count, _ in hits), default=0)
        rows = [row for count, row in hits if count == best and best * 2 >= len(words)]
    return rows


def is_match(path: str, pattern: str) -> bool:
    """Whether a file's name satisfies a pattern, or holds it as a part."""
    name, plain = path.rpartition("/")[2].lower(), pattern.rpartition("/")[2].lower()
    return fnmatchcase(name, plain) or (not set("*?[") & set(plain) and plain in name)


def check_references(store: Store, world: World, plan: CompiledTool, element: JsonObject) -> None:
    """Raise CallError where a row that the call refers to does not exist, or cannot be meant."""
    groups: dict[str, JsonObject] = {}
    for slot in plan.of("reference", "identity"):
        target = world.entities.get(slot.parameter.entity or "")
        value = pick(element, slot.path)
        if value is MISSING or value is None or target is None or not target.identity:
            continue
        if len(target.identity) > 1:
            groups.setdefault(target.key, {})[part_of(slot, target)] = value
        elif slot.parameter.use == "reference":
            for one in value if isinstance(value, list) else [value]:
                if not refers(store, target, slot.parameter, one):
                    raise unknown(target, {target.identity[0]: one})
    for key, parts in groups.items():
        target = world.entities[key]
        if plan.entity is not None and target.key == plan.entity.key:
            continue
        own = [plan.entity] if plan.entity and len(parts) < len(target.identity) else []
        if not any(_borne(parts, row) for holder in (target, *own) for row in store.rows(holder)):
            raise unknown(target, parts)
    if plan.model.writes:
        _check_named(store, world, plan, element)


def _borne(parts: JsonObject, row: Row) -> bool:
    """Whether a row has all these values: for a part of an identity, the call's own rows count."""
    return all(name in row and equals(row[name], value) for name, value in parts.items())


def _check_named(store: Store, world: World, plan: CompiledTool, element: JsonObject) -> None:
    """Refuse rows that belong elsewhere, that do not hold what is asked of them, that are over."""
    values = {slot.parameter.path: pick(element, slot.path) for slot in plan.slots}
    named = named_parts(plan, world, values)
    rows = list(_referred_rows(store, world, plan, values))
    for slot, target, row in rows:
        if not usable(plan.model, target, row):
            raise over(target, row)
        if not is_another(slot) and not belongs(row, target, world, named):
            raise unknown(target, {target.identity[-1]: row[target.identity[-1]]})
    if plan.model.operation == "create":
        for slot in plan.of("reference"):
            for _, holder, row in rows:
                value = values[slot.parameter.path]
                missing = MISSING if value is MISSING else lacks(row, slot.parameter.name, value)
                if missing is not MISSING and holder.key != slot.parameter.entity:
                    raise _not_held(world, slot, missing, holder, row)


def _referred_rows(
    store: Store, world: World, plan: CompiledTool, values: JsonObject
) -> Iterator[tuple[Slot, Entity, Row]]:
    """The rows that the call's references name by their whole identity."""
    for slot in plan.of("reference"):
        target = world.entities.get(slot.parameter.entity or "")
        value = values[slot.parameter.path]
        if target is None or value is MISSING or value is None or not target.identity:
            continue
        if len(target.identity) == 1:
            found = [store.find(target, (as_text(one),)) for one in _all_of(value)]
        elif part_of(slot, target) == target.identity[-1]:
            found = [_composite(store, plan, target, values)]
        else:
            found = []
        yield from ((slot, target, row) for row in found if row is not None)


def _all_of(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _composite(store: Store, plan: CompiledTool, target: Entity, values: JsonObject) -> Row | None:
    parts = {
        part_of(slot, target): values[slot.parameter.path]
        for slot in plan.of("reference", "identity")
        if slot.parameter.entity == target.key or slot.field in target.identity[:-1]
    }
    key = [parts.get(name, MISSING) for name in target.identity]
    return None if MISSING in key else store.find(target, tuple(map(as_text, key)))


def _not_held(world: World, slot: Slot, value: Any, holder: Entity, row: Row) -> CallError:
    noun = world.entities[slot.parameter.entity or ""].noun
    shown = as_text(row[holder.identity[-1]])
    return CallError("not_found", f"There is no {noun} {value} in {holder.noun} {shown}.")


def over(entity: Entity, row: Row) -> CallError:
    """The error for a row whose state does not allow what is asked."""
    shown = as_text(row.get(entity.identity[-1], "")) if entity.identity else ""
    said = f"The {entity.noun} {shown} is {state_of(row, entity)}; this cannot be done with it."
    return CallError("conflict", said.replace("  ", " "))


def refers(store: Store, target: Entity, parameter: ParameterModel, value: Any) -> bool:
    """Whether a value names a row: by its identity, or by a field of the parameter's name."""
    if store.find(target, (as_text(value),)) is not None:
        return True
    if is_filed(target) and rows_below(store.rows(target), target, {target.identity[0]: value}):
        return True
    said = in_words(parameter.name).removeprefix(f"{target.noun} ").replace(" ", "_")
    return said in target.fields and any(
        said in row and equals(row[said], value) for row in store.rows(target)
    )
