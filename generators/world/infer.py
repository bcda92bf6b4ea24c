"""What the tools of a catalogue do, and to what: from specifications to a world.

The way of inference, domain by domain: names become operations and nouns
(`generators.world.operations`), nouns become kinds with identities
(`generators.world.kinds`), parameters get their uses (`generators.world.parameters`),
kinds become entities (`generators.world.fields`), and results that the source leaves open are
inferred from them (`generators.world.returns`). On the way corrections are applied
(`generators.world.correcting`). Nothing depends on the tools' order. Executing a world is left
to `generators.sandbox`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from generators.world.choices import with_marked_choices
from generators.world.conditions import conditions, relax, untold
from generators.world.correcting import correct_draft, correct_parameters, said_transition
from generators.world.correcting_entities import check_entities, correct_entity, correct_kinds
from generators.world.fields import complete_entity
from generators.world.kinds import gather_kinds
from generators.world.model import Entity, ParameterModel, ToolModel, World
from generators.world.modelling import Modelling
from generators.world.operations import conclude, group_by_domain
from generators.world.parameters import model_parameters
from generators.world.referring import Kinds
from generators.world.returns import infer_returns
from generators.world.schema_leaves import plain_schema
from generators.world.tool_drafts import Draft
from generators.world.transitions import spelled_state, status_field, target_state
from schemas.tool import ToolSpec
from schemas.world_model import WorldSource


def infer_world(tools: Sequence[ToolSpec], corrections: Sequence[WorldSource] = ()) -> World:
    """Infer entities and tool models; deterministic, whatever the order of the tools.

    Never raises for a tool whose schemas are valid; raises InputError for corrections that name
    what there is not. Wire names have to be unique.
    """
    models: dict[str, ToolModel] = {}
    entities: dict[str, Entity] = {}
    for domain, specs in group_by_domain(tools).items():
        drafts = [correct_draft(one, corrections) for one in conclude([_told(s) for s in specs])]
        kinds = Kinds(correct_kinds(gather_kinds(drafts), drafts, domain, corrections))
        modelled = [(draft, _parameters(draft, kinds, domain, corrections)) for draft in drafts]
        modelling = Modelling(modelled, kinds)
        found = {
            noun: correct_entity(
                complete_entity(kind, modelling, kinds, domain), kind, kinds, corrections
            )
            for noun, kind in kinds.items()
        }
        found = {noun: _stated(entity) for noun, entity in found.items()}
        entities |= {entity.key: entity for entity in found.values()}
        for draft, parameters in modelled:
            models[draft.tool.wire_name] = _model(draft, parameters, found, corrections)
    world = World(_relaxed(models, entities), entities)
    check_entities(world, corrections)
    return world


def _stated(entity: Entity) -> Entity:
    """The entity with the field that holds its rows' state, and the states that it may hold."""
    name = status_field({name: field.schema for name, field in entity.fields.items()})
    values = plain_schema(entity.fields[name].schema).get("enum", ()) if name else ()
    states = tuple(value for value in values if isinstance(value, str))
    return replace(entity, state_field=name, states=states)


def _parameters(
    draft: Draft, kinds: Kinds, domain: str, corrections: Sequence[WorldSource]
) -> tuple[ParameterModel, ...]:
    models = model_parameters(draft, kinds, domain)
    return correct_parameters(draft, models, kinds, domain, corrections)


def _told(tool: ToolSpec) -> ToolSpec:
    """The tool, its result with the choices that descriptions list."""
    if not tool.returns:
        return tool
    return tool.model_copy(update={"returns": with_marked_choices(tool.returns)})


def _relaxed(
    models: Mapping[str, ToolModel], entities: Mapping[str, Entity]
) -> dict[str, ToolModel]:
    """The tools with results that do not demand what only some rows of an entity have."""
    own: dict[str, list[ToolModel]] = {key: [] for key in entities}
    for model in models.values():
        if model.entity is not None:
            own[model.entity].append(model)
    partly = {
        key: frozenset(conditions(entity, own[key])).union(untold(entity, own[key]))
        for key, entity in entities.items()
    }
    return {
        name: relax(model, partly[model.entity]) if model.entity is not None else model
        for name, model in models.items()
    }


def _model(
    draft: Draft,
    parameters: tuple[ParameterModel, ...],
    entities: Mapping[str, Entity],
    corrections: Sequence[WorldSource],
) -> ToolModel:
    entity = None if draft.operation == "compute" else entities.get(draft.noun)
    given = draft.tool.returns
    return ToolModel(
        tool=draft.tool,
        operation=draft.operation,
        verb=draft.reading.verb,
        noun=draft.noun,
        entity=entity.key if entity else None,
        parameters=parameters,
        returns=given if given is not None else infer_returns(draft, entity),
        returns_inferred=given is None,
        transition=said_transition(draft, entity, corrections)
        or _transition(draft, parameters, entity),
        why=draft.why,
        effect="read" if draft.operation in ("get", "list", "compute") else "write",
    )


def _transition(
    draft: Draft, parameters: Sequence[ParameterModel], entity: Entity | None
) -> tuple[str, str] | None:
    """Say what state the tool sets by itself; none where a parameter sets it."""
    state = target_state(draft)
    name = (
        status_field({name: field.schema for name, field in entity.fields.items()})
        if entity
        else None
    )
    if state is None or entity is None or name is None:
        return None
    if any(parameter.field == name for parameter in parameters):
        return None
    spelled = spelled_state(state, entity.fields[name].schema)
    return (name, spelled) if spelled is not None else None
