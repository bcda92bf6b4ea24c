"""The fields of each entity: all that its rows must hold, from every source.

In order: identity, the rows of given results, what tools write, what lists narrow by, the state,
and, for kinds whose rows no result shows, what a real service would say of them.
"""

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Literal

from generators.lexicon.meanings import number_meaning, text_meaning
from generators.lexicon.names import noun_words, snake
from generators.lexicon.nouns import named_as, plural
from generators.lexicon.tables import load_table, load_words
from generators.lexicon.verbs import Operation
from generators.world.entity_drafts import (
    EntityDraft,
    EntityDrafts,
    coded_kind,
    coded_reference,
    refers_to,
    told_reference,
)
from generators.world.model import ParameterModel
from generators.world.overrides import with_origin
from generators.world.schema_leaves import (
    SORTS,
    as_schema,
    leaves_within,
    members,
    path_top,
    plain_schema,
    schema_type,
)
from generators.world.semantics import element_semantic, semantic_type
from generators.world.states import (
    spelled_state,
    states_of,
    status_field,
    target_state,
    told_states,
)
from generators.world.tool_drafts import ToolDraft
from schemas.record import JsonObject
from schemas.semantic import SemanticType
from schemas.world_model import EntityMeaning, FieldMeaning, Origin

_words = partial(load_words, "inference")

Modelled = tuple[ToolDraft, tuple[ParameterModel, ...]]
_KEPT = (
    "type", "enum", "format", "items", "properties", "required", "description", "pattern", "const",
    "contentEncoding", "contentMediaType", "examples", "minLength", "maxLength", "minItems",
    "maxItems", "uniqueItems", "prefixItems", "additionalProperties", "patternProperties",
    "propertyNames", "minProperties",
)  # fmt: skip
_WORD = re.compile(r"\w+")
_SHAPING = ("pattern", "format", "minLength", "maxLength")
_NAMING = ("identity", "field", "reference", "filter")

_Sign = tuple[str, str | None, str]
"""How a parameter's name is had, the name, and the noun whose row it names; ``""`` for any."""


def _first_word(text: str) -> str:
    return next(iter(_WORD.findall(text.lower())), "")


@dataclass(frozen=True)
class DomainTools:
    """All tools of one domain."""

    pairs: Sequence[Modelled]
    kinds: EntityDrafts

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

    @cached_property
    def hidden(self) -> list[tuple[EntityDraft, str]]:
        """The kinds of which rows are asked for by id and no tool tells ids, and their plurals."""
        found = []
        for kind in self.kinds.values():
            own = self.about(kind.noun)
            asked = ((one.use, one.field) for _, models in own for one in models)
            listed = any(draft.operation == "list" for draft, _ in own)
            if listed or kind.columns or kind.scope:
                continue
            if ("identity", kind.key) in asked:
                found.append((kind, plural(kind.noun)))
        return found

    def children(self, kind: EntityDraft) -> list[EntityDraft]:
        """The hidden kinds whose rows belong to rows of this kind.

        Its tools speak of them ("a user's details include their orders"), or theirs refer to it.
        """
        shown = [draft for draft, _ in self.about(kind.noun) if draft.operation in _SHOWN]
        told = " ".join(draft.tool.description.lower() for draft in shown)
        found = {
            at
            for word in _WORD.findall(told)
            for at, spoken in self._hidden_by_word.get(word, ())
            if f" {spoken}" in told
        }
        if any(draft.operation == "get" for draft in shown):
            found.update(self._hidden_by_owner.get(kind.noun, ()))
        children = (self.hidden[at][0] for at in sorted(found))
        return [one for one in children if one is not kind]

    @cached_property
    def _hidden_by_word(self) -> dict[str, list[tuple[int, str]]]:
        """First word of a hidden kind's plural → its place among them, and the plural."""
        found: dict[str, list[tuple[int, str]]] = {}
        for at, (_, spoken) in enumerate(self.hidden):
            found.setdefault(_first_word(spoken), []).append((at, spoken))
        return found

    @cached_property
    def _hidden_by_owner(self) -> dict[str, list[int]]:
        """Noun → the places of the hidden kinds of which a row is made for one of its rows."""
        found: dict[str, list[int]] = {}
        for at, (one, _) in enumerate(self.hidden):
            made = (models for draft, models in self.about(one.noun) if draft.operation == "create")
            for model in (model for models in made for model in models):
                if model.use == "reference" and model.required and "[]" not in model.path:
                    found.setdefault((model.entity or "").rpartition("/")[2], []).append(at)
        return found

    @cached_property
    def homeless(self) -> dict[str, JsonObject]:
        """Name → schema of the ids that tools ask for, of things that no tool deals with."""
        kinds = self.kinds.values()
        shown = {snake(name) for kind in kinds for name in (*kind.identity, *kind.columns)}
        found: dict[str, JsonObject] = {}
        for _, models in self.pairs:
            for model in models:
                name = snake(model.name)
                if model.semantic == "opaque_id" and not model.entity and name not in shown:
                    found.setdefault(name, row_schema(model.schema))
                    said = str(model.schema.get("description", ""))
                    if len(said) > len(str(found[name].get("description", ""))):
                        found[name] = row_schema(model.schema)
        return found

    def homeless_of(self, noun: str) -> dict[str, JsonObject]:
        """Those ids whose descriptions hold the first word of a noun."""
        return self._homeless_by_word.get(_first_word(noun), {})

    @cached_property
    def _homeless_by_word(self) -> dict[str, dict[str, JsonObject]]:
        found: dict[str, dict[str, JsonObject]] = {}
        for name, schema in self.homeless.items():
            for word in _WORD.findall(str(schema.get("description", "")).lower()):
                found.setdefault(word, {})[name] = schema
        return found

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
            naming = model.use in _NAMING and not model.path.endswith("[]")
            if naming and schema_type(row_schema(model.schema)):
                for whose in ((model.entity or "").rpartition("/")[2], ""):
                    first.setdefault(("field", model.field, whose), (number, model))
                    first.setdefault(("name", snake(model.name), whose), (number, model))
        return first


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


_EXACT = 2**53
_LIKELY = Origin(source="rules", sure="likely")
_ORDER = ("create", "update", "list", "get", "delete")
_SHOWN = ("get", "list")
_SPEAKING = ("path", "branch", "label", "sha")


def describe_entity(kind: EntityDraft, tools: DomainTools, said: EntityMeaning) -> EntityMeaning:
    """What the rules know of a kind's rows: its identity, its states, all its fields."""
    own = tools.about(kind.noun)
    drafts = [draft for draft, _ in own]
    schemas = {part: _identity_schema(part, kind, tools) for part in kind.identity}
    schemas |= {name: schema for name, schema in kind.columns.items() if name not in schemas}
    for draft, models in sorted(own, key=lambda pair: _ORDER.index(pair[0].operation)):
        _add_missing(schemas, _columns_told_by(draft, models))
    given = set(schemas)
    if not kind.columns:
        _add_state(schemas, drafts)
        sides = [
            one.facet for one in drafts if one.operation == "get" and one.facet not in ("", "id")
        ]
        _add_missing(schemas, {side: _expect_side(side) for side in sides})  # a job's logs
        _add_missing(schemas, _expect_fields(kind, schemas, drafts))
        _add_missing(schemas, _list_children(kind, tools, schemas))
    for name, field in said.fields.items():
        if field.json_schema is not None:
            schemas[name] = dict(field.json_schema)
    fields = {
        name: _describe_field(name, schema, kind, tools.kinds, said.fields.get(name), name in given)
        for name, schema in schemas.items()
    }
    parts = {
        leaf.path: _describe_field(
            leaf.name, leaf.schema, kind, tools.kinds, said.parts.get(leaf.path), name in given
        )
        for name, schema in schemas.items()
        for leaf in leaves_within(schema, name)
    }
    state = said.state_field or status_field(schemas)
    if state and not kind.columns and state not in given and not said.states:
        fields[state] = _hide_guessed(fields[state], told_states(drafts))
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


def _list_children(
    kind: EntityDraft, tools: DomainTools, held: Container[str]
) -> dict[str, JsonObject]:
    """Ids of things that no tool lists, where they are told to belong to such rows.

    An order's id can be had from the user whose details "include their orders", a payment's from
    the user in whose profile it is "stored".
    """
    ids = {one.key: _identity_schema(one.key, one, tools) for one in tools.children(kind)}
    if any(draft.operation in _SHOWN for draft, _ in tools.about(kind.noun)):
        place = re.compile(rf"\b(?:in|from|of)\b[^.]*\b{re.escape(kind.noun)}\b", re.IGNORECASE)
        for name, schema in tools.homeless_of(kind.noun).items():
            if name not in held and place.search(str(schema.get("description", ""))):
                ids[name] = schema
    named = ((plural(name.replace("_", " ")).replace(" ", "_"), one) for name, one in ids.items())
    return {name: {"type": "array", "items": schema} for name, schema in named}


def _describe_field(
    name: str,
    schema: JsonObject,
    kind: EntityDraft,
    kinds: EntityDrafts,
    said: FieldMeaning | None,
    given: bool,
) -> FieldMeaning:
    semantic = element_semantic(name, schema)
    noun = told_reference(schema, kinds) or refers_to(name, kinds, kind.noun)
    noun = noun or coded_reference(semantic, kinds)
    if name == "name" and kind.noun.rpartition(" ")[2] in _words("people"):
        semantic = "person_name"
    if said is not None and said.choices is not None:
        semantic = "enum"
    plain = plain_schema(schema)
    values = plain.get("enum")
    choices = [one for one in values if one is not None] if isinstance(values, list) else []
    scalar = all(isinstance(one, str | int | float) for one in choices)
    # Bounds that a number of floating point can hold exactly; others stay in the schema.
    bounds: list[Any] = [plain.get("minimum"), plain.get("maximum")]
    least, most = (
        float(one) if type(one) in (int, float) and abs(one) < _EXACT else None for one in bounds
    )
    origin = Origin(source="schema") if given else Origin(source="rules", sure="guess")
    return with_origin(
        FieldMeaning(
            semantic=semantic if semantic != "unknown" else None,
            entity=None if name in kind.identity and noun == kind.noun else noun,
            choices=tuple(choices) if choices and scalar else None,
            min=least,
            max=most,
            json_schema=schema,
        ),
        _LIKELY,
        dict.fromkeys(("choices", "min", "max", "json_schema"), origin),
    )


def _expect_side(side: str) -> JsonObject:
    """What one side of a row is, by its name alone: a count is a number, all else a text."""
    counted = text_meaning(side, "") == "unknown" and number_meaning(side, "", True) == "count"
    return dict(SORTS["integer" if counted else "string"])


def _add_missing(schemas: dict[str, JsonObject], more: Mapping[str, JsonObject]) -> None:
    known = {snake(name) for name in schemas}
    for name, schema in more.items():
        if snake(name) not in known:
            schemas[name] = schema


def _identity_schema(part: str, kind: EntityDraft, tools: DomainTools) -> JsonObject:
    """Give a part of the identity the schema of its column, or of a parameter that names it."""
    column, model = kind.columns.get(part), tools.naming(part, kind.noun)
    coded = coded_kind(kind.noun) if part == "code" and column is None and model is None else ""
    if coded:
        return {**SORTS["string"], "description": coded}
    if model is None:
        return dict(SORTS["string"]) if column is None else column
    schema = row_schema(model.schema)
    if column is not None:  # a result may show less of an identifier's form than its parameter
        same = schema_type(schema) == schema_type(column) == "string"
        told = {key: schema[key] for key in _SHAPING if key in schema and key not in column}
        return {**column, **told} if same and told and "enum" not in column else column
    if model.semantic == "number_id" and schema.get("type") == "number":
        return {**schema, "type": "integer"}  # numbers that people quote are whole
    return schema


def _columns_told_by(draft: ToolDraft, models: Iterable[ParameterModel]) -> dict[str, JsonObject]:
    """Gather the columns that a tool's parameters write or compare with."""
    told: dict[str, JsonObject] = {}
    for model in models:
        if model.field is None or model.use in ("query", "option", "input"):
            continue
        named = model.field.strip("[]") if model.field.startswith("[") else ""
        naming = next((one for one in models if named and one.name == named), None)
        if naming is not None:  # whatever another parameter names
            for name in naming.schema.get("enum", ()):
                told.setdefault(snake(name), dict(SORTS["string"]))
            continue
        schema = model.schema
        if "." in model.field or model.path.endswith("[]"):
            # That of the list or object that the leaf lies in, below a batch or wrapper.
            steps, schema = model.path.replace("[]", "").split("."), draft.tool.parameters
            outer = len(steps) - len(model.field.split("."))
            for depth, name in enumerate(steps[: max(outer, 0) + 1]):
                schema = plain_schema(members(schema).get(name, ({}, False))[0])
                if depth < outer and schema_type(schema) == "array":
                    schema = plain_schema(as_schema(schema.get("items")))
        if model.use in ("minimum", "maximum") and model.semantic in ("date", "datetime"):
            schema = SORTS[model.semantic]
        told.setdefault(path_top(model.field), row_schema(schema))
    return told


def _add_state(schemas: dict[str, JsonObject], own: Sequence[ToolDraft]) -> None:
    """Give the rows a state where tools change it, and all the states where they name some."""
    name = status_field(schemas)
    told = schemas[name].get("enum", []) if name else []
    states = states_of(own, [value for value in told if isinstance(value, str)])
    changes = [state for draft in own if (state := target_state(draft)) is not None]
    if name is None and changes:
        schemas["status"] = {"type": "string", "enum": states}
    elif name is not None and told:
        spelled = {spelled_state(state, schemas[name]) for state in changes}
        values = states if None in spelled else [v for v in told if v in states]
        schemas[name] = {**schemas[name], "enum": values or told}


def _hide_guessed(field: FieldMeaning, told: frozenset[str]) -> FieldMeaning:
    """The field of a state, which says nothing of states that nobody tells."""
    known = tuple(one for one in field.choices or () if one in told)
    if not known or len(known) == len(field.choices or ()):
        return field
    origins = {**field.origins, "only_in": Origin(source="rules", sure="guess")}
    return field.model_copy(update={"only_in": known, "origins": origins})


def _expect_fields(
    kind: EntityDraft, schemas: Mapping[str, JsonObject], own: Sequence[ToolDraft]
) -> dict[str, JsonObject]:
    """Add what any service says of such a row: its name, and when it was made."""
    last = kind.noun.rpartition(" ")[2]
    expected: dict[str, JsonObject] = {}
    meanings = {semantic_type(name, schema) for name, schema in schemas.items()}
    named = semantic_type(kind.key, {}) in _SPEAKING or last in _words("unnamed") | {"commit"}
    person = last in _words("people")
    speaking = meanings.isdisjoint(("title", "person_name", "first_name"))
    if not named and speaking and (person or named_as(kind.noun)):
        expected["name"] = {"type": "string", **({"description": "Full name"} if person else {})}
    known = load_table("inference")["well_known"].get(last, {})
    expected |= {name: SORTS[sort] for name, sort in known.items()}
    if any(draft.operation == "create" for draft in own):
        expected["created_at"] = dict(SORTS["datetime"])
    return expected


_MOST_COLUMNS = 8
"""Of a row in a list; identity and the state come first."""
_UNLIKE = ("opaque_id", "number_id", "sha", "person_name", "first_name", "last_name", "email",
           "phone")  # fmt: skip
"""Meanings of which every row has its own value, whatever lists are narrowed by."""
_TELLING = ("money", "date", "datetime", "rating", "email", "enum")

Value = Literal["string", "number", "boolean", "datetime"]


def choose_value(draft: ToolDraft) -> Value:
    """Say what a tool without rows gives."""
    words = {draft.reading.verb, *draft.noun.split(), *draft.tool.clear_name.lower().split("_")}
    gives: Mapping[Value, list[str]] = load_table("inference")["gives"]
    return next((value for value, signs in gives.items() if words & set(signs)), "string")


def choose_shown(
    draft: ToolDraft, entity: EntityMeaning, searched: frozenset[str], unsure: frozenset[str]
) -> tuple[str, ...]:
    """Name the fields of a row that the tool's result shows; of ``unsure`` ones none.

    A list leaves out what only those get to see who ask for it, such as a job's logs, and what is
    too much; a tool that gets one side of a row shows that side alone.
    """
    identity = entity.identity or ()
    if draft.operation == "delete":
        return identity
    if target_state(draft) is None and {*map(str.lower, entity.states)} <= _words("personal"):
        unsure |= {snake(entity.state_field or "")}
    if draft.operation == "get" and draft.facet:
        side = [name for name in entity.fields if snake(name) == snake(draft.facet)]
        return tuple(dict.fromkeys((*identity, *side[:1])))
    shown = [
        name
        for name in entity.fields
        if snake(name) not in unsure and _words("unshown").isdisjoint(noun_words(name)[-1:])
    ]
    if draft.operation != "list":
        return tuple(shown)

    def rank(name: str) -> int:
        """0 for what a list cannot do without, 6 for what it may leave out."""
        field = entity.fields[name]
        if name in identity:
            return 0
        named = field.semantic in ("title", "person_name", "first_name", "last_name")
        if named or snake(name) in ("status", "state"):
            return 1
        if field.entity or field.semantic == "opaque_id":
            return 2
        if field.semantic in _TELLING or (name in searched and is_shared(field.semantic)):
            return 3
        kind = schema_type(dict(field.json_schema or {}))
        return {"object": 6, "array": 5}.get(kind, 5 if field.semantic == "text" else 4)

    chosen = set(sorted(shown, key=rank)[: max(_MOST_COLUMNS, len(identity) + 2)])
    return tuple(name for name in entity.fields if name in chosen)


def is_shared(semantic: SemanticType | None) -> bool:
    """Whether rows may have the same value of this meaning, so that a search finds several."""
    return semantic not in _UNLIKE


def searched_fields(
    own: Iterable[tuple[Operation, Iterable[ParameterModel]]],
) -> frozenset[str]:
    """Gather the fields that an entity's lists narrow by equality."""
    return frozenset(
        path_top(model.field)
        for operation, models in own
        if operation == "list"
        for model in models
        if model.use == "filter" and model.field
    )
