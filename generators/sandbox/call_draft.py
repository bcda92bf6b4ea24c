"""A draft of a call's arguments, leaf by leaf: what the rows that are meant say of them.

All values of one call come from one target row and the rows that it names, or are invented
together.
"""

import math
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import cached_property, lru_cache
from itertools import combinations
from random import Random
from typing import Any

from generators.identity_cache import Same
from generators.lexicon.names import in_words
from generators.lexicon.nouns import singular
from generators.lexicon.tables import load_words
from generators.sandbox.call_rules import CallScope
from generators.sandbox.compiled_tools import CONTENTS, CompiledTool, Slot, is_currency
from generators.sandbox.demanded_parameters import ancestors
from generators.sandbox.file_values import moved_path
from generators.sandbox.own_rows import find_own_value
from generators.sandbox.people import People, Person
from generators.sandbox.phrases import content_words
from generators.sandbox.propose_rows import ReferredRows, find_required, find_targets, is_lawful
from generators.sandbox.row_links import parts_in
from generators.sandbox.row_lookup import names_row
from generators.sandbox.row_sense import put_right
from generators.sandbox.row_states import state_field
from generators.sandbox.row_values import Row, as_text, equals, field_of, held_under, is_folder
from generators.sandbox.schema_validity import MISSING, adapt, fits, kind_of, simple
from generators.sandbox.search import query_words
from generators.sandbox.store import Rows
from generators.sandbox.text_values import match_pattern
from generators.sandbox.times import is_dated, shifted
from generators.sandbox.values import invent
from generators.world.demand_rules import told_patterns
from generators.world.expression import parse_expression
from generators.world.expression_values import MISSING as UNKNOWN
from generators.world.model import Entity, ParameterModel, strip_indices
from generators.world.semantics import semantic_type
from schemas.demand import is_written
from schemas.record import JsonObject
from schemas.semantic import ADDRESS, SemanticType

_SPARE = 8
"""Optional parameters that are tried together with others, at most."""
_REDRAWS = 8
"""Of a value that breaks a need, or is the same as another."""
"""Meanings of what is said of one place: none is changed alone."""
_PAIRED = frozenset({"timezone", "city", "airport", "currency"})
"""Meanings of which a call names two different ones: from one city to another."""
_SPOKEN = ("title", "label", "company", "city", "text", "person_name", "handle", "path")
"""Meanings of fields that people search by, the most telling first."""
_STEPS = (10_000, 5000, 1000, 500, 100, 50, 10, 5)
_DAY = len("2026-03-12")


class CallDraft:
    """One attempt at the arguments of a call: what has been chosen so far, so that all agrees."""

    def __init__(
        self, rows: Rows, tool: CompiledTool, rng: Random, given: Mapping[str, Any],
        chosen: AbstractSet[str], *, is_retry: bool = False,
    ) -> None:  # fmt: skip
        """``chosen``: paths of the optional parameters that are given, and all they lie in."""
        self.rows, self.tool, self.rng, self.given = rows, tool, rng, given
        self.chosen, self.is_retry, self.slots = chosen, is_retry, tool.by_parameter
        self.leading = frozenset(above for path in given for above in ancestors(path))
        """The paths of what is given, and of all that it lies in."""
        self.count = rng.choice((1, 1, 2))
        """Of the elements of a list."""
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
        asked = [slot.field for slot in self.tool.slots]
        asked += [name.partition(".")[0] for name in asked if self.tool.model.operation == "create"]
        only = frozenset([state_field(entity), *asked])
        return self.rows.seeds.invent_row(entity, self.rng, self.people, only)

    def arguments(self) -> JsonObject | None:
        """The arguments, or None where no row suits what is given."""
        tool, operation = self.tool, self.tool.model.operation
        about = tool.entity if operation != "create" else None
        if about and not self.targets and (self.rows.ruled or self.rows.rows(about)):
            return None
        schema = simple(tool.model.tool.parameters)
        if operation == "update" and self.targets:  # who has a new number still lives there
            row = self.targets[0]
            places = (row, *(one for one in row.values() if isinstance(one, Mapping)))
            city = next((one["city"] for one in places if isinstance(one.get("city"), str)), None)
            self.people.settle("city", city or "")
        made = self._object(schema, "")
        if any(name not in made for name in schema.get("required", ())):
            return None
        if not tool.entity or operation in ("create", "compute"):
            put_right(made, schema.get("properties", {}))
            made |= {path: value for path, value in self.given.items() if path in made}
        if fits(made, tool.model.tool.parameters):
            return made
        return self._mended(made, tool.model.tool.parameters)

    def _mended(self, made: JsonObject, schema: JsonObject) -> JsonObject | None:
        """The arguments with lawful ones for those that break their schemas; None for none such.

        Where each is lawful and all together are not, with some more or some less of what may be
        left out.
        """
        rules, required = schema.get("properties", {}), schema.get("required", ())
        for name in [name for name in made if not fits(made[name], rules.get(name, {}))]:
            value = self._top_value(rules, name)
            if name in self.leading or not fits(value, rules[name]):
                del made[name]
            else:
                made[name] = value
        fixed = [name for name in made if name in required or name in self.leading]
        spare = [name for name in rules if name not in fixed][:_SPARE]
        pairs = [list(pair) for pair in combinations(spare, 2)]
        for names in ([*made], [], *([*made, name] for name in spare), *pairs, spare):
            chosen = dict.fromkeys([*fixed, *names])
            tried = {name: made[name] if name in made else self._top_value(rules, name)
                     for name in chosen}  # fmt: skip
            if fits(tried, schema):
                return tried
        return None

    def _top_value(self, rules: JsonObject, name: str) -> Any:
        slot = self.slots.get(name)
        semantic = slot.parameter.semantic if slot else semantic_type(name, rules[name])
        return self._invent(semantic, rules[name], name, name)

    def _object(self, schema: JsonObject, path: str) -> JsonObject:
        """The properties that are given; those of the whole call ("") as needs allow them."""
        prefix, properties = f"{path}." if path else "", schema.get("properties", {})
        made: JsonObject = {} if path else self.referred.made
        for name in properties:
            slot = self.slots.get(strip_indices(prefix + name))
            if slot is not None and slot.parameter.semantic == "city":
                # The streets of the object lie in the city that a need asks for.
                known = self.referred.made
                city = find_required(self.rows, self.tool, known, slot.parameter.path)
                part = self.tool.entity.parts.get(slot.field) if self.tool.entity else None
                if part is not None and part.examples and city is MISSING:
                    city = self.rng.choice(part.examples)
                if isinstance(city, str):
                    self._people_at(prefix + name).settle(name, city)
        choose = self._value if path else self._lawful_value
        for name, rule in properties.items():
            below, needed = prefix + name, name in schema.get("required", ())
            if needed or below in self.leading or strip_indices(below) in self.chosen:
                value = choose(simple(rule), below)
                if value is not MISSING:
                    made[name] = value
        return made

    def _lawful_value(self, schema: JsonObject, path: str) -> Any:
        """An argument with which no need or demand of the tool is broken, if one is found."""
        made, free = self.referred.made, self.referred.copy_choices()
        value = self._value(schema, path)
        for demand in self.tool.model.demands:
            asked = demand.kind == "format" and path in demand.parameters and path not in self.given
            if asked and isinstance(value, str) and not is_written(value, str(demand.value)):
                # A pattern of a person's own says all; that of a kind of text says how it looks.
                pattern = str(demand.value)
                whole = pattern.endswith("$") and pattern not in told_patterns()
                return (match_pattern(pattern, self.rng) or MISSING) if whole else MISSING
        if path in self.leading or not is_lawful(self.rows, self.tool, made):
            return value  # it is not this value that is in the way
        slot, entity = self.slots.get(path), self.tool.entity
        for _ in range(_REDRAWS):
            if value is MISSING or is_lawful(self.rows, self.tool, made | {path: value}):
                break
            self.referred.take_choices(free)
            if slot is not None and entity is not None and slot.field in self.fresh:
                another = self.rows.seeds.invent_field(entity, slot.field, self.rng)
                self.fresh[slot.field] = another
            value = self._value(schema, path)
        return value

    def _value(self, schema: JsonObject, path: str) -> Any:
        """What is given at a path, an object, a list by its elements, or the value of a leaf."""
        if path in self.given:
            return self.given[path]
        kind = kind_of(schema)
        if kind == "object" and schema.get("properties"):
            return self._object(schema, path)
        if kind != "array" or strip_indices(path) in self.slots:
            return self._leaf(schema, path)
        within = [one[len(path) + 1 :] for one in self.given if one.startswith(f"{path}[")]
        told = [one.partition("]")[0] for one in within]
        numbers = [int(one) for one in told if one.isdigit()]  # of any element, none is told
        known = len(self.targets) if path == self.tool.batch else 9
        most = schema.get("maxItems", max(self.count, known))
        count = max(min(self.count, most), schema.get("minItems", 0), max(numbers, default=-1) + 1)
        rule = schema.get("items")
        items = simple(rule if isinstance(rule, dict) else {"type": "string"})
        made: list[Any] = []
        for number in range(count):
            value = self._value(items, f"{path}[{number}]")
            if value is not MISSING and (numbers or value not in made):
                made.append(value)
        return made

    def _leaf(self, schema: JsonObject, path: str) -> Any:
        """A value for a leaf of the arguments: the first guess that fits, or an invented one."""
        slot = self.slots.get(strip_indices(path))
        if slot is None:
            name = path.replace("]", "").split(".")[-1].split("[")[0]
            return self._invent(semantic_type(name, schema), schema, name, path)
        if slot.path in self.tool.naming or slot.named_by:
            return self._named_field(slot, schema, path)
        parameter, rows = slot.parameter, self.rows
        if "enum" in parameter.schema and kind_of(schema) != "array":
            schema = _limited(Same(schema), Same(parameter))
        guesses = [find_required(rows, self.tool, self.referred.made, parameter.path),
                   self._rethink(slot, schema), self._guess(slot, schema, path)]  # fmt: skip
        # What a backend has shown under the name, where rows do not say more.
        names = () if parameter.use == "field" else (parameter.name, slot.field)
        seen = next(filter(None, map(rows.seen, names)), ())
        guesses.append(self.rng.choice(seen) if seen else MISSING)
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

    def _named_field(self, slot: Slot, schema: JsonObject, path: str) -> Any:
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

    def _invent(self, semantic: SemanticType, schema: JsonObject, name: str, path: str) -> Any:
        noun = self.tool.model.noun
        if "." in path and semantic == "opaque_id" and in_words(name) in ("id", "uuid", "guid"):
            # An id is of the nearest thing that it lies in.
            slot = self.slots.get(strip_indices(path))
            inner = slot.path if slot is not None else path
            above = map(in_words, strip_indices(inner).replace("[]", "").split(".")[-2::-1])
            wrapped = load_words("inference", "wrappers") | load_words(
                "inference", "envelope_words"
            )
            noun = next((singular(one) for one in above if one not in wrapped), noun)
        return invent(
            semantic, schema, self.rng, name=name, noun=noun,
            clock=self.rows.seeds.clock, scene=self._people_at(path),
        )  # fmt: skip

    def _people_at(self, path: str) -> People:
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
        if use != "identity" and operation in ("create", "update"):
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

    def _own_address(self, slot: Slot, row: Row) -> Any:
        """Another e-mail address of the person whose row is changed."""
        name = str(
            row.get("full_name") or f"{row.get('first_name', '')} {row.get('last_name', '')}"
        )
        first, _, last = name.strip().partition(" ")
        if not last:
            return MISSING
        others = [Person(first, last, number).email for number in range(3)]
        return self.rng.choice([one for one in others if one != row.get(slot.field)])

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
        """What names the target row, or a condition that it satisfies."""
        tool, parameter, entity = self.tool, slot.parameter, self.tool.entity
        if entity is None or parameter.use == "query":
            return _search_words(row, tool, parameter, self.rng)
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
        if field is not None and field.semantic in {*ADDRESS, "airport"}:
            return value
        if field is not None and field.semantic == "email" and slot.parameter.use == "field":
            own = self._own_address(slot, row)
            value = value if own is MISSING else own
        for _ in range(_REDRAWS):
            if not equals(row.get(slot.field), value):
                break
            value = self.rows.seeds.invent_field(entity, slot.field, self.rng)
        return value


@lru_cache(maxsize=4096)
def _limited(schema: Same[JsonObject], parameter: Same[ParameterModel]) -> JsonObject:
    """The schema with the choices that the parameter leaves."""
    return {**schema.it, "enum": parameter.it.schema["enum"]}


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
