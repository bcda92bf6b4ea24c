"""The values of a call's arguments, leaf by leaf: what the rows that are meant say of them.

All values of one call come from one target row and the rows that it names, or are invented
together.
"""

import math
from collections.abc import Mapping
from functools import cached_property, lru_cache
from random import Random
from typing import Any

from generators.identity_cache import Same, remembered
from generators.lexicon.names import in_words
from generators.sandbox.compiled_tools import CONTENTS, CompiledTool, Slot, is_currency
from generators.sandbox.file_values import moved_path
from generators.sandbox.people import People
from generators.sandbox.phrases import content_words
from generators.sandbox.propose_rows import ReferredRows, find_required, find_targets
from generators.sandbox.row_links import parts_in
from generators.sandbox.row_lookup import names_row
from generators.sandbox.row_states import state_field
from generators.sandbox.row_values import Row, as_text, equals, field_of, held_under, is_folder
from generators.sandbox.schema_validity import MISSING, adapt, kind_of
from generators.sandbox.search import query_words
from generators.sandbox.store import Rows
from generators.sandbox.times import is_dated, shifted
from generators.sandbox.values import invent
from generators.world.model import ParameterModel, strip_indices
from generators.world.semantics import semantic_type
from schemas.record import JsonObject
from schemas.semantic import SemanticType

_REDRAWS = 8
_PLACES = frozenset({"city", "country", "state", "zip", "street", "address", "airport"})
"""Meanings of what is said of one place: none is changed alone."""
_PAIRED = frozenset({"timezone", "city", "airport", "currency"})
"""Meanings of which a call names two different ones: from one city to another."""
_SPOKEN = ("title", "label", "company", "city", "text", "person_name", "handle", "path")
"""Meanings of fields that people search by, the most telling first."""
_STEPS = (10_000, 5000, 1000, 500, 100, 50, 10, 5)
_DAY = len("2026-03-12")


class ArgumentValues:
    """The values of one call's arguments: what has been chosen so far, so that all agrees."""

    def __init__(
        self, rows: Rows, tool: CompiledTool, rng: Random, given: Mapping[str, Any], *,
        is_retry: bool,
    ) -> None:  # fmt: skip
        self.rows, self.tool, self.rng, self.given = rows, tool, rng, given
        self.is_retry = is_retry
        self.slots = tool.by_parameter
        self.people = People(rng)
        self.others: dict[str, People] = {}
        self.passages: dict[str, Any] = {}

    @cached_property
    def referred(self) -> ReferredRows:
        """The rows that the call refers to besides."""
        return ReferredRows(self.rows, self.tool, self.rng, self.given)

    @cached_property
    def targets(self) -> list[Row]:
        """The row that the call is about first, then others like it, for lists of identities."""
        found = find_targets(self.rows, self.tool, self.given)
        start = self.rng.randrange(len(found)) if found else 0
        return found[start:] + found[:start]

    @cached_property
    def fresh(self) -> JsonObject:
        """An invented row of the entity: what is written is taken from it."""
        entity = self.tool.entity
        if entity is None:
            return {}
        only = _written_fields(self.tool)
        return self.rows.seeds.invent_row(entity, self.rng, self.people, only)

    def find_value(self, schema: JsonObject, path: str) -> Any:
        """A value for a leaf of the arguments: the first guess that fits, or an invented one."""
        slot = self.slots.get(strip_indices(path))
        if slot is None:
            name = path.replace("]", "").split(".")[-1].split("[")[0]
            return self._invent(semantic_type(name, schema), schema, name, path)
        parameter, rows = slot.parameter, self.rows
        if "enum" in parameter.schema and kind_of(schema) != "array":
            schema = _limited(Same(schema), Same(parameter))
        wanted = find_required(rows, self.tool, self.referred.made, parameter.path)
        rethought = self._rethink(slot, schema)
        guess = self._guess(slot, schema, path)
        # What a backend has shown under the name, where rows do not say more.
        names = () if parameter.use == "field" else (parameter.name, slot.field)
        seen = next(filter(None, map(rows.seen, names)), ())
        shown = self.rng.choice(seen) if seen else MISSING
        guesses: tuple[Any, ...] = (wanted, rethought, guess, shown)
        for found in guesses:
            several = isinstance(found, list) and found and kind_of(schema) not in ("array", "any")
            value: Any = self.rng.choice(found) if several else found
            fitting = adapt(value, schema)
            if fitting is not MISSING and fitting is not None:
                return fitting
        named = parameter.opaque or parameter.semantic == "number_id"
        named = named and parameter.use in ("identity", "reference") and "enum" not in schema
        if named and not rows.ruled and self.tool.model.operation != "create":
            return MISSING  # nobody can make up an id that there is
        kind = "currency" if is_currency(parameter) else str(parameter.semantic)
        used = self.referred.used
        for _ in range(_REDRAWS):
            value = self._invent(parameter.semantic, schema, parameter.name, path)
            if kind not in _PAIRED or (kind, as_text(value)) not in used:
                break
        used.add((kind, as_text(value)))
        return value

    def _invent(self, semantic: SemanticType, schema: JsonObject, name: str, path: str) -> Any:
        return invent(
            semantic, schema, self.rng, name=name, noun=self.tool.model.noun,
            clock=self.rows.seeds.clock, scene=self.people_at(path),
        )  # fmt: skip

    def people_at(self, path: str) -> People:
        """Whom a leaf is about: the first element of a list is about the caller, others are not."""
        container = path.rpartition(".")[0]
        if not container or container.endswith("[0]"):
            return self.people
        return self.others.setdefault(container, self.people.within())

    def _rethink(self, slot: Slot, schema: JsonObject) -> Any:
        """Where the first guess at a service's rules failed: what the rows that are meant hold.

        An id that there is, for what seemed to be a new one; what is owed, for an amount.
        """
        if self.rows.ruled or not self.is_retry or self.rng.random() < 0.5:
            return MISSING
        meant = [*self.targets[:1], *self.referred.meant.values()]
        if slot.parameter.opaque and slot.parameter.use == "field":
            return next((row[slot.field] for row in meant if slot.field in row), MISSING)
        held = [value for row in meant for value in row.values()
                if isinstance(value, int | float) and not isinstance(value, bool)]  # fmt: skip
        if not held or kind_of(schema) not in ("number", "integer") or "enum" in schema:
            return MISSING
        value = self.rng.choice(held)
        value = round(value * self.rng.uniform(1, 1.05), 2) if self.rng.random() < 0.5 else value
        return round(value) if kind_of(schema) == "integer" else value

    # -- what rows say of a leaf

    def _guess(self, slot: Slot, schema: JsonObject, path: str) -> Any:
        """What the rows that are meant say of a leaf; `MISSING` where they say nothing."""
        tool, use, operation = self.tool, slot.parameter.use, self.tool.model.operation
        row: Row | None = None
        if self.targets:  # a leaf of a batch is about the row of its number
            head, bracket, rest = path.partition("[")
            number = int(rest.split("]")[0]) if bracket and head == tool.batch else 0
            row = self.targets[number % len(self.targets)]
        if use == "option" and operation == "delete" and slot.parameter.path.endswith("[]"):
            parts = parts_in(self.rows.world, tool.entity, row, self.rows.find)
            return self._unused(slot, parts, path) if isinstance(parts, list) else MISSING
        if slot.path in tool.edit_paths and row is not None:
            return self._edit(slot, row, path)
        if use == "input" and tool.entity is None:
            return self.referred.nearby(slot)
        if use == "reference":
            return self._reference(slot, None if operation == "create" else row, path)
        if use in ("option", "input") or tool.entity is None:
            return MISSING
        if use == "identity":
            return self._identity(slot, row)
        if operation in ("create", "update"):
            return self._vary(slot, row, self.fresh.get(slot.field, MISSING))
        return MISSING if row is None else self._ask(slot, schema, row)

    def _edit(self, slot: Slot, row: Row, path: str) -> Any:
        """A line of the text that is to be edited, and what comes in its place."""
        place = path.rpartition(".")[0]
        if place not in self.passages:
            text = next((str(row[name]) for name in CONTENTS if isinstance(row.get(name), str)), "")
            lines = [one for one in text.splitlines() if len(one) > 3 and text.count(one) == 1]
            self.passages[place] = self.rng.choice(lines[1:] or lines) if lines else MISSING
        old = self.passages[place]
        if old is MISSING or slot.path == self.tool.edit_paths[0]:
            return old
        for at, mark in enumerate(old):
            if mark.isdigit():  # another figure
                other = self.rng.choice([number for number in "23456789" if number != mark])
                return old[:at] + other + old[at + 1 :]
        tails = ("Updated in spring.", "See the notes below.", "To be confirmed.")
        return f"{old.rstrip()} {self.rng.choice(tails)}"

    def _ask(self, slot: Slot, schema: JsonObject, row: Row) -> Any:
        """A condition that the target row satisfies."""
        parameter = slot.parameter
        if parameter.use == "query":
            return _search_words(row, self.tool, parameter, self.rng)
        try:
            held = field_of(row, slot.field)
        except KeyError:
            return MISSING
        if parameter.use in ("minimum", "maximum"):
            held = _bound(held, parameter, schema, self.rng)
        if isinstance(held, list) and held and kind_of(schema) != "array":
            held = self.rng.choice(held)
        return held[:_DAY] if parameter.semantic == "date" and is_dated(held) else held

    def _identity(self, slot: Slot, row: Row | None) -> Any:
        entity, operation = self.tool.entity, self.tool.model.operation
        if entity is None:
            return MISSING
        if operation == "create":
            if slot.field not in entity.identity[:-1]:
                return self.fresh.get(slot.field, MISSING)  # free: a new file, a new user's name
            holders = [*self.referred.anchors.values(), *self.rows.rows(entity)[:1]]
            return next((row[slot.field] for row in holders if slot.field in row), MISSING)
        if row is None:
            return MISSING
        if self.tool.by_path and operation == "list" and not self.tool.batch:
            place = str(row[entity.identity[0]])
            return place if is_folder(entity) else place.rpartition("/")[0] or "/"
        names = (slot.field, slot.parameter.name, *entity.identity[-1:], "id")
        return next((row[name] for name in names if row.get(name) is not None), MISSING)

    def _reference(self, slot: Slot, row: Row | None, path: str) -> Any:
        tool, world, parameter = self.tool, self.rows.world, slot.parameter
        target = world.entities.get(parameter.entity or "")
        writing = tool.model.operation in ("create", "update")
        inside = tool.entity is not None and slot.field in tool.entity.identity
        placed = tool.locates(slot, world) and tool.model.operation == "update"
        held = None if row is None else row.get(slot.field)
        if row is not None and slot.field in row and (inside or placed or not writing):
            return self.rng.choice(held) if isinstance(held, list) and held else held
        if row is None:
            known = self.referred.held(slot)
        elif in_words(parameter.name).startswith("new "):
            taken = held if isinstance(held, list) else []
            self.referred.used.update((parameter.entity or "", as_text(one)) for one in taken)
            known = []
        else:  # what the row itself holds under the parameter's name: the items of the order
            keeps = tool.keeps(slot) and isinstance(held, list)
            known = held_under(row, parameter.name, besides="" if keeps else slot.field)
        if target is not None:
            known = [one for one in known if names_row(self.rows, target, parameter, one)]
        if known:
            return self._unused(slot, known, path)
        if target is not None and target.identity:
            return self.referred.choose(slot, target, row)
        return self._vary(slot, row, self.fresh.get(slot.field, MISSING)) if writing else MISSING

    def _unused(self, slot: Slot, held: list[Any], path: str) -> Any:
        """One of the values that no other leaf of the parameter has; the first of them else."""
        used, place = self.referred.used, slot.parameter.path
        left = [one for one in held if (place, as_text(one)) not in used]
        value = self.rng.choice(left) if left else MISSING if "[" in path else held[0]
        if value is not MISSING:
            used.add((place, as_text(value)))
        return value

    def _vary(self, slot: Slot, row: Row | None, value: Any) -> Any:
        """The new value of a field, or yet another one: not the one that the row has."""
        entity = self.tool.entity
        if value is MISSING or entity is None or row is None:
            return value
        moving = self.tool.model.operation == "update" and self.tool.by_path
        if moving and slot.field == entity.identity[0]:
            return moved_path(str(row[slot.field]), str(value))
        field = entity.fields.get(slot.field)
        if field is not None and field.semantic in _PLACES:
            return value
        for _ in range(_REDRAWS):
            if not equals(row.get(slot.field), value):
                break
            value = self.rows.seeds.invent_field(entity, slot.field, self.rng)
        return value


@lru_cache(maxsize=4096)
def _limited(schema: Same[JsonObject], parameter: Same[ParameterModel]) -> JsonObject:
    """The schema with the choices that the parameter leaves."""
    return {**schema.it, "enum": parameter.it.schema["enum"]}


@remembered
def _written_fields(tool: CompiledTool) -> frozenset[str]:
    """The fields of an invented row that the call may write, and the row's state."""
    state = {state_field(tool.entity)} if tool.entity is not None else set()
    return frozenset(state.union(slot.field for slot in tool.slots))


def _bound(held: Any, parameter: ParameterModel, schema: JsonObject, rng: Random) -> Any:
    """A round bound that the value just satisfies; `MISSING` where it has no order."""
    upper = parameter.use == "maximum"
    if is_dated(held):
        days = rng.randint(1, 5)
        return shifted(held, days if upper else -days)
    if isinstance(held, bool) or not isinstance(held, int | float):
        return MISSING if not isinstance(held, str) else held
    step = next((step for step in _STEPS if step * 5 <= abs(held)), 1)
    value = math.ceil(held / step) * step if upper else math.floor(held / step) * step
    high, low = schema.get("maximum", math.inf), schema.get("minimum", -math.inf)
    return min(max(value, low), high)


def _search_words(row: Row, tool: CompiledTool, parameter: ParameterModel, rng: Random) -> Any:
    """One or two words that stand side by side in the row's texts; a pattern for a file."""
    entity = tool.entity
    if entity is None:
        return MISSING
    if tool.by_path and parameter.name in ("pattern", "glob"):
        stem, dot, ending = str(row[entity.identity[0]]).rpartition("/")[2].partition(".")
        word = stem.replace("-", "_").split("_")[0]
        return rng.choice((f"*.{ending}", f"*{word}*", f"{word}*")) if dot else f"*{word}*"
    texts = [str(row[name]) for semantic in _SPOKEN for name, field in entity.fields.items()
             if field.semantic == semantic and isinstance(row.get(name), str)]  # fmt: skip
    for text in texts:
        words = [word for word in content_words(text) if query_words(word)]
        if words:
            start = rng.randrange(len(words))
            return " ".join(words[start : start + rng.randint(1, 2)]).lower()
    held = row.get(entity.identity[-1]) if entity.identity else None
    return MISSING if held is None else as_text(held)
