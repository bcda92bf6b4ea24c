"""A world model in the terminal: each domain's entities, then its tools."""

from collections.abc import Iterable

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from generators.world.model import Entity, Field, ToolModel, World
from pipeline.cli.world_report import WorldReport
from schemas.canonical import written_json
from schemas.world_model import Meaning, Origin

LONGEST_ROW = 400
"""Characters of an example row."""
MOST_CHOICES = 6
WIDEST, PARAMETERS, RESULT = 20, 22, 6
"""Characters of the columns of names, parameters and results, at the least."""


def print_world(report: WorldReport, world: World, whole: bool) -> None:
    """Print to stdout; ``whole`` tells of each tool all that is known."""
    console = Console(highlight=False)
    _print_sums(console, report, world)
    tools = [world.models[name] for name in report.world.tools]
    entities = [world.entities[key] for key in report.world.entities]
    for domain in dict.fromkeys(model.tool.domain for model in tools):
        console.print(Text(f"\n{domain}", style="bold underline"))
        for entity in (one for one in entities if one.domain == domain):
            _print_entity(console, entity, report, world)
        own = [model for model in tools if model.tool.domain == domain]
        if whole:
            for model in own:
                _print_tool(console, model, report, world)
        else:
            _print_tools(console, own, report)
    for title, lines in (("skipped", report.skipped), ("notes", report.notes)):
        if lines:
            console.print(Text(f"\n{title} ({len(lines)})", style="bold"))
        for line in lines:
            console.print(Padding(Text(line), (0, 0, 0, 2), expand=False))
    hints = [
        *(["? is in doubt"] if any(model.doubts for model in tools) else []),
        *(["* is said"] if any(_said_of(report.world.tools[m.name]) for m in tools) else []),
        *([] if whole else ["--tool NAME tells why"]),
        "toolweave world write PATH FILE begins a file to say otherwise in",
    ]
    console.print(Text(f"\n{'; '.join(hints)}", style="dim"))


def _print_sums(console: Console, report: WorldReport, world: World) -> None:
    doubtful = sum(bool(world.models[name].doubts) for name in report.world.tools)
    counts = [
        _count(len(report.world.tools), "tool"),
        _count(len(report.world.entities), "entity", "entities"),
        f"{doubtful} in doubt",
    ]
    console.print(Text(", ".join(counts), style="bold"))
    for one in report.sources:
        about = (_count(one.tools, "tool"), _count(one.entities, "entity", "entities"))
        author = "the model " if one.author == "model" else ""
        console.print(Text(f"{author}{one.file} says of {', '.join(about)}"))


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def _print_entity(console: Console, entity: Entity, report: WorldReport, world: World) -> None:
    others = [field.entity for field in entity.fields.values() if field.entity]
    nouns = dict.fromkeys(world.entities[key].noun for key in others if key != entity.key)
    related = f"  → {', '.join(nouns)}" if nouns else ""
    name = (f"  named by {', '.join(entity.identity)}{related}", "dim")
    console.print(Text.assemble("\n", (entity.noun, "bold"), name))
    lines = [("fields", ", ".join(_tell_field(one, world) for one in entity.fields.values()))]
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
    _print_pairs(console, lines)
    for row in report.rows.get(entity.key, ()):
        text = written_json(row)
        shown = text if len(text) <= LONGEST_ROW else f"{text[: LONGEST_ROW - 1]}…"
        console.print(Padding(Text(shown, style="dim"), (0, 0, 0, 2), expand=False))


def _tell_field(field: Field, world: World) -> str:
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


def _print_tools(console: Console, tools: Iterable[ToolModel], report: WorldReport) -> None:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("tool", "does", "entity", "parameters by use", "result"):
        table.add_column(name, overflow="fold", no_wrap=name == "does")
    table.columns[0].min_width = min(WIDEST, 2 + max(len(model.name) for model in tools))
    table.columns[3].min_width, table.columns[4].min_width = PARAMETERS, RESULT
    for model in tools:
        said = _said_of(report.world.tools[model.name])
        marks = ("?" if model.doubts else "") + ("*" if said else "")
        told = [*([_tell_state(model)] if model.transition else []), *_tell_uses(model)]
        table.add_row(
            Text.assemble(model.name, (marks, "bold")),
            Text(model.act),
            Text(model.noun if model.entity else "–"),
            Text("\n".join(told)),
            Text(report.results[model.name] or "value"),
        )
    console.print()
    console.print(table)


def _tell_state(model: ToolModel) -> str:
    return "→ {}={}".format(*model.transition) if model.transition else ""


def _tell_uses(model: ToolModel) -> Iterable[str]:
    """``identity(order_id) option(limit)``: required ones first in each use."""
    by_use: dict[str, list[str]] = {}
    for one in sorted(model.parameters, key=lambda one: not one.required):
        by_use.setdefault(one.use, []).append(one.path + ("" if one.required else "?"))
    return (f"{use}({', '.join(paths)})" for use, paths in by_use.items())


def _print_tool(console: Console, model: ToolModel, report: WorldReport, world: World) -> None:
    about = f" of {model.noun}" if model.entity else ""
    head = (f"  {model.act}{about} {_tell_state(model)}".rstrip(), "")
    console.print(Text.assemble("\n", (model.name, "bold"), head))
    place = report.results[model.name]
    shown = "a value" if place is None else f"rows at {place}"
    lines = [
        ("executed as", model.operation),
        ("why", model.why),
        *(("in doubt", doubt) for doubt in model.doubts),
        *(("said", one) for one in _said_of(report.world.tools[model.name])),
        *(("needs", f"{need.require}, or {need.code}") for need in model.needs),
        *(("demands", f"{one.kind} {', '.join(one.parameters)}") for one in model.demands),
        *(("changes", f"{place} = {value}") for place, value in model.changes.items()),
        ("result", f"{shown}, {'inferred' if model.returns_inferred else 'as the source says'}"),
    ]
    _print_pairs(console, lines)
    table = Table(box=None, padding=(0, 2, 0, 2), header_style="dim")
    for name in ("parameter", "use", "meaning", "entity", "field"):
        table.add_column(name, overflow="fold")
    for one in model.parameters:
        named = one.path if one.required else f"({one.path})"
        noun = world.entities[one.entity].noun if one.entity else ""
        table.add_row(*map(Text, (named, one.use, one.semantic, noun, one.field or "")))
    if model.parameters:
        console.print(table)


def _said_of(meaning: Meaning) -> list[str]:
    """What people and models say of a tool and its parameters, and who: ``operation (x.yaml)``."""
    parts: list[tuple[str, Meaning]] = [("", meaning)]
    parts += [(f"{path}: ", one) for path, one in getattr(meaning, "parameters", {}).items()]
    return [
        f"{before}{key} ({tell_author(origin)})"
        for before, part in parts
        for key, origin in part.origins.items()
        if origin.source in ("file", "model")
    ]


def tell_author(origin: Origin) -> str:
    """Who says a value: ``shop.world.yaml``, ``the model x``."""
    return f"the model {origin.why}" if origin.source == "model" else origin.why


def _print_pairs(console: Console, pairs: Iterable[tuple[str, str]]) -> None:
    grid = Table.grid(padding=(0, 2, 0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in pairs:
        grid.add_row(Text(name), Text(value))
    console.print(grid)
