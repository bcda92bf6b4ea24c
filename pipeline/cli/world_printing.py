"""A world model in the terminal: each domain's entities, then its tools."""

from collections.abc import Iterable, Mapping

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from generators.sandbox.sandbox import Sandbox
from generators.world.model import Entity, Field, ToolModel, World
from pipeline.cli.answers import SafeConsole, make_table
from schemas.canonical import written_json
from schemas.errors import InputError, nearest
from schemas.record import JsonObject, Record
from schemas.tool import Catalog
from schemas.world_model import Meaning, WorldModel

CLOCK = "2026-03-12T09:00:00+00:00"
"""Now, for the example rows."""
LONGEST_ROW = 400
"""Characters of an example row."""
MOST_CHOICES = 6
WIDEST, PARAMETERS, RESULT = 20, 22, 6
"""Characters of the columns of names, parameters and results, at the least."""


class WorldReport(Record):
    """Everything that ``toolweave world show`` tells."""

    world: WorldModel
    rows: Mapping[str, tuple[JsonObject, ...]]
    """Entity by domain and noun → a few of its rows in the sandbox."""
    results: Mapping[str, str | None]
    """Tool → where its result has rows: ``orders[]``; ``$`` is the result itself, None: nowhere."""
    sources: tuple[JsonObject, ...]
    """Of how many tools and entities a person's file or a model's answers say something."""
    skipped: tuple[str, ...]
    notes: tuple[str, ...]


def report_world(
    catalog: Catalog,
    model: WorldModel,
    world: World,
    rows: int,
    seed: int,
    tool: str | None = None,
) -> WorldReport:
    """Sum up a world; with ``tool``, that tool and its entities alone.

    ``rows`` is how many example rows each entity shows. Raises InputError for an unknown tool.
    """
    if tool is not None:
        if tool not in world.models:
            raise InputError(f"no tool is called {tool!r}{nearest(tool, world.models)}")
        about = world.models[tool]
        keys = {about.entity, *(one.entity for one in about.parameters)}
        entities = {key: one for key, one in model.entities.items() if key in keys}
        shown = {"tools": {tool: model.tools[tool]}, "entities": entities}
        model = model.model_copy(update=shown)
    sandbox = Sandbox(world, seed, CLOCK)
    results: dict[str, str | None] = dict.fromkeys(model.tools)
    for name in model.tools:
        if world.models[name].entity is not None:
            plan = sandbox.plan(name)
            itself = "$[]" if plan.returns.get("type") == "array" else "$"
            results[name] = f"{plan.rows_at}[]" if plan.rows_at else itself
    return WorldReport(
        world=model,
        rows={
            key: tuple(dict(row) for row in sandbox.store.rows(world.entities[key])[:rows])
            for key in model.entities
            if rows
        },
        results=results,
        sources=tuple(
            {
                "file": one.file,
                "author": one.author,
                "tools": len(one.world.tools),
                "entities": len(one.world.entities),
            }
            for one in catalog.worlds
            if one.author != "catalogue"
        ),
        skipped=tuple(map(str, catalog.skipped)),
        notes=catalog.notes,
    )


def print_world(report: WorldReport, world: World, whole: bool) -> None:
    """Print to stdout; ``whole`` tells of each tool all that is known."""
    console = SafeConsole(highlight=False)
    tools = [world.models[name] for name in report.world.tools]
    entities = [world.entities[key] for key in report.world.entities]
    doubtful = sum(bool(model.doubts) for model in tools)
    counts = f"{count_parts(len(tools), len(entities))}, {doubtful} in doubt"
    console.print(Text(counts, style="bold"))
    for one in report.sources:
        author = "the model " if one["author"] == "model" else ""
        about = count_parts(one["tools"], one["entities"])
        console.print(Text(f"{author}{one['file']} says of {about}"))
    for domain in dict.fromkeys(model.tool.domain for model in tools):
        console.print(Text(f"\n{domain}", style="bold underline"))
        for entity in (one for one in entities if one.domain == domain):
            print_entity(console, entity, report, world)
        own = [model for model in tools if model.tool.domain == domain]
        if whole:
            for model in own:
                print_tool(console, model, report, world)
        else:
            # A table of tools; each one's required parameters stand first in each use.
            table = make_table("tool", "does", "entity", "parameters by use", "result")
            table.columns[0].min_width = min(WIDEST, 2 + max(len(model.name) for model in own))
            table.columns[1].no_wrap = True
            table.columns[3].min_width, table.columns[4].min_width = PARAMETERS, RESULT
            for model in own:
                marks = ("?" if model.doubts else "") + (
                    "*" if said_of(report.world.tools[model.name]) else ""
                )
                by_use: dict[str, list[str]] = {}
                for given in sorted(model.parameters, key=lambda given: not given.required):
                    told = given.path + ("" if given.required else "?")
                    by_use.setdefault(given.use, []).append(told)
                uses = [f"{use}({', '.join(paths)})" for use, paths in by_use.items()]
                state = ["→ {}={}".format(*model.transition)] if model.transition else []
                table.add_row(
                    Text.assemble(model.name, (marks, "bold")),
                    Text(model.act),
                    Text(model.noun if model.entity else "–"),
                    Text("\n".join([*state, *uses])),
                    Text(report.results[model.name] or "value"),
                )
            console.print()
            console.print(table)
    for title, lines in (("skipped", report.skipped), ("notes", report.notes)):
        if lines:
            console.print(Text(f"\n{title} ({len(lines)})", style="bold"))
        for line in lines:
            console.print(Padding(Text(line), (0, 0, 0, 2), expand=False))
    hints = [
        *(["? is in doubt"] if doubtful else []),
        *(["* is said"] if any(said_of(report.world.tools[m.name]) for m in tools) else []),
        *([] if whole else ["--tool NAME tells why"]),
        "toolweave world write PATH FILE begins a file to say otherwise in",
    ]
    console.print(Text(f"\n{'; '.join(hints)}", style="dim"))


def count_parts(tools: int, entities: int) -> str:
    """``1 tool, 3 entities``."""
    counts = ((tools, "tool", "tools"), (entities, "entity", "entities"))
    return ", ".join(f"{count} {one if count == 1 else many}" for count, one, many in counts)


def print_entity(console: Console, entity: Entity, report: WorldReport, world: World) -> None:
    """An entity: its fields, states and rules, and a few rows."""
    others = [field.entity for field in entity.fields.values() if field.entity]
    nouns = dict.fromkeys(world.entities[key].noun for key in others if key != entity.key)
    related = f"  → {', '.join(nouns)}" if nouns else ""
    name = (f"  named by {', '.join(entity.identity)}{related}", "dim")
    console.print(Text.assemble("\n", (entity.noun, "bold"), name))
    lines = [("fields", ", ".join(tell_field(one, world) for one in entity.fields.values()))]
    if entity.named_by:
        lines.append(("spoken of by", ", ".join(entity.named_by)))
    if entity.owner:
        lines.append(("owned by", world.entities[entity.owner].noun))
    if entity.states:
        begins = f", a new one is {entity.start}" if entity.start else ""
        lines.append(("states", f"{entity.state_field}: {', '.join(entity.states)}{begins}"))
    for one in entity.constraints:
        rule = one.holds or f"{one.field} = {one.equals}"
        lines.append(("holds", f"{rule}, where {one.when}" if one.when else rule))
    print_pairs(console, lines)
    for row in report.rows.get(entity.key, ()):
        text = written_json(row)
        shown = text if len(text) <= LONGEST_ROW else f"{text[: LONGEST_ROW - 1]}…"
        console.print(Padding(Text(shown, style="dim"), (0, 0, 0, 2), expand=False))


def tell_field(field: Field, world: World) -> str:
    """``total amount 0.. EUR``: name, what it means, its bounds and unit."""
    told = [f"→{world.entities[field.entity].noun}"] if field.entity else []
    choices = field.schema.get("enum") or ()
    if choices:
        more = ["…"] if len(choices) > MOST_CHOICES else []
        told.append("|".join([*map(str, choices[:MOST_CHOICES]), *more]))
    elif field.semantic != "enum":
        told.insert(0, field.semantic)
    bounds = [field.schema.get("minimum"), field.schema.get("maximum")]
    if any(bound is not None for bound in bounds):
        told.append("..".join("" if bound is None else f"{bound:g}" for bound in bounds))
    return " ".join([field.name, *told, *([field.unit] if field.unit else [])])


def print_tool(console: Console, model: ToolModel, report: WorldReport, world: World) -> None:
    """All that is known of one tool."""
    about = f" of {model.noun}" if model.entity else ""
    state = " → {}={}".format(*model.transition) if model.transition else ""
    console.print(Text.assemble("\n", (model.name, "bold"), f"  {model.act}{about}{state}"))
    place = report.results[model.name]
    shown = "a value" if place is None else f"rows at {place}"
    print_pairs(
        console,
        [
            ("executed as", model.operation),
            ("why", model.why),
            *(("in doubt", doubt) for doubt in model.doubts),
            *(("said", one) for one in said_of(report.world.tools[model.name])),
            *(("needs", f"{need.require}, or {need.code}") for need in model.needs),
            *(("demands", f"{one.kind} {', '.join(one.parameters)}") for one in model.demands),
            *(
                ("unread", f"{path or model.name}: {said}")
                for path, sentences in model.unread.items()
                for said in sentences
            ),
            *(("changes", f"{place} = {value}") for place, value in model.changes.items()),
            (
                "result",
                f"{shown}, {'inferred' if model.returns_inferred else 'as the source says'}",
            ),
        ],
    )
    table = Table(box=None, padding=(0, 2, 0, 2), header_style="dim")
    for name in ("parameter", "use", "meaning", "entity", "field"):
        table.add_column(name, overflow="fold")
    for one in model.parameters:
        named = one.path if one.required else f"({one.path})"
        noun = world.entities[one.entity].noun if one.entity else ""
        table.add_row(*map(Text, (named, one.use, one.semantic, noun, one.field or "")))
    if model.parameters:
        console.print(table)


def said_of(meaning: Meaning) -> list[str]:
    """What people and models say of a tool and its parameters, and who: ``operation (x.yaml)``."""
    parts: list[tuple[str, Meaning]] = [("", meaning)]
    parts += [(f"{path}: ", one) for path, one in getattr(meaning, "parameters", {}).items()]
    return [
        f"{before}{key} ({'the model ' if origin.source == 'model' else ''}{origin.why})"
        for before, part in parts
        for key, origin in part.origins.items()
        if origin.source in ("file", "model")
    ]


def print_pairs(console: Console, pairs: Iterable[tuple[str, str]]) -> None:
    """Names and values side by side."""
    grid = Table.grid(padding=(0, 2, 0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in pairs:
        grid.add_row(Text(name), Text(value))
    console.print(grid)
