"""Applies what is said otherwise of entities: what names their rows, what their fields hold.

See `generators.world.correcting` for the tools. Raises InputError for what cannot be: an entity
or a field that there is not, choices that the field's own schema refuses, bounds of a text.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from jsonschema import Draft202012Validator

from generators.lexicon.names import snake
from generators.world.kinds import Kind
from generators.world.model import Entity, Field, World
from generators.world.schema_leaves import plain_schema, schema_type
from generators.world.tool_drafts import Draft
from schemas.errors import InputError, nearest
from schemas.record import JsonObject
from schemas.world_model import EntityMeaning, FieldMeaning, WorldSource


@dataclass(frozen=True)
class _Said:
    file: str
    noun: str
    correction: EntityMeaning

    def refused(self, problem: str, place: str = "") -> InputError:
        where = ".".join(filter(None, ("entities", self.noun, place)))
        return InputError(problem, file=self.file, place=where)


def _said_of(noun: str, domain: str, sets: Sequence[WorldSource]) -> Iterator[_Said]:
    for one in sets:
        for correction in one.of_entity(noun, domain):
            yield _Said(one.file, noun, correction)


def correct_kinds(
    kinds: Mapping[str, Kind], drafts: Sequence[Draft], domain: str, sets: Sequence[WorldSource]
) -> dict[str, Kind]:
    """The kinds with the identities that they are said to have."""
    found = dict(kinds)
    for noun in kinds:
        for said in _said_of(noun, domain, sets):
            if said.correction.identity is not None:
                found[noun] = _identified(found[noun], said, drafts)
    return found


def _identified(kind: Kind, said: _Said, drafts: Sequence[Draft]) -> Kind:
    named = {
        snake(leaf.name) for draft in drafts if draft.noun == kind.noun for leaf in draft.leaves
    }
    known = {*kind.columns, *kind.identity, *(() if kind.columns else named)}
    identity = said.correction.identity or ()
    for part in identity:
        if part not in known:
            hint = nearest(part, known)
            raise said.refused(f"{kind.noun} has no field {part!r}{hint}", "identity")
    return replace(kind, identity=tuple(dict.fromkeys(identity)))


def correct_entity(
    entity: Entity,
    kind: Kind,
    kinds: Mapping[str, Kind],
    sets: Sequence[WorldSource],
) -> Entity:
    """The entity with its fields as they are said to be."""
    fields = dict(entity.fields)
    for said in _said_of(entity.noun, entity.domain, sets):
        for name, told in said.correction.fields.items():
            if name not in fields:
                hint = nearest(name, fields)
                raise said.refused(f"{entity.noun} has no such field{hint}", f"fields.{name}")
            given = name in kind.columns
            fields[name] = _Changed(fields[name], entity, kinds, said, given).by(told)
    return replace(entity, fields=fields)


@dataclass(frozen=True)
class _Changed:
    """A field with all that decides how it can be corrected."""

    field: Field
    entity: Entity
    kinds: Mapping[str, Kind]
    said: _Said
    given: bool
    """A result of the source shows it, and will be validated."""

    def by(self, told: FieldMeaning) -> Field:
        field = self.field
        if told.semantic is not None:
            field = replace(field, semantic=told.semantic)
        if told.entity is not None:
            field = replace(field, entity=self._entity(told.entity))
        if told.choices is not None:
            field = replace(field, schema=self._chosen(told))
            field = field if told.semantic else replace(field, semantic="enum")
        if told.min is not None or told.max is not None:
            field = replace(field, schema=self._bounded(field.schema, told))
        return field

    def _entity(self, noun: str) -> str:
        if noun not in self.kinds:
            raise self._refused(f"there is no entity {noun!r}{nearest(noun, self.kinds)}", "entity")
        if noun == self.entity.noun and self.field.name in self.entity.identity:
            raise self._refused("is what names the row itself", "entity")
        return f"{self.entity.domain}/{noun}"

    def _chosen(self, told: FieldMeaning) -> JsonObject:
        choices = list(told.choices or ())
        own = plain_schema(self.field.schema)
        own = own if self.given else {key: one for key, one in own.items() if key != "enum"}
        allowed = Draft202012Validator(own)
        wrong = [one for one in choices if not allowed.is_valid(one)]
        if wrong:
            known = [str(one) for one in own.get("enum", ())]
            hint = nearest(str(wrong[0]), known)
            raise self._refused(f"{wrong[0]!r} is against the field's schema{hint}", "choices")
        return {**own, "enum": choices}

    def _bounded(self, schema: JsonObject, told: FieldMeaning) -> JsonObject:
        own = plain_schema(schema)
        if schema_type(own) not in ("integer", "number"):
            kind = schema_type(own) or "of no type"
            raise self._refused(f"only numbers have a least and a greatest; it is {kind}", "min")
        bounds = dict(own)
        for key, value, tighter in (("minimum", told.min, max), ("maximum", told.max, min)):
            if value is not None:
                number = int(value) if value.is_integer() else value
                bounds[key] = tighter(number, own[key]) if key in own else number
        if bounds.get("minimum", 0) > bounds.get("maximum", bounds.get("minimum", 0)):
            raise self._refused("leaves no number that the field's schema allows", "min")
        return bounds

    def _refused(self, problem: str, key: str) -> InputError:
        return self.said.refused(problem, f"fields.{self.field.name}.{key}")


def check_entities(world: World, sets: Sequence[WorldSource]) -> None:
    """Raise InputError where an entity is spoken of that no domain of the corrections has."""
    for one in sets:
        meant = [entity for entity in world.entities.values() if entity.domain in one.domains]
        known = {name for entity in meant for name in (entity.noun, entity.key)}
        for noun in one.world.entities:
            if noun not in known:
                hint = nearest(noun, known if "/" in noun else {one.noun for one in meant})
                raise InputError(
                    f"there is no such entity{hint}", file=one.file, place=f"entities.{noun}"
                )
