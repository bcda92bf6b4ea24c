"""What get, list, create, update and delete do to the rows."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from generators.identity_cache import Same, remembered
from generators.lexicon.date_field_names import tells_change, tells_deed
from generators.lexicon.names import in_words
from generators.lexicon.nouns import plural, singular
from generators.lexicon.tables import phrase_set, word_set
from generators.lexicon.verbs import Operation, find_verb, participle
from generators.sandbox.call_rules import CallScope, RowChange, check_needs, plan_changes
from generators.sandbox.compiled_tools import (
    CONTENTS,
    KEEPING,
    CompiledTool,
    Slot,
    pick,
    read_identity,
)
from generators.sandbox.errors_and_faults import call_error, not_in_row, unknown_row
from generators.sandbox.new_rows import (
    change_parts,
    derive_anew,
    left_unset,
    make_row,
    repeat_referred,
    repeat_within,
)
from generators.sandbox.paging import Page, cut_page
from generators.sandbox.row_links import complete, find_inner, whole_of
from generators.sandbox.row_lookup import (
    check_references,
    find_files_below,
    find_named_rows,
    wrong_state,
)
from generators.sandbox.row_states import allowed, leave_out, state_field
from generators.sandbox.row_values import Row, as_text, equals, is_filed, is_folder, key_of, noted
from generators.sandbox.schema_validity import MISSING, adapt, fits
from generators.sandbox.search import find_matching, lies_in, put_in_order, search_texts
from generators.sandbox.store import Store
from generators.sandbox.times import moment_text, shifted, span_of
from generators.world.model import Entity, Field, World
from generators.world.schema_leaves import shown_names
from schemas.canonical import copied
from schemas.record import JsonObject

ADDING = word_set("add append attach assign apply tag label link include invite request")
TAKING = word_set("remove unassign detach untag unlink drop delete exclude revoke")
_REHEARSALS = phrase_set("dry run;preview;simulate")


def run(store: Store, tool: CompiledTool, arguments: JsonObject) -> tuple[Page, JsonObject]:
    """Carry out a call on rows: those that it found or was about, and the arguments to be shown.

    Raises CallError; the caller undoes what was written before.
    """
    entity, model = tool.entity, tool.model
    if entity is None:
        raise KeyError(f"{model.name} has no entity")
    named = model.operation == "list" and tool.batch in arguments
    act = _get if named else _ACTS[model.operation]
    elements = tool.elements(arguments)
    rows: list[Row] = []
    total = 0
    for element in elements:
        check_references(store, tool, element)
        # What is changed besides follows from the state before; only of a create is the new row
        # known.
        scope = CallScope(store, tool, element) if model.needs or model.changes else None
        if scope is not None:
            check_needs(scope)
        creates = model.operation == "create"
        planned = plan_changes(scope) if scope is not None and not creates else []
        page = act(store, tool, entity, element)
        if scope is not None:
            if creates:
                planned = plan_changes(CallScope(store, tool, element, page.rows[0]))
            page = _change_besides(store, tool, entity, page, planned)
        if len(elements) == 1:
            return page, element
        rows += page.rows
        total += page.total
    return Page(rows, total), arguments


def _change_besides(
    store: Store, tool: CompiledTool, entity: Entity, page: Page, planned: list[RowChange]
) -> Page:
    """Make the changes of the world model, and show the rows as they are then.

    Raises CallError where a field cannot hold its new value.
    """
    after: dict[int, Row] = {}
    for about, named, path, value in planned:
        new = inner = copied(dict(store.find(about, key_of(about, named)) or named))
        for step in path[:-1]:
            inner = inner.setdefault(step, {})
        inner[path[-1]] = value
        if path[0] in about.fields:
            new[path[0]] = adapt(new[path[0]], about.fields[path[0]].schema)
            if new[path[0]] is MISSING:
                raise call_error("no_such_value", noun=about.noun, field=in_words(path[-1]))
        store.put(about, new)
        after[id(named)] = new
    if tool.model.operation == "delete":
        return page
    keys = [key_of(entity, after.get(id(row), row)) for row in page.rows]
    shown = [store.find(entity, key) or row for key, row in zip(keys, page.rows, strict=True)]
    return replace(page, rows=shown)


def _get(store: Store, tool: CompiledTool, entity: Entity, element: JsonObject) -> Page:
    rows = find_named_rows(store, tool, entity, element)
    return Page(rows, len(rows))


def _list(store: Store, tool: CompiledTool, entity: Entity, element: JsonObject) -> Page:
    """The rows that match; of files, those in a folder that there is."""
    given, known = read_identity(tool, entity, element), store.rows(entity)
    if tool.by_path and given and not tool.batch:
        path = str(given[entity.identity[0]])
        if not find_files_below(known, entity, given):
            raise unknown_row(entity.noun, given)
        if not is_folder(entity) and store.find(entity, (path,)) is not None:
            raise call_error("no_folder", path=path)
    found = find_matching(tool, known, element)
    return cut_page(put_in_order(search_texts(found, tool, element), tool, element), tool, element)


def _create(store: Store, tool: CompiledTool, entity: Entity, element: JsonObject) -> Page:
    whole = whole_of(Same(store.world), Same(entity))
    if whole is not None:
        return Page([change_parts(store, tool, entity, whole, element)], 1)
    written = _read_written(store, tool, entity, element) | read_identity(tool, entity, element)
    told = {slot.field: pick(element, slot.path) for slot in tool.of("option")}
    written |= {
        name: told[name] for name in entity.identity if told.get(name, MISSING) is not MISSING
    }
    held = None
    if entity.identity and set(entity.identity) <= set(written):
        held = store.find(entity, key_of(entity, written))
        naming = (s for s in tool.of("identity", "field", "filter") if s.field in entity.identity)
        if held is not None and not tool.by_path and any(naming):  # files are written over
            key = " ".join(key_of(entity, written))
            raise call_error("row_exists", noun=entity.noun, key=key)
    if held is None:
        unset = left_unset(tool, entity, store.world, element)
        made = make_row(store, entity, unset.defaults | written, unset.lacking)
        row = repeat_within(entity, made, written, tool.returns)
    else:
        rules = {name: field.schema for name, field in entity.fields.items()}
        row = {
            **held,
            **{
                n: _mix(tool.model.verb, held.get(n), v, rules.get(n, {}))
                for n, v in written.items()
            },
        }
    store.put(entity, row)
    return Page([row], 1)


def _update(store: Store, tool: CompiledTool, entity: Entity, element: JsonObject) -> Page:
    rows = _find_changeable(store, tool, entity, element)
    written = _read_written(store, tool, entity, element)
    for name, value in written.items():
        complete(value, entity.fields.get(name), entity, store.world, store.table)
    changed = [_change(store, tool, entity, row, written, element) for row in rows]
    # A call that only asks what would happen leaves all as it is.
    asking = (s for s in tool.of("option") if in_words(s.parameter.name) in _REHEARSALS)
    if not any(pick(element, slot.path) is True for slot in asking):
        for row, new in zip(rows, changed, strict=True):
            key = key_of(entity, new)
            if key_of(entity, row) != key:
                if entity.identity and store.find(entity, key) is not None:
                    raise call_error("row_exists", noun=entity.noun, key=" ".join(key))
                store.remove(entity, row)
            store.put(entity, new)
    return Page(changed, len(changed))


def _delete(store: Store, tool: CompiledTool, entity: Entity, element: JsonObject) -> Page:
    whole = whole_of(Same(store.world), Same(entity))
    if whole is not None and any(slot.path.endswith("[]") for slot in tool.slots):
        return Page([change_parts(store, tool, entity, whole, element)], 1)
    rows = _find_changeable(store, tool, entity, element)
    for row in rows:
        store.remove(entity, row)
        for inner in find_inner(store.world)[entity.key]:  # what lies in it is gone with it
            for lying in store.rows(inner):
                if all(equals(lying.get(name), row[name]) for name in entity.identity):
                    store.remove(inner, lying)
    if is_filed(entity):  # a folder goes by its own path, not by that of a file below it
        told = read_identity(tool, entity, element)
        rows = [{**row, **told} for row in rows]
    return Page(rows, len(rows))


def _find_changeable(
    store: Store, tool: CompiledTool, entity: Entity, element: JsonObject
) -> list[Row]:
    """The named rows whose state allows the change. Raises CallError where no row's does."""
    rows = find_named_rows(store, tool, entity, element)
    name, state = tool.model.transition or ("", "")
    fitting = allowed(tool.model, entity, rows)
    fitting = fitting or [row for row in rows if name and equals(row.get(name), state)]
    if not fitting:
        raise wrong_state(entity, rows[0])
    return fitting


def _read_written(
    store: Store, tool: CompiledTool, entity: Entity, element: JsonObject
) -> JsonObject:
    """Field → the value that the call writes; where a row holds a whole object, that is written."""
    found: JsonObject = {}
    for slot in tool.of("field", "reference", "filter"):
        if slot.path in tool.edit_paths:
            continue
        if slot.named_by:
            found |= _read_named(slot, entity, element)
            continue
        name, value = slot.field, pick(element, slot.path)
        head = slot.path.split(".")[0].replace("[]", "")
        if "." in slot.path and (head in entity.fields or name not in entity.fields):
            name, value = head, element.get(head, MISSING)
        if value is MISSING or (value is None and name not in entity.fields):
            continue
        updating = tool.model.operation == "update" and slot.parameter.use != "field"
        if updating and (slot.parameter.use != "reference" or tool.locates(slot, store.world)):
            continue
        field = entity.fields.get(name)
        fitting = adapt(value, field.schema) if field else MISSING
        if field and fitting is MISSING and isinstance(value, list):
            fitting = _join_members(value, field)
        if field and fitting is MISSING and isinstance(value, str | int | float):
            raise call_error("no_such_value", noun=entity.noun, field=in_words(name))
        found[name] = copied(value) if fitting is MISSING else fitting
    return found


def _join_members(value: list[Any], field: Field) -> Any:
    """What a field of one value holds of a list that is written into it: its one member, or all."""
    if len(value) == 1:
        return adapt(value[0], field.schema)
    texts = bool(value) and all(isinstance(one, str) for one in value)
    return adapt(", ".join(value), field.schema) if texts else MISSING


def _read_named(slot: Slot, entity: Entity, element: JsonObject) -> JsonObject:
    """Fields that an argument names, with their new values. Raises CallError where none is so."""
    given = (pick(element, path) for path in (slot.named_by, slot.path))
    names, values = (one if isinstance(one, list) else [one] for one in given)
    known, found = {in_words(field): field for field in entity.fields}, {}
    for told, value in zip(names, values, strict=False):
        if told is MISSING or value is MISSING:
            continue
        name = known.get(in_words(str(told)))
        if name is None or name in entity.identity:
            raise call_error("no_such_field", noun=entity.noun, field=told)
        found[name] = adapt(value, entity.fields[name].schema)
        if found[name] is MISSING:
            raise call_error("no_such_value", noun=entity.noun, field=in_words(name))
    return found


def _change(
    store: Store, tool: CompiledTool, entity: Entity, row: Row, written: JsonObject,
    element: JsonObject,
) -> JsonObject:  # fmt: skip
    """The row as an update leaves it. Raises CallError where it cannot be so."""
    key = " ".join(key_of(entity, row)) if entity.identity else ""
    rules = {name: field.schema for name, field in entity.fields.items()}
    new = {
        **row,
        **{n: _mix(tool.model.verb, row.get(n), v, rules.get(n, {})) for n, v in written.items()},
    }
    new |= _replace(tool, row, element)
    if tool.model.transition:
        name, state = tool.model.transition
        if equals(row.get(name), state):
            raise call_error("already_so", noun=entity.noun, key=key, state=state)
        new[name] = state
    new |= _set_flags(tool, entity, row, written)
    new |= _name_alike(entity, row, written)
    repeat_referred(store, entity, new, written)
    if tool.by_path and entity.identity[0] in written:
        name = entity.identity[0]  # of a file, or of one below a folder that is moved
        source, held = str(read_identity(tool, entity, element).get(name, "")), str(row[name])
        target, below = str(written[name]), held[len(source.rstrip("/")) :]
        if lies_in(target, source) and target != source and held != source:
            raise call_error("no_such_value", noun=entity.noun, field=in_words(name))
        moved = held != source and lies_in(held, source)
        new[name] = target.rstrip("/") + below if moved else target
    # What a verb adds to its row: one more renewal, and a later day to bring the book back.
    added = _count_deed(tool.model.verb, row)
    span = span_of(new) if tool.model.verb in ("renew", "extend") else None
    if span is not None and span.end:
        added[span.end] = shifted(str(new[span.end]), span.days)
    new |= {n: value for n, value in added.items() if fits(value, entity.fields[n].schema)}
    done = {participle(tool.model.verb), *(one for one in written.values() if isinstance(one, str))}
    for name, field in entity.fields.items():
        dated = field.semantic == "datetime" and name in row and name not in written
        if dated and (tells_change(name) or tells_deed(name, done)):
            new[name] = moment_text(store.clock, field.schema)
    old, now = row.get(state_field(entity)), new.get(state_field(entity))
    if old != now:
        if entity.follows and now not in entity.follows.get(str(old), ()):
            raise call_error("no_such_state", noun=entity.noun, key=key, state=old, other=now)
        new = leave_out(entity, new, written)
    changed = {name for name in new if new[name] != row.get(name)}
    if changed and entity.constraints:
        derive_anew(store, entity, new, kept=written, changed=changed)
    # What carries nothing, or only what the row is seen to hold, changes nothing; other acts leave
    # a note. Of a field that no result shows, nobody knows what it held.
    writing = [one for one in tool.of("field", "reference") if not tool.locates(one, store.world)]
    carried = [name for name, value in written.items() if value != row.get(name, MISSING)]
    seen = _shown_names(store.world)
    unseen = [
        n for n, value in written.items() if value not in ({}, []) and in_words(n) not in seen
    ]
    if new != row or (writing and not carried and not unseen):
        return new
    told = {name: value for name, value in element.items() if name not in entity.identity}
    return noted(tool.model.name, row, told)


def _count_deed(verb: str, row: Row) -> JsonObject:
    """The counts of such deeds that a row holds, one more; of "unlike" the likes, one less."""
    undone = verb.removeprefix("un") if verb.startswith("un") and find_verb(verb[2:]) else ""
    deed, more = (undone, -1) if undone else (verb, 1)
    many = plural(deed)
    names = {f"times {participle(deed)}", many, f"{deed} count", f"{many} count"}
    held = ((name, row[name]) for name in row if in_words(name) in names)
    return {name: max(value + more, 0) for name, value in held if type(value) is int}


def _set_flags(tool: CompiledTool, entity: Entity, row: Row, written: JsonObject) -> JsonObject:
    """The flags that are named after the state that a verb leaves, or after one that it ends."""
    verb = find_verb(tool.model.verb)
    said = dict.fromkeys(verb.before, False) | {verb.state: True}
    flags = (name for name, one in entity.fields.items() if one.semantic == "boolean")
    return {name: said[in_words(name)] for name in flags
            if in_words(name) in said and name in row and name not in written}  # fmt: skip


def _name_alike(entity: Entity, row: Row, written: JsonObject) -> JsonObject:
    """The fields in which a row bears its name once more, where it is given a new one."""
    titles = [name for name, one in entity.fields.items() if one.semantic == "title"]
    return {
        other: written[name]
        for name in titles
        for other in titles
        if name in written and other not in written and row.get(other) == row.get(name, MISSING)
    }


@remembered
def _shown_names(world: World) -> frozenset[str]:
    """The names, in words, that stand anywhere in the results of a world's tools."""
    every = (shown_names(model.returns) for model in world.models.values())
    return frozenset[str]().union(*every)


def _mix(verb: str, old: Any, new: Any, rule: JsonObject) -> Any:
    """What a field holds afterwards: a list grows or shrinks where the verb says so."""
    if isinstance(old, list) and (verb in ADDING or verb in TAKING or not isinstance(new, list)):
        values = new if isinstance(new, list) else [new]
        if verb in TAKING:
            return [value for value in old if value not in values]
        return copied([*old, *(value for value in values if value not in old)])
    if not isinstance(old, dict) or not isinstance(new, dict):
        return copied(new)
    both = {**old, **new}  # of alternatives, the new one alone
    return copied(both if fits(both, rule) or not fits(new, rule) else new)


def _replace(tool: CompiledTool, row: Row, element: JsonObject) -> JsonObject:
    """The row's text and lists with passages and values taken out, and others in their place.

    Raises CallError for a passage that is not in the text, and for a part that is to be returned
    or swapped, and is none of the row's.
    """
    found: JsonObject = {}
    text = next((name for name in CONTENTS if isinstance(row.get(name), str)), "")
    if tool.edit_paths and text:
        found[text], given = row[text], (pick(element, path) for path in tool.edit_paths)
        for old, new in zip(*(g if isinstance(g, list) else [g] for g in given), strict=True):
            if str(old) not in found[text]:
                raise call_error("no_such_text", text=old)
            found[text] = found[text].replace(str(old), str(new), 1)
    for slot in tool.slots:
        held, given, said = row.get(slot.field), pick(element, slot.path), in_words(slot.path)
        if not isinstance(held, list):
            continue
        referring = slot.parameter.use == "reference"
        meant = given if referring and tool.keeps(slot) and not said.startswith("new ") else None
        for one in meant if isinstance(meant, list) else []:
            if not equals(held, one):
                noun = singular(in_words(slot.field)).removesuffix(" id")
                whole = row[tool.entity.identity[-1]] if tool.entity else ""
                raise not_in_row(noun, one, tool.model.noun, whole)
        if tool.swaps(slot):
            new = next(other for other in tool.slots if in_words(other.path) == f"new {said}")
            instead = pick(element, new.path)
            if isinstance(given, list) and isinstance(instead, list):
                pairs = dict(zip(map(as_text, given), instead, strict=False))
                found[slot.field] = [pairs.get(as_text(one), one) for one in held]
        elif tool.model.verb in KEEPING and referring:
            found.setdefault(slot.field, copied(held))
    return found


Act = Callable[[Store, CompiledTool, Entity, JsonObject], Page]
_ACTS: Mapping[Operation, Act] = {
    "get": _get, "list": _list, "create": _create, "update": _update, "delete": _delete,
}  # fmt: skip
