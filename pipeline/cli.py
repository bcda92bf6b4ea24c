"""The command line: what can be asked, and which module answers.

Heavy imports wait until a command needs them, so that ``--help`` and the first line of a build
appear at once.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from schemas.record import JsonObject

app = typer.Typer(
    name="toolweave",
    help="Turn any tool catalogue into checked multi-turn tool-use training data.",
    epilog="Example: toolweave build --tools tools.json -n 200 --out out/mine",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Tools = Annotated[
    list[Path] | None,
    typer.Option(help="A file or folder of tool definitions; may be given again. (default: ours)"),
]
Out = Annotated[Path | None, typer.Option(help="Output folder. (default: out/toolweave)")]
Count = Annotated[
    int | None, typer.Option("-n", help="Accepted trajectories in the end. (default: 100)")
]
New = Annotated[
    int | None, typer.Option("-n", help="New accepted trajectories a run. (default: 100)")
]
Seed = Annotated[int | None, typer.Option(help="The same seed makes the same data. (default: 0)")]
Model = Annotated[
    str | None, typer.Option(help="A model plays user, assistant and judge. (default: scripts do)")
]
BaseUrl = Annotated[
    str | None, typer.Option(help="Its OpenAI-compatible endpoint; the key is OPENAI_API_KEY.")
]
Concurrency = Annotated[int | None, typer.Option(help="Dialogues open at once. (default: 8)")]
ShardSize = Annotated[int | None, typer.Option(help="Candidates a shard. (default: 50)")]
MaxCandidates = Annotated[
    int | None, typer.Option(help="Stop after so many candidates. (default: 4 n + 50)")
]
Prefect = Annotated[
    bool | None,
    typer.Option(
        "--prefect/--no-prefect",
        help="Run as a Prefect flow. (default: where PREFECT_API_URL is set)",
    ),
]
Config = Annotated[
    Path | None, typer.Option(help="YAML file with these options as keys; options override it.")
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
def build(
    context: typer.Context,
    tools: Tools = None,
    out: Out = None,
    n: Count = None,
    seed: Seed = None,
    model: Model = None,
    base_url: BaseUrl = None,
    concurrency: Concurrency = None,
    shard_size: ShardSize = None,
    max_candidates: MaxCandidates = None,
    prefect: Prefect = None,
    config: Config = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Make checked trajectories until N are accepted."""
    from pipeline.commands import build_command
    from pipeline.config import load_settings

    options: JsonObject = {
        "tools": tools, "out": out, "n": n, "seed": seed, "model": model, "base_url": base_url,
        "concurrency": concurrency, "shard_size": shard_size, "max_candidates": max_candidates,
        "prefect": prefect, "quiet": quiet or None, "json": as_json or None,
    }  # fmt: skip
    raise typer.Exit(build_command(context.obj, load_settings(config, options)))


@app.command(
    epilog="Example: toolweave schedule --cron '0 2 * * *' -n 500 --out out/nightly",
    help="Serve the build as a Prefect deployment: each run adds N new accepted trajectories.",
)
def schedule(
    context: typer.Context,
    cron: Annotated[str | None, typer.Option(help="When to run, such as '0 2 * * *'.")] = None,
    once: Annotated[bool, typer.Option("--once", help="Make one scheduled run, now.")] = False,
    tools: Tools = None,
    out: Out = None,
    n: New = None,
    seed: Seed = None,
    model: Model = None,
    base_url: BaseUrl = None,
    concurrency: Concurrency = None,
    shard_size: ShardSize = None,
    max_candidates: MaxCandidates = None,
    config: Config = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Serve the build as a Prefect deployment."""
    from pipeline.commands import schedule_command
    from pipeline.config import load_settings

    options: JsonObject = {
        "cron": cron, "once": once or None, "tools": tools, "out": out, "n": n, "seed": seed,
        "model": model, "base_url": base_url, "concurrency": concurrency,
        "shard_size": shard_size, "max_candidates": max_candidates,
        "quiet": quiet or None, "json": as_json or None,
    }  # fmt: skip
    raise typer.Exit(schedule_command(context.obj, load_settings(config, options)))


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
    from pipeline.commands import check_command

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
    from pipeline.commands import show_command

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
    from pipeline.commands import export_command

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
