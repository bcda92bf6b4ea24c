"""The fields of each entity: all that its rows must hold, from every source.

In order: identity, the rows of given results, what tools write, what lists narrow by, the state,
and, for kinds whose rows no result shows, what a real service would say of them.
"""

import re
from collections.abc import Iterable, Mapping, Sequence, Set
from functools import lru_cache, partial
from itertools import chain
from typing import Any

from generators.identity_cache import Same
from generators.lexicon.meanings import (
    is_measured,
    meaning_beside,
    named_beside,
    number_meaning,
    tells_title,
    text_meaning,
)
from generators.lexicon.names import noun_words, snake
from generators.lexicon.nouns import (
    has_people,
    is_telling_head,
    named_as,
    plural,
    singular,
)
from generators.lexicon.tables import load_table, load_words
from generators.world.domain_tools import SHOWING, DomainTools, row_schema
from generators.world.entity_drafts import (
    EntityDraft,
    EntityDrafts,
    coded_kind,
    coded_reference,
    refers_to,
    told_reference,
)
from generators.world.model import ParameterModel
from generators.world.overrides import find_described, is_models, say, with_origin
from generators.world.promised_parts import list_owned, list_promised
from generators.world.schema_leaves import (
    SORTS,
    as_schema,
    leaves_within,
    members,
    path_top,
    plain_schema,
    schema_type,
)
from generators.world.semantics import element_semantic, sample_ids, semantic_type, shows_values
from generators.world.states import (
    spelled_state,
    states_of,
    status_field,
    target_state,
    told_states,
)
from generators.world.tool_drafts import ToolDraft
from generators.world.tool_names import names_row
from schemas.record import JsonObject
from schemas.semantic import SemanticType
from schemas.world_model import EntityMeaning, FieldMeaning, Origin

_words = partial(load_words, "inference")

_EXACT = 2**53
_SHAPING = ("pattern", "format", "minLength", "maxLength")
_NUMBERS = frozenset({"integer", "number"})
_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_LIKELY = Origin(source="rules", sure="likely")
_ORDER = ("create", "update", "list", "get", "delete")
_SPEAKING = ("path", "branch", "label", "sha")


def describe_entity(kind: EntityDraft, tools: DomainTools, said: EntityMeaning) -> EntityMeaning:
    """What the rules know of a kind's rows: its identity, its states, all its fields."""
    own = tools.about(kind.noun)
    drafts = [draft for draft, _ in own]
    schemas = {part: _identity_schema(part, kind, tools) for part in kind.identity}
    if len(schemas) == 1:
        schemas = {part: _show_ids(schema, kind, tools) for part, schema in schemas.items()}
    schemas |= {name: schema for name, schema in kind.columns.items() if name not in schemas}
    for draft, models in sorted(own, key=lambda pair: _ORDER.index(pair[0].operation)):
        _add_missing(schemas, _columns_told_by(draft, models))
        _bound_numbers(schemas, draft, models)
    # Of a part of the identity that neither results nor parameters have, nothing is known.
    bare = {part for part in kind.identity if _is_bare(part, kind, tools)}
    given = set(schemas) - bare
    if not kind.columns:
        _add_state(schemas, drafts)
        sides = [
            one.facet for one in drafts if one.operation == "get" and one.facet not in ("", "id")
        ]
        _add_missing(schemas, {side: _expect_side(side) for side in sides})  # a job's logs
        _add_missing(schemas, _expect_fields(kind, schemas, drafts, said, tools.kinds))
        # Ids of things that no tool lists, where they are told to belong to such rows.
        ids = {one.key: _identity_schema(one.key, one, tools) for one in tools.children(kind)}
        if any(draft.operation in SHOWING for draft, _ in tools.about(kind.noun)):
            noun = re.escape(kind.noun)
            place = rf"(?i)\b(?:in|from|of)\b[^.]*\b{noun}\b"
            # "ID of the campaign, ad set or ad" is that of one of these, and of nothing in them.
            its_own = (
                rf"(?i)\bids? of (?:an? |the )?(?:[\w ]+(?:, (?:or )?| or ))*(?:an? |the )?{noun}\b"
            )
            for name, schema in tools.homeless_of(kind.noun).items():
                told = str(schema.get("description", ""))
                if name not in schemas and re.search(place, told) and not re.search(its_own, told):
                    ids[name] = schema
        named = (
            (plural(name.replace("_", " ")).replace(" ", "_"), one) for name, one in ids.items()
        )
        _add_missing(schemas, {name: {"type": "array", "items": schema} for name, schema in named})
    made = _take_said(schemas, said, given, bare)
    fields = {
        name: _describe_field(
            name, schema, kind, tools.kinds, said.fields.get(name), name in given, schemas
        )
        for name, schema in schemas.items()
    }
    for name, origin in made.items():
        origins = {**fields[name].origins, "json_schema": origin}
        fields[name] = fields[name].model_copy(update={"origins": origins})
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
    return say(
        EntityMeaning,
        _LIKELY,
        identity=kind.identity,
        state_field=state,
        states=tuple(one for one in choices or () if isinstance(one, str)),
        fields=fields,
        parts=parts,
    )


def _take_said(
    schemas: dict[str, JsonObject], said: EntityMeaning, given: Set[str], bare: Set[str]
) -> dict[str, Origin]:
    """Take the fields that are said in among the schemas; answers those made of meanings alone.

    ``given``: those that the catalogue shows, ``bare``: what names rows and nothing shows.
    """
    made = dict[str, Origin]()
    described = find_described(said.fields)
    for name, field in said.fields.items():
        stands = name in given and is_models(field, "json_schema")
        if field.json_schema is not None:
            schema = dict(field.json_schema)
            schemas[name] = _narrow(schemas[name], schema) if stands else schema
        elif name in described and (name not in schemas or name in bare):
            schemas[name] = _schema_of(field)
            made[name] = next(one for one in field.origins.values() if one.source == "model")
    return made


def _narrow(schema: JsonObject, told: JsonObject) -> JsonObject:
    """The catalogue's schema, with the form that a model tells of values where it tells none."""
    shaped = (*_SHAPING, *_BOUNDS)
    if schema_type(schema) != schema_type(told) or schema.keys() & {*shaped, "enum", "const"}:
        return schema
    return {**schema, **{key: told[key] for key in shaped if key in told}}


def _describe_field(
    name: str,
    schema: JsonObject,
    kind: EntityDraft,
    kinds: EntityDrafts,
    said: FieldMeaning | None,
    given: bool,
    beside: Iterable[str] = (),
) -> FieldMeaning:
    """``beside``: what else the row has, where that is known."""
    semantic = element_semantic(name, schema)
    if beside:
        told = str(schema.get("description", ""))
        semantic = meaning_beside(semantic, name, told, chain(beside, kinds.words))
    if semantic == "money" and is_measured(name, kind.spellings):
        semantic = "number"
    noun = told_reference(schema, kinds) or refers_to(name, kinds, kind.noun)
    noun = noun or coded_reference(semantic, kinds)
    if said is not None and said.entity == "":
        noun = None
    people = kind.noun.rpartition(" ")[2] in _words("people") and has_people(kind.noun)
    if name == "name" and people:
        semantic = "person_name"
    if said is not None and said.choices is not None:
        semantic = "enum"
    entity = None if name in kind.identity and noun == kind.noun else noun
    label = tells_title(name, str(schema.get("description", ""))) or None
    return _write_field(Same(schema), semantic, entity, label, given)


@lru_cache(maxsize=1024)
def _write_field(
    of: Same[JsonObject], semantic: SemanticType, entity: str | None, label: str | None, given: bool
) -> FieldMeaning:
    """One and the same for all fields of one schema that mean the same."""
    schema = of.it
    plain = plain_schema(schema)
    values = plain.get("enum")
    choices = [one for one in values if one is not None] if isinstance(values, list) else []
    scalar = all(isinstance(one, str | int | float) for one in choices)
    # Bounds that a number of floating point can hold exactly; others stay in the schema.
    bounds: list[Any] = [plain.get("minimum"), plain.get("maximum")]
    least, most = (
        float(one) if type(one) in (int, float) and abs(one) < _EXACT else None for one in bounds
    )
    if least is not None and most is not None and least > most:  # no value is between them
        least = most = None
    origin = Origin(source="schema") if given else Origin(source="rules", sure="guess")
    return with_origin(
        FieldMeaning(
            semantic=semantic if semantic != "unknown" else None,
            entity=entity,
            label=label,
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
    return SORTS["integer" if counted else "string"]


def _add_missing(schemas: dict[str, JsonObject], more: Mapping[str, JsonObject]) -> None:
    known = {snake(name): name for name in schemas}
    for name, schema in more.items():
        held = schemas.get(known.get(snake(name), ""))
        if held is None:
            schemas[name] = schema
        elif held.get("type") == "string" == schema.get("type"):
            said_of = {"enum", "const", "format", "anyOf", "oneOf", "allOf", "default", *_SHAPING}
            choices, untold = schema.get("enum"), said_of.isdisjoint(held)
            shown = {str(one) for one in held.get("examples", ())}
            before, said = (str(one.get("description") or "") for one in (held, schema))
            if isinstance(choices, list) and untold and shown <= {str(one) for one in choices}:
                # A text of which nobody says what it may be is one of the values told elsewhere.
                schemas[known[snake(name)]] = {**held, "enum": choices}
            elif "enum" not in held and shows_values(said) and not shows_values(before):
                # What shows values tells more than what only says what they are for.
                schemas[known[snake(name)]] = {**held, "description": said}


def _bound_numbers(
    schemas: dict[str, JsonObject], draft: ToolDraft, models: Iterable[ParameterModel]
) -> None:
    """Let a number that says nothing of its bounds be one that may be written."""
    known = {snake(name): name for name in schemas}
    writes = draft.operation in ("create", "update")
    for model in models:
        name = known.get(snake(model.field or ""))
        if not (writes and name and model.use == "field") or "[" in model.path:
            continue
        held, told = (
            schemas[name],
            {key: model.schema[key] for key in _BOUNDS if key in model.schema},
        )
        numbers = {schema_type(held), schema_type(model.schema)} <= _NUMBERS
        if (
            told
            and numbers
            and held.keys().isdisjoint((*_BOUNDS, "enum", "anyOf", "oneOf", "allOf"))
        ):
            schemas[name] = {**held, **told}


def _identity_schema(part: str, kind: EntityDraft, tools: DomainTools) -> JsonObject:
    """Give a part of the identity the schema of its column, or of a parameter that names it."""
    column, model = kind.columns.get(part), tools.naming(part, kind.noun)
    coded = coded_kind(kind.noun) if part == "code" and column is None and model is None else ""
    if coded:
        return {**SORTS["string"], "description": coded}
    if model is None:
        return SORTS["string"] if column is None else column
    titled = (
        one.schema
        for _, models in tools.about(kind.noun)
        for one in models
        if snake(one.name) == snake(part) != snake(model.name)
        and tells_title(one.name, str(one.schema.get("description", "")))
    )
    if column is None and (written := next(titled, None)) is not None:
        return row_schema(written)  # as it is written, whatever others call it
    schema = row_schema(model.schema)
    if column is not None:  # a result may show less of an identifier's form than its parameter
        same = schema_type(schema) == schema_type(column) == "string"
        told = {key: schema[key] for key in _SHAPING if key in schema and key not in column}
        shown = schema.get("examples", ()) if names_row(model.name, kind.noun) else ()
        one = [str(each).partition(",")[0] for each in shown]  # of ids that are listed the first
        told |= {"examples": one} if one and "examples" not in column else {}
        return {**column, **told} if same and told and "enum" not in column else column
    if model.semantic == "number_id" and schema.get("type") == "number":
        return {**schema, "type": "integer"}  # numbers that people quote are whole
    return schema


def _is_bare(part: str, kind: EntityDraft, tools: DomainTools) -> bool:
    """Whether nothing shows what a part of the identity is like."""
    coded = part == "code" and coded_kind(kind.noun)
    return not coded and part not in kind.columns and tools.naming(part, kind.noun) is None


_TYPES: Mapping[SemanticType, str] = {
    **dict.fromkeys(("count", "number_id", "duration"), "integer"),
    **dict.fromkeys(("money", "percent", "rating", "latitude", "longitude"), "number"),
}


def _schema_of(field: FieldMeaning) -> JsonObject:
    """The schema of a field of which only the meaning is told; a text where nothing tells more."""
    values = [*(field.choices or ()), *field.examples]
    kinds = {schema_type({"const": one}) for one in values}
    if kinds and kinds <= {"integer", "number"}:
        return SORTS["integer" if kinds == {"integer"} else "number"]
    if kinds:
        return SORTS["boolean" if kinds == {"boolean"} else "string"]
    semantic = field.semantic or "unknown"
    if semantic == "list":
        return {"type": "array", "items": SORTS["string"]}
    if semantic == "object":
        return {"type": "object"}
    bounded = field.min is not None or field.max is not None
    return SORTS[
        _TYPES.get(semantic, semantic if semantic in SORTS else "number" if bounded else "string")
    ]


def _show_ids(schema: JsonObject, kind: EntityDraft, tools: DomainTools) -> JsonObject:
    """Give an identity that shows no form of its own the ids that others show who name the rows."""
    shown = tools.told_ids.get(kind.noun, ())
    # "The ID for the track" has one form, in whatever the track stands.
    same = str(schema.get("description", "")).lower()
    if not shown and kind.noun.rpartition(" ")[2] in same.split() + same.rstrip(".").split():
        shown = tuple(tools.shown_ids.get(same, ()))
    shaped = any(key in schema for key in (*_SHAPING, "enum", "examples"))
    own = semantic_type(kind.key, schema) == "opaque_id" and schema_type(schema) == "string"
    if not own or shaped or sample_ids(str(schema.get("description", ""))):
        return schema
    return {**schema, "examples": [*shown]} if shown else schema


def _columns_told_by(draft: ToolDraft, models: Iterable[ParameterModel]) -> dict[str, JsonObject]:
    """Gather the columns that a tool's parameters write or compare with."""
    told: dict[str, JsonObject] = {}
    reads = draft.operation in SHOWING
    for model in models:
        if model.field is None or model.use in ("query", "option", "input"):
            continue
        named = model.field.strip("[]") if model.field.startswith("[") else ""
        naming = next((one for one in models if named and one.name == named), None)
        if naming is not None:  # whatever another parameter names
            for name in naming.schema.get("enum", ()):
                told.setdefault(snake(name), SORTS["string"])
            continue
        schema = model.schema
        one_of = snake(singular(model.name))
        of_many = model.field == one_of != snake(model.name)  # any of several statuses
        if "." in model.field or (model.path.endswith("[]") and not of_many):
            # That of the list or object that the leaf lies in, below a batch or wrapper.
            whole: JsonObject = {}
            steps, schema = model.path.replace("[]", "").split("."), draft.tool.parameters
            outer = len(steps) - len(model.field.split("."))
            for depth, name in enumerate(steps[: max(outer, 0) + 1]):
                whole = members(schema).get(name, ({}, False))[0]
                schema = plain_schema(whole)
                if depth < outer and schema_type(schema) == "array":
                    whole = schema = plain_schema(as_schema(schema.get("items")))
            schema = whole
        if model.use in ("minimum", "maximum") and model.semantic in ("date", "datetime"):
            schema = SORTS[model.semantic]
        of_row = row_schema(schema)
        told.setdefault(path_top(model.field), _drop_every(of_row) if reads else of_row)
    return told


def _drop_every(schema: JsonObject) -> JsonObject:
    """A schema of what rows are asked for by, without the choices that mean all, or several."""
    values = schema.get("enum")
    if not values:
        return schema
    every = _words("every") | _words("several")
    left = [one for one in values if not (isinstance(one, str) and one.lower() in every)]
    return {**schema, "enum": left} if left and len(left) < len(values) else schema


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
        # Archiving a call is none of ``BUSY`` and ``COMPLETED``: choices in capitals are all.
        whole = all(isinstance(one, str) and one.isupper() for one in told)
        values = [v for v in told if v in states] if whole or None not in spelled else states
        schemas[name] = {**schemas[name], "enum": values or told}


def _hide_guessed(field: FieldMeaning, told: frozenset[str]) -> FieldMeaning:
    """The field of a state, which says nothing of states that nobody tells."""
    known = tuple(one for one in field.choices or () if one in told)
    if not known or len(known) == len(field.choices or ()):
        return field
    origins = {**field.origins, "only_in": Origin(source="rules", sure="guess")}
    return field.model_copy(update={"only_in": known, "origins": origins})


def _expect_fields(
    kind: EntityDraft,
    schemas: Mapping[str, JsonObject],
    own: Sequence[ToolDraft],
    said: EntityMeaning,
    kinds: EntityDrafts,
) -> dict[str, JsonObject]:
    """Add what any service says of such a row: its name, and when it was made; a promised rating.

    Who says what fields it has, or what people call it by, has said what it is called.
    """
    last = kind.noun.rpartition(" ")[2]
    expected: dict[str, JsonObject] = {}
    meanings = {semantic_type(name, schema) for name, schema in schemas.items()}
    named = (
        semantic_type(kind.key, {}) in _SPEAKING or last == "commit" or last in _words("unnamed")
    )
    key = schemas.get(kind.key, {})
    described = str(key.get("description", "")).lower()
    called = described in (f"{last} name", f"the {last} name", f"name of the {last}")
    named = named or (called and semantic_type(kind.key, key) == "unknown")
    written = (one for draft in own if draft.operation == "create" for one in draft.required)
    if last in _words("worded"):  # a note that is written without a title has none
        named = named or any(snake(one.name) in _words("new_texts") for one in written)
    person = last in _words("people") and has_people(kind.noun)
    speaking = meanings.isdisjoint(("title", "person_name", "first_name"))
    named |= bool(said.named_by) and "name" not in said.named_by
    # What accounts are called that hold no money, only their service knows.
    tools = (text for draft in own for text in (draft.tool.name, draft.tool.description))
    named |= named_beside(kind.noun, chain(kinds, schemas, tools)) != kind.noun
    if not named and speaking and (person or named_as(kind.noun)):
        expected["name"] = {"type": "string", **({"description": "Full name"} if person else {})}
    telling = last if is_telling_head(kind.noun) else kind.noun  # an invite code is no source
    known = load_table("inference")["well_known"].get(telling, {})
    beside = load_table("inference")["well_known_beside"].get(telling)
    if not find_described(said.fields) and (beside is None or not kinds.words.isdisjoint(beside)):
        expected |= {name: SORTS[sort] for name, sort in known.items()}
    texts = [draft.tool.description for draft in own if draft.operation in SHOWING]
    promised = {
        *chain.from_iterable(chain(list_owned(text), *list_promised(text)) for text in texts)
    }
    if promised.difference(*map(noun_words, chain(schemas, expected))) == {"rating"}:
        expected["rating"] = SORTS["number"]
    if last != "branch" and any(draft.operation == "create" for draft in own):
        expected["created_at"] = SORTS["datetime"]
    return expected
