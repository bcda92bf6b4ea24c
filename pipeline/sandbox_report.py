"""What the inferred sandbox of a catalogue is, summed up: entities, tools, example rows.

A plain record for people and scripts; how it is printed lies in `pipeline.sandbox_showing`.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from generators.sandbox.sandbox import Sandbox
from generators.world.model import Entity, Field, ToolModel, World
from generators.world.transitions import status_field
from schemas.acts import Act, Use
from schemas.errors import InputError, nearest
from schemas.record import JsonObject, Record
from schemas.semantic import SemanticType
from schemas.tool import Catalog
from schemas.world_model import WorldSource

CLOCK = "2026-03-12T09:00:00+00:00"
"""Now, for the example rows."""


class FieldTold(Record):
    """A field of an entity."""

    name: str
    semantic: SemanticType
    type: str
    """JSON type; ``any`` where none is told."""
    entity: str | None
    """The noun whose row the value names."""
    choices: tuple[Any, ...]
    minimum: float | None
    maximum: float | None


class EntityTold(Record):
    """A kind of thing, with a few of its rows."""

    noun: str
    identity: tuple[str, ...]
    state: str | None
    """The field that holds a row's state."""
    states: tuple[str, ...]
    relations: tuple[str, ...]
    """The nouns that its fields and its identity refer to."""
    tools: tuple[str, ...]
    fields: tuple[FieldTold, ...]
    rows: tuple[JsonObject, ...]


class ParameterTold(Record):
    """What a parameter is for."""

    path: str
    required: bool
    use: Use
    semantic: SemanticType
    entity: str | None
    field: str | None


class ToolTold(Record):
    """What a tool does."""

    tool: str
    operation: Act
    executed: str
    """How the sandbox executes a call: a search as a list, a transition as an update."""
    entity: str | None
    noun: str
    why: str
    doubts: tuple[str, ...]
    corrected: tuple[str, ...]
    """What was said otherwise, and by whom: ``operation: delete (shop.sandbox.yaml)``."""
    parameters: tuple[ParameterTold, ...]
    transition: tuple[str, str] | None
    rows_at: str | None
    """Where its result has rows: ``orders[]``; ``$`` is the result itself, None has no rows."""
    result_inferred: bool


class DomainTold(Record):
    """The entities and tools of one domain."""

    domain: str
    entities: tuple[EntityTold, ...]
    tools: tuple[ToolTold, ...]


class CorrectionTold(Record):
    """Corrections in force."""

    file: str
    author: str
    tools: tuple[str, ...]
    entities: tuple[str, ...]


class SandboxTold(Record):
    """Everything that ``toolweave sandbox explain`` tells."""

    domains: tuple[DomainTold, ...]
    corrections: tuple[CorrectionTold, ...]
    skipped: tuple[str, ...]
    notes: tuple[str, ...]


def sandbox_report(
    catalog: Catalog, world: World, rows: int, seed: int, tool: str | None = None
) -> SandboxTold:
    """Sum up a world; with ``tool``, that tool and its entities alone.

    ``rows`` is how many example rows each entity shows. Raises InputError for an unknown tool.
    """
    if tool is not None and tool not in world.models:
        raise InputError(f"no tool is called {tool!r}{nearest(tool, world.models)}")
    chosen = {tool} if tool is not None else set(world.models)
    sandbox = Sandbox(world, seed, CLOCK)
    named = _named(world, tool)
    domains = dict.fromkeys(world.models[name].tool.domain for name in chosen_in(world, chosen))
    return SandboxTold(
        domains=tuple(
            DomainTold(
                domain=domain,
                entities=tuple(
                    _entity(one, sandbox, rows)
                    for one in world.entities.values()
                    if one.domain == domain and one.key in named
                ),
                tools=tuple(
                    _tool(world.models[name], sandbox, catalog.worlds)
                    for name in chosen_in(world, chosen)
                    if world.models[name].tool.domain == domain
                ),
            )
            for domain in domains
        ),
        corrections=tuple(map(_set, catalog.worlds)),
        skipped=tuple(map(str, catalog.skipped)),
        notes=catalog.notes,
    )


def chosen_in(world: World, chosen: set[str]) -> list[str]:
    """The tools in the world's order."""
    return [name for name in world.models if name in chosen]


def _named(world: World, tool: str | None) -> set[str]:
    """The entities to be told: all, or those that one tool deals with."""
    if tool is None:
        return set(world.entities)
    model = world.models[tool]
    return {key for key in (model.entity, *(one.entity for one in model.parameters)) if key}


def _entity(entity: Entity, sandbox: Sandbox, rows: int) -> EntityTold:
    state = status_field({name: field.schema for name, field in entity.fields.items()})
    states = entity.fields[state].schema.get("enum", ()) if state else ()
    world = sandbox.world
    kept = sandbox.store.rows(entity)[:rows] if rows else []
    return EntityTold(
        noun=entity.noun,
        identity=entity.identity,
        state=state,
        states=tuple(one for one in states if isinstance(one, str)),
        relations=tuple(dict.fromkeys(_relations(entity, world))),
        tools=tuple(name for name, model in world.models.items() if model.entity == entity.key),
        fields=tuple(_field(field, world) for field in entity.fields.values()),
        rows=tuple(dict(row) for row in kept),
    )


def _relations(entity: Entity, world: World) -> Iterator[str]:
    for field in entity.fields.values():
        if field.entity and field.entity != entity.key:
            yield world.entities[field.entity].noun


def _field(field: Field, world: World) -> FieldTold:
    schema = field.schema
    kind = schema.get("type", "any")
    return FieldTold(
        name=field.name,
        semantic=field.semantic,
        type=" or ".join(kind) if isinstance(kind, list) else str(kind),
        entity=world.entities[field.entity].noun if field.entity else None,
        choices=tuple(schema.get("enum", ())),
        minimum=schema.get("minimum"),
        maximum=schema.get("maximum"),
    )


def _tool(model: ToolModel, sandbox: Sandbox, sets: Sequence[WorldSource]) -> ToolTold:
    entities = sandbox.world.entities
    if model.entity is None:
        rows_at = None
    else:
        plan = sandbox.plan(model.name)
        if plan.rows_at:
            rows_at = f"{plan.rows_at}[]"
        else:
            rows_at = "$[]" if plan.returns.get("type") == "array" else "$"
    return ToolTold(
        tool=model.name,
        operation=model.act,
        executed=model.operation,
        entity=entities[model.entity].noun if model.entity else None,
        noun=model.noun,
        why=model.why,
        doubts=model.doubts,
        corrected=tuple(_said(model, sets)),
        parameters=tuple(
            ParameterTold(
                path=one.path,
                required=one.required,
                use=one.use,
                semantic=one.semantic,
                entity=entities[one.entity].noun if one.entity else None,
                field=one.field,
            )
            for one in model.parameters
        ),
        transition=model.transition,
        rows_at=rows_at,
        result_inferred=model.returns_inferred,
    )


def _said(model: ToolModel, sets: Sequence[WorldSource]) -> Iterator[str]:
    for one in sets:
        whose = f"({one.file})" if one.author == "user" else f"(the model {one.file})"
        told = one.world.tools.get(model.name)
        if told is not None:
            plain = told.model_dump(mode="json", exclude_defaults=True)
            parameters: Mapping[str, JsonObject] = plain.pop("parameters", {})
            yield from (f"{key}: {_plain(value)} {whose}" for key, value in plain.items())
            for path, facts in parameters.items():
                yield f"{path}: {_plain(facts)} {whose}"


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {one}" for key, one in value.items())
    return str(value)


def _set(one: WorldSource) -> CorrectionTold:
    return CorrectionTold(
        file=one.file,
        author=one.author,
        tools=tuple(one.world.tools),
        entities=tuple(one.world.entities),
    )
