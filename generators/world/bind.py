"""Binds a world model to its tools: from what is said of them to what is executed and spoken.

The model says what tools, parameters, entities and fields mean; the tools have the schemas. Both
together are a `World`. Nothing is inferred here, and nothing is refused: `generators.world.check`
has been asked before.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from generators.identity_cache import Same
from generators.lexicon.date_field_names import START, came_out, is_expiry, lies_ahead, stage_of
from generators.lexicon.names import snake, split_words
from generators.lexicon.tables import load_table, load_words
from generators.world.known_answers import find_answer
from generators.world.model import (
    OPERATION_OF,
    Entity,
    Field,
    ParameterModel,
    ToolModel,
    World,
    split_entity_key,
)
from generators.world.needed_parameters import find_nameless, with_needed
from generators.world.row_relations import is_one_for_all
from generators.world.schema_leaves import (
    leaves_of,
    listed_schema,
    members,
    path_top,
    plain_schema,
    result_row,
    schema_type,
)
from generators.world.semantics import with_told_choices
from generators.world.shown_fields import infer_returns, is_shared, searched_fields
from generators.world.states import spelled_state
from generators.world.tool_names import is_of_section
from schemas.demand import Demand, Scalar, Side
from schemas.record import JsonObject
from schemas.semantic import SemanticType
from schemas.tool import ToolSpec
from schemas.world_model import (
    EntityMeaning,
    FieldMeaning,
    Origin,
    ParameterMeaning,
    ToolMeaning,
    WorldModel,
)

_TOLD, _CONCLUDED, _UNSAID = Origin(source="file"), Origin(source="rules"), ParameterMeaning()
"""What stands where no origin, and nothing of a parameter, is told."""


def bind_world(tools: Sequence[ToolSpec], model: WorldModel) -> World:
    """The world of these tools, every one of which the model has to know."""
    by_name = {tool.wire_name: tool for tool in tools}
    entities = {key: _bind_entity(key, one, model.entities) for key, one in model.entities.items()}
    models = {
        name: _bind_tool(by_name[name], meaning, entities) for name, meaning in model.tools.items()
    }
    for key, noun in find_plainer_nouns(model.entities, models.values()).items():
        entities[key] = replace(entities[key], noun=noun)
        own_tools = [name for name, one in models.items() if one.entity == key]
        models |= {name: replace(models[name], noun=noun) for name in own_tools}
    own: dict[str | None, list[ToolModel]] = {key: [] for key in (None, *entities)}
    for one in models.values():
        own[one.entity].append(one)
    optional: dict[str | None, frozenset[str]] = {None: frozenset()}
    lists = (one for one in models.values() if one.operation == "list")
    listed = {one.entity for one in lists if not any(p.required for p in one.parameters)}
    for key, entity in entities.items():
        optional[key] = _partly_had(entity, own[key])
        fields = _mark_fields(entity, own[key], model.entities[key], listed)
        entities[key] = replace(entity, fields=fields, sometimes=optional[key])
    known = _find_identified(models.values(), entities)
    for name, one in models.items():
        if one.returns_inferred:
            about = entities[one.entity] if one.entity is not None else None
            meant = model.tools[name]
            if about is not None and one.operation == "update" and about.key not in known:
                written = {path_top(p.field or "") for p in one.parameters}
                written |= {about.state_field or ""} if one.transition else set()
                shows = tuple(part for part in meant.shows if part in written - {*about.identity})
                meant = meant.model_copy(update={"shows": shows})
            if one.act == "transition" and one.transition is None:
                meant = meant.model_copy(update={"shows": ()})  # it would show the row as it was
            answer = find_answer(one.tool) if about is None else None
            schema = (
                answer.returns
                if answer
                else infer_returns(meant, one, about, optional[one.entity], entities)
            )
            models[name] = replace(one, returns=schema)
    return World(models, entities, dict(model.domains))


# Entities -------------------------------------------------------------------------------------


def _bind_entity(key: str, meaning: EntityMeaning, keys: Collection[str]) -> Entity:
    """``keys``: of all entities."""
    domain, noun = split_entity_key(key)
    return Entity(
        key=key,
        noun=noun,
        domain=domain,
        identity=meaning.identity or (f"{noun.replace(' ', '_')}_id",),
        fields=_bind_fields(meaning, domain),
        parts={path: _bind_field(path, Same(one), domain) for path, one in meaning.parts.items()},
        plural=meaning.plural,
        named_by=meaning.named_by,
        owner=f"{domain}/{meaning.owner}" if f"{domain}/{meaning.owner}" in keys else None,
        is_users=bool(meaning.owner) and f"{domain}/{meaning.owner}" not in keys,
        state_field=meaning.state_field,
        states=meaning.states,
        start=meaning.start,
        follows=meaning.follows,
        constraints=meaning.constraints,
        binding=meaning.origins.get("constraints", _TOLD).source != "rules",
        number=meaning.number,
        group=meaning.group,
        rows=meaning.rows,
    )


def _bind_fields(meaning: EntityMeaning, domain: str) -> dict[str, Field]:
    """The fields; where the values of one imply what names the row, that leads and implies them."""
    fields = {name: _bind_field(name, Same(one), domain) for name, one in meaning.fields.items()}
    key = fields.get("".join(meaning.identity or ()))
    if key is None or key.examples:
        return fields
    for name, lead in fields.items():
        held_ids = (held.get(key.name) for held in lead.implies.values())
        ids = [one for one in held_ids if isinstance(one, str | int)]
        if ids and len({*map(str, ids)}) == len(lead.implies):
            pairs = zip(ids, lead.implies.items(), strict=True)
            implies = {
                str(one): {name: value, **{at: x for at, x in held.items() if at != key.name}}
                for one, (value, held) in pairs
            }
            said = {**key.schema, "examples": ids}
            led = replace(key, examples=(*ids,), implies=implies, schema=said)
            return fields | {key.name: led, name: replace(lead, implies={})}
    return fields


@lru_cache(maxsize=1024)
def _bind_field(name: str, of: Same[FieldMeaning], domain: str) -> Field:
    """One and the same for all fields of one name that mean the same."""
    meaning = of.it
    schema = dict(meaning.json_schema or {})
    each = listed_schema(schema)  # of a list of texts, what is said holds for each
    plain = each or plain_schema(schema)
    said: JsonObject = {}
    if meaning.choices is not None:
        held = [value for value in plain.get("enum", ()) if value is not None]
        said = {"enum": list(meaning.choices)} if held != list(meaning.choices) else {}
    if meaning.examples:  # they tell what kind of values it has
        said["examples"] = list(meaning.examples)
    # The tighter of the schema's own bounds and those that are said.
    for key, value, tighter in (("minimum", meaning.min, max), ("maximum", meaning.max, min)):
        if value is not None:
            number = int(value) if value.is_integer() else value
            bound = tighter(number, plain[key]) if key in plain else number
            said |= {key: bound} if plain.get(key) != bound else {}
    if said and each:
        schema = {**plain_schema(schema), "items": {**each, **said}}
    elif said:
        schema = {**plain, **said}
    return Field(
        name=name,
        schema=schema,
        semantic=meaning.semantic or "unknown",
        entity=f"{domain}/{meaning.entity}" if meaning.entity else None,
        unit=meaning.unit,
        label=meaning.label,
        examples=meaning.examples or tuple(meaning.implies),
        when=meaning.when,
        only_in=meaning.only_in,
        share=1.0 if meaning.share is None else meaning.share,
        common=bool(meaning.common),
        implies={value: dict(held) for value, held in meaning.implies.items()},
        said=meaning.said,
        weighs=weigh_field(name, meaning.semantic) if meaning.weighs is None else meaning.weighs,
    )


def _mark_fields(
    entity: Entity, own: Sequence[ToolModel], told: EntityMeaning, listed: Collection[str | None]
) -> dict[str, Field]:
    """Its fields, those marked by which lists are narrowed, as rows share their values.

    With the states that are not the usual one, as they weigh; and with what is one for all rows:
    the account that is signed in, where no tool lists several and some list need not be told which.
    """
    searched = searched_fields((one.operation, one.parameters) for one in own)
    lists = [one for one in own if one.operation == "list"]
    asked = [{snake(p.field or p.name) for p in one.parameters if p.required}
             for one in lists or own]  # fmt: skip
    needed = set.intersection(*asked) if lists else set[str]().union(*asked)
    fields = {}
    for name, field in entity.fields.items():
        if name == entity.state_field and told.fields[name].weighs is None:
            # Of what begins somewhere, all other states are news: that all tasks are completed.
            usual = {entity.start} if entity.start else load_words("telling", "ordinary")
            states = entity.states or tuple(field.schema.get("enum", ()))
            field = replace(field, weighs=tuple(one for one in states if one not in usual))
        if field.when is None and name in _days_asked_for(entity, own):
            field = replace(field, when="lately")
        elif field.when is None and name in _days_since(own) and stage_of(name) in (None, START):
            field = replace(field, when="past")
        shared = told.fields[name].shared
        if shared is None:
            narrowed = name in searched and name not in entity.identity
            shared = narrowed and is_shared(name, field)
        common = field.common
        if told.fields[name].common is None and name not in entity.identity:
            common = snake(name) not in needed and is_one_for_all(name, entity, own, listed)
        marked = (shared, common) != (field.shared, field.common)
        fields[name] = replace(field, shared=shared, common=common) if marked else field
    return fields


def _days_asked_for(entity: Entity, own: Sequence[ToolModel]) -> set[str]:
    """The days that name rows beside something else, and that tell nothing of when: a meal's."""
    if len(entity.identity) < 2:
        return set()
    asked = {p.field for one in own if one.operation in ("get", "list")
             for p in one.parameters if p.use in ("identity", "filter")}  # fmt: skip
    return {
        name
        for name in entity.identity
        if name in asked and name in entity.fields and entity.fields[name].semantic == "date"
        and stage_of(name) is None and not lies_ahead(name, entity.noun)
        and not (is_expiry(name) or came_out(name))
    }  # fmt: skip


def _days_since(own: Sequence[ToolModel]) -> set[str | None]:
    """The days of which a list asks what lies since them: it has happened."""
    return {
        one.field
        for tool in own
        for one in tool.parameters
        if one.use == "minimum" and split_words(one.name)[-1:] == ("since",)
        and one.semantic in ("date", "datetime")
    }  # fmt: skip


# Tools ----------------------------------------------------------------------------------------


def _bind_tool(tool: ToolSpec, meaning: ToolMeaning, entities: Mapping[str, Entity]) -> ToolModel:
    act = meaning.operation or "compute"
    entity = entities.get(f"{tool.domain}/{meaning.entity}") if meaning.entity else None
    tool = with_told_choices(tool)
    parameters = []
    for leaf in leaves_of(tool.parameters):
        told, schema = meaning.parameters.get(leaf.path, _UNSAID), leaf.schema
        if told.choices is not None and plain_schema(schema).get("enum") != list(told.choices):
            schema = {**schema, "enum": list(told.choices)}
        named = entity.fields.get(told.field or "") if entity and told.use == "identity" else None
        coded = named is not None and named.semantic == "opaque_id" and told.semantic == "handle"
        parameter = ParameterModel(
            path=leaf.path,
            schema=schema,
            required=leaf.required,
            semantic="opaque_id" if coded else told.semantic or "unknown",
            use=told.use or "option",
            entity=f"{tool.domain}/{told.entity}" if told.entity else None,
            field=told.field,
            role=told.role,
            label=told.label,
        )
        parameters.append(parameter)
    whole = with_needed(
        parameters,
        OPERATION_OF[act] if entity is not None else "compute",
        entity,
        tool,
        meaning.demands,
        meaning.unread,
    )
    unread, operation = dict(meaning.unread), OPERATION_OF[act]
    if nameless := find_nameless(whole, operation, entity):
        unread[""] = (*unread.get("", ()), nameless)
    # The field that the tool sets by itself, and its value as the field spells it.
    transition = None
    for name, state in (meaning.transition or {}).items():
        if entity is not None and name in entity.fields:
            spelled = spelled_state(state, entity.fields[name].schema)
            transition = (name, spelled) if spelled is not None else None
    origin = meaning.origins.get("operation", _CONCLUDED)
    about = meaning.origins.get("entity", origin)
    guess = meaning.origins.get("doubt")
    deed = meaning.origins.get("verb", origin)
    said = [one for one in (origin, about) if one.source in ("file", "model")]
    return ToolModel(
        tool=tool,
        operation=OPERATION_OF[act] if entity is not None else "compute",
        act=act,
        verb=meaning.verb or "",
        noun=meaning.entity or meaning.about or "",
        entity=entity.key if entity else None,
        parameters=whole,
        returns=tool.returns or {},
        returns_inferred=tool.returns is None,
        transition=transition,
        why=f"said by {said[0].why}" if said else origin.why,
        told=about.source == "model",
        described=bool(said) or deed.source in ("file", "model"),
        spoken=deed.source == "model",
        doubts=() if said or guess is None else tuple(guess.why.splitlines()),
        effect=meaning.effect,
        rows=meaning.rows,
        sorted_by=meaning.sorted_by,
        needs=meaning.needs,
        demands=tuple(_bind_demand(one, parameters, entities) for one in meaning.demands),
        unread=unread,
        changes=meaning.changes,
        results=meaning.results,
    )


def _bind_demand(
    demand: Demand, parameters: Sequence[ParameterModel], entities: Mapping[str, Entity]
) -> Demand:
    """The demand with where the rows lie that must agree; without, where that is not known."""
    if demand.kind != "same" or demand.field is None:
        return demand
    sides = []
    for path in demand.parameters:
        named = (one for one in parameters if one.path.startswith(path) and one.entity)
        target = next((entities.get(one.entity or "") for one in named), None)
        side = _find_side(target, demand.field, entities) if target is not None else None
        if side is None:
            return demand
        sides.append(side)
    return demand.model_copy(update={"sides": tuple(sides)})


def _find_side(target: Entity, name: str, entities: Mapping[str, Entity]) -> Side | None:
    """The rows' field of the name, or the rows of that name that list them: a product's items."""
    key = target.identity[-1]
    for field in (name, f"{name}_id"):
        if field in target.fields or field in target.identity:
            return Side(table=target.key, key=key, field=field)
    holder = entities.get(f"{target.domain}/{name}")
    if holder is None:
        return None
    lists = (one for one in holder.fields.values() if one.entity == target.key)
    listed = next((one.name for one in lists if schema_type(one.schema) == "array"), None)
    if listed is None:
        return None
    return Side(table=holder.key, key=key, field=holder.identity[-1], listed=listed)


def _find_identified(
    models: Iterable[ToolModel], entities: Mapping[str, Entity]
) -> frozenset[str | None]:
    """The entities whose identity is no invention: a parameter or a result names it."""
    found: set[str | None] = set()
    for one in models:
        found |= {p.entity for p in one.parameters if p.use in ("identity", "reference")}
        entity = entities.get(one.entity or "")
        if entity is not None and not one.returns_inferred:
            row = members(result_row(one.tool, one.noun))
            found |= {entity.key} if row.keys() & {*entity.identity} else set()
    return frozenset(found)


# Results that the catalogue leaves open ---------------------------------------------------------


def _partly_had(entity: Entity, own: Sequence[ToolModel]) -> frozenset[str]:
    """The fields that only some rows have: in some states, or because a create may leave them."""
    conditional = {name for name, field in entity.fields.items() if field.only_in}
    creates = [model for model in own if model.operation == "create"]
    if not creates:
        return frozenset(conditional)
    certain = frozenset.intersection(*(fields_given(model, certain=True) for model in creates))
    told = frozenset[str]().union(
        *(fields_given(model) for model in own if model.operation in ("create", "update"))
    )
    kept = certain.union(entity.identity, [entity.state_field or ""], always_shown(own))
    return frozenset(conditional | (told & entity.fields.keys() - kept))


def fields_given(model: ToolModel, *, certain: bool = False) -> frozenset[str]:
    """The fields that a tool's arguments give to its row; ``certain``: in every call."""
    return frozenset(
        path_top(place)
        for parameter in model.parameters
        if parameter.use in ("field", "reference", "filter")
        if parameter.required or not certain
        for place in (parameter.field or "", parameter.path)
    )


def always_shown(own: Iterable[ToolModel]) -> frozenset[str]:
    """Fields that a result of the source itself always shows."""
    given = [model for model in own if not model.returns_inferred]
    rows = [result_row(model.tool, model.noun) for model in given]
    return frozenset(name for row in rows for name in row.get("required", ()))


def weigh_field(name: str, semantic: SemanticType | None) -> bool | tuple[Scalar, ...]:
    """Whether no report may leave a field out: always, never, or with the values that are given.

    What a service refuses or limits, what has to be paid or done and until when, and how a thing is
    to be used (``data/lexicon/telling.yaml``).
    """
    table: dict[str, list[str]] = load_table("telling")["weighs"]
    words = split_words(name)
    if semantic == "boolean":
        if words[0] in table["not_of_it"]:
            return False
        if not set(words).isdisjoint(table["granting"]):
            return (False,)
        return () if set(words).isdisjoint(table["limiting"]) else (True,)
    if semantic in ("money", "percent"):
        return not set(words).isdisjoint(table["charges"])
    if semantic in ("date", "datetime"):
        return not set(words).isdisjoint(table["deadlines"])
    if semantic in ("text", "title", "unknown"):
        return words[-1] in table["instructions"]
    if semantic in ("count", "number", "duration"):
        return not set(words).isdisjoint(table["amounts"])
    return False


def find_plainer_nouns(
    entities: Mapping[str, EntityMeaning], models: Iterable[ToolModel]
) -> dict[str, str]:
    """Key → noun as all tools' descriptions have it; none of what somebody has told.

    What ``get_admin_users`` lists are users, where it says "Get all users"; they stay a kind of
    their own, as nothing tells that another part of the service has the same ones.
    """
    sections, tools = load_words("inference", "sections"), list(models)
    found: dict[str, str] = {}
    for key, entity in entities.items():
        section, _, noun = key.rpartition("/")[2].partition(" ")
        concluded = {one.source for one in entity.origins.values()}
        own = [one.tool for one in tools if one.entity == key] if section in sections else []
        plain = bool(own) and all(map(is_of_section, own))
        if noun and plain and {"rules"} <= concluded <= {"rules", "schema"}:
            found[key] = noun
    return found
