"""What get, list, create, update and delete do to the rows."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from generators.identity_cache import Same
from generators.lexicon.names import in_words
from generators.lexicon.nouns import singular
from generators.lexicon.tables import phrase_set, word_set
from generators.lexicon.tenses import tells_change
from generators.lexicon.verbs import Operation, participle
from generators.sandbox.call_rules import CallScope, RowChange, check_rules, plan_changes
from generators.sandbox.compiled_tools import CONTENTS, KEEPING, CompiledTool, Slot, pick
from generators.sandbox.errors import call_error, unknown_row
from generators.sandbox.new_rows import (
    change_parts,
    derive_anew,
    left_unset,
    make_row,
    repeat_referred,
)
from generators.sandbox.row_links import references, whole_of
from generators.sandbox.row_lookup import (
    check_references,
    find_files_below,
    find_named_rows,
    read_identity,
    wrong_state,
)
from generators.sandbox.row_states import allows, leave_out, state_field
from generators.sandbox.row_values import Row, as_text, equals, is_folder, key_of, merged, noted
from generators.sandbox.schema_validity import MISSING, adapt, fits
from generators.sandbox.search import Found, Page, find_matching, lies_in, page_of, search_texts
from generators.sandbox.store import Store
from generators.sandbox.times import datetime_text, shifted, span_of
from generators.world.model import Entity, World
from schemas.canonical import copied
from schemas.record import JsonObject

ADDING = word_set("add append attach assign apply tag label link include invite request")
TAKING = word_set("remove unassign detach untag unlink drop delete exclude revoke")
_REHEARSALS = phrase_set("dry run;preview;simulate")


def run(store: Store, plan: CompiledTool, arguments: JsonObject) -> Found:
    """Carry out a call on rows. Raises CallError; the caller undoes what was written before."""
    entity = plan.entity
    if entity is None:
        raise KeyError(f"{plan.model.name} has no entity")
    act = _get if plan.batch and plan.model.operation == "list" else _ACTS[plan.model.operation]
    elements = plan.elements(arguments)
    rows: list[Row] = []
    total = 0
    for element in elements:
        check_references(store, plan, element)
        if not (plan.model.needs or plan.model.changes or plan.model.demands):
            page = act(store, plan, entity, element)
        else:
            page = _act_by_rules(store, plan, entity, element, act)
        rows += page.rows
        total += page.total
    return Found(Page(rows, total), elements[-1] if len(elements) == 1 else arguments)


def _act_by_rules(
    store: Store, plan: CompiledTool, entity: Entity, element: JsonObject, act: "Act"
) -> Page:
    """Act where the world model's needs and demands are met, and make its changes besides.

    What is changed follows from the state before; only of a create is the new row known.
    """
    scope = CallScope(store, plan, element)
    check_rules(scope)
    planned = [] if plan.model.operation == "create" else plan_changes(scope)
    page = act(store, plan, entity, element)
    if plan.model.operation == "create":
        planned = plan_changes(CallScope(store, plan, element, page.rows[0]))
    after = {id(row): new for row, new in _make_changes(store, planned)}
    if plan.model.operation == "delete":
        return page
    keys = [key_of(entity, after.get(id(row), row)) for row in page.rows]
    shown = [store.find(entity, key) or row for key, row in zip(keys, page.rows, strict=True)]
    return Page(shown, page.total)


def _make_changes(store: Store, planned: Iterable[RowChange]) -> Iterator[tuple[Row, Row]]:
    """Write what `plan_changes` planned; yields each row as it was named and as it is now.

    Raises CallError where a field cannot hold its new value.
    """
    for entity, named, path, value in planned:
        row = store.find(entity, key_of(entity, named)) or named
        new = copied(dict(row))
        inner = new
        for step in path[:-1]:
            inner = inner.setdefault(step, {})
        field = entity.fields.get(path[0])
        inner[path[-1]] = value
        if field is not None:
            fitting = adapt(new[path[0]], field.schema)
            if fitting is MISSING:
                raise call_error("no_such_value", noun=entity.noun, field=in_words(path[-1]))
            new[path[0]] = fitting
        store.put(entity, new)
        yield named, new


def _all(rows: list[Row]) -> Page:
    return Page(rows, len(rows))


def _get(store: Store, plan: CompiledTool, entity: Entity, element: JsonObject) -> Page:
    return _all(find_named_rows(store, plan, entity, element))


def _list(store: Store, plan: CompiledTool, entity: Entity, element: JsonObject) -> Page:
    given = read_identity(plan, entity, element)
    if plan.by_path and given and not plan.batch:
        _check_folder(store, entity, given)
    found = find_matching(plan, store.rows(entity), element)
    return page_of(search_texts(found, plan, element), plan, element)


def _check_folder(store: Store, entity: Entity, given: JsonObject) -> None:
    """Raise CallError where a listing is asked of what is no folder, or none that is known."""
    if not find_files_below(store.rows(entity), entity, given):
        raise unknown_row(entity.noun, given)
    path = str(given[entity.identity[0]])
    if not is_folder(entity) and store.find(entity, (path,)) is not None:
        raise call_error("no_folder", path=path)


def _create(store: Store, plan: CompiledTool, entity: Entity, element: JsonObject) -> Page:
    whole = whole_of(Same(store.world), Same(entity))
    if whole is not None:
        return _all([change_parts(store, plan, entity, whole, element)])
    written = writes(plan, entity, element, store.world) | read_identity(plan, entity, element)
    # A create may name another row of its kind, such as the tweet that it repeats.
    last = entity.identity[-1] if entity.identity else ""
    if any(s.field == last and s.parameter.entity == entity.key for s in plan.of("reference")):
        written.pop(last, None)
    # What a result calls added is what the call has given.
    lists = [value for value in written.values() if isinstance(value, list)]
    added = [n for n in entity.fields if in_words(n).startswith("added ") and n not in written]
    written |= {name: copied(lists[0]) for name in added if len(lists) == 1}
    held = None
    if entity.identity and set(entity.identity) <= set(written):
        held = store.find(entity, key_of(entity, written))
        naming = (s for s in plan.of("identity", "field", "filter") if s.field in entity.identity)
        if held is not None and not plan.by_path and any(naming):  # files are written over
            key = " ".join(key_of(entity, written))
            raise call_error("row_exists", noun=entity.noun, key=key)
    if held is None:
        unset = left_unset(plan, entity, store.world, element)
        row = make_row(store, entity, unset.defaults | written, unset.lacking)
    else:
        row = {**held, **{n: _mixed(plan.model.verb, held.get(n), v) for n, v in written.items()}}
    store.put(entity, row)
    return _all([row])


def _update(store: Store, plan: CompiledTool, entity: Entity, element: JsonObject) -> Page:
    rows = find_named_rows(store, plan, entity, element)
    written = writes(plan, entity, element, store.world)
    rows = _changeable(plan, entity, rows)
    changed = [_changed(store, plan, entity, row, written, element) for row in rows]
    if _is_rehearsal(plan, element):
        return _all(list(changed))
    for row, new in zip(rows, changed, strict=True):
        if key_of(entity, row) != key_of(entity, new):
            if entity.identity and store.find(entity, key_of(entity, new)) is not None:
                raise call_error("row_exists", noun=entity.noun, key=" ".join(key_of(entity, new)))
            store.remove(entity, row)
        store.put(entity, new)
    return _all(list(changed))


def _changeable(plan: CompiledTool, entity: Entity, rows: list[Row]) -> list[Row]:
    """The rows whose state allows the change. Raises CallError where no row's does."""
    target = plan.model.transition or ("", "")
    fitting = [row for row in rows if allows(plan.model, entity, row)]
    same = [row for row in rows if target[0] and equals(row.get(target[0]), target[1])]
    if not fitting and not same:
        raise wrong_state(entity, rows[0])
    return fitting or same


def _changed(
    store: Store,
    plan: CompiledTool,
    entity: Entity,
    row: Row,
    written: JsonObject,
    element: JsonObject,
) -> JsonObject:
    new = dict(row)
    for name, value in written.items():
        new[name] = _mixed(plan.model.verb, row.get(name), value)
    new |= _swapped(plan, row, element) | _edited(plan, row, element)
    if plan.model.transition:
        name, state = plan.model.transition
        if equals(row.get(name), state):
            shown = " ".join(key_of(entity, row)) if entity.identity else ""
            raise call_error("already_so", noun=entity.noun, key=shown, state=state)
        new[name] = state
    for field in references(entity, store.world):
        if field.name in written:
            repeat_referred(store, entity, field, new, {**written})
    if plan.by_path and entity.identity[0] in written:
        new[entity.identity[0]] = _moved(
            plan, entity, row, element, str(written[entity.identity[0]])
        )
    new |= _counted(plan, entity, row, new) | _touched(store, entity, row)
    old, now = row.get(state_field(entity)), new.get(state_field(entity))
    if old != now:
        if entity.follows and now not in entity.follows.get(str(old), ()):
            key = " ".join(key_of(entity, row))
            raise call_error("no_such_state", noun=entity.noun, key=key, state=old, other=now)
        new = leave_out(entity, new, written)
    changed = {name for name in new if new[name] != row.get(name)}
    if changed and entity.constraints:
        derive_anew(store, entity, new, kept=written, changed=changed)
    if new != row:
        return new
    told = {name: value for name, value in element.items() if name not in entity.identity}
    return noted(plan.model.name, row, told)


def _counted(plan: CompiledTool, entity: Entity, row: Row, new: Row) -> JsonObject:
    """What a verb adds to its row: one more renewal, and a later day to bring the book back."""
    verb = participle(plan.model.verb)
    made: JsonObject = {
        name: value + 1
        for name, value in row.items()
        if in_words(name) == f"times {verb}" and isinstance(value, int)
    }
    span = span_of(new) if plan.model.verb in ("renew", "extend") else None
    if span is not None and span.end:
        made[span.end] = shifted(str(new[span.end]), span.days)
    fields = entity.fields
    return {name: value for name, value in made.items() if fits(value, fields[name].schema)}


def _swapped(plan: CompiledTool, row: Row, element: JsonObject) -> JsonObject:
    """Lists of the row with some of their values replaced by new ones."""
    found: JsonObject = {}
    for slot in plan.slots:
        held = row.get(slot.field)
        if not isinstance(held, list):
            continue
        _check_held(plan, row, slot, held, element)
        if plan.swaps(slot):
            new = next(o for o in plan.slots if in_words(o.path) == f"new {in_words(slot.path)}")
            pair = [pick(element, slot.path), pick(element, new.path)]
            if all(isinstance(side, list) for side in pair):
                instead = dict(zip(map(as_text, pair[0]), pair[1], strict=False))
                found[slot.field] = [instead.get(as_text(one), one) for one in held]
        elif plan.model.verb in KEEPING and slot.parameter.use == "reference":
            found.setdefault(slot.field, copied(held))
    return found


def _check_held(
    plan: CompiledTool, row: Row, slot: Slot, held: list[Any], element: JsonObject
) -> None:
    """Raise CallError for a part that is to be returned or swapped, and is none of the row's."""
    if slot.parameter.use != "reference" or in_words(slot.path).startswith("new "):
        return
    if not (plan.keeps(slot)):
        return
    given = pick(element, slot.path)
    for one in given if isinstance(given, list) else []:
        if not equals(held, one):
            whole = as_text(row[plan.entity.identity[-1]]) if plan.entity else ""
            noun = singular(in_words(slot.field)).removesuffix(" id")
            raise call_error(
                "not_in_row", noun=noun, key=one, holder_noun=plan.model.noun, holder=whole
            )


def _edited(plan: CompiledTool, row: Row, element: JsonObject) -> JsonObject:
    """The row's text after the edits. Raises CallError for a passage that is not in it."""
    paths = plan.edit_paths
    field = next((name for name in CONTENTS if isinstance(row.get(name), str)), "")
    if not paths or not field:
        return {}
    text = str(row[field])
    given = (pick(element, path) for path in paths)
    olds, news = (one if isinstance(one, list) else [one] for one in given)
    for old, new in zip(olds, news, strict=True):
        if str(old) not in text:
            raise call_error("no_such_text", text=old)
        text = text.replace(str(old), str(new), 1)
    return {field: text}


def _is_rehearsal(plan: CompiledTool, element: JsonObject) -> bool:
    """Whether the call only asks what would happen."""
    return any(
        in_words(slot.parameter.name) in _REHEARSALS and pick(element, slot.path) is True
        for slot in plan.of("option")
    )


def _mixed(verb: str, old: Any, new: Any) -> Any:
    """What a field holds afterwards: a list grows or shrinks where the verb says so."""
    if isinstance(old, list) and (verb in ADDING or verb in TAKING or not isinstance(new, list)):
        values = new if isinstance(new, list) else [new]
        if verb in TAKING:
            return [value for value in old if value not in values]
        return copied([*old, *(value for value in values if value not in old)])
    return merged(old, new)


def _moved(
    plan: CompiledTool, entity: Entity, row: Row, element: JsonObject, destination: str
) -> str:
    """The new path of a file, or of one below a folder that is moved."""
    source = str(read_identity(plan, entity, element).get(entity.identity[0], ""))
    held = str(row[entity.identity[0]])
    if held == source or not lies_in(held, source):
        return destination
    return destination.rstrip("/") + held[len(source.rstrip("/")) :]


def _touched(store: Store, entity: Entity, row: Row) -> JsonObject:
    now = store.seeds.clock
    return {
        name: datetime_text(now, field.schema)
        for name, field in entity.fields.items()
        if field.semantic == "datetime" and tells_change(name) and name in row
    }


def _delete(store: Store, plan: CompiledTool, entity: Entity, element: JsonObject) -> Page:
    whole = whole_of(Same(store.world), Same(entity))
    if whole is not None and any(slot.path.endswith("[]") for slot in plan.slots):
        return _all([change_parts(store, plan, entity, whole, element)])
    rows = _changeable(plan, entity, find_named_rows(store, plan, entity, element))
    for row in rows:
        store.remove(entity, row)
    return _all(rows)


def writes(plan: CompiledTool, entity: Entity, element: JsonObject, world: World) -> JsonObject:
    """Field → the value that the call writes; nested arguments are written whole."""
    found: JsonObject = {}
    for slot in plan.of("field", "reference", "filter"):
        if slot.path in plan.edit_paths:
            continue
        name, value = _written(slot, entity, element)
        if value is MISSING or (value is None and name not in entity.fields):
            continue
        updating = plan.model.operation == "update" and slot.parameter.use != "field"
        if updating and (slot.parameter.use != "reference" or plan.locates(slot, world)):
            continue
        field = entity.fields.get(name)
        fitting = adapt(value, field.schema) if field else MISSING
        found[name] = copied(value) if fitting is MISSING else fitting
    return found


def _written(slot: Slot, entity: Entity, element: JsonObject) -> tuple[str, Any]:
    """A leaf goes to its field; where the row holds the whole object or list, that does."""
    head = slot.path.split(".")[0].replace("[]", "")
    nested = "." in slot.path
    if nested and (head in entity.fields or slot.field not in entity.fields):
        return head, element.get(head, MISSING)
    return slot.field, pick(element, slot.path)


Act = Callable[[Store, CompiledTool, Entity, JsonObject], Page]
_ACTS: Mapping[Operation, Act] = MappingProxyType(
    {"get": _get, "list": _list, "create": _create, "update": _update, "delete": _delete}
)
