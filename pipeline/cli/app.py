"""The command line: what can be asked, and which module answers.

Heavy imports wait until a command needs them, so that ``--help`` and the first line of a build
appear at once.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.cli.options import MAKING, SOURCES, TELLING, takes

app = typer.Typer(
    name="toolweave",
    help="Turn any tool catalogue into checked multi-turn tool-use training data.",
    epilog="Example: toolweave build --tools tools.json -n 200 --out out/mine",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

graph = typer.Typer(
    help="The tool graph: which result can serve which parameter.",
    epilog="Example: toolweave graph build api.json --out out/graph",
    no_args_is_help=True,
)
app.add_typer(graph, name="graph")

world = typer.Typer(
    help="The world model: what the tools are taken to do, and to what.",
    epilog="Example: toolweave world show api.json",
    no_args_is_help=True,
)
app.add_typer(world, name="world")

sandbox = typer.Typer(
    help="The sandbox, in which calls run.",
    epilog="Example: toolweave sandbox replay out/mine",
    no_args_is_help=True,
)
app.add_typer(sandbox, name="sandbox")

Paths = Annotated[
    list[Path] | None,
    typer.Argument(metavar="PATH", help="Files and folders of tool definitions. (default: ours)"),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document to stdout.")]


def run(arguments: Sequence[str], stages: str) -> int:
    """Run one command; the exit code comes as SystemExit. ``stages`` names their module."""
    app(list(arguments), prog_name="toolweave", obj=stages)
    return 0


@app.command(
    epilog="Example: toolweave build --tools tools.json -n 200 --seed 7 --out out/mine",
    help="Make checked trajectories until N are accepted. The same command goes on after a stop.",
)
@takes(*SOURCES, *MAKING, "prefect", *TELLING)
def build(context: typer.Context, config: Path | None, **options: Any) -> None:
    """Make checked trajectories until N are accepted."""
    from pipeline.cli.build_commands import build_command
    from pipeline.config import load_settings

    raise typer.Exit(build_command(context.obj, load_settings(config, options)))


@app.command(
    epilog="Example: toolweave schedule --cron '0 2 * * *' -n 500 --out out/nightly",
    help="Serve the build as a Prefect deployment: each run adds N new accepted trajectories.",
)
@takes("cron", "once", *SOURCES, "new", *(name for name in MAKING if name != "n"), *TELLING)
def schedule(context: typer.Context, config: Path | None, **options: Any) -> None:
    """Serve the build as a Prefect deployment."""
    from pipeline.cli.build_commands import schedule_command
    from pipeline.config import load_settings

    raise typer.Exit(schedule_command(context.obj, load_settings(config, options)))


@app.command(
    epilog="Examples: toolweave tools api.json · toolweave tools --mcp 'mcp-server-time' --repairs",
    help="Read catalogues and say what was read, repaired, skipped and merged.",
)
@takes("mcp", "world", "strict", "run_python", "dedup", "quiet", "json")
def tools(
    paths: Paths = None,
    repairs: Annotated[
        bool, typer.Option("--repairs", help="List every repair, tool by tool.")
    ] = False,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Tools in the table. (default: all)")
    ] = None,
    **options: Any,
) -> None:
    """Read catalogues and say what was read, repaired, skipped and merged."""
    from pipeline.cli.tools_command import tools_command
    from pipeline.config import load_settings

    settings = load_settings(None, {"tools": paths, **options})
    raise typer.Exit(tools_command(settings, repairs, limit))


@graph.command(
    "build",
    epilog="Example: toolweave graph build api.json --out out/graph",
    help="Find which result feeds which parameter; write JSON, GraphML, tables and a picture.",
)
@takes(
    *(
        "mcp",
        "world",
        "strict",
        "dedup",
        "recipe",
        "check_edges",
        "judge_edges",
        "model",
        "base_url",
    ),
    *("out", "quiet", "json"),
)
def graph_build(paths: Paths = None, **options: Any) -> None:
    """Find which result feeds which parameter."""
    from pipeline.cli.graph_commands import GRAPH_OUT, graph_build_command
    from pipeline.config import load_settings

    options["out"] = options["out"] or GRAPH_OUT
    raise typer.Exit(graph_build_command(load_settings(None, {"tools": paths, **options})))


@graph.command(
    "show",
    epilog="Examples: toolweave graph show out/graph --open · toolweave graph show api.json get_it",
    help="Say where the picture lies, or what feeds TOOL and what it feeds.",
)
def graph_show(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="DIR|PATH... [TOOL]",
            help="A folder of a graph or of a build, or catalogues; then a tool's wire name.",
        ),
    ],
    open_it: Annotated[bool, typer.Option("--open", help="Open the picture in a browser.")] = False,
    as_json: Json = False,
) -> None:
    """Say where the picture lies, or what feeds a tool and what it feeds."""
    from pipeline.cli.graph_commands import graph_show_command

    raise typer.Exit(graph_show_command(words, open_it, as_json))


@graph.command(
    "stats",
    epilog="Example: toolweave graph stats out/graph",
    help="Count tools, edges, hubs, parts, and tools that no edge leads to.",
)
def graph_stats(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="DIR|PATH", help="A folder of a graph or build, or catalogues."),
    ],
    as_json: Json = False,
) -> None:
    """Count tools, edges, hubs, parts, and tools that no edge leads to."""
    from pipeline.cli.graph_commands import graph_stats_command

    raise typer.Exit(graph_stats_command(paths, as_json))


@sandbox.command(
    "replay",
    epilog="Examples: toolweave sandbox replay out/mine · toolweave sandbox replay out/mine 3f9c",
    help="Run the calls of records again, strictly: certificates that nothing differs.",
)
def sandbox_replay(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A JSONL file of trajectories or an output folder.")],
    id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="A record; the id's beginning will do.")
    ] = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Run the calls of records again, strictly."""
    from pipeline.cli.replay_command import replay_command

    raise typer.Exit(replay_command(context.obj, file, id, quiet, as_json))


@world.command(
    "show",
    epilog="Examples: toolweave world show api.json · toolweave world show api.json --tool get_it",
    help="Say what is known of each entity and tool, who says it, and how sure it is.",
)
@takes("mcp", "world", "strict", "dedup", "seed", "config", "quiet", "json")
def world_show(
    context: typer.Context,
    config: Path | None,
    paths: Paths = None,
    tool: Annotated[
        str | None, typer.Option(metavar="NAME", help="All that is known of one tool.")
    ] = None,
    rows: Annotated[
        int | None, typer.Option(min=0, help="Example rows of each entity. (default: 2)")
    ] = None,
    **options: Any,
) -> None:
    """Say what is known of each entity and tool."""
    from pipeline.cli.world_commands import world_show_command
    from pipeline.config import load_settings

    del context
    settings = load_settings(config, {"tools": paths, **options})
    raise typer.Exit(world_show_command(settings, tool, rows))


@world.command(
    "write",
    epilog="Example: toolweave world write api.json api.world.yaml",
    help="Write the world model as a file to edit: every value, and what is unknown.",
)
@takes("mcp", "world", "strict", "dedup", "config", "quiet")
def world_write(
    config: Path | None,
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="[PATH]… FILE", help="Files and folders of tool definitions, and the new file."
        ),
    ],
    **options: Any,
) -> None:
    """Write the world model as a file to edit."""
    from pipeline.cli.world_commands import world_write_command
    from pipeline.config import load_settings

    settings = load_settings(config, {"tools": paths[:-1], **options})
    raise typer.Exit(world_write_command(settings, paths[-1]))


@world.command(
    "check",
    epilog="Examples: toolweave world check api.world.yaml · toolweave world check api.json",
    help="Look whether a file with a world model fits its tools.",
)
@takes("world", "strict", "quiet", "json")
def world_check(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH", help="World models beside their catalogues, or catalogues."),
    ],
    **options: Any,
) -> None:
    """Look whether a file with a world model fits its tools."""
    from pipeline.cli.world_commands import world_check_command
    from pipeline.config import load_settings

    raise typer.Exit(world_check_command(load_settings(None, options), paths))


@world.command(
    "schema",
    epilog="Example: toolweave world schema > world.schema.json",
    help="Print the JSON Schema of a file with a world model.",
)
def world_schema() -> None:
    """Print the JSON Schema of a file with a world model."""
    from pipeline.cli.world_commands import world_schema_command

    raise typer.Exit(world_schema_command())


@app.command(
    epilog="Example: toolweave tasks --tools tools.json -n 50 --out tasks.jsonl",
    help="Draw proven tasks without a dialogue: print some, or write them as JSON Lines.",
)
@takes(*SOURCES, "seed", "recipe", "sampler", *TELLING)
def tasks(
    n: Annotated[int, typer.Option("-n", min=1, help="How many tasks.")] = 20,
    out: Annotated[Path | None, typer.Option(help="A file for all of them.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over an existing file.")] = False,
    limit: Annotated[int | None, typer.Option(min=0, help="Tasks shown. (default: 3)")] = None,
    config: Path | None = None,
    **options: Any,
) -> None:
    """Draw proven tasks without a dialogue."""
    from pipeline.cli.tasks_command import tasks_command
    from pipeline.config import load_settings

    settings = load_settings(config, {"n": n, **options})
    raise typer.Exit(tasks_command(settings, out, force, limit))


@app.command(
    epilog="Example: toolweave check out/mine/trajectories.jsonl",
    help="Run the checks over a data set and say what falls short, where and why.",
)
def check(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A JSONL file of trajectories or an output folder.")],
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Run the checks over a data set."""
    from pipeline.cli.build_commands import check_command

    raise typer.Exit(check_command(context.obj, file, quiet, as_json))


@app.command(
    epilog="Examples: toolweave show out/mine · toolweave show out/mine 3f9c",
    help="Read samples in the terminal: a table, or one conversation call by call.",
)
def show(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="An output folder.")],
    id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="A trajectory; the id's beginning will do.")
    ] = None,
    shuffled: Annotated[
        bool, typer.Option("--random", help="Whole conversations, picked at random.")
    ] = False,
    limit: Annotated[
        int | None, typer.Option(min=1, help="How many. (default: 20 rows, 1 conversation)")
    ] = None,
    rejected: Annotated[bool, typer.Option("--rejected", help="Of those that fell short.")] = False,
    as_json: Json = False,
) -> None:
    """Read samples in the terminal."""
    from pipeline.cli.build_commands import show_command

    raise typer.Exit(show_command(folder, id, shuffled, limit, rejected, as_json))


@app.command(
    epilog="Example: toolweave export out/mine --to openai --out train.jsonl",
    help="Write the accepted trajectories in the format of a trainer.",
)
def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="An output folder.")],
    to: Annotated[str, typer.Option(help="The format: openai.")],
    out: Annotated[
        Path | None, typer.Option(help="The file. (default: DIR/exports/FORMAT.jsonl)")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over an existing file.")] = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Write the accepted trajectories in the format of a trainer."""
    from pipeline.cli.build_commands import export_command

    raise typer.Exit(export_command(folder, to, out, force, quiet, as_json))


def _print_version(asked: bool) -> None:
    if asked:
        from pipeline.version import version

        typer.echo(f"toolweave {version()}")
        raise typer.Exit


@app.callback()
def toolweave(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Say it.")
    ] = False,
) -> None:
    """Turn any tool catalogue into checked multi-turn tool-use training data."""
