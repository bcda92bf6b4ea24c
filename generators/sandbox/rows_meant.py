"""What the rows that a call is about, and those that it names, say of its arguments.

Which rows are meant is chosen once for a call; all its values then come from them.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from random import Random
from typing import Any

from generators.lexicon.names import in_words
from generators.sandbox.call_rules import CallScope
from generators.sandbox.compiled_tools import CONTENTS, CompiledTool, Slot
from generators.sandbox.constraints import find_implied
from generators.sandbox.file_values import moved_path
from generators.sandbox.own_rows import find_own_value, full_name
from generators.sandbox.people import People, Person
from generators.sandbox.phrases import reword, title
from generators.sandbox.propose_rows import ReferredRows, find_targets
from generators.sandbox.row_links import parts_in
from generators.sandbox.row_lookup import names_row
from generators.sandbox.row_states import state_field
from generators.sandbox.row_values import Row, as_text, equals, field_of, held_under, is_folder
from generators.sandbox.schema_validity import MISSING, adapt, kind_of
from generators.sandbox.search import query_words, shown_part, takes_glob
from generators.sandbox.sought_words import choose_words
from generators.sandbox.store import Rows
from generators.sandbox.text_values import in_told_form
from generators.sandbox.times import is_dated, shifted
from generators.world.expression import parse_expression
from generators.world.expression_values import MISSING as UNKNOWN
from generators.world.model import Entity, Field, ParameterModel
from schemas.record import JsonObject
from schemas.semantic import ADDRESS

_REDRAWS, _RENAMINGS = 8, 60
"""Of a new value that is the one which the row has, and of a name that is like the old one."""
_SPOKEN = ("title", "label", "company", "city", "text", "person_name", "handle", "path")
"""Meanings of fields that people search by, the most telling first."""
_STEPS = (10_000, 5000, 1000, 500, 100, 50, 10, 5)
_DAY = len("2026-03-12")


class RowsMeant:
    """The rows that one call is about, and a value for each leaf of which they say something."""

    def __init__(
        self, rows: Rows, tool: CompiledTool, rng: Random, given: Mapping[str, Any],
        people: People, *, is_retry: bool,
    ) -> None:  # fmt: skip
        self.rows, self.tool, self.rng, self.given = rows, tool, rng, given
        self.people, self.is_retry = people, is_retry
        self.passages: dict[str, Any] = {}
        self.fresh: JsonObject = {}
        """An invented row of the entity, once there is one: what is written is taken from it."""

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

    def invent(self) -> None:
        """Invent what a write is to tell, before any of its arguments is chosen."""
        entity, operation = self.tool.entity, self.tool.model.operation
        if entity is None or operation not in ("create", "update"):
            return
        asked = [slot.field for slot in self.tool.slots]
        asked += [name.partition(".")[0] for name in asked if operation == "create"]
        only = frozenset([state_field(entity), *asked])
        self.fresh = self.rows.seeds.invent_row(entity, self.rng, self.people, only)

    def rethink(self, slot: Slot, schema: JsonObject) -> Any:
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

    def name_field(self, slot: Slot, schema: JsonObject, path: str) -> Any:
        """A field of the row by its name, or the new value of the one that is named beside."""
        place, entity = path.rpartition(".")[0], self.tool.entity
        naming = slot if not slot.named_by else next(
            one for one in self.tool.slots if one.path == slot.named_by)  # fmt: skip
        name = f"{place}.{naming.parameter.name}" if place else naming.parameter.name
        known = {in_words(field): field for field in entity.fields} if entity else {}
        choices = naming.parameter.schema.get("enum", ())
        choices = [one for one in choices if in_words(str(one)) in known]
        if place not in self.passages:
            chosen = self.given.get(name, self.rng.choice(choices) if choices else MISSING)
            self.passages[place] = chosen
        field = known.get(in_words(str(self.passages[place])))
        if not slot.named_by or field is None or entity is None:
            return self.passages[place] if not slot.named_by else MISSING
        row = self.targets[0] if self.targets else None
        value = self._vary(replace(slot, field=field), row,
                           self.rows.seeds.invent_field(entity, field, self.rng))  # fmt: skip
        return adapt(value, schema)

    def guess(self, slot: Slot, schema: JsonObject, path: str) -> Any:
        """What the rows that are meant say of a leaf; `MISSING` where they say nothing."""
        tool, use, operation = self.tool, slot.parameter.use, self.tool.model.operation
        entity, row = tool.entity, None
        if self.targets:  # a leaf of a batch is about the row of its number
            head, bracket, rest = path.partition("[")
            number = int(rest.split("]")[0]) if bracket and head == tool.batch else 0
            row = self.targets[number % len(self.targets)]
        if use == "option" and operation == "delete" and slot.parameter.path.endswith("[]"):
            parts = parts_in(self.rows.world, entity, row, self.rows.find)
            return self._unused(slot, parts, path) if isinstance(parts, list) else MISSING
        if slot.path in tool.edit_paths and row is not None:
            return self._edit(slot, row, path)
        if use == "input" and entity is None:
            return self.referred.subject.get(slot.parameter.name, MISSING)
        if use == "reference":
            return self._reference(slot, None if operation == "create" else row, path)
        if use in ("option", "input") or entity is None:
            return MISSING
        if use == "identity" and operation == "create" and slot.field in entity.identity[:-1]:
            holders = [*self.referred.anchors.values(), *self.rows.rows(entity)[:1]]
            return next((row[slot.field] for row in holders if slot.field in row), MISSING)
        if use == "identity" and operation == "create":  # free: a new file, a new user's name
            return self.fresh.get(slot.field, MISSING)
        told = self._derived(slot, entity, path) if operation == "create" else MISSING
        if told is not MISSING:
            return told
        mine = find_own_value(self.rows, entity, slot.parameter, path)
        if operation == "create" and use != "identity" and mine is not MISSING:
            return mine
        asks = use == "identity" or (use == "filter" and operation == "update")
        if not asks and operation in ("create", "update"):
            return self._vary(slot, row, self.fresh.get(slot.field, MISSING))
        return MISSING if row is None else self._ask(slot, schema, row)

    def _derived(self, slot: Slot, entity: Entity, path: str) -> Any:
        """What a new row's field, or a part of it, follows from: an order goes to the home."""
        head, _, rest = slot.field.partition(".")
        field, part = entity.fields.get(head), entity.parts.get(slot.field)
        found: Any = self.fresh.get(head) if field is not None and field.common else None
        whole = found is not None
        for one in entity.constraints if found is None else ():
            if one.field in (head, slot.field, path) and one.equals and one.when is None:
                scope = CallScope(self.rows, self.tool, self.referred.made | self._own_reference)
                found, whole = parse_expression(one.equals).evaluate(scope), one.field == head
                if found is not UNKNOWN:
                    break
        for step in rest.split(".") if rest and whole else ():
            found = found.get(step) if isinstance(found, Mapping) else None
        found = None if found is UNKNOWN else found
        if found is None and part is not None and part.examples and part.semantic != "city":
            return self.rng.choice(part.examples)
        return MISSING if found is None else found

    @cached_property
    def _own_reference(self) -> JsonObject:
        """What names the person whose a new row is, where no parameter does."""
        entity = self.tool.entity
        owner = self.rows.world.entities.get(entity.owner or "") if entity else None
        known = self.rows.rows(owner) if owner is not None else ()
        if entity is None or owner is None or len(known) != 1:
            return {}
        names = [one.name for one in entity.fields.values() if one.entity == owner.key]
        return dict.fromkeys(names, known[0][owner.identity[0]])

    def _edit(self, slot: Slot, row: Row, path: str) -> Any:
        """A line of the text that is to be edited, and what comes in its place."""
        place = path.rpartition(".")[0]
        if place not in self.passages:
            text = next((str(row[name]) for name in CONTENTS if isinstance(row.get(name), str)), "")
            lines = [one for one in text.splitlines() if len(one) > 3 and text.count(one) == 1]
            taken = [*self.passages.values()]  # two edits of one line would undo each other
            lines = [one for one in lines[1:] if one not in taken] or lines
            self.passages[place] = self.rng.choice(lines) if lines else MISSING
        old = self.passages[place]
        if old is MISSING or slot.path == self.tool.edit_paths[0]:
            return old
        tails = ("Updated in spring.", "See the notes below.", "To be confirmed.")
        return f"{old.rstrip()} {self.rng.choice(tails)}"

    def _ask(self, slot: Slot, schema: JsonObject, row: Row) -> Any:
        """What names the target row, or a condition that it satisfies."""
        tool, parameter, entity = self.tool, slot.parameter, self.tool.entity
        if entity is None or parameter.use == "query":
            return search_words(row, tool, parameter, self.rng)
        if parameter.use == "identity":
            if tool.by_path and tool.model.operation == "list" and not tool.batch:
                place = str(row[entity.identity[0]])
                return place if is_folder(entity) else place.rpartition("/")[0] or "/"
            names = (slot.field, parameter.name, *entity.identity[-1:], "id")
            return next((row[name] for name in names if row.get(name) is not None), MISSING)
        try:
            held = field_of(row, slot.field)
        except KeyError:
            return MISSING
        if parameter.use == "unlike":  # what other rows have, and the target has not
            others = [one.get(slot.field) for one in self.rows.rows(entity)]
            others = [one for one in others if isinstance(one, str | int) and one != held]
            return self.rng.choice(others) if others and not isinstance(held, list) else MISSING
        upper = parameter.use == "maximum"
        if upper or parameter.use == "minimum":  # a round bound that the value just satisfies
            if is_dated(held):
                days = self.rng.randint(1, 5)
                held = shifted(held, days if upper else -days)
            elif isinstance(held, bool) or not isinstance(held, int | float):
                return held if isinstance(held, str) else MISSING
            else:
                step = next((step for step in _STEPS if step * 5 <= abs(held)), 1)
                bound = (math.ceil if upper else math.floor)(held / step) * step
                bound = bound or (step if upper else 0)  # nobody asks for at most nothing
                high, low = schema.get("maximum", math.inf), schema.get("minimum", -math.inf)
                held = min(max(bound, low), high)
        if isinstance(held, list) and held and kind_of(schema) != "array":
            held = self.rng.choice(held)
        return held[:_DAY] if parameter.semantic == "date" and is_dated(held) else held

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
        own_kind = target is not None and target is tool.entity and bool(target.identity)
        if row is not None and target is not None and own_kind and not inside:
            own = row.get(target.identity[-1])  # nothing is a duplicate of itself
            known = [one for one in known if as_text(one) != as_text(own)]
            self.referred.used.add((target.key, as_text(own)))
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
        updates = self.tool.model.operation == "update"
        if updates and self.tool.by_path and slot.field == entity.identity[0]:
            return moved_path(str(row[slot.field]), str(value))
        field = entity.fields.get(slot.field)
        if field is not None and field.semantic in {*ADDRESS, "airport"}:
            return value
        of_row = updates and slot.parameter.use == "field"
        implied = find_implied(entity, row, slot.field) if of_row else []
        others = [one for one in implied if one not in ("", row.get(slot.field))]
        if others:  # of a menu, one of its options
            return self.rng.choice(others)
        if field is not None and field.semantic == "email" and of_row:
            first, _, last = full_name(entity, row).partition(" ")
            if last:  # another address of the same person
                others = [Person(first, last, number).email for number in range(3)]
                free = [one for one in others if one != row.get(slot.field)]
                value = self.rng.choice(free)
        if updates and field is not None and isinstance(row.get(slot.field), str):
            value = self._rename(field, row[slot.field], value)
        for _ in range(_REDRAWS):
            named = field is not None and field.semantic == "title" and isinstance(value, str)
            if not equals(row.get(slot.field), value) and not (named and value in self.titles):
                break
            value = self.rows.seeds.invent_field(entity, slot.field, self.rng)
        return value

    @cached_property
    def titles(self) -> frozenset[str]:
        """What rows of the kind are called: two of them bear no one name."""
        entity = self.tool.entity
        fields = entity.fields.values() if entity else ()
        named = [one.name for one in fields if one.semantic == "title"]
        held = (row.get(name) for row in (self.rows.rows(entity) if entity and named else ())
                for name in named)  # fmt: skip
        return frozenset(one for one in held if isinstance(one, str))

    def _rename(self, field: Field, old: str, new: Any) -> Any:
        """Another name for the same: whoever marries keeps the first name, a task its matter."""
        if field.semantic == "person_name" and " " in old and " " in str(new):
            return f"{old.partition(' ')[0]} {str(new).rpartition(' ')[2]}"
        entity, held = self.tool.entity, {*old.lower().split()}
        if field.semantic != "title" or entity is None or len(held) < 2 or field.examples:
            return new
        same = [one for one in reword(entity.noun, old) if one not in self.titles]
        if same:
            return self.rng.choice(same)
        drawn = [new, *(title(self.rng, entity.noun) for _ in range(_RENAMINGS))]
        drawn = [one for one in drawn if isinstance(one, str) and one != old]
        drawn = [one for one in drawn if one not in self.titles]
        return max(drawn, key=lambda one: len(held & {*one.lower().split()}), default=new)


def search_words(row: Row, tool: CompiledTool, parameter: ParameterModel, rng: Random) -> Any:
    """A noun or a name out of the row's texts, or two words; a pattern for a file or key."""
    entity, said = tool.entity, str(parameter.schema.get("description", ""))
    if entity is None:
        return MISSING
    if tool.by_path and parameter.name in ("pattern", "glob"):
        stem, dot, ending = str(row[entity.identity[0]]).rpartition("/")[2].partition(".")
        word = stem.replace("-", "_").split("_")[0]
        return rng.choice((f"*.{ending}", f"*{word}*", f"{word}*")) if dot else f"*{word}*"
    within = entity.fields.get(parameter.field or "")
    name = row.get(parameter.field or "")
    if isinstance(name, str) and takes_glob(parameter):
        first, mark, rest = re.split(r"([:./_-]|$)", name, maxsplit=1)
        return rng.choice((f"{first}{mark}*", f"*{rest}")) if rest else f"*{name}*"
    if isinstance(name, str) and parameter.semantic == "path":
        around = re.split(r"[:/](?=\w[^:/]*$)", name, maxsplit=1)[0]
        return around if around.strip(":/") else name  # the package in which it lies
    row = shown_part(row, tool) if within is None else {within.name: row.get(within.name)}
    row = {name: rng.choice(value) if isinstance(value, list) and value else value
           for name, value in row.items()}  # fmt: skip
    texts = [(semantic, str(row[name])) for semantic in _SPOKEN
             for name, field in entity.fields.items()
             if field.semantic == semantic and isinstance(row.get(name), str)]  # fmt: skip
    for semantic, text in texts:
        if semantic == "person_name" and query_words(text):
            return in_told_form(text, said)  # a person is looked for by the whole name
        words = choose_words(text, rng)
        if query_words(words):
            return in_told_form(words, said)
    return MISSING  # nobody searches for an id
