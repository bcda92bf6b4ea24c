"""The command line: what can be asked, and where the answers are made.

Heavy imports wait until a command needs them, so that ``--help`` answers at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
import typer.main

from pipeline.commands import building, checking, exporting, scheduling, showing
from pipeline.version import version

app = typer.Typer(
    name="toolweave",
    help="Turn any tool catalogue into checked multi-turn tool-use training data.",
    epilog="Example: toolweave build --tools tools.json -n 200 --out out/mine",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
