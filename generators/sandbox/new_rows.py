"""What a create makes: a whole row around what its call gives.

Like the seeded rows it follows from the seed, and from what is given, alone: a replay makes the
same row, and so it is invented once a world. Where a create could have been told something, and was
not, a service takes the default that its schema names, an empty list, or "no"; all else is simply
not there, and so is what only other tools give.
"""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from generators.identity_cache import remembered
from generators.lexicon.meanings import is_counter
from generators.lexicon.names import in_words
from generators.lexicon.tenses import tells_making
from generators.sandbox.compiled_tools import CompiledTool, Slot
from generators.sandbox.constraints import RowScope, derive_fields
from generators.sandbox.errors import call_error
from generators.sandbox.row_links import complete, refer, references
from generators.sandbox.row_states import state_field
from generators.sandbox.row_values import Row, equals, key_of
from generators.sandbox.schema_validity import MISSING, adapt, fits, kind_of, simple
from generators.sandbox.store import Store
from generators.sandbox.times import date_text, datetime_text
from generators.world.bind import always_shown, fields_given
from generators.world.model import Entity, Field, ToolModel, World
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
        row = store.seeds.invent_around(entity, written, fixed, numbered, lacking, attempt)
        if not entity.identity or store.find(entity, key_of(entity, row)) is None:
            if not entity.constraints:
                return row
            own = dict(row)  # the row that is kept stands for all who make such a one
            derive_anew(store, entity, own, kept={*written, *entity.identity})
            return own
        if fixed.keys() | numbered.keys() >= set(entity.identity):
            break  # it will not have another identity
    raise call_error("no_further_row", noun=entity.noun)


def derive_anew(
    store: Store, entity: Entity, row: JsonObject, kept: Collection[str],
    changed: set[str] | None = None,
) -> None:  # fmt: skip
    """Let the fields follow that are derived from others; see `derive_fields`."""
    scope = RowScope(entity, row, store.world, store.table, store.seeds.clock)
    derive_fields(scope, row, kept=kept, changed=changed)


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
            found[name] = write(store.seeds.clock, schema)
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


_NO_RULE: JsonObject = {}


class Unset(NamedTuple):
    """What becomes of the fields that a create has not given."""

    defaults: JsonObject
    """Field → what it is where nobody says otherwise."""
    lacking: frozenset[str]
    """Fields that the new row does not have, as no result needs them."""


def left_unset(plan: CompiledTool, entity: Entity, world: World, element: JsonObject) -> Unset:
    """What the row that a create makes holds, and lacks, of what the call does not say."""
    needed, made = _needed(world).get(entity.key, frozenset()), {}
    untold = _untold(plan, entity, world, element)
    for name, rule in untold.items():
        value = _default(rule, entity.fields[name].schema, shown=name in needed)
        if value is not MISSING:
            made[name] = value
    return Unset(made, frozenset(untold.keys() - needed - made.keys()))


def _untold(
    plan: CompiledTool, entity: Entity, world: World, element: JsonObject
) -> dict[str, JsonObject]:
    """Fields that the call has not given, or could not, with the rule of an argument left out."""
    properties: Mapping[str, Any] = plan.model.tool.parameters.get("properties", {})
    given: set[str] = set()
    found: dict[str, JsonObject] = {}
    for slot in plan.of("field", "reference", "filter", "identity"):
        head, name = _places(slot, entity)
        rule = properties.get(head)
        told = head in element or slot.parameter.required or name in entity.identity
        if told or not isinstance(rule, dict):
            given.add(name)
        elif name in entity.fields:
            found[name] = rule
    later = _given_later(world).get(entity.key, frozenset())
    return dict.fromkeys(sorted(later - given), _NO_RULE) | found


def _places(slot: Slot, entity: Entity) -> tuple[str, str]:
    """The argument in which a slot lies, and the field that it is written to."""
    head = slot.path.split(".")[0].replace("[]", "")
    whole = head in entity.fields or slot.field not in entity.fields
    return head, head if whole and head != slot.path else slot.field


def _default(rule: JsonObject, schema: JsonObject, *, shown: bool) -> Any:
    """The value that stands for an argument that is not given; `MISSING` where there is none."""
    plain = simple(schema)
    if "default" in rule:
        return adapt(rule["default"], schema)
    usual: Any = MISSING
    if kind_of(plain) == "array":
        usual = []
    elif kind_of(plain) == "boolean" and shown:
        usual = False
    return usual if usual is not MISSING and fits(usual, plain) else MISSING


@remembered
def _given_later(world: World) -> Mapping[str, frozenset[str]]:
    """Entity → the fields that some tool gives to its rows: to whom a task is assigned."""
    found: dict[str, frozenset[str]] = {}
    for model in world.models.values():
        entity = world.entities.get(model.entity or "")
        if entity is not None and model.operation in ("update", "create"):
            kept = {*entity.identity, state_field(entity)}
            told = fields_given(model) & entity.fields.keys() - kept
            found[entity.key] = found.get(entity.key, frozenset()) | told
    return found


@remembered
def _needed(world: World) -> Mapping[str, frozenset[str]]:
    """Entity → the fields that a result of its source must show."""
    own: dict[str, list[ToolModel]] = {key: [] for key in world.entities}
    for model in world.models.values():
        if model.entity is not None:
            own[model.entity].append(model)
    return {key: always_shown(models) for key, models in own.items()}
