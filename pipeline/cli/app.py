"""The command line: what can be asked, and which module answers.

Options that are settings are made of `pipeline.config.Settings`, and those that shape an export
of `pipeline.exports.format`; a command names those that it takes, in the order of its ``--help``.
Heavy imports wait until a command needs them, so that ``--help`` and the first line of a build
appear at once.
"""

import inspect
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Any, get_args

import typer

from pipeline.cli.field_words import words_below
from pipeline.config import Settings, load_settings
from pipeline.exports import tell_exports
from pipeline.exports.format import Shape, tell_choices

SOURCES = ("tools", "mcp", "environment", "world", "policy", "strict", "include_doubtful", "dedup")
"""What a catalogue is read from, and how."""
READING = ("mcp", "world", "strict", "include_doubtful", "dedup")
"""How commands read that take their catalogues as arguments, and no environment."""
SERVING = ("environment", "world", "policy", "strict", "include_doubtful", "dedup")
"""What tasks are drawn from that are served: where calls run in this process."""
MAKING = (
    *("out", "n", "seed", "recipe", "sampler", "model", "rewrite", "write_tasks"),
    *("judge_model", "base_url", "prompts", "complete_world"),
    *("budget_money", "budget_tokens", "budget_minutes"),
    *("concurrency", "workers", "shard_size", "max_candidates"),
)
"""What data is made of a catalogue, and where."""
TELLING = ("config", "quiet", "json")
SHARE = {"min": 0.0, "max": 1.0}
"""What a share may be."""

FLAGS = {
    "n": ("-n",),
    "quiet": ("--quiet", "-q"),
    "prefect": ("--prefect/--no-prefect",),
    "complete_world": ("--complete-world/--no-complete-world",),
    "judge_edges": ("--judge",),
    "check_edges": ("--check",),
    "beside": ("--text-beside-calls",),
    "reasoning": ("--reasoning/--no-reasoning",),
}
"""How options are spelt that are not spelt as their keys."""
METAVARS = {
    "mcp": "TARGET",
    "world": "FILE",
    "policy": "FILE",
    "prompts": "FOLDER",
    "environment": "MODULE:CLASS",
    "dedup": "THRESHOLD",
    "train": "RULE",
    "distractors": "N",
    "mask_names": "SHARE",
    "irrelevant": "SHARE",
}
OWN_HELP = {
    ("schedule", "n"): "New accepted trajectories a run. (default: 100)",
    ("serve", "out"): "Where the requests of the user's model are kept. (default: a folder's own)",
    ("serve", "user_model"): "A model that plays the user. (default: a script)",
    ("serve", "user_base_url"): "Its OpenAI-compatible endpoint; the key is OPENAI_API_KEY.",
}
"""Command and key → what the option is there, where it is not what the setting says."""
CONFIG = Annotated[
    Path | None, typer.Option(help="YAML file with these options as keys; options override it.")
]
Paths = Annotated[
    list[Path] | None,
    typer.Argument(metavar="PATH", help="Files and folders of tool definitions. (default: ours)"),
]
Folder = Annotated[Path, typer.Argument(metavar="DIR", help="An output folder.")]
DataFile = Annotated[Path, typer.Argument(help="A JSONL file of trajectories or an output folder.")]
Force = Annotated[bool, typer.Option("--force", help="Write over an existing file.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document to stdout.")]
Command = Callable[..., int]


def make_group(help: str, epilog: str, **options: Any) -> typer.Typer:
    """Make a command that is called with the name of one of its own."""
    return typer.Typer(help=help, epilog=f"Example: {epilog}", no_args_is_help=True, **options)


app = make_group(
    "Turn any tool catalogue into checked multi-turn tool-use training data.",
    "toolweave build --tools tools.json -n 200 --out out/mine",
    name="toolweave",
    add_completion=False,
    pretty_exceptions_enable=False,
)
GROUPS = {
    "graph": make_group(
        "The tool graph: which result can serve which parameter.",
        "toolweave graph build api.json --out out/graph",
    ),
    "world": make_group(
        "The world model: what the tools are taken to do, and to what.",
        "toolweave world show api.json",
    ),
    "sandbox": make_group("The sandbox, in which calls run.", "toolweave sandbox replay out/mine"),
    "prompts": make_group("What the models are told.", "toolweave prompts show user"),
}
for group_name, group in GROUPS.items():
    app.add_typer(group, name=group_name)


def run(arguments: Sequence[str], stages: str) -> int:
    """Run one command; the exit code comes as SystemExit. ``stages`` names their module."""
    _read_commands()(list(arguments), prog_name="toolweave", obj=stages)
    return 0


@cache
def _read_commands() -> Any:
    """All commands with their options, read once in a process."""
    return typer.main.get_command(app)


def command(name: str, *examples: str, takes: Sequence[str] = ()) -> Callable[[Command], Command]:
    """Make a function a command: its docstring is the help, what it answers the exit code.

    Of the settings it ``takes`` options are made; it is handed those that were given in place of
    its ``**options``, None for the others.
    """
    group, _, last = name.rpartition(" ")
    epilog = f"Example{'s' if len(examples) > 1 else ''}: {' · '.join(examples)}"

    def made(function: Command) -> Command:
        def ended(**given: Any) -> None:
            raise typer.Exit(function(**given))

        parameters = [
            one
            for one in inspect.signature(function).parameters.values()
            if one.kind is not one.VAR_KEYWORD and one.name not in takes
        ]
        parameters += [
            inspect.Parameter(
                key, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=make_option(key, last)
            )
            for key in takes
        ]
        ended.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        ended.__annotations__ = {one.name: one.annotation for one in parameters}
        add = GROUPS[group].command if group else app.command
        add(last, help=inspect.getdoc(function), epilog=epilog)(ended)
        return function

    return made


def make_option(key: str, command: str) -> Any:
    """The option of a setting or choice, as Typer reads it: None where it is not given."""
    if key == "config":
        return CONFIG
    known = Shape.model_fields | Settings.model_fields
    name, field = next((name, one) for name, one in known.items() if key in (name, one.alias))
    default = field.default
    help = " ".join({**words_below(Shape), **words_below(Settings)}[name].split())
    if (default is not True and default not in (None, False, ())) or key == "seed":
        help += f" (default: {default})"
    help = OWN_HELP.get((command, key), help)
    choices = tell_choices(field.annotation)
    kind: Any = str if choices else field.annotation
    if default == ():
        kind = list[get_args(kind)[0]]  # type: ignore[misc]
    flags = FLAGS.get(key, (f"--{key.replace('_', '-')}",) if default is False else ())
    option = typer.Option(*flags, metavar=METAVARS.get(key, "|".join(choices) or None), help=help)
    return Annotated[kind | None, option]


@command(
    "build",
    "toolweave build --tools tools.json -n 200 --seed 7 --out out/mine",
    takes=(*SOURCES, *MAKING, "prefect", *TELLING),
)
def build(
    context: typer.Context,
    config: Path | None,
    weights: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What to draw more of, as `probe` writes it."),
    ] = None,
    **options: Any,
) -> int:
    """Make checked trajectories until N are accepted. The same command goes on after a stop."""
    from pipeline.cli.build_commands import build_command

    return build_command(context.obj, load_settings(config, {"weights": weights, **options}))


@command(
    "schedule",
    "toolweave schedule --cron '0 2 * * *' -n 500 --out out/nightly",
    takes=(
        "cron",
        "once",
        "pool",
        "retries",
        *SOURCES,
        "n",
        *(key for key in MAKING if key != "n"),
        *TELLING,
    ),
)
def schedule(context: typer.Context, config: Path | None, **options: Any) -> int:
    """Serve the build as a Prefect deployment: each run adds N new accepted trajectories."""
    from pipeline.cli.build_commands import schedule_command

    return schedule_command(context.obj, load_settings(config, options))


@command(
    "tools",
    *("toolweave tools api.json", "toolweave tools --mcp 'mcp-server-time' --repairs"),
    takes=("mcp", "world", "strict", "include_doubtful", "run_python", "dedup", "quiet", "json"),
)
def tools(
    paths: Paths = None,
    repairs: Annotated[
        bool, typer.Option("--repairs", help="List every repair, tool by tool.")
    ] = False,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Tools in the table. (default: all)")
    ] = None,
    **options: Any,
) -> int:
    """Read catalogues and say what was read, repaired, skipped and merged."""
    from pipeline.cli.tools_command import tools_command

    return tools_command(load_settings(None, {"tools": paths, **options}), repairs, limit)


@command(
    "graph build",
    "toolweave graph build api.json --out out/graph",
    takes=(
        *(*READING, "recipe", "check_edges", "judge_edges", "model", "base_url", "out"),
        *("quiet", "json"),
    ),
)
def graph_build(paths: Paths = None, **options: Any) -> int:
    """Find which result feeds which parameter; write JSON, GraphML, tables and a picture."""
    from pipeline.cli.graph_commands import GRAPH_OUT, graph_build_command

    options["out"] = options["out"] or GRAPH_OUT
    return graph_build_command(load_settings(None, {"tools": paths, **options}))


@command(
    "graph show",
    *("toolweave graph show out/graph --open", "toolweave graph show api.json get_it"),
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
) -> int:
    """Say where the picture lies, or what feeds TOOL and what it feeds."""
    from pipeline.cli.graph_commands import graph_show_command

    return graph_show_command(words, open_it, as_json)


@command("graph stats", "toolweave graph stats out/graph")
def graph_stats(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="DIR|PATH", help="A folder of a graph or build, or catalogues."),
    ],
    as_json: Json = False,
) -> int:
    """Count tools, edges, hubs, parts, and tools that no edge leads to."""
    from pipeline.cli.graph_commands import graph_stats_command

    return graph_stats_command(paths, as_json)


@command(
    "sandbox replay",
    *("toolweave sandbox replay out/mine", "toolweave sandbox replay out/mine 3f9c"),
)
def sandbox_replay(
    context: typer.Context,
    file: DataFile,
    id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="A record; the id's beginning will do.")
    ] = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> int:
    """Run the calls of records again, strictly: certificates that nothing differs."""
    from pipeline.cli.data_commands import replay_command

    return replay_command(context.obj, file, id, quiet, as_json)


@command(
    "world show",
    *("toolweave world show api.json", "toolweave world show api.json --tool get_it"),
    takes=(*READING, "seed", "config", "quiet", "json"),
)
def world_show(
    config: Path | None,
    paths: Paths = None,
    tool: Annotated[
        str | None, typer.Option(metavar="NAME", help="All that is known of one tool.")
    ] = None,
    rows: Annotated[
        int | None, typer.Option(min=0, help="Example rows of each entity. (default: 2)")
    ] = None,
    **options: Any,
) -> int:
    """Say what is known of each entity and tool, who says it, and how sure it is."""
    from pipeline.cli.world_commands import world_show_command

    return world_show_command(load_settings(config, {"tools": paths, **options}), tool, rows)


@command(
    "world write",
    "toolweave world write api.json api.world.yaml",
    takes=(*READING, "config", "quiet"),
)
def world_write(
    config: Path | None,
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="[PATH]… FILE", help="Files and folders of tool definitions, and the new file."
        ),
    ],
    **options: Any,
) -> int:
    """Write the world model as a file to edit: every value, and what is unknown."""
    from pipeline.cli.world_commands import world_write_command

    *read, file = paths
    return world_write_command(load_settings(config, {"tools": read, **options}), file)


@command(
    "world complete",
    *(
        "toolweave world complete api.json --model NAME --dry-run",
        "toolweave world complete api.json --model NAME --out out/api",
    ),
    takes=(
        *("mcp", "world", "policy", "strict", "include_doubtful", "dedup", "model", "base_url"),
        *("concurrency", "out", "config", "quiet", "json"),
    ),
)
def world_complete(
    config: Path | None,
    paths: Paths = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what it would cost, and ask nothing.")
    ] = False,
    **options: Any,
) -> int:
    """Let a model complete the world model: it is written to DIR/completed.world.yaml."""
    from pipeline.cli.world_commands import world_complete_command

    return world_complete_command(load_settings(config, {"tools": paths, **options}), dry_run)


@command(
    "world check",
    *("toolweave world check api.world.yaml", "toolweave world check api.json"),
    takes=("world", "strict", "quiet", "json"),
)
def world_check(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH", help="World models beside their catalogues, or catalogues."),
    ],
    **options: Any,
) -> int:
    """Look whether a file with a world model fits its tools."""
    from pipeline.cli.world_commands import world_check_command

    return world_check_command(load_settings(None, options), paths)


@command("world schema", "toolweave world schema > world.schema.json")
def world_schema() -> int:
    """Print the JSON Schema of a file with a world model."""
    from pipeline.cli.world_commands import world_schema_command

    return world_schema_command()


@command(
    "tasks",
    "toolweave tasks --tools tools.json -n 50 --out tasks.jsonl",
    takes=(*SOURCES, "seed", "recipe", "sampler", *TELLING),
)
def tasks(
    n: Annotated[int, typer.Option("-n", min=1, help="How many tasks.")] = 20,
    out: Annotated[Path | None, typer.Option(help="A file for all of them.")] = None,
    force: Force = False,
    limit: Annotated[int | None, typer.Option(min=0, help="Tasks shown. (default: 3)")] = None,
    config: Path | None = None,
    **options: Any,
) -> int:
    """Draw proven tasks without a dialogue: print some, or write them as JSON Lines."""
    from pipeline.cli.build_commands import tasks_command

    return tasks_command(load_settings(config, {"n": n, **options}), out, force, limit)


@command(
    "prompts show",
    "toolweave prompts show user --tools tools.json --task 3f9c",
    takes=(*SOURCES, "seed", "recipe", "sampler", "prompts", *TELLING),
)
def prompts_show(
    role: Annotated[str, typer.Argument(help="user, assistant, judge, writer, reviewer, …")],
    task: Annotated[str, typer.Option(help="How the task's id begins. (default: the first)")] = "",
    n: Annotated[int, typer.Option("-n", min=1, help="How many tasks are looked through.")] = 20,
    config: Path | None = None,
    **options: Any,
) -> int:
    """Print the very messages that a model is sent which plays a role of a task."""
    from pipeline.cli.prompts_command import prompts_show_command

    return prompts_show_command(role, load_settings(config, {"n": n, **options}), task)


@command("check", "toolweave check out/mine/trajectories.jsonl", takes=("workers",))
def check(
    context: typer.Context,
    file: DataFile,
    quiet: Quiet = False,
    as_json: Json = False,
    **options: Any,
) -> int:
    """Check that files are as written, then all records, and say what falls short, and why."""
    from pipeline.cli.data_commands import check_command

    workers = load_settings(None, options).processes
    return check_command(context.obj, file, quiet, as_json, workers)


@command(
    "serve",
    *("toolweave serve out/mine --port 8765", "toolweave serve tools.json"),
    takes=(
        *SERVING,
        "seed",
        "user_model",
        "user_base_url",
        "prompts",
        "out",
        "budget_money",
        "budget_tokens",
        "budget_minutes",
        "concurrency",
        "workers",
        "config",
        "quiet",
    ),
)
def serve(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="PATH", help="An output folder, or tool definitions. (default: our tools)"
        ),
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8765,
    sessions: Annotated[int, typer.Option(min=1, help="Sessions that may be open at once.")] = 1000,
    idle: Annotated[float, typer.Option(min=1, help="Seconds after which one ends unused.")] = 600,
    config: Path | None = None,
    **options: Any,
) -> int:
    """Serve tasks with their sandbox, user and reward over HTTP, on this machine alone."""
    from pipeline.cli.serve_command import serve_command

    settings = load_settings(config, {"tools": paths, **options})
    return serve_command(settings, port, sessions, idle)


@command(
    "probe",
    *("toolweave probe out/mine --model NAME -k 4 --decisions",
      "toolweave export out/mine --to trl --pass-rate 0.1..0.9"),
    takes=("model", "base_url", "seed", "budget_money", "budget_tokens", "budget_minutes",
           "concurrency", *TELLING),
)  # fmt: skip
def probe(
    config: Path | None,
    folder: Folder,
    k: Annotated[int, typer.Option("-k", min=1, max=64, help="Attempts at each.")] = 4,
    n: Annotated[
        int | None, typer.Option("-n", min=1, help="Of the first N tasks. (default: all)")
    ] = None,
    decisions: Annotated[
        bool, typer.Option("--decisions", help="Each move of the proven conversations, too.")
    ] = False,
    write_weights: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write what it fails, for `build --weights`."),
    ] = None,
    **options: Any,
) -> int:
    """Have a target model attempt the tasks: pass rates, and where it goes wrong first."""
    from pipeline.cli.probe_command import probe_command

    given = {**options, "out": folder / "probes"}
    return probe_command(folder, load_settings(config, given), k, n, decisions, write_weights)


@command(
    "harden",
    "toolweave harden out/mine --model NAME -k 4",
    takes=("model", "base_url", "seed", "budget_money", "budget_tokens", "budget_minutes",
           "concurrency", *TELLING),
)  # fmt: skip
def harden(
    config: Path | None,
    folder: Folder,
    k: Annotated[int, typer.Option("-k", min=1, max=64, help="Attempts at each step.")] = 4,
    below: Annotated[
        float, typer.Option(metavar="SHARE", help="So seldom solved is failed.", **SHARE)
    ] = 0.5,
    n: Annotated[
        int | None, typer.Option("-n", min=1, help="Of the first N solved tasks. (default: all)")
    ] = None,
    **options: Any,
) -> int:
    """Add operators to tasks that a probed model solves, until it fails; each step is proven."""
    from pipeline.cli.probe_command import harden_command

    given = {**options, "out": folder / "hardened"}
    return harden_command(folder, load_settings(config, given), k, below, n)


@command("repair", "toolweave repair out/mine")
def repair(folder: Folder, quiet: Quiet = False, as_json: Json = False) -> int:
    """Mend an output folder that something else changed, and say what is lost."""
    from pipeline.cli.data_commands import repair_command

    return repair_command(folder, quiet, as_json)


@command("show", "toolweave show out/mine", "toolweave show out/mine 3f9c")
def show(
    folder: Folder,
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
) -> int:
    """Read samples in the terminal: a table, or one conversation call by call."""
    from pipeline.cli.show_command import show_command

    return show_command(folder, id, shuffled, limit, rejected, as_json)


@command(
    "cost",
    *("toolweave cost out/mine", "toolweave cost out/mine -n 10000 --config prices.yaml"),
    takes=("config", "json"),
)
def cost(
    config: Path | None,
    folder: Folder,
    n: Annotated[
        int | None,
        typer.Option("-n", min=1, help="What so many accepted ones would cost, by what is there."),
    ] = None,
    **options: Any,
) -> int:
    """Say what the models of a folder have cost: by stage, role, model, accepted and rejected."""
    from pipeline.cli.cost_command import cost_command

    known = load_settings(config, {}) if config is not None else None
    return cost_command(folder, known, n, bool(options["json"]))


KIND = Annotated[
    list[str] | None,
    typer.Option("--kind", metavar="NAME", help="Only this kind; may be given again."),
]


@command(
    "errors",
    *("toolweave errors out/mine", "toolweave errors out/mine --pair 1 --recovery 0.3"),
    takes=("seed", "quiet", "json"),
)
def errors(
    context: typer.Context,
    folder: Folder,
    recovery: Annotated[float, typer.Option(help="Share with a recovery.", **SHARE)] = 0.2,
    pair: Annotated[float, typer.Option(help="Share with a preference pair.", **SHARE)] = 0.5,
    steps: Annotated[float, typer.Option(help="Share with labelled steps.", **SHARE)] = 0.2,
    near_miss: Annotated[float, typer.Option(help="Share with a violating twin.", **SHARE)] = 0.2,
    kind: KIND = None,
    force: Annotated[
        bool, typer.Option("--force", help="Make anew what was begun with other settings.")
    ] = False,
    **options: Any,
) -> int:
    """Make mistakes with truth in accepted conversations: recoveries, pairs, steps, near misses."""
    from pipeline.cli.errors_command import errors_command

    settings = load_settings(None, options)
    return errors_command(
        context.obj,
        folder,
        {"recovery": recovery, "pair": pair, "steps": steps, "near_miss": near_miss},
        kind or (),
        settings.seed,
        force,
        settings.quiet,
        settings.as_json,
    )


@command(
    "masks",
    *("toolweave masks out/mine --train calls", "toolweave masks out/mine/recoveries.jsonl"),
    takes=("quiet", "json"),
)
def masks(
    file: DataFile,
    train: Annotated[
        list[str] | None,
        typer.Option(
            metavar="RULE",
            help="good, recovery, final, calls or first:N; several narrow one another.",
        ),
    ] = None,
    **options: Any,
) -> int:
    """Say what rules for what is trained on would leave, in messages and tokens."""
    from pipeline.cli.data_commands import masks_command

    settings = load_settings(None, options)
    return masks_command(file, train or (), settings.quiet, settings.as_json)


@command(
    "calibrate",
    *("toolweave calibrate out/mine", "toolweave calibrate out/mine -n 10 --judge-model NAME"),
    takes=("base_url", "prompts", "concurrency", *TELLING, "seed"),
)
def calibrate(
    context: typer.Context,
    config: Path | None,
    folder: Folder,
    n: Annotated[int, typer.Option("-n", min=1, help="Damaged copies of each kind.")] = 50,
    judge_model: Annotated[
        str | None, typer.Option(metavar="TEXT", help="A model that judges each copy as well.")
    ] = None,
    as_model: Annotated[
        bool, typer.Option("--as-model", help="Show the checks the copies as a model's.")
    ] = False,
    kind: KIND = None,
    **options: Any,
) -> int:
    """Say how well checks, and a judge, tell clean conversations from damaged ones, by kind."""
    from pipeline.cli.errors_command import calibrate_command

    given = {"model": judge_model, "out": folder / "calibration", **options}
    return calibrate_command(
        context.obj, folder, n, kind or (), load_settings(config, given), as_model
    )


@command(
    "export",
    *("toolweave export out/mine --to openai --out train.jsonl",
      "toolweave export out/mine --to trl-completion --mask-names 0.3"),
    takes=(*Shape.model_fields, "workers"),
)  # fmt: skip
def export(
    folder: Folder,
    to: Annotated[str, typer.Option(help=f"The format. {tell_exports()}")],
    of: Annotated[
        str, typer.Option(metavar="DATA", help="accepted, recoveries, near_misses or hardened.")
    ] = "accepted",
    tools_as: Annotated[
        str, typer.Option(metavar="list|text", help="Tools as a list, or as one JSON text.")
    ] = "list",
    seed: Annotated[int, typer.Option(help="Decides what the shares and draws are.")] = 0,
    with_stiff: Annotated[
        bool,
        typer.Option("--stiff/--no-stiff", help="With tasks in words that no person would choose."),
    ] = True,
    pass_rate: Annotated[
        str | None,
        typer.Option(
            metavar="[MODEL:]LO..HI", help="Tasks that a probed model solves so often, as 0.1..0.9."
        ),
    ] = None,
    move_rate: Annotated[
        str | None,
        typer.Option(
            metavar="[MODEL:]LO..HI", help="Learn only from moves that it makes right so often."
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="The file; of parquet the folder. (default: in DIR/exports)"),
    ] = None,
    force: Force = False,
    quiet: Quiet = False,
    as_json: Json = False,
    **options: Any,
) -> int:
    """Write the accepted trajectories in the format of a trainer."""
    from pipeline.cli.export_command import export_command

    shape = {key: given for key in Shape.model_fields if (given := options.pop(key)) is not None}
    workers = load_settings(None, options).processes
    return export_command(
        *(folder, to, tools_as, shape, seed, with_stiff, out, force, quiet, as_json, workers, of),
        *(pass_rate, move_rate),
    )


@command(
    "push",
    "toolweave push out/mine hub/mine",
    "toolweave push out/mine hf://datasets/me/mine --to trl-completion --licence apache-2.0",
)
def push(
    folder: Folder,
    target: Annotated[
        str, typer.Argument(metavar="TARGET", help="A folder, or hf://datasets/OWNER/NAME.")
    ],
    to: Annotated[
        list[str] | None, typer.Option(help="A format; repeatable. (default: openai)")
    ] = None,
    name: Annotated[str, typer.Option(help="What the data set is called. (default: DIR)")] = "",
    licence: Annotated[
        str,
        typer.Option(
            "--licence",
            "--license",
            metavar="ID",
            help="Its licence. (default: the sources', if one)",
        ),
    ] = "",
    test: Annotated[
        float, typer.Option(min=0, max=0.9, help="The share of conversations kept for tests.")
    ] = 0.0,
    force: Force = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> int:
    """Publish the accepted trajectories as a data set: data, tables, card, Croissant."""
    from pipeline.cli.export_command import push_command

    formats = to or ["openai"]
    return push_command(folder, target, formats, name, licence, test, force, quiet, as_json)


def _print_version(asked: bool) -> None:
    if asked:
        from pipeline.run.manifest import version

        typer.echo(f"toolweave {version()}")
        raise typer.Exit


@app.callback()
def toolweave(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Say it.")
    ] = False,
) -> None:
    """Turn any tool catalogue into checked multi-turn tool-use training data."""
