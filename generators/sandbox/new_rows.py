"""What a create makes: a whole row around what its call gives.

Like the seeded rows it follows from the seed, and from what is given, alone: a replay makes the
same row. So it is invented once a world, as they are.
"""

from collections.abc import Collection, Mapping
from typing import Any

from generators.lexicon.meanings import is_counter
from generators.lexicon.names import in_words
from generators.lexicon.tenses import tells_making
from generators.sandbox.constraints import derive_fields
from generators.sandbox.errors import call_error
from generators.sandbox.people import People
from generators.sandbox.row_links import complete, refer, references
from generators.sandbox.row_skeletons import schemas_of
from generators.sandbox.row_states import state_field
from generators.sandbox.row_times import begin_now
from generators.sandbox.row_values import Row, equals, key_of
from generators.sandbox.schema_validity import fits, kind_of, simple
from generators.sandbox.seeding import Seeds
from generators.sandbox.store import Store
from generators.sandbox.times import date_text, datetime_text
from generators.world.model import Entity, Field
from schemas.canonical import written_json
from schemas.record import JsonObject

_MOST = 4096
_FRESH = ("pending", "open", "draft", "new", "todo", "to_do", "confirmed", "scheduled",
          "active", "created", "queued", "requested", "booked", "not_started", "planned",
          "received")  # fmt: skip
"""States in which rows begin, where nobody says: the likeliest first."""


def make_row(store: Store, entity: Entity, written: JsonObject, lacking: frozenset[str]) -> Row:
    """A new row around what was written: identity like the others', time from the clock.

    ``lacking`` are the fields that it does not have. Raises CallError where none can be made.
    """
    fixed = {**_begin_row(store, entity), **written}
    lacking -= fixed.keys()
    for field in references(entity, store.world):
        if field.name in written:
            repeat_referred(store, entity, field, fixed, written)
    for name, value in fixed.items():
        complete(value, entity.fields.get(name), entity, store.world, store.seeds.own)
    for attempt in range(100):
        numbered = _number_row(store, entity, fixed)
        settled = [entity.key, written, fixed, numbered, sorted(lacking), attempt]
        place, known = written_json(settled), store.seeds.born
        if place not in known:
            if len(known) >= _MOST:
                known.clear()
            rest = {**fixed, **numbered}
            known[place] = _invent_rest(store.seeds, entity, written, fixed, rest, lacking, attempt)
        row = known[place]
        if not entity.identity or store.find(entity, key_of(entity, row)) is None:
            if not entity.constraints:
                return row
            own = dict(row)  # the row that is kept stands for all who make such a one
            derive_fields(store.scope(entity, own), own, kept={*written, *entity.identity})
            return own
        if fixed.keys() | numbered.keys() >= set(entity.identity):
            break  # it will not have another identity
    raise call_error("no_further_row", noun=entity.noun)


def _begin_row(store: Store, entity: Entity) -> JsonObject:
    """What a row begins with: its state, its times, no rows yet that name it."""
    found: JsonObject = {}
    for name, field in entity.fields.items():
        schema = simple(field.schema)
        options = [str(one).lower() for one in schema.get("enum", ())]
        if entity.start is not None and name == state_field(entity):
            found[name] = entity.start
        elif options and in_words(name).split()[-1] in ("status", "state"):
            first = next((state for state in _FRESH if state in options), options[0])
            found[name] = schema["enum"][options.index(first)]
        elif tells_making(name) and field.semantic in ("date", "datetime"):
            write = date_text if field.semantic == "date" else datetime_text
            found[name] = write(store.clock, schema)
        elif field.entity and kind_of(schema) == "array" and fits([], schema):
            found[name] = []
        elif is_counter(name) and fits(0, schema):
            found[name] = 0
    return {name: value for name, value in found.items() if fits(value, entity.fields[name].schema)}


def _number_row(store: Store, entity: Entity, fixed: JsonObject) -> JsonObject:
    """The next number where rows are numbered within their scope."""
    last = entity.identity[-1] if entity.identity else ""
    field = entity.fields.get(last)
    if field is None or last in fixed or field.semantic != "number_id":
        return {}
    if kind_of(simple(field.schema)) not in ("integer", "number"):
        return {}
    scope = [name for name in entity.identity[:-1] if name in fixed]
    near = [row for row in store.rows(entity) if all(equals(row[n], fixed[n]) for n in scope)]
    return {last: max((int(row[last]) for row in near), default=0) + 1}


def _invent_rest(
    seeds: Seeds, entity: Entity, written: JsonObject, fixed: Mapping[str, Any],
    known: JsonObject, lacking: Collection[str], attempt: int,
) -> Row:  # fmt: skip
    """The row, all of whose other fields are invented; ``known`` are the fixed ones and numbers."""
    rng = seeds.frames.stream("create", entity.key, written, attempt)
    people = People(rng)
    for name, field in entity.fields.items():
        if field.semantic == "person_name" and isinstance(fixed.get(name), str):
            people.meet(name, fixed[name])
        if field.semantic == "city" and isinstance(fixed.get(name), str):
            people.settle(name, fixed[name])
    wanted = [name for name in entity.fields if name not in lacking]
    row = seeds.fill(entity, rng, people, known, only=wanted)
    begin_now(row, schemas_of(entity), seeds.frames.clock, fixed, rng)
    given = {*fixed, *lacking}
    row = seeds.point(entity, row, rng.randrange(1000), rng.randrange(1000), given)
    row = {name: value for name, value in row.items() if name not in lacking}
    seeds.settle_new(entity, row, given | {*entity.identity, *known}, rng)
    return row


def repeat_referred(
    store: Store, entity: Entity, field: Field, row: JsonObject, kept: JsonObject
) -> None:
    """Copy what the row repeats of a row that it refers to, but for what was written itself."""
    target = store.world.entities[field.entity or ""]
    if len(target.identity) != 1:
        return
    other = store.find(target, key_of(target, {target.identity[0]: row[field.name]}))
    if other is not None:
        refer(row, field, entity, target, other)
        row |= kept
