"""A draft of a call's arguments, leaf by leaf, until they keep to schema, needs and demands.

All values of one call come from one target row and the rows that it names
(`generators.sandbox.rows_meant`), or are invented together.
"""

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from itertools import combinations
from random import Random
from typing import Any

from generators.identity_cache import Same
from generators.lexicon.meanings import find_text_kind
from generators.sandbox.call_rules import CallScope
from generators.sandbox.compiled_tools import CompiledTool, is_currency
from generators.sandbox.constraints import draw_between, imply_fields
from generators.sandbox.demanded_parameters import ancestors
from generators.sandbox.kin_rows import name_after_branch, name_after_file
from generators.sandbox.own_rows import full_name
from generators.sandbox.people import People
from generators.sandbox.propose_rows import find_required, is_lawful
from generators.sandbox.row_sense import fit_handles, fit_texts, put_right
from generators.sandbox.row_skeletons import called_like
from generators.sandbox.row_values import as_text
from generators.sandbox.rows_meant import RowsMeant
from generators.sandbox.schema_validity import MISSING, adapt, fits, kind_of, simple
from generators.sandbox.store import Rows
from generators.sandbox.times import is_dated
from generators.sandbox.values import invent
from generators.world.expression import Bound, find_breaking_bounds, parse_expression
from generators.world.expression_values import MISSING as UNKNOWN
from generators.world.model import ParameterModel, strip_indices
from generators.world.semantics import semantic_type
from schemas.record import JsonObject
from schemas.semantic import SemanticType

_MORE = (2, 3, 5, 10)
"""How many times as much of each thing is asked for, where all together are too much."""


_SPARE = 8
"""Optional parameters that are tried together with others, at most."""
_REDRAWS = 8
"""Of a value that breaks a need, or is the same as another."""
_PAIRED = frozenset({"timezone", "city", "airport", "currency"})
"""Meanings of which a call names two different ones: from one city to another."""


class CallDraft:
    """One attempt at the arguments of a call: what has been chosen so far, so that all agrees."""

    def __init__(
        self, rows: Rows, tool: CompiledTool, rng: Random, given: Mapping[str, Any],
        chosen: AbstractSet[str], *, is_retry: bool = False,
    ) -> None:  # fmt: skip
        """``chosen``: paths of the optional parameters that are given, and all they lie in."""
        self.rows, self.tool, self.rng, self.given = rows, tool, rng, given
        self.chosen, self.slots = chosen, tool.by_parameter
        self.leading = frozenset(above for path in given for above in ancestors(path))
        """The paths of what is given, and of all that it lies in."""
        self.count = rng.choice((1, 1, 2))
        """Of the elements of a list."""
        self.people = People(rng)
        self.others: dict[str, People] = {}
        for path, value in given.items():  # the e-mail address of who is named already
            slot = self.slots.get(strip_indices(path))
            if slot and slot.parameter.semantic == "person_name" and isinstance(value, str):
                self._people_at(path).meet(slot.parameter.name, value)
        self.meant = RowsMeant(rows, tool, rng, given, self.people, is_retry=is_retry)

    def arguments(self) -> JsonObject | None:
        """The arguments, or None where no row suits what is given."""
        tool, operation = self.tool, self.tool.model.operation
        targets = self.meant.targets  # chosen before any argument, as all agree with them
        about = tool.entity if operation != "create" else None
        if about and not targets and (self.rows.ruled or self.rows.rows(about)):
            return None
        schema = simple(tool.model.tool.parameters)
        if operation == "update" and targets:  # who has a new number still lives there
            row = targets[0]
            places = (row, *(one for one in row.values() if isinstance(one, Mapping)))
            city = next((one["city"] for one in places if isinstance(one.get("city"), str)), None)
            self.people.settle("city", city or "")
            self.people.meet("name", full_name(tool.entity, row) if tool.entity else "")
        made = self._object(schema, "")
        if any(name not in made for name in schema.get("required", ())):
            return None
        shown = [n for n in made if tool.entity and n in tool.entity.fields
                 and tool.entity.fields[n].examples]  # fmt: skip
        free = [p for p in tool.model.parameters if p.path not in {*self.given, *shown}]
        name_after_file(tool.model, free, made)
        if operation in ("create", "update"):
            noun = tool.entity.noun if tool.entity else tool.model.noun
            known = targets[0] if operation == "update" and targets else None
            rules = schema.get("properties", {})
            name_after_branch(noun, free, made, known or {}, self.rng)
            fit_texts(noun, made, rules, {*self.given, *shown}, self.rng, known, self.meant.titles)
            fit_handles(made, rules, {*self.given, *shown})
        if operation == "create" and tool.entity:  # a haircut is no call
            sought = parse_expression(tool.against).names if tool.against else ()
            imply_fields(tool.entity, made, {*self.given, *sought})
        if not tool.entity or operation in ("create", "compute"):
            put_right(made, schema.get("properties", {}))
            made |= {path: value for path, value in self.given.items() if path in made}
        if fits(made, tool.model.tool.parameters):
            return made
        # With lawful arguments for those that break their schemas; None for none such.
        schema = tool.model.tool.parameters
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
        made: JsonObject = {} if path else self.meant.referred.made
        for name in properties:
            slot = self.slots.get(strip_indices(prefix + name))
            if slot is not None and slot.parameter.semantic == "city":
                # The streets of the object lie in the city that a need asks for.
                known = self.meant.referred.made
                city = find_required(self.rows, self.tool, known, slot.parameter.path)
                part = self.tool.entity.parts.get(slot.field) if self.tool.entity else None
                if part is not None and part.examples and city is MISSING:
                    city = self.rng.choice(part.examples)
                if isinstance(city, str):
                    self._people_at(prefix + name).settle(name, city)
        if not path:
            self.meant.invent()  # by now its city is settled
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
        made, free = self.meant.referred.made, self.meant.referred.copy_choices()
        tool, value = self.tool, self._value(schema, path)
        names = parse_expression(tool.against).names if tool.against else ()
        beside = path not in self.given and path in {re.split(r"[.\[]", one)[0] for one in names}
        if beside:
            value = push_beyond(self.rows, tool, made, path, value, schema, self.rng)
        given = path in self.leading and not beside
        if given or not is_lawful(self.rows, tool, made, partly=True):
            return value  # it is not this value that is in the way
        slot, entity = self.slots.get(path), tool.entity
        for _ in range(_REDRAWS):
            known = made | {path: value}
            if value is MISSING or is_lawful(self.rows, tool, known, partly=True):
                break
            self.meant.referred.take_choices(free)
            if slot is not None and entity is not None and slot.field in self.meant.fresh:
                another = self.rows.seeds.invent_field(entity, slot.field, self.rng)
                self.meant.fresh[slot.field] = another
            value = self._value(schema, path)
            if tool.against:
                value = push_beyond(self.rows, tool, made, path, value, schema, self.rng)
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
        known = len(self.meant.targets) if path == self.tool.batch else 9
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
            return self.meant.name_field(slot, schema, path)
        parameter, rows = slot.parameter, self.rows
        if "enum" in parameter.schema and kind_of(schema) != "array":
            schema = _limited(Same(schema), Same(parameter))
        guesses = [find_required(rows, self.tool, self.meant.referred.made, parameter.path)]
        field = self.tool.entity.fields.get(slot.field) if self.tool.entity else None
        told = field is not None and bool(field.examples)
        if told or not self._deed_told(parameter.semantic, parameter.name):
            guesses += [self.meant.rethink(slot, schema), self.meant.guess(slot, schema, path)]
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
        used = self.meant.referred.used
        for _ in range(_REDRAWS):
            value = self._invent(parameter.semantic, schema, parameter.name, path)
            if kind not in _PAIRED or (kind, as_text(value)) not in used:
                break
        used.add((kind, as_text(value)))
        return value

    def _invent(self, semantic: SemanticType, schema: JsonObject, name: str, path: str) -> Any:
        own, noun = self.tool.entity, self.tool.model.noun
        if own is not None and own.noun == noun:
            noun = called_like(self.rows.seeds.world, own)
        return invent(
            semantic, schema, self.rng, name=self._deed_told(semantic, name) or name, noun=noun,
            clock=self.rows.seeds.clock, scene=self._people_at(path),
        )  # fmt: skip

    def _deed_told(self, semantic: SemanticType, name: str) -> str:
        """The name with its deed where such texts differ by that: ``cancel reason``; else empty."""
        deed = f"{self.tool.model.verb} {name}"
        return deed if semantic == "text" and find_text_kind("", deed) else ""

    def _people_at(self, path: str) -> People:
        """Whom a leaf is about: the first element of a list is about the caller, others are not."""
        container = path.rpartition(".")[0]
        if not container or container.endswith("[0]"):
            return self.people
        return self.others.setdefault(container, self.people.within())


@lru_cache(maxsize=4096)
def _limited(schema: Same[JsonObject], parameter: Same[ParameterModel]) -> JsonObject:
    """The schema with the choices that the parameter leaves."""
    return {**schema.it, "enum": parameter.it.schema["enum"]}


def push_beyond(
    rows: Rows, tool: CompiledTool, made: JsonObject, path: str, value: Any, schema: JsonObject,
    rng: Random,
) -> Any:  # fmt: skip
    """A value at a path that breaks what the call is to break, or the value that was drawn.

    ``made``: the arguments that are chosen so far.
    """
    scope = CallScope(rows, tool, made)
    bounds = [one for one in find_breaking_bounds(tool.against) if one.path == (path,)]
    for bound in rng.sample(bounds, len(bounds)):
        limit, choices = bound.evaluate(scope), schema.get("enum", ())
        today = rows.clock.date().isoformat()
        pushed = adapt(_draw_beyond(bound, limit, value, choices, today, rng), schema)
        if pushed is not MISSING and pushed is not None:
            return pushed
    summed = {one for one in parse_expression(tool.against).names if one.startswith(f"{path}[")}
    return _enlarge(value, schema, path, summed, rng.choice(_MORE)) if summed else value


def _draw_beyond(
    bound: Bound, limit: Any, like: Any, choices: Sequence[Any], today: str, rng: Random
) -> Any:
    if bound.operator in ("!=", "not in"):
        ruled_out = limit if bound.operator == "not in" else [limit]
        others = [one for one in choices if one not in ruled_out] if limit is not UNKNOWN else []
        return rng.choice(others) if others else MISSING  # any other value will do
    if limit is UNKNOWN:
        return MISSING
    if bound.operator in ("==", "in"):
        return rng.choice(limit) if isinstance(limit, list) and limit else limit
    if bound.operator[0] == ">":
        return draw_between(limit, None, like, rng)
    least = min(1, limit) if isinstance(limit, int | float) else None  # nobody asks for less
    if is_dated(limit):
        least = min(today, limit)  # nor for a day that is over
    return draw_between(least, limit, like, rng)


def _enlarge(value: Any, schema: JsonObject, path: str, names: set[str], factor: int) -> Any:
    """The value with larger numbers at the paths that a condition sums up."""
    plain = simple(schema)
    if isinstance(value, list):
        items = plain.get("items", {})
        return [_enlarge(one, items, f"{path}[]", names, factor) for one in value]
    if isinstance(value, dict):
        parts = plain.get("properties", {})
        return {name: _enlarge(one, parts.get(name, {}), f"{path}.{name}", names, factor)
                for name, one in value.items()}  # fmt: skip
    counted = path in names and isinstance(value, int) and not isinstance(value, bool)
    return min(value * factor, plain.get("maximum", value * factor)) if counted else value
