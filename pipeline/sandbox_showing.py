"""The inferred sandbox in the terminal: each domain's entities, then its tools."""

from collections.abc import Iterable

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pipeline.sandbox_report import (
    DomainTold,
    FieldTold,
    SandboxTold,
    ToolTold,
)
from schemas.canonical import written_json

LONGEST_ROW = 400
"""Characters of an example row."""
MOST_CHOICES = 6
WIDEST, PARAMETERS, RESULT = 20, 22, 6
"""Characters of the columns of names, parameters and results, at the least."""


def print_sandbox(told: SandboxTold, whole: bool) -> None:
    """Print to stdout; ``whole`` tells of each tool all that is known."""
    console = Console(highlight=False)
    _print_sums(console, told)
    for domain in told.domains:
        console.print(Text(f"\n{domain.domain}", style="bold underline"))
        for entity in domain.entities:
            related = f"  → {', '.join(entity.relations)}" if entity.relations else ""
            head = Text.assemble(
                "\n",
                (entity.noun, "bold"),
                (f"  named by {', '.join(entity.identity)}{related}", "dim"),
            )
            console.print(head)
            lines = [("fields", ", ".join(map(_field, entity.fields)))]
            if entity.states:
                lines.append(("states", f"{entity.state}: {', '.join(entity.states)}"))
            _print_pairs(console, lines)
            for row in entity.rows:
                text = written_json(row)
                shown = text if len(text) <= LONGEST_ROW else f"{text[: LONGEST_ROW - 1]}…"
                console.print(Padding(Text(shown, style="dim"), (0, 0, 0, 2), expand=False))
        if whole:
            for tool in domain.tools:
                _print_tool(console, tool)
        else:
            _print_tools(console, domain)
    _print_notes(console, told, whole)


def _print_sums(console: Console, told: SandboxTold) -> None:
    tools = [tool for domain in told.domains for tool in domain.tools]
    entities = sum(len(domain.entities) for domain in told.domains)
    corrected = sum(bool(tool.corrected) for tool in tools)
    doubtful = sum(bool(tool.doubts) for tool in tools)
    counts = [
        _count(len(tools), "tool"),
        _count(entities, "entity", "entities"),
        f"{doubtful} in doubt",
        *([f"{corrected} corrected"] if corrected else []),
    ]
    console.print(Text(", ".join(counts), style="bold"))
    for one in told.corrections:
        about = (_count(len(one.tools), "tool"), _count(len(one.entities), "entity", "entities"))
        author = "the model " if one.author == "model" else ""
        console.print(Text(f"corrections of {author}{one.file}: {', '.join(about)}"))


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def _field(field: FieldTold) -> str:
    told = [f"→{field.entity}"] if field.entity else []
    if field.choices:
        more = ["…"] if len(field.choices) > MOST_CHOICES else []
        told.append("|".join([*map(str, field.choices[:MOST_CHOICES]), *more]))
    elif field.semantic != "enum":
        told.insert(0, field.semantic)
    bounds = [field.minimum, field.maximum]
    if any(bound is not None for bound in bounds):
        told.append("..".join("" if bound is None else f"{bound:g}" for bound in bounds))
    return f"{field.name} {' '.join(told)}"


def _print_tools(console: Console, domain: DomainTold) -> None:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("tool", "does", "entity", "parameters by use", "result"):
        table.add_column(name, overflow="fold", no_wrap=name == "does")
    table.columns[0].min_width = min(WIDEST, 2 + max(len(tool.tool) for tool in domain.tools))
    table.columns[3].min_width, table.columns[4].min_width = PARAMETERS, RESULT
    for tool in domain.tools:
        marks = ("?" if tool.doubts else "") + ("*" if tool.corrected else "")
        # ``identity(order_id) option(limit)``: required ones first in each use.
        by_use: dict[str, list[str]] = {}
        for one in sorted(tool.parameters, key=lambda one: not one.required):
            by_use.setdefault(one.use, []).append(one.path + ("" if one.required else "?"))
        told = [
            *([_state(tool)] if tool.transition else []),
            *(f"{use}({', '.join(paths)})" for use, paths in by_use.items()),
        ]
        table.add_row(
            Text.assemble(tool.tool, (marks, "bold")),
            Text(tool.operation),
            Text(tool.entity or "–"),
            Text("\n".join(told)),
            Text(tool.rows_at or "value"),
        )
    console.print()
    console.print(table)


def _state(tool: ToolTold) -> str:
    return "→ {}={}".format(*tool.transition) if tool.transition else ""


def _print_tool(console: Console, tool: ToolTold) -> None:
    about = f" of {tool.entity}" if tool.entity else ""
    head = (f"  {tool.operation}{about} {_state(tool)}".rstrip(), "")
    console.print(Text.assemble("\n", (tool.tool, "bold"), head))
    place = "a value" if tool.rows_at is None else f"rows at {tool.rows_at}"
    lines = [
        ("executed as", tool.executed),
        ("why", tool.why),
        *(("in doubt", doubt) for doubt in tool.doubts),
        *(("corrected", one) for one in tool.corrected),
        ("result", f"{place}, {'inferred' if tool.result_inferred else 'as the source says'}"),
    ]
    _print_pairs(console, lines)
    table = Table(box=None, padding=(0, 2, 0, 2), header_style="dim")
    for name in ("parameter", "use", "meaning", "entity", "field"):
        table.add_column(name, overflow="fold")
    for one in tool.parameters:
        named = one.path if one.required else f"({one.path})"
        table.add_row(*map(Text, (named, one.use, one.semantic, one.entity or "", one.field or "")))
    if tool.parameters:
        console.print(table)


def _print_pairs(console: Console, pairs: Iterable[tuple[str, str]]) -> None:
    grid = Table.grid(padding=(0, 2, 0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in pairs:
        grid.add_row(Text(name), Text(value))
    console.print(grid)


def _print_notes(console: Console, told: SandboxTold, whole: bool) -> None:
    for title, lines in (("skipped", told.skipped), ("notes", told.notes)):
        if lines:
            console.print(Text(f"\n{title} ({len(lines)})", style="bold"))
        for line in lines:
            console.print(Padding(Text(line), (0, 0, 0, 2), expand=False))
    tools = [tool for domain in told.domains for tool in domain.tools]
    hints = [
        *(["? is in doubt"] if any(tool.doubts for tool in tools) else []),
        *(["* is corrected"] if any(tool.corrected for tool in tools) else []),
        *([] if whole else ["--tool NAME tells why"]),
        "--write-corrections FILE begins a file to correct it with",
    ]
    console.print(Text(f"\n{'; '.join(hints)}", style="dim"))
