"""What is known of a catalogue's world, for people and scripts: the model, and example rows.

How it is printed lies in `pipeline.cli.world_printing`, how it is written as a file in
`pipeline.cli.world_file`.
"""

from collections.abc import Mapping

from generators.sandbox.sandbox import Sandbox
from generators.world.model import World
from schemas.errors import InputError, nearest
from schemas.record import JsonObject, Record
from schemas.tool import Catalog
from schemas.world_model import WorldModel

CLOCK = "2026-03-12T09:00:00+00:00"
"""Now, for the example rows."""


class SourceTold(Record):
    """A person's file or a model's answers that say a part of it."""

    file: str
    author: str
    tools: int
    entities: int


class WorldReport(Record):
    """Everything that ``toolweave world show`` tells."""

    world: WorldModel
    rows: Mapping[str, tuple[JsonObject, ...]]
    """Entity by domain and noun → a few of its rows in the sandbox."""
    results: Mapping[str, str | None]
    """Tool → where its result has rows: ``orders[]``; ``$`` is the result itself, None: nowhere."""
    sources: tuple[SourceTold, ...]
    skipped: tuple[str, ...]
    notes: tuple[str, ...]


def report_world(
    catalog: Catalog, model: WorldModel, world: World, rows: int, seed: int, tool: str | None = None
) -> WorldReport:
    """Sum up a world; with ``tool``, that tool and its entities alone.

    ``rows`` is how many example rows each entity shows. Raises InputError for an unknown tool.
    """
    if tool is not None:
        if tool not in world.models:
            raise InputError(f"no tool is called {tool!r}{nearest(tool, world.models)}")
        about = world.models[tool]
        keys = {about.entity, *(one.entity for one in about.parameters)}
        model = model.model_copy(
            update={
                "tools": {tool: model.tools[tool]},
                "entities": {key: one for key, one in model.entities.items() if key in keys},
            }
        )
    sandbox = Sandbox(world, seed, CLOCK)
    return WorldReport(
        world=model,
        rows={
            key: tuple(dict(row) for row in sandbox.store.rows(world.entities[key])[:rows])
            for key in model.entities
            if rows
        },
        results={name: _find_rows(name, sandbox) for name in model.tools},
        sources=tuple(
            SourceTold(
                file=one.file,
                author=one.author,
                tools=len(one.world.tools),
                entities=len(one.world.entities),
            )
            for one in catalog.worlds
        ),
        skipped=tuple(map(str, catalog.skipped)),
        notes=catalog.notes,
    )


def _find_rows(name: str, sandbox: Sandbox) -> str | None:
    if sandbox.world.models[name].entity is None:
        return None
    plan = sandbox.plan(name)
    if plan.rows_at:
        return f"{plan.rows_at}[]"
    return "$[]" if plan.returns.get("type") == "array" else "$"
