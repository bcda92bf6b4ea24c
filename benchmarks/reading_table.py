"""What of each real catalogue is read: ``python -m benchmarks.reading_table [folder or file …]``.

One row a file: operations, those that can be read, those that a build offers, repairs, results with
a schema, seconds of processor time; below it each reason to skip or to leave out, or why the file
was refused. Exit code 1 where a file is refused, or less than 95 % of it can be read.
"""

import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.program import SHARED
from generators.backends.trial import try_tools
from generators.importers import read_catalog
from generators.importers.catalog_reader import SUFFIXES
from schemas.errors import InputError

FOLDERS = ("openapi", "toolalpaca", "mcp", "toucan", "workplace", "tau2_airline", "tau2_retail",
           "toolbench", "xlam", "bfcl", "bfcl/func_docs")  # fmt: skip
NO_CATALOGUES = frozenset({"tasks.json", "BFCL_v4_multi_turn_base.json"})
"""Tasks and conversations; their tools stand in other files."""
WANTED = 0.95
HEAD = f"{'file':58} {'all':>5} {'read':>5} {'share':>7} {'in':>5}"
HEAD += f" {'repairs':>8} {'results':>8} {'s':>6}"


@dataclass(frozen=True)
class Row:
    """What was read of one file."""

    name: str
    tools: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    repairs: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    """Why tools that can be read are not offered: the trial's reasons."""
    results: int = 0
    seconds: float = 0.0
    refused: str = ""

    @property
    def share(self) -> float:
        """The share of the file's operations that is in."""
        return self.tools / max(self.tools + self.skipped.total(), 1)

    def __str__(self) -> str:
        """One row, and the reasons below it."""
        every = self.tools + self.skipped.total()
        offered = self.tools - self.left_out.total()
        row = f"{self.name[-58:]:58} {every:5} {self.tools:5} {self.share:7.1%} {offered:5} "
        row += f"{self.repairs:8} {self.results:8} {self.seconds:6.2f}"
        every_reason = [*self.skipped.most_common(), *self.left_out.most_common()]
        reasons = [f"    {count} × {reason}" for reason, count in every_reason]
        refused = [f"    refused: {self.refused}"] if self.refused else []
        return "\n".join([row, *reasons, *refused])


def read_file(path: Path, name: str) -> Row:
    """Read one file as a user would, and count."""
    started = time.process_time()
    try:
        catalog = read_catalog([path])
        known = {(one.tool, one.reason) for one in catalog.skipped}
        tried = try_tools(catalog)
    except InputError as error:
        return Row(name, refused=error.problem, seconds=time.process_time() - started)
    return Row(
        name,
        len(catalog.tools),
        Counter(skipped.reason for skipped in catalog.skipped),
        sum(len(tool.repairs) for tool in catalog.tools),
        Counter(one.reason for one in tried.skipped if (one.tool, one.reason) not in known),
        sum(tool.returns is not None for tool in catalog.tools),
        time.process_time() - started,
    )


def list_files(arguments: list[str]) -> Iterator[Path]:
    """The files that were named, or every catalogue of others."""
    given = [Path(one) for one in arguments] or [SHARED / folder for folder in FOLDERS]
    for path in given:
        inside = sorted(path.iterdir()) if path.is_dir() else [path]
        for file in inside:
            if file.is_file() and file.suffix in SUFFIXES and file.name not in NO_CATALOGUES:
                yield file


def show(line: object) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def list_low(arguments: list[str]) -> tuple[int, list[str]]:
    """Print the table; how many files there are, and of which too little is in."""
    show(HEAD)
    rows: list[Row] = []
    for path in list_files(arguments):
        inside = path.is_relative_to(SHARED)
        rows.append(read_file(path, str(path.relative_to(SHARED) if inside else path)))
        show(rows[-1])
    skipped = sum((row.skipped for row in rows), Counter[str]())
    left_out = sum((row.left_out for row in rows), Counter[str]())
    show(Row(f"{len(rows)} files", sum(row.tools for row in rows), skipped,
              sum(row.repairs for row in rows), left_out, sum(row.results for row in rows),
              sum(row.seconds for row in rows)))  # fmt: skip
    return len(rows), [row.name for row in rows if row.refused or row.share < WANTED]


def main() -> int:
    """Print the table; 0 where enough of every file is in."""
    count, low = list_low(sys.argv[1:])
    show(f"below {WANTED:.0%} or refused: {', '.join(low) or 'none'}")
    return 1 if low or not count else 0


if __name__ == "__main__":
    sys.exit(main())
