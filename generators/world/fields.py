"""The fields of each entity: all that its rows must hold, from every source.

In order: identity, the rows of given results, what tools write, what lists narrow by, the state,
and, for kinds whose rows no result shows, what a real service would say of them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

from generators.lexicon.names import noun_words, snake
from generators.lexicon.nouns import plural
from generators.lexicon.tables import load_table, load_words
from generators.world.entity_drafts import EntityDraft, EntityDrafts, refers_to, told_reference
from generators.world.merge import with_origin
from generators.world.model import ParameterModel
from generators.world.schema_leaves import (
    as_schema,
    leaves_within,
    members,
    plain_schema,
    schema_type,
)
from generators.world.semantics import element_semantic, semantic_type
from generators.world.states import spelled_state, states_of, status_field, target_state
from generators.world.tool_drafts import ToolDraft
from schemas.record import JsonObject
from schemas.world_model import EntityMeaning, FieldMeaning, Origin

_words = partial(load_words, "inference")

Modelled = tuple[ToolDraft, tuple[ParameterModel, ...]]
_KEPT = ("type", "enum", "format", "items", "properties", "required", "description", "pattern")
_NAMING = ("identity", "field", "reference", "filter")
_PREFIX = 3
"""Letters by which what is hidden is looked up in a text."""

_Sign = tuple[str, str, str]
"""How a parameter's name is had, the name, and the noun whose row it names; ``""`` for any."""


@dataclass(frozen=True)
class DomainTools:
    """All tools of one domain."""

    pairs: Sequence[Modelled]
    kinds: Mapping[str, EntityDraft]

    def about(self, noun: str) -> list[Modelled]:
        """The tools about a noun, computations left out."""
        return self._by_noun.get(noun, [])

    def naming(self, part: str, noun: str) -> ParameterModel | None:
        """The first parameter of a known type that bears the name of a row's part.

        One that names a row of the noun comes before all others.
        """
        for whose in (noun, ""):
            signs: tuple[_Sign, ...] = (("field", part, whose), ("name", snake(part), whose))
            found = [self._first_by_sign[sign] for sign in signs if sign in self._first_by_sign]
            if found:
                return min(found, key=lambda numbered: numbered[0])[1]
        return None

    def hidden_in(self, text: str) -> list[EntityDraft]:
        """The kinds that no tool lists and a text speaks of in the plural, in the nouns' order."""
        starts = [at + 1 for at, mark in enumerate(text) if mark == " "]
        heads = {text[at : at + size] for at in starts for size in range(1, _PREFIX + 1)}
        found = [
            kind
            for head in heads
            for kind, spoken in self._hidden_by_prefix.get(head, [])
            if f" {spoken}" in text
        ]
        return sorted(found, key=lambda kind: kind.noun)

    @cached_property
    def _by_noun(self) -> dict[str, list[Modelled]]:
        found: dict[str, list[Modelled]] = {}
        for draft, models in self.pairs:
            if draft.operation != "compute":
                found.setdefault(draft.noun, []).append((draft, models))
        return found

    @cached_property
    def _first_by_sign(self) -> dict[_Sign, tuple[int, ParameterModel]]:
        """Sign → the first parameter that has it, and its number."""
        first: dict[_Sign, tuple[int, ParameterModel]] = {}
        models = [model for _, models in self.pairs for model in models]
        for number, model in enumerate(models):
            if model.use not in _NAMING or model.path.endswith("[]"):
                continue
            if not schema_type(row_schema(model.schema)):
                continue
            for whose in ((model.entity or "").rpartition("/")[2], ""):
                if model.field is not None:
                    first.setdefault(("field", model.field, whose), (number, model))
                first.setdefault(("name", snake(model.name), whose), (number, model))
        return first

    @cached_property
    def _hidden_by_prefix(self) -> dict[str, list[tuple[EntityDraft, str]]]:
        """First letters → kinds that no tool lists, and how they are spoken of."""
        found: dict[str, list[tuple[EntityDraft, str]]] = {}
        for kind in self.kinds.values():
            # Whether rows of the kind are asked for by id, and no tool tells ids.
            own = self.about(kind.noun)
            asked = any(
                model.use == "identity" and model.field == kind.key
                for _, models in own
                for model in models
            )
            operations = {draft.operation for draft, _ in own}
            if asked and not operations & {"list", "create"} and not kind.columns:
                spoken = plural(kind.noun)
                found.setdefault(spoken[:_PREFIX], []).append((kind, spoken))
        return found


def row_schema(schema: JsonObject) -> JsonObject:
    """Keep what a parameter's schema says of the value itself, without bounds and defaults."""
    plain = plain_schema(schema)
    kept = {key: plain[key] for key in _KEPT if key in plain}
    if kind := schema_type(plain):
        kept["type"] = kind
    values = kept.get("enum")
    if isinstance(values, list) and None in values:
        kept["enum"] = [value for value in values if value is not None]
    return kept


_SORTS: Mapping[str, JsonObject] = {
    "string": {"type": "string"},
    "datetime": {"type": "string", "format": "date-time"},
    "date": {"type": "string", "format": "date"},
    "email": {"type": "string", "format": "email"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
}
"""How the lexicon says of what sort a value is."""


def describe_entity(
    kind: EntityDraft, modelling: DomainTools, kinds: EntityDrafts, said: EntityMeaning
) -> EntityMeaning:
    """What the rules know of a kind's rows: its identity, its states, all its fields."""
    own = modelling.about(kind.noun)
    schemas = {part: _identity_schema(part, kind, modelling) for part in kind.identity}
    schemas |= {name: schema for name, schema in kind.columns.items() if name not in schemas}
    for draft, models in sorted(own, key=lambda pair: _ORDER.index(pair[0].operation)):
        _add_missing(schemas, _columns_told_by(draft, models))
    given = set(schemas)
    _add_state(schemas, kind, [draft for draft, _ in own])
    if not kind.columns:
        sides = [draft.facet for draft, _ in own if draft.operation == "get" and draft.facet]
        texts = {side: dict(_SORTS["string"]) for side in sides if side != "id"}
        _add_missing(schemas, texts)  # the sides of a row that tools get: a job's logs
        _add_missing(schemas, _expect_fields(kind, schemas, own))
        _add_missing(schemas, _hold_ids(kind, own, modelling))
    for name, field in said.fields.items():
        if field.json_schema is not None:
            schemas[name] = dict(field.json_schema)
    fields = {
        name: _describe_field(name, schema, kind, kinds, said.fields.get(name), name in given)
        for name, schema in schemas.items()
    }
    parts = {
        leaf.path: _describe_field(
            leaf.name, leaf.schema, kind, kinds, said.parts.get(leaf.path), name in given
        )
        for name, schema in schemas.items()
        for leaf in leaves_within(schema, name)
    }
    state = said.state_field or status_field(schemas)
    choices = fields[state].choices if state and state in fields else None
    if state and state in said.fields and said.fields[state].choices:
        choices = said.fields[state].choices
    return with_origin(
        EntityMeaning(
            identity=kind.identity,
            state_field=state,
            states=tuple(one for one in choices or () if isinstance(one, str)),
            fields=fields,
            parts=parts,
        ),
        _LIKELY,
    )


def _describe_field(
    name: str,
    schema: JsonObject,
    kind: EntityDraft,
    kinds: EntityDrafts,
    said: FieldMeaning | None,
    given: bool,
) -> FieldMeaning:
    noun = told_reference(schema, kinds) or refers_to(name, kinds, kind.noun)
    semantic = element_semantic(name, schema)
    if name == "name" and kind.noun.rpartition(" ")[2] in _words("people"):
        semantic = "person_name"
    if said is not None and said.choices is not None:
        semantic = "enum"
    plain = plain_schema(schema)
    values = plain.get("enum")
    choices = [one for one in values if one is not None] if isinstance(values, list) else []
    scalar = all(isinstance(one, str | int | float) for one in choices)
    origin = Origin(source="schema") if given else Origin(source="rules", sure="guess")
    return with_origin(
        FieldMeaning(
            semantic=semantic if semantic != "unknown" else None,
            entity=None if name in kind.identity and noun == kind.noun else noun,
            choices=tuple(choices) if choices and scalar else None,
            min=_bound_of(plain, "minimum"),
            max=_bound_of(plain, "maximum"),
            json_schema=schema,
        ),
        _LIKELY,
        dict.fromkeys(("choices", "min", "max", "json_schema"), origin),
    )


def _bound_of(schema: JsonObject, key: str) -> float | None:
    """A bound that a number of floating point can hold exactly; others stay in the schema."""
    bound = schema.get(key)
    if isinstance(bound, bool) or not isinstance(bound, int | float) or abs(bound) >= _EXACT:
        return None
    return float(bound)


_EXACT = 2**53
_LIKELY = Origin(source="rules", sure="likely")
_ORDER = ("create", "update", "list", "get", "delete")


def _add_missing(schemas: dict[str, JsonObject], more: Mapping[str, JsonObject]) -> None:
    known = {snake(name) for name in schemas}
    for name, schema in more.items():
        if snake(name) not in known:
            schemas[name] = schema


def _identity_schema(part: str, kind: EntityDraft, modelling: DomainTools) -> JsonObject:
    """Give a part of the identity the schema of its column, or of a parameter that names it."""
    if part in kind.columns:
        return kind.columns[part]
    model = modelling.naming(part, kind.noun)
    if model is None:
        return dict(_SORTS["string"])
    schema = row_schema(model.schema)
    if model.semantic == "number_id" and schema.get("type") == "number":
        return {**schema, "type": "integer"}  # numbers that people quote are whole
    return schema


def _columns_told_by(draft: ToolDraft, models: Iterable[ParameterModel]) -> dict[str, JsonObject]:
    """Gather the columns that a tool's parameters write or compare with."""
    told: dict[str, JsonObject] = {}
    for model in models:
        if model.field is None or model.use in ("query", "option", "input"):
            continue
        top = model.field.partition(".")[0].partition("[")[0]
        whole = "." in model.field or model.path.endswith("[]")
        schema = _find_argument(draft, model.path) if whole else model.schema
        if model.use in ("minimum", "maximum") and model.semantic in ("date", "datetime"):
            schema = (
                _SORTS["datetime"]
                if model.semantic == "datetime"
                else {"type": "string", "format": "date"}
            )
        told.setdefault(top, row_schema(schema))
    return told


def _find_argument(draft: ToolDraft, path: str) -> JsonObject:
    """Find the schema of the list or object that a leaf lies in, below a batch or wrapper."""
    schema = draft.tool.parameters
    for name in path.replace("[]", "").split("."):
        part = members(schema).get(name)
        if part is None:
            return {}
        schema = plain_schema(part[0])
        if schema_type(schema) == "array":
            items = plain_schema(as_schema(schema.get("items")))
            batch = noun_words(name)[-1:] == (draft.noun.rpartition(" ")[2],)
            if not (batch and schema_type(items) == "object"):
                return schema
            schema = items
    return schema


def _add_state(schemas: dict[str, JsonObject], kind: EntityDraft, own: Sequence[ToolDraft]) -> None:
    """Give the rows a state where tools change it, and all the states where they name some."""
    name = status_field(schemas)
    if kind.columns and (name is not None or not any(target_state(draft) for draft in own)):
        return
    if kind.columns:
        return
    told = schemas[name].get("enum", []) if name else []
    states = states_of(own, [value for value in told if isinstance(value, str)])
    changes = [state for draft in own if (state := target_state(draft)) is not None]
    if name is None and changes:
        schemas["status"] = {"type": "string", "enum": states}
    elif name is not None and told:
        spelled = {spelled_state(state, schemas[name]) for state in changes}
        values = states if None in spelled else [v for v in told if v in states]
        schemas[name] = {**schemas[name], "enum": values or told}


def _expect_fields(
    kind: EntityDraft, schemas: Mapping[str, JsonObject], own: Sequence[Modelled]
) -> dict[str, JsonObject]:
    """Add what any service says of such a row: its name, and when it was made."""
    last = kind.noun.rpartition(" ")[2]
    expected: dict[str, JsonObject] = {}
    meanings = {semantic_type(name, schema) for name, schema in schemas.items()}
    telling = {"title", "person_name", "first_name"}
    meanings |= {"title"} if semantic_type(kind.key, {}) in _SPEAKING else set()
    speaking = {"text"} if last in _words("unnamed") else set()
    if not meanings & (telling | speaking) and last not in _words("unnamed") | {"commit"}:
        person = last in _words("people")
        expected["name"] = {"type": "string", **({"description": "Full name"} if person else {})}
    expected |= {
        name: _SORTS[sort]
        for name, sort in load_table("inference")["well_known"].get(last, {}).items()
    }
    if any(draft.operation == "create" for draft, _ in own):
        expected["created_at"] = dict(_SORTS["datetime"])
    return expected


_SPEAKING = ("path", "branch", "label", "sha")


def _hold_ids(
    kind: EntityDraft, own: Sequence[Modelled], modelling: DomainTools
) -> dict[str, JsonObject]:
    """Add the ids of things that no tool lists, where this kind's tools speak of them.

    So an order's id can be had from the user whose details "include their orders".
    """
    held: dict[str, JsonObject] = {}
    said = " ".join(draft.tool.description.lower() for draft, _ in own if draft.operation in _SHOWN)
    for other in modelling.hidden_in(said):
        if other.noun != kind.noun:
            name = plural(other.key.replace("_", " ")).replace(" ", "_")
            held[name] = {"type": "array", "items": _identity_schema(other.key, other, modelling)}
    return held


_SHOWN = ("get", "list")
