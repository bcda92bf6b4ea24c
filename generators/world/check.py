"""Looks whether what people and models say of a catalogue fits its tools and itself.

A model that contradicts the tools is refused with file, tool and place: names of entities, fields
and states that there are not, values that a field's own schema refuses, expressions that cannot be
read or name what nothing knows. What `generators.world.overrides` needs to go on is refused there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jsonschema_rs import validator_for

from generators.lexicon.names import in_words
from generators.lexicon.verbs import state_after
from generators.world.expression import parse_expression
from generators.world.merge import PARTS
from generators.world.model import split_entity_key
from generators.world.schema_leaves import plain_schema, schema_type
from generators.world.states import spelled_state
from schemas.errors import InputError, nearest
from schemas.tool import ToolSpec
from schemas.world_model import (
    EntityMeaning,
    FieldMeaning,
    Meaning,
    ToolMeaning,
    WorldModel,
    WorldSource,
)


def check_world(
    tools: Sequence[ToolSpec],
    sources: Sequence[WorldSource],
    said: WorldModel,
    inferred: WorldModel,
    merged: WorldModel,
) -> None:
    """Raise InputError for the first thing that is said and cannot be.

    ``said`` is what people and models say of the tools and entities that there are, ``inferred``
    what the rules make of that, ``merged`` both.
    """
    for source in sources:
        _check_nouns(source, merged)
    by_name = {tool.wire_name: tool for tool in tools}
    for name, told in said.tools.items():
        _ToolCheck(by_name[name], told, inferred.tools[name], merged).check()
    for key, entity in said.entities.items():
        _EntityCheck(key, entity, inferred.entities[key], merged).check()
    for domain in said.domains:
        _check_domain(domain, said, merged, by_name)


def _check_nouns(source: WorldSource, merged: WorldModel) -> None:
    meant = [key for key in merged.entities if split_entity_key(key)[0] in source.domains]
    nouns = {split_entity_key(key)[1] for key in meant}
    for name in source.world.entities:
        if name not in nouns and name not in meant:
            hint = nearest(name, meant if "/" in name else nouns)
            raise InputError(
                f"there is no such entity{hint}", file=source.file, place=f"entities.{name}"
            )


@dataclass(frozen=True)
class _ToolCheck:
    """One tool: what is said of it, and what the rules make of that."""

    tool: ToolSpec
    told: ToolMeaning
    found: ToolMeaning
    merged: WorldModel

    def check(self) -> None:
        told, computed = self.told, self.found.entity is None
        if computed and told.entity is not None:
            raise self._refuse("a computation is about no entity", "entity")
        if computed and told.operation not in (None, self.found.operation):
            raise self._refuse("say which entity it is about: nothing else tells", "entity")
        stated = told.transition or self.found.transition or state_after(self.found.verb or "")
        if told.operation == "transition" and not stated:
            raise self._refuse(
                "say which state it sets, such as 'transition: {status: closed}'", "operation"
            )
        self._check_transition()
        for path in self.told.parameters:
            if path not in self.found.parameters:
                hint = nearest(path, self.found.parameters)
                raise self._refuse(f"there is no such parameter{hint}", f"parameters.{path}")
        if unknown := [name for name in self.told.shows if name not in self._fields]:
            hint = nearest(unknown[0], self._fields)
            raise self._refuse(f"there is no field {unknown[0]!r}{hint}", "shows")
        plain = [name.removeprefix("-") for name in self.told.sorted_by]
        if unknown := [name for name in plain if name not in self._fields]:
            hint = nearest(unknown[0], self._fields)
            raise self._refuse(f"there is no field {unknown[0]!r}{hint}", "sorted_by")
        self._check_demands()
        names = set(self.tool.properties)
        check = _ExpressionCheck(self.merged, self.tool.domain, names, self.found.entity)
        texts = [(f"needs.{n}.require", need.require) for n, need in enumerate(self.told.needs)]
        for place, value in self.told.changes.items():
            texts += [(f"changes.{place}", place), (f"changes.{place}", value)]
        for place, text in texts:
            if problem := check.problem_of(text):
                raise self._refuse(problem, place)

    def _check_transition(self) -> None:
        if self.told.transition and self.told.operation not in (None, "transition"):
            act = self.told.operation
            raise self._refuse(f"a tool whose operation is {act} sets no state", "transition")
        for name, state in (self.told.transition or {}).items():
            if name not in self._fields:
                noun = self.found.entity or "computation"
                hint = nearest(name, self._fields)
                raise self._refuse(f"{noun} has no field {name!r}{hint}", "transition")
            field = self._fields[name]
            enum = list(field.choices or ())
            schema = {"enum": enum} if enum else {}
            if spelled_state(state, schema) is None:
                hint = nearest(state, map(str, enum))
                raise self._refuse(f"{state!r} is no value of {name}{hint}", f"transition.{name}")

    def _check_demands(self) -> None:
        for number, demand in enumerate(self.told.demands):
            place = f"demands.{number}"
            for path in demand.parameters:
                if path not in self.found.parameters and path not in self.tool.properties:
                    hint = nearest(path, self.found.parameters)
                    raise self._refuse(f"there is no parameter {path!r}{hint}", place)
            least = {"at_least_one": 1, "only_with": 2, "same": 2, "differ": 2, "format": 1}
            if len(demand.parameters) < least.get(demand.kind, 0):
                count = least[demand.kind]
                raise self._refuse(f"{demand.kind} is about {count} parameters or more", place)

    @property
    def _fields(self) -> Mapping[str, FieldMeaning]:
        entity = self.merged.entities.get(f"{self.tool.domain}/{self.found.entity}")
        return entity.fields if entity is not None else {}

    def _refuse(self, problem: str, place: str) -> InputError:
        file = _file_of(self.told, place.partition(".")[0])
        return InputError(problem, file=file, tool=self.tool.wire_name, place=place)


@dataclass(frozen=True)
class _EntityCheck:
    """One entity: what is said of it, and what the rules make of that."""

    key: str
    told: EntityMeaning
    found: EntityMeaning
    merged: WorldModel

    def check(self) -> None:
        noun = self.noun
        for name, field in self.told.fields.items():
            if name not in self.found.fields:
                hint = nearest(name, self.found.fields)
                raise self._refuse(f"{noun} has no such field{hint}", f"fields.{name}", field)
            self._check_field(f"fields.{name}", field, self.found.fields[name])
        for path, field in self.told.parts.items():
            if path not in self.found.parts:
                hint = nearest(path, self.found.parts)
                raise self._refuse(f"{noun} has no such part{hint}", f"parts.{path}", field)
            self._check_field(f"parts.{path}", field, self.found.parts[path])
        nouns = _nouns_of(self.merged, split_entity_key(self.key)[0])
        if self.told.owner is not None and self.told.owner not in nouns:
            hint = nearest(self.told.owner, nouns)
            raise self._refuse(f"there is no entity {self.told.owner!r}{hint}", "owner")
        self._check_states()
        domain, names = split_entity_key(self.key)[0], set(self.found.fields)
        check = _ExpressionCheck(self.merged, domain, names, noun)
        for name in self.told.named_by:
            if problem := check.problem_of(name):
                raise self._refuse(problem, "named_by")
        for number, constraint in enumerate(self.told.constraints):
            for key in ("holds", "field", "equals", "when"):
                text = getattr(constraint, key)
                problem = check.problem_of(text) if text is not None else ""
                if problem:
                    raise self._refuse(problem, f"constraints.{number}.{key}")

    @property
    def noun(self) -> str:
        return split_entity_key(self.key)[1]

    def _check_states(self) -> None:
        whole = self.merged.entities[self.key]
        name = whole.state_field
        if self.told.state_field is not None and name not in self.found.fields:
            hint = nearest(str(name), self.found.fields)
            raise self._refuse(f"{self.noun} has no field {name!r}{hint}", "state_field")
        held = whole.fields[name].choices if name and name in whole.fields else None
        states = whole.states
        said = [("states", one) for one in self.told.states if held and one not in held]
        known = held or states
        said += [("start", one) for one in [self.told.start] if one and one not in known]
        for before, after in self.told.follows.items():
            said += [("follows", one) for one in (before, *after) if one not in known]
        for place, state in said:
            hint = nearest(state, map(str, known))
            raise self._refuse(f"{state!r} is no state of {self.noun}{hint}", place)

    def _check_field(self, place: str, told: FieldMeaning, found: FieldMeaning) -> None:
        nouns = _nouns_of(self.merged, split_entity_key(self.key)[0])
        if told.entity is not None and told.entity not in nouns:
            hint = nearest(told.entity, nouns)
            problem = f"there is no entity {told.entity!r}{hint}"
            raise self._refuse(problem, f"{place}.entity", told)
        identity = {f"fields.{name}" for name in self.found.identity or ()}
        if told.entity == self.noun and place in identity:
            raise self._refuse("is what names the row itself", f"{place}.entity", told)
        schema = plain_schema(dict(found.json_schema or {}))
        given = found.origins["json_schema"].source == "schema"
        if told.choices is not None:
            own = schema if given else {key: one for key, one in schema.items() if key != "enum"}
            allowed = validator_for(own)
            wrong = [one for one in told.choices if not allowed.is_valid(one)]
            if wrong:
                hint = nearest(str(wrong[0]), map(str, own.get("enum", ())))
                problem = f"{wrong[0]!r} is against the field's schema{hint}"
                raise self._refuse(problem, f"{place}.choices", told)
        if told.min is not None or told.max is not None:
            kind = schema_type(schema)
            if kind not in ("integer", "number"):
                problem = f"only numbers have a least and a greatest; it is {kind or 'of no type'}"
                raise self._refuse(problem, f"{place}.min", told)
            least = [one for one in (told.min, schema.get("minimum")) if one is not None]
            most = [one for one in (told.max, schema.get("maximum")) if one is not None]
            if least and most and max(least) > min(most):
                problem = "leaves no number that the field's schema allows"
                raise self._refuse(problem, f"{place}.min", told)

    def _refuse(self, problem: str, place: str, part: Meaning | None = None) -> InputError:
        file = _file_of(part or self.told, place.rpartition(".")[2])
        return InputError(problem, file=file, place=f"entities.{self.noun}.{place}")


def _check_domain(
    domain: str, said: WorldModel, merged: WorldModel, by_name: Mapping[str, ToolSpec]
) -> None:
    meaning = said.domains[domain]
    nouns = _nouns_of(merged, domain)
    for number, rule in enumerate(meaning.rules):
        place = f"domains.{domain}.rules.{number}"
        file = _file_of(meaning, "rules")
        for name in rule.tools:
            if name not in merged.tools:
                hint = nearest(name, merged.tools)
                raise InputError(f"there is no tool {name!r}{hint}", file=file, place=place)
        if rule.entity is not None and rule.entity not in nouns:
            hint = nearest(rule.entity, nouns)
            raise InputError(f"there is no entity {rule.entity!r}{hint}", file=file, place=place)
        if rule.require is not None:
            named = {one for name in rule.tools or by_name for one in by_name[name].properties}
            problem = _ExpressionCheck(merged, domain, named, rule.entity).problem_of(rule.require)
            if problem:
                raise InputError(problem, file=file, place=f"{place}.require")


@dataclass(frozen=True)
class _ExpressionCheck:
    """What an expression may name."""

    merged: WorldModel
    domain: str
    names: set[str]
    """Parameters, or fields, that may begin a path."""
    own: str | None
    """The noun of ``row``."""

    def problem_of(self, text: str) -> str:
        """What is wrong with an expression; empty where it can be read and names what there is."""
        try:
            expression = parse_expression(text)
        except InputError as error:
            return f"{error.problem}, {error.place}" if error.place else error.problem
        problems = (self._problem_of_path(path) for path in expression.names)
        queries = (self._problem_of_query(noun, path) for noun, path in expression.queries)
        nouns = (self._problem_of_query(noun, "") for noun in expression.entities)
        return next(filter(None, (*problems, *nouns, *queries)), "")

    def _problem_of_path(self, path: str) -> str:
        root, _, rest = path.partition(".")
        root = root.partition("[")[0]
        if root in self.names or root in ("arguments", "today", "now", "user"):
            return ""
        noun = self.own if root == "row" else self._noun_of(root)
        if noun is None:
            known = {*self.names, *_nouns_of(self.merged, self.domain), "row", "today", "now"}
            return f"nothing here is called {root!r}{nearest(root, known)}"
        return self._problem_of_query(noun, rest)

    def _problem_of_query(self, noun: str, path: str) -> str:
        entity = self.merged.entities.get(f"{self.domain}/{noun}")
        if entity is None:
            nouns = _nouns_of(self.merged, self.domain)
            return f"there is no entity {noun!r}{nearest(noun, nouns)}"
        step = path.partition(".")[0].partition("[")[0]
        if step and step not in entity.fields and self._noun_of(step) is None:
            return f"{noun} has no field {step!r}{nearest(step, entity.fields)}"
        return ""

    def _noun_of(self, name: str) -> str | None:
        """The entity that a name refers to by its last words: ``from_account`` an account."""
        words = in_words(name).split()
        nouns = _nouns_of(self.merged, self.domain)
        tails = (" ".join(words[at:]) for at in range(len(words)))
        return next((tail for tail in tails if tail in nouns), None)


def _nouns_of(merged: WorldModel, domain: str) -> set[str]:
    keys = (split_entity_key(key) for key in merged.entities)
    return {noun for within, noun in keys if within == domain}


def _file_of(part: Meaning, key: str) -> str:
    """The file that says it, or else the first that says anything of the part."""
    inner = [one for key in PARTS for one in getattr(part, key, {}).values()]
    origins = [origin for one in (part, *inner) for origin in one.origins.values()]
    return part.origins.get(key, origins[0]).why if origins else ""
