"""The options of the command line that are keys of the settings, each told once.

A command names those that it takes; their order there is their order in ``--help``.
"""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

SOURCES = ("tools", "mcp", "environment", "world", "strict", "dedup")
"""What a catalogue is read from, and how."""
MAKING = (
    *("out", "n", "seed", "recipe", "sampler", "model", "base_url", "concurrency", "shard_size"),
    "max_candidates",
)
"""What data is made of a catalogue, and where."""
TELLING = ("config", "quiet", "json")

OPTIONS: dict[str, Any] = {
    "tools": Annotated[
        list[Path] | None,
        typer.Option(
            help="A file or folder of tool definitions; may be given again. (default: ours)"
        ),
    ],
    "mcp": Annotated[
        list[str] | None,
        typer.Option(
            metavar="TARGET",
            help="A live MCP server: a command line such as 'mcp-server-time', or a URL; may be "
            "given again.",
        ),
    ],
    "world": Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="A YAML file with the world model of the tools; may be given again.",
        ),
    ],
    "environment": Annotated[
        str | None,
        typer.Option(
            metavar="MODULE:CLASS",
            help="A class of Python whose methods are the tools; FILE.py:CLASS works too.",
        ),
    ],
    "strict": Annotated[
        bool | None, typer.Option("--strict", help="What would be skipped is an error.")
    ],
    "run_python": Annotated[
        bool | None,
        typer.Option("--run-python", help="Run files of Python to see more; else they are read."),
    ],
    "dedup": Annotated[
        float | None,
        typer.Option(
            metavar="THRESHOLD",
            help="Merge tools whose texts are so alike, from 0 to 1; 0 merges none. (default: 0.9)",
        ),
    ],
    "recipe": Annotated[
        str | None, typer.Option(help="How edges of the tool graph are found. (default: full)")
    ],
    "sampler": Annotated[
        str | None, typer.Option(help="How chains of calls are drawn. (default: random_walk)")
    ],
    "out": Annotated[Path | None, typer.Option(help="Output folder. (default: out/toolweave)")],
    "n": Annotated[
        int | None, typer.Option("-n", help="Accepted trajectories in the end. (default: 100)")
    ],
    "new": Annotated[
        int | None, typer.Option("-n", help="New accepted trajectories a run. (default: 100)")
    ],
    "seed": Annotated[
        int | None, typer.Option(help="The same seed makes the same data. (default: 0)")
    ],
    "model": Annotated[
        str | None,
        typer.Option(help="A model plays user, assistant and judge. (default: scripts do)"),
    ],
    "base_url": Annotated[
        str | None,
        typer.Option(help="Its OpenAI-compatible endpoint; the key is OPENAI_API_KEY."),
    ],
    "concurrency": Annotated[
        int | None, typer.Option(help="Dialogues open at once. (default: 8)")
    ],
    "shard_size": Annotated[int | None, typer.Option(help="Candidates a shard. (default: 50)")],
    "max_candidates": Annotated[
        int | None, typer.Option(help="Stop after so many candidates. (default: 4 n + 50)")
    ],
    "prefect": Annotated[
        bool | None,
        typer.Option(
            "--prefect/--no-prefect",
            help="Run as a Prefect flow. (default: where PREFECT_API_URL is set)",
        ),
    ],
    "cron": Annotated[str | None, typer.Option(help="When to run, such as '0 2 * * *'.")],
    "once": Annotated[
        bool | None, typer.Option("--once", help="Make one scheduled run, now.")
    ],
    "judge_edges": Annotated[
        bool | None,
        typer.Option("--judge", help="Let the model judge each edge; needs --model."),
    ],
    "check_edges": Annotated[
        bool | None,
        typer.Option("--check", help="Try each edge: does a call with the value run?"),
    ],
    "config": Annotated[
        Path | None,
        typer.Option(help="YAML file with these options as keys; options override it."),
    ],
    "quiet": Annotated[
        bool | None, typer.Option("--quiet", "-q", help="Print errors only.")
    ],
    "json": Annotated[
        bool | None, typer.Option("--json", help="Print one JSON document to stdout.")
    ],
}  # fmt: skip

Command = Callable[..., None]


def takes(*names: str) -> Callable[[Command], Command]:
    """Give a command these options in place of its ``**options``: None where one is not given."""

    def with_options(command: Command) -> Command:
        own = [
            parameter
            for parameter in inspect.signature(command).parameters.values()
            if parameter.kind is not inspect.Parameter.VAR_KEYWORD and parameter.name not in names
        ]
        keyword = inspect.Parameter.KEYWORD_ONLY
        added = [
            inspect.Parameter(_key(name), keyword, default=None, annotation=OPTIONS[name])
            for name in names
        ]
        command.__signature__ = inspect.Signature([*own, *added])  # type: ignore[attr-defined]
        command.__annotations__ |= {_key(name): OPTIONS[name] for name in names}
        return command

    return with_options


def _key(name: str) -> str:
    """``new`` is another text for the same key."""
    return "n" if name == "new" else name
