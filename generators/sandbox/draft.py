"""One attempt at the arguments of a call: all parts agree with one row.

Whether the call succeeds is tried in `generators.sandbox.propose`.
"""

from collections.abc import Mapping
from functools import cached_property, lru_cache
from random import Random
from typing import Any

from generators.identity_cache import Same, remembered
from generators.lexicon.names import in_words
from generators.sandbox.agreement import part_of
from generators.sandbox.bounds import bound, cut_to, file_pattern, search_words
from generators.sandbox.choice import ancestors, choose_optional, suiting_rows
from generators.sandbox.coherence import put_right
from generators.sandbox.compiled_tools import CompiledTool, Slot
from generators.sandbox.compute import is_currency
from generators.sandbox.editing import edit_paths, passage, rewritten
from generators.sandbox.file_values import moved_path
from generators.sandbox.likeness import relate
from generators.sandbox.parts import parts_in
from generators.sandbox.people import People
from generators.sandbox.referents import Referents
from generators.sandbox.row_operations import KEEPING, swaps
from generators.sandbox.row_skeletons import field_of_entity
from generators.sandbox.row_states import state_field
from generators.sandbox.row_times import begin_now
from generators.sandbox.row_values import Row, as_text, equals, field_of, held_under
from generators.sandbox.sandbox import Sandbox
from generators.sandbox.schema_validity import MISSING, adapt, kind_of, simple
from generators.sandbox.seeding import is_filed, schemas_of
from generators.sandbox.selection import refers
from generators.sandbox.text_results import is_folder
from generators.sandbox.values import invent, meaning
from generators.world.model import Entity, ParameterModel, strip_indices
from schemas.record import JsonObject

_TRIES = 8
_PLACES = frozenset({"city", "country", "state", "zip", "street", "address", "airport"})
"""Meanings of what is said of one place: none is changed alone."""
_PAIRED = frozenset({"timezone", "city", "airport"})


class Draft:
    """One attempt: what has been chosen so far, so that all parts agree."""

    def __init__(
        self,
        sandbox: Sandbox,
        plan: CompiledTool,
        rng: Random,
        given: Mapping[str, Any],
        optional: int,
    ) -> None:
        self.store, self.plan, self.rng, self.given = sandbox.store, plan, rng, given
        self.slots = plan.by_parameter
        self.chosen = choose_optional(plan, rng, given, optional)
        self.count = rng.choice((1, 1, 2))
        self.scene = People(rng)
        self.scenes: dict[str, People] = {}
        self.passages: dict[str, str] = {}

    def arguments(self) -> JsonObject | None:
        """The arguments, or None where no row suits what is given."""
        if self.plan.entity is not None and self.plan.model.operation != "create" and not self.rows:
            return None
        schema = simple(self.plan.model.tool.parameters)
        made = self._object(schema, "")
        if not self.plan.entity or self.plan.model.operation in ("create", "compute"):
            put_right(made, schema.get("properties", {}))
            relate(made)
            self._restore(made)
        return made

    def _restore(self, made: JsonObject) -> None:
        """What is given stays as it is."""
        for path, value in self.given.items():
            if path in made:
                made[path] = value

    # -- rows

    @cached_property
    def referents(self) -> Referents:
        """The rows that the call refers to besides."""
        return Referents(self.store, self.plan, self.rng, self.given)

    @property
    def used(self) -> set[tuple[str, str]]:
        """What the call names already."""
        return self.referents.used

    @cached_property
    def rows(self) -> list[Row]:
        """The target row first, then others like it, for lists of identities."""
        if self.plan.entity is None:
            return []
        found = suiting_rows(self.store, self.plan, self.plan.entity, self.given)
        if not found:
            return []
        start = self.rng.randrange(len(found))
        return found[start:] + found[:start]

    @cached_property
    def fresh(self) -> JsonObject:
        """An invented row of the entity: what is written is taken from it."""
        entity = self.plan.entity
        if entity is None:
            return {}
        wanted = _written_fields(self.plan)
        row = self.store.seeds.fill(entity, self.rng, self.scene, {}, only=wanted)
        begin_now(row, schemas_of(entity), self.store.seeds.frames.clock, (), self.rng)
        return row

    def row(self, path: str) -> Row | None:
        """The target row of a leaf: its number in the batch counts."""
        if not self.rows:
            return None
        head, bracket, rest = path.partition("[")
        number = int(rest.split("]")[0]) if bracket and head == self.plan.batch else 0
        return self.rows[number % len(self.rows)]

    # -- structure

    def _object(self, schema: JsonObject, path: str) -> JsonObject:
        made: JsonObject = {}
        for name, rule, needed in _properties(schema):
            below = f"{path}.{name}" if path else name
            if needed or below in self.leading or strip_indices(below) in self.chosen:
                value = self._value(rule, below)
                if value is not MISSING:
                    made[name] = value
        return made

    @cached_property
    def leading(self) -> frozenset[str]:
        """The paths of what is given, and of all that it lies in."""
        return frozenset(above for path in self.given for above in ancestors(path))

    def _value(self, schema: JsonObject, path: str) -> Any:
        if path in self.given:
            return self.given[path]
        kind = kind_of(schema)
        if kind == "object" and schema.get("properties"):
            return self._object(schema, path)
        if kind == "array":
            return self._array(schema, path)
        return self._leaf(schema, path)

    def _array(self, schema: JsonObject, path: str) -> Any:
        slot = self.slots.get(strip_indices(path))
        if slot is not None:
            return self._leaf(schema, path)
        numbers = [
            int(p[len(path) + 1 :].split("]")[0]) for p in self.given if p.startswith(f"{path}[")
        ]
        most = schema.get(
            "maxItems", max(self.count, len(self.rows) if path == self.plan.batch else 9)
        )
        count = max(min(self.count, most), schema.get("minItems", 0), max(numbers, default=-1) + 1)
        rule = schema.get("items")
        items = simple(rule if isinstance(rule, dict) else {"type": "string"})
        made: list[Any] = []
        for number in range(count):
            value = self._value(items, f"{path}[{number}]")
            if value is not MISSING and (numbers or value not in made):
                made.append(value)
        return made

    # -- leaves

    def _leaf(self, schema: JsonObject, path: str) -> Any:
        slot = self.slots.get(strip_indices(path))
        if slot is None:
            name = path.replace("]", "").split(".")[-1].split("[")[0]
            return self._invent(meaning(name, schema), schema, name, path)
        if "enum" in slot.parameter.schema and kind_of(schema) != "array":
            schema = _limited(Same(schema), Same(slot.parameter))
        value = self._by_use(slot, schema, path)
        if isinstance(value, list) and value and kind_of(schema) not in ("array", "any"):
            value = self.rng.choice(value)
        fitting = adapt(value, schema) if value is not MISSING else MISSING
        if fitting is not MISSING and fitting is not None:
            return fitting
        if slot.parameter.semantic not in _PAIRED and not is_currency(slot.parameter):
            return self._invent(slot.parameter.semantic, schema, slot.parameter.name, path)
        return self._unlike(slot, schema, path)

    def _unlike(self, slot: Slot, schema: JsonObject, path: str) -> Any:
        """Another value than the parameters of the same kind have: the other currency."""
        kind = "currency" if is_currency(slot.parameter) else slot.parameter.semantic
        for _ in range(_TRIES):
            value = self._invent(slot.parameter.semantic, schema, slot.parameter.name, path)
            if (kind, as_text(value)) not in self.used:
                break
        self.used.add((kind, as_text(value)))
        return value

    def _scene(self, path: str) -> People:
        """Whom a leaf is about: the first element of a list is about the caller, others are not."""
        container = path.rpartition(".")[0]
        if not container or container.endswith("[0]"):
            return self.scene
        return self.scenes.setdefault(container, self.scene.within())

    def _invent(self, semantic: Any, schema: JsonObject, name: str, path: str) -> Any:
        return invent(
            semantic, schema, self.rng, name=name, noun=self.plan.model.noun,
            clock=self.store.seeds.frames.clock, scene=self._scene(path),
        )  # fmt: skip

    def _by_use(self, slot: Slot, schema: JsonObject, path: str) -> Any:
        use, operation = slot.parameter.use, self.plan.model.operation
        row = self.row(path)
        parts = parts_in(self.store, self.plan, row) if slot.parameter.path.endswith("[]") else []
        if use == "option" and operation == "delete" and isinstance(parts, list) and parts:
            return self._unused(slot, parts, path)
        if slot.path in edit_paths(self.plan) and row is not None:
            return self._edit(slot, row, path)
        if use == "input" and self.plan.entity is None:
            return self.referents.nearby(slot)
        if use in ("option", "input") or (self.plan.entity is None and use != "reference"):
            return MISSING
        if use == "identity":
            return self._identity(slot, row)
        if use == "reference":
            return self._reference(slot, None if operation == "create" else row, path)
        if operation in ("create", "update"):
            return self._written(slot, row)
        return self._asked(slot, schema, row)

    def _edit(self, slot: Slot, row: Row, path: str) -> Any:
        """A passage of the text that is to be edited, and what comes in its place."""
        place = path.rpartition(".")[0]
        old = self.passages.setdefault(place, passage(row, self.rng)) or MISSING
        if old is MISSING or slot.path == edit_paths(self.plan)[0]:
            return old
        return rewritten(str(old), self.rng)

    def _asked(self, slot: Slot, schema: JsonObject, row: Row | None) -> Any:
        """A condition that the target row satisfies."""
        if row is None:
            return MISSING
        if slot.parameter.use == "query" and self.plan.by_path:
            return file_pattern(row, self.plan.entity, slot.parameter, self.rng)
        if slot.parameter.use == "query":
            return search_words(row, self.plan.entity, self.rng)
        try:
            held = field_of(row, slot.field)
        except KeyError:
            return MISSING
        if slot.parameter.use in ("minimum", "maximum"):
            return bound(held, slot.parameter, schema, self.rng)
        if isinstance(held, list) and held and kind_of(schema) != "array":
            held = self.rng.choice(held)
        return cut_to(held, slot.parameter.semantic)

    def _identity(self, slot: Slot, row: Row | None) -> Any:
        entity = self.plan.entity
        if entity is None:
            return MISSING
        if self.plan.model.operation == "create":
            return (
                self._scope(slot, entity) if slot.field in entity.identity[:-1] else self._new(slot)
            )
        if row is None:
            return MISSING
        if is_filed(entity) and self.plan.model.operation == "list" and not self.plan.batch:
            place = str(row[entity.identity[0]])
            return place if is_folder(entity) else place.rpartition("/")[0] or "/"
        name = slot.field if slot.field in row else entity.identity[-1]
        return row.get(name, MISSING)

    def _new(self, slot: Slot) -> Any:
        """An identity that is free: a new file, a new user's name."""
        return self.fresh.get(slot.field, MISSING)

    def _scope(self, slot: Slot, entity: Entity) -> Any:
        """A part of the identity that rows share: the same row's for all parts."""
        holders = [*self.referents.anchors.values(), *self.store.rows(entity)[:1]]
        return next((row[slot.field] for row in holders if slot.field in row), MISSING)

    def _reference(self, slot: Slot, row: Row | None, path: str) -> Any:
        target = self.store.world.entities.get(slot.parameter.entity or "")
        writing = self.plan.model.operation in ("create", "update")
        inside = self.plan.entity is not None and slot.field in self.plan.entity.identity
        placed = self.plan.locates(slot, self.store.world) and self.plan.model.operation == "update"
        if row is not None and slot.field in row and (inside or placed or not writing):
            held = row[slot.field]
            return self.rng.choice(held) if isinstance(held, list) and held else held
        held = self._within(row, slot) if row is not None else self.referents.held(slot)
        if target is not None:
            held = [one for one in held if refers(self.store, target, slot.parameter, one)]
        if held:
            return self._unused(slot, held, path)
        if target is None or not target.identity:
            return self._written(slot, row) if writing else MISSING
        part = part_of(slot, target)
        return self.referents.choose(slot, target, part, row).get(part, MISSING)

    def _within(self, row: Row, slot: Slot) -> list[Any]:
        """What the target row itself holds under the parameter's name: the items of the order."""
        if in_words(slot.parameter.name).startswith("new "):
            held = row.get(slot.field)
            taken = held if isinstance(held, list) else []
            self.used.update((slot.parameter.entity or "", as_text(one)) for one in taken)
            return []
        keep = swaps(self.plan, slot) or self.plan.model.verb in KEEPING
        whole = keep and isinstance(row.get(slot.field), list)
        return held_under(row, slot.parameter.name, besides="" if whole else slot.field)

    def _unused(self, slot: Slot, held: list[Any], path: str) -> Any:
        left = [one for one in held if (slot.parameter.path, as_text(one)) not in self.used]
        value = self.rng.choice(left) if left else MISSING if "[" in path else held[0]
        if value is not MISSING:
            self.used.add((slot.parameter.path, as_text(value)))
        return value

    def _written(self, slot: Slot, row: Row | None) -> Any:
        """A new value for a field: another one than the row has."""
        entity = self.plan.entity
        if slot.field not in self.fresh or entity is None:
            return MISSING
        value = self.fresh[slot.field]
        moving = self.plan.model.operation == "update" and is_filed(entity)
        if row is not None and moving and slot.field == entity.identity[0]:
            return moved_path(str(row[slot.field]), str(value))
        if field_of_entity(entity, slot.field).semantic in _PLACES:
            return value
        for _ in range(_TRIES):
            if row is None or not equals(row.get(slot.field), value):
                break
            value = self.store.seeds.frames.value(entity, slot.field, self.rng, People(self.rng))
        return value


@remembered
def _properties(schema: JsonObject) -> tuple[tuple[str, JsonObject, bool], ...]:
    """Name, simple schema and whether it must be given, of each property."""
    required = schema.get("required", ())
    rules = schema.get("properties", {}).items()
    return tuple((name, simple(rule), name in required) for name, rule in rules)


@lru_cache(maxsize=4096)
def _limited(schema: Same[JsonObject], parameter: Same[ParameterModel]) -> JsonObject:
    """The schema with the choices that the parameter leaves."""
    return {**schema.it, "enum": parameter.it.schema["enum"]}


@remembered
def _written_fields(plan: CompiledTool) -> frozenset[str]:
    """The fields of an invented row that the call may write, and the row's state."""
    state = {state_field(plan.entity)} if plan.entity is not None else set()
    return frozenset(state.union(slot.field for slot in plan.slots))
