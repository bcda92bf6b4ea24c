"""Binds a world model to its tools: from what is said of them to what is executed and spoken.

The model says what tools, parameters, entities and fields mean; the tools have the schemas. Both
together are a `World`. Nothing is inferred here, and nothing is refused: `generators.world.check`
has been asked before.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from generators.lexicon.nouns import plural
from generators.world.model import (
    OPERATION_OF,
    Entity,
    Field,
    ParameterModel,
    ToolModel,
    World,
    split_entity_key,
)
from generators.world.result_rows import is_shared, result_row
from generators.world.schema_leaves import (
    Leaf,
    as_schema,
    leaves_of,
    plain_schema,
    schema_type,
)
from generators.world.semantics import with_told_choices
from generators.world.states import spelled_state
from schemas.record import JsonObject
from schemas.tool import ToolSpec
from schemas.world_model import (
    EntityMeaning,
    FieldMeaning,
    Origin,
    ParameterMeaning,
    ToolMeaning,
    WorldModel,
)

_GIVES: Mapping[str, JsonObject] = {
    "string": {"type": "string"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "datetime": {"type": "string", "format": "date-time"},
}


def bind_world(tools: Sequence[ToolSpec], model: WorldModel) -> World:
    """The world of these tools, every one of which the model has to know."""
    entities = {key: _bind_entity(key, meaning) for key, meaning in model.entities.items()}
    by_name = {tool.wire_name: tool for tool in tools}
    models = {
        name: _bind_tool(by_name[name], meaning, entities) for name, meaning in model.tools.items()
    }
    own: dict[str, list[ToolModel]] = {key: [] for key in entities}
    for one in models.values():
        if one.entity is not None:
            own[one.entity].append(one)
    entities = {
        key: _share_searched(entity, own[key], model.entities[key])
        for key, entity in entities.items()
    }
    partly = {key: _partly_had(entity, own[key]) for key, entity in entities.items()}
    relaxed = {
        name: _relax(one, partly[one.entity]) if one.entity is not None else one
        for name, one in models.items()
    }
    return World(relaxed, entities, dict(model.domains))


# Entities -------------------------------------------------------------------------------------


def _bind_entity(key: str, meaning: EntityMeaning) -> Entity:
    domain, noun = split_entity_key(key)
    return Entity(
        key=key,
        noun=noun,
        domain=domain,
        identity=meaning.identity or (f"{noun.replace(' ', '_')}_id",),
        fields={name: _bind_field(name, one, domain) for name, one in meaning.fields.items()},
        parts={path: _bind_field(path, one, domain) for path, one in meaning.parts.items()},
        plural=meaning.plural,
        named_by=meaning.named_by,
        owner=f"{domain}/{meaning.owner}" if meaning.owner else None,
        state_field=meaning.state_field,
        states=meaning.states,
        start=meaning.start,
        follows=meaning.follows,
        constraints=meaning.constraints,
    )


def _bind_field(name: str, meaning: FieldMeaning, domain: str) -> Field:
    schema = dict(meaning.json_schema or {})
    if meaning.choices is not None:
        held = plain_schema(schema).get("enum", ())
        if [value for value in held if value is not None] != list(meaning.choices):
            schema = {**plain_schema(schema), "enum": list(meaning.choices)}
    return Field(
        name=name,
        schema=_bound(schema, meaning),
        semantic=meaning.semantic or "unknown",
        entity=f"{domain}/{meaning.entity}" if meaning.entity else None,
        unit=meaning.unit,
        label=meaning.label,
        examples=meaning.examples,
        only_in=meaning.only_in,
    )


def _bound(schema: JsonObject, meaning: FieldMeaning) -> JsonObject:
    """The schema with the tighter of its own bounds and those that are said."""
    if meaning.min is None and meaning.max is None:
        return schema
    plain = dict(plain_schema(schema))
    changed = False
    for key, value, tighter in (("minimum", meaning.min, max), ("maximum", meaning.max, min)):
        if value is not None:
            number = int(value) if value.is_integer() else value
            bound = tighter(number, plain[key]) if key in plain else number
            changed = changed or plain.get(key) != bound
            plain[key] = bound
    return plain if changed else schema


def _share_searched(entity: Entity, own: Iterable[ToolModel], told: EntityMeaning) -> Entity:
    """The entity with the fields marked by which lists are narrowed: rows share their values."""
    searched = {
        place.partition(".")[0].partition("[")[0]
        for model in own
        if model.operation == "list"
        for one in model.parameters
        if one.use == "filter" and (place := one.field or "")
    } - set(entity.identity)
    fields = {}
    for name, field in entity.fields.items():
        shared = told.fields[name].shared
        if shared is None:
            shared = name in searched and is_shared(field.semantic)
        fields[name] = replace(field, shared=shared)
    return replace(entity, fields=fields)


# Tools ----------------------------------------------------------------------------------------


def _bind_tool(tool: ToolSpec, meaning: ToolMeaning, entities: Mapping[str, Entity]) -> ToolModel:
    act = meaning.operation or "compute"
    entity = entities.get(f"{tool.domain}/{meaning.entity}") if meaning.entity else None
    tool = with_told_choices(tool)
    given = tool.returns
    operation = OPERATION_OF[act] if entity is not None else "compute"
    origin = meaning.origins.get("operation", Origin(source="rules"))
    about = meaning.origins.get("entity", origin)
    guess = meaning.origins.get("doubt")
    said = [one for one in (origin, about) if one.source in ("file", "model")]
    return ToolModel(
        tool=tool,
        operation=operation,
        act=act,
        verb=meaning.verb or "",
        noun=meaning.entity or meaning.about or "",
        entity=entity.key if entity else None,
        parameters=tuple(
            _bind_parameter(leaf, meaning.parameters.get(leaf.path), tool.domain)
            for leaf in leaves_of(tool.parameters)
        ),
        returns=given if given is not None else _infer_returns(meaning, operation, entity),
        returns_inferred=given is None,
        transition=_bind_transition(meaning, entity),
        why=f"said by {said[0].why}" if said else origin.why,
        doubts=() if said or guess is None else tuple(guess.why.splitlines()),
        effect=meaning.effect,
        rows=meaning.rows,
        sorted_by=meaning.sorted_by,
        needs=meaning.needs,
        demands=meaning.demands,
        changes=meaning.changes,
    )


def _bind_parameter(leaf: Leaf, meaning: ParameterMeaning | None, domain: str) -> ParameterModel:
    told = meaning or ParameterMeaning()
    schema = leaf.schema
    if told.choices is not None and plain_schema(schema).get("enum") != list(told.choices):
        schema = {**schema, "enum": list(told.choices)}
    return ParameterModel(
        path=leaf.path,
        schema=schema,
        required=leaf.required,
        semantic=told.semantic or "unknown",
        use=told.use or "option",
        entity=f"{domain}/{told.entity}" if told.entity else None,
        field=told.field,
        role=told.role,
        label=told.label,
    )


def _bind_transition(meaning: ToolMeaning, entity: Entity | None) -> tuple[str, str] | None:
    """The field that the tool sets by itself, and its value as the field spells it."""
    for name, state in (meaning.transition or {}).items():
        if entity is not None and name in entity.fields:
            spelled = spelled_state(state, entity.fields[name].schema)
            return (name, spelled) if spelled is not None else None
    return None


# Results that the catalogue leaves open ---------------------------------------------------------


def _infer_returns(meaning: ToolMeaning, operation: str, entity: Entity | None) -> JsonObject:
    """Say what a tool returns: a row, a list of rows, what was deleted, a computation's result."""
    if entity is None:
        return _object({"result": dict(_GIVES[meaning.gives or "string"])})
    shown = {name: _column(entity.fields[name]) for name in meaning.shows if name in entity.fields}
    if operation == "delete":
        return _object({**shown, "deleted": {"type": "boolean"}})
    if operation == "list":
        rows = {"type": "array", "items": _object(shown)}
        named = plural(entity.noun).replace(" ", "_")
        return _object({named: rows, "total_count": {"type": "integer"}})
    return _object(shown)


def _object(properties: JsonObject) -> JsonObject:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _column(field: Field) -> JsonObject:
    """Give a field's schema a type, where the parameter that it comes from has none."""
    if schema_type(field.schema):
        return dict(field.schema)
    told = {key: value for key, value in field.schema.items() if key == "description"}
    return {"type": "string", **told}


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
        place.partition(".")[0].partition("[")[0]
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


def _relax(model: ToolModel, optional: frozenset[str]) -> ToolModel:
    """The tool with a result that does not demand the fields that only some rows have."""
    if not model.returns_inferred or not optional:
        return model
    return replace(model, returns=_relax_schema(model.returns, optional))


def _relax_schema(schema: JsonObject, optional: frozenset[str]) -> JsonObject:
    if not schema.keys() & {"required", "properties", "items"}:
        return schema
    made = dict(schema)
    if "required" in made:
        made["required"] = [name for name in made["required"] if name not in optional]
    if parts := as_schema(schema.get("properties")):
        made["properties"] = {
            name: _relax_schema(as_schema(part), optional) for name, part in parts.items()
        }
    if "items" in schema:
        made["items"] = _relax_schema(as_schema(schema["items"]), optional)
    return made
