"""What a create makes: a whole row around what its call gives, or parts of another row's list.

Like the seeded rows it follows from the seed, and from what is given, alone: a replay makes the
same row, and so it is invented once a world. Where a create could have been told something, and was
not, a service takes the default that its schema names, an empty list, or "no"; all else is simply
not there, and so is what only other tools give.
"""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from generators.identity_cache import remembered
from generators.lexicon.date_field_names import tells_end, tells_making
from generators.lexicon.meanings import is_counter
from generators.lexicon.names import in_words
from generators.lexicon.tables import load_table, load_words
from generators.sandbox.compiled_tools import CompiledTool, pick
from generators.sandbox.constraints import RowScope, derive_fields, has_rules, imply_fields
from generators.sandbox.errors_and_faults import call_error, unknown_row
from generators.sandbox.row_links import Whole, complete, find_references, refer
from generators.sandbox.row_states import state_field
from generators.sandbox.row_values import Row, as_text, equals, key_of
from generators.sandbox.schema_validity import (
    MISSING,
    adapt,
    fits,
    kind_of,
    readings,
    simple,
)
from generators.sandbox.store import Store
from generators.sandbox.times import moment_text, stamp_text
from generators.world.bind import always_shown, fields_given
from generators.world.model import Entity, World
from generators.world.semantics import semantic_type
from schemas.record import JsonObject

_TOLD = frozenset({
    "person_name", "first_name", "last_name", "email", "phone", "company", "text", "title", "path",
    "street", "address", "zip", "city", "state", "country", "object",
})  # fmt: skip
"""Meanings of what only a person tells: names, texts, files, where somebody lives."""


def make_row(store: Store, entity: Entity, written: JsonObject, lacking: frozenset[str]) -> Row:
    """A new row around what was written: identity like the others', time from the clock.

    ``lacking`` are the fields that it does not have. Raises CallError where none can be made.
    """
    # Whose the new row is, where the call says so in other words: its organization owns it.
    free = [name for name in entity.identity[:-1] if name not in written]
    words = load_words("inference", "places_to_make")
    given = [value for name, value in written.items() if name in words and isinstance(value, str)]
    fixed = {**_begin_row(store, entity), **dict(zip(free[:1], given[:1], strict=False)), **written}
    lacking -= fixed.keys()
    repeat_referred(store, entity, fixed, written)
    for name, value in fixed.items():
        complete(value, entity.fields.get(name), entity, store.world, store.table)
    numbered: JsonObject = {}  # the next number where rows are numbered within their scope
    last = entity.identity[-1] if entity.identity else ""
    field = entity.fields.get(last)
    if field is not None and last not in fixed and field.semantic == "number_id":
        scope = [name for name in entity.identity[:-1] if name in fixed]
        near = [row for row in store.rows(entity) if all(equals(row[n], fixed[n]) for n in scope)]
        if kind_of(simple(field.schema)) in ("integer", "number"):
            numbered[last] = max((int(row[last]) for row in near), default=0) + 1
        elif near and all(str(row[last]).isdecimal() for row in near):
            numbered[last] = str(max(int(row[last]) for row in near) + 1)
    for attempt in range(100):
        row = store.seeds.invent_around(entity, written, fixed, numbered, lacking, attempt)
        if not entity.identity or store.find(entity, key_of(entity, row)) is None:
            if not has_rules(entity):
                return row
            own = dict(row)  # the row that is kept stands for all who make such a one
            derive_anew(store, entity, own, kept={*written, *entity.identity})
            return own
        if fixed.keys() | numbered.keys() >= set(entity.identity):
            break  # it will not have another identity
    raise call_error("no_further_row", noun=entity.noun)


def repeat_within(entity: Entity, row: Row, written: JsonObject, returns: JsonObject) -> Row:
    """The new row, with what was told of it in the parts made for it, where they alone show it.

    A translation made at a temperature is shown as segments, each with the temperature.
    """
    shown = _names_shown(returns, entity)
    told = {
        name: value
        for name, value in written.items()
        if name in entity.fields and name not in shown and not isinstance(value, dict | list)
        and entity.fields[name].semantic not in _TOLD and name not in entity.identity
    }  # fmt: skip
    parts = {name: value for name, value in row.items() if name not in written}
    said = {
        name: _with_told(value, entity.fields[name].schema, told, entity)
        for name, value in parts.items()
        if name in entity.fields and told and isinstance(value, dict | list)
    }
    return {**row, **said}


def _names_shown(returns: JsonObject, entity: Entity) -> set[str]:
    """The names that a result shows of the row itself, in whatever it wraps it."""
    found: set[str] = set()
    for schema in readings(returns):
        for name, rule in schema.get("properties", {}).items():
            found.add(name)
            if name not in entity.fields and isinstance(rule, dict):
                found |= _names_shown(rule, entity)
    return found


def _with_told(value: Any, schema: JsonObject, told: JsonObject, entity: Entity) -> Any:
    plain = simple(schema)
    if isinstance(value, list):
        return [_with_told(one, plain.get("items", {}), told, entity) for one in value]
    rules = plain.get("properties", {})
    if not isinstance(value, dict) or not rules:
        return value
    named: JsonObject = {}
    for name in value.keys() & told.keys() & rules.keys():
        alike = semantic_type(name, rules[name]) == entity.fields[name].semantic
        named[name] = adapt(told[name], rules[name]) if alike else MISSING
    return value | {name: one for name, one in named.items() if one is not MISSING}


def derive_anew(
    store: Store, entity: Entity, row: JsonObject, kept: Collection[str],
    changed: set[str] | None = None,
) -> None:  # fmt: skip
    """Let the fields follow that are derived from others; see `derive_fields`."""
    scope = RowScope(entity, row, store.world, store.table, store.clock)
    if changed is None:  # who renames a task does not mean another one
        imply_fields(entity, row, kept)
    derive_fields(scope, row, kept=kept, changed=changed)


def _begin_row(store: Store, entity: Entity) -> JsonObject:
    """What a row begins with: its state, its times, no rows yet that name it."""
    found: JsonObject = {}
    for name, field in entity.fields.items():
        schema = simple(field.schema)
        options = {str(one).lower(): one for one in schema.get("enum", ())}
        if entity.start is not None and name == state_field(entity):
            found[name] = entity.start
        elif options and in_words(name).split()[-1] in ("status", "state"):
            fresh = (state for state in load_table("states")["fresh"] if state in options)
            open_ones = (one for one in options if one not in load_words("states", "final"))
            found[name] = options[next(fresh, next(open_ones, next(iter(options))))]
        elif tells_making(name) and not field.only_in and field.semantic in ("date", "datetime"):
            found[name] = moment_text(store.clock, schema, field.semantic)
        elif "pattern" in schema:  # the moment as text, by which a message is known
            taken = [row.get(name) for row in store.rows(entity)]
            found[name] = stamp_text(store.clock, schema, taken) or MISSING
        elif field.entity and kind_of(schema) == "array":
            found[name] = []
        elif is_counter(name):
            found[name] = 0
    return {name: value for name, value in found.items()
            if value is not MISSING and fits(value, entity.fields[name].schema)}  # fmt: skip


def repeat_referred(store: Store, entity: Entity, row: JsonObject, written: JsonObject) -> None:
    """Copy what the row repeats of rows that were ``written``, but for what was written itself."""
    for name, target in find_references(store.world)[entity.key].items():
        if name in written and len(target.identity) == 1:
            other = store.find(target, key_of(target, {target.identity[0]: row[name]}))
            if other is not None:
                refer(row, entity.fields[name], entity, target, other)
                row |= written


class Unset(NamedTuple):
    """What becomes of the fields that a create has not given."""

    defaults: JsonObject
    """Field → what it is where nobody says otherwise."""
    lacking: frozenset[str]
    """Fields that the new row does not have, as no result needs them."""


def left_unset(plan: CompiledTool, entity: Entity, world: World, element: JsonObject) -> Unset:
    """What the row that a create makes holds, and lacks, of what the call does not say."""
    properties: Mapping[str, Any] = plan.model.tool.parameters.get("properties", {})
    given: set[str] = set()
    untold: dict[str, JsonObject] = {}  # field → the rule of the argument left out
    for slot in plan.of("field", "reference", "filter", "identity"):
        head = slot.path.split(".")[0].replace("[]", "")
        whole = head != slot.path and (head in entity.fields or slot.field not in entity.fields)
        name = head if whole else slot.field
        told = head in element or slot.parameter.required or name in entity.identity
        rule = properties.get(head)
        # What lies in an envelope, a contact's properties, is told each by itself.
        within = "[]" not in slot.parameter.path and "." in slot.parameter.path and not whole
        if within:
            told = name in entity.identity or pick(element, slot.path) is not MISSING
            rule = slot.parameter.schema
        if told or not isinstance(rule, dict):
            given.add(name)
        elif name in entity.fields:
            untold[name] = rule
    later, needed = _given_and_needed(world)[entity.key]
    # The fields that no service knows by itself, where nobody has said what it is for.
    service = world.domains.get(entity.domain)
    if service is None or not (service.service or service.users):
        later |= {
            one.name
            for one in entity.fields.values()
            if (fits(None, one.schema) if one.entity else one.semantic in _TOLD)
        }
    if not state_field(entity):  # else its state tells whether it is over
        dated = (one for one in entity.fields.values() if one.semantic in ("date", "datetime"))
        later |= {one.name for one in dated if tells_end(one.name)}
    untold = {name: {} for name in sorted(later - given - {*entity.identity})} | untold
    made: JsonObject = {}
    for name, rule in untold.items():
        schema, plain = entity.fields[name].schema, simple(entity.fields[name].schema)
        usual: Any = [] if kind_of(plain) == "array" else MISSING
        if kind_of(plain) == "boolean" and name in needed:
            usual = False
        usual = usual if usual is not MISSING and fits(usual, plain) else MISSING
        if "default" in rule:
            usual = adapt(rule["default"], schema)
        elif usual is MISSING and name in needed and fits(None, schema):
            usual = None
        if usual is not MISSING:
            made[name] = usual
    return Unset(made, frozenset(untold.keys() - needed - made.keys()))


@remembered
def _given_and_needed(world: World) -> Mapping[str, tuple[frozenset[str], frozenset[str]]]:
    """Entity → the fields that some tool gives to its rows, and those that a result must show.

    Some are given later than the row is made: to whom a task is assigned.
    """
    found = {}
    for key, entity in world.entities.items():
        models = [model for model in world.models.values() if model.entity == key]
        writing = (one for one in models if one.operation in ("update", "create"))
        given = {name for model in writing for name in fields_given(model) if name in entity.fields}
        given -= {*entity.identity, state_field(entity)}
        found[key] = (frozenset(given), always_shown(models))
    return found


def change_parts(
    store: Store, plan: CompiledTool, entity: Entity, whole: Whole, element: JsonObject
) -> Row:
    """Lengthen the list that such things are kept in, or shorten it where the tool deletes them.

    What comes back names the whole, and says what is new in it. Raises CallError where nothing of
    what is to go stands in it.
    """
    key = element.get(whole.key)
    row = store.find(whole.entity, (as_text(key),))
    if row is None:
        raise unknown_row(whole.entity.noun, {whole.key: key})
    # The parts that a call names: the one list of texts among its arguments.
    paths = [slot.path for slot in plan.slots if slot.parameter.path.endswith("[]")]
    lists = (pick(element, path.removesuffix("[]")) for path in paths)
    texts = [str(one) for one in next((one for one in lists if isinstance(one, list) and one), ())]
    fresh = [text for text in dict.fromkeys(texts) if text not in row[whole.field]]
    if plan.model.operation == "delete":
        left = [text for text in row[whole.field] if text not in texts]
        if len(left) == len(row[whole.field]):
            raise call_error("no_such_parts", key=key, parts=whole.field)
        store.put(whole.entity, {**row, whole.field: left})
        return {whole.key: key}
    store.put(whole.entity, {**row, whole.field: [*row[whole.field], *fresh]})
    shown = {
        name: fresh if in_words(name).startswith(("added", "new")) else texts
        for name, field in entity.fields.items()
        if kind_of(simple(field.schema)) == "array"
    }
    return {whole.key: key, **shown}
