"""Exports: messages a second of processor time by format, and memory as a folder grows.

``python -m benchmarks.exporting [-n 120] [--large 100000]`` builds from the own catalogues, or
takes ``--folder DIR``, and writes its conversations over and over into folders of several sizes:
nothing but their length differs. The start of the program is measured on an empty one and taken
off.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from shutil import copy

from benchmarks.lines import CannotRun, Line, print_table
from benchmarks.program import ACCEPTED, Ran, build, toolweave
from pipeline.exports import EXPORTS
from pipeline.run.data_index import INDEX
from pipeline.run.data_lines import lines
from pipeline.run.manifest import NAME, read_manifest, write_manifest

LEAST, MOST_GROWTH = 20_000, 1.2
TIMES = 10
"""How often the conversations stand in the folder by which formats are timed."""
WHOLE_RECORDS = frozenset({"rows", "tau2", "verl-rl"})
"""Formats that need the task: their lines are read as records, which costs most of their time."""
PREFIXES = frozenset({"trl-completion", "toolmind"})
"""Formats that write a conversation once for each of its messages."""


def repeat(folder: Path, target: Path, times: int) -> Path:
    """A folder like another, with its accepted conversations so many times."""
    target.mkdir()
    for path in folder.iterdir():
        if path.is_file() and path.name not in (ACCEPTED, INDEX, NAME):
            copy(path, target)
    content = (folder / ACCEPTED).read_bytes()
    with (target / ACCEPTED).open("wb") as file:
        for _ in range(times):
            file.write(content)
    manifest = read_manifest(folder)
    if manifest is None:
        raise CannotRun(f"{folder} is no output folder")
    length = {"accepted_bytes": len(content) * times, "index_bytes": 0, "index_crc": 0}
    write_manifest(target, manifest.model_copy(update=length))
    return target


def export(home: Path, folder: Path, name: str) -> Ran:
    """Export in one process, into a file that is gone afterwards."""
    out = home / "out.file"
    options = ("--to", name, "--quiet", "--workers", 1, "--force", "--out", out)
    ran = toolweave(home, "export", folder, *options)
    out.unlink(missing_ok=True)
    if ran.code != 0:
        raise CannotRun(f"an export to {name} ended with {ran.told}")
    return ran


def measure(home: Path, folder: Path, large: int) -> Iterator[Line]:
    """The rate of every format that is made of the accepted ones, and memory as rows grow."""
    rows = messages = 0
    for line in lines(folder / ACCEPTED):
        rows, messages = rows + 1, messages + len(line.trajectory.messages)
    nothing, many = repeat(folder, home / "nothing", 0), repeat(folder, home / "many", TIMES)
    for one in EXPORTS:
        if one.load().read:
            continue
        start = export(home, nothing, one.name).processor
        took = min(export(home, many, one.name).processor for _ in range(2)) - start
        rate = messages * TIMES / max(took, 0.001)
        told = f"{rate:,.0f} ({messages * TIMES:,} messages in {took:.1f} s)"
        name = f"messages a second, {one.name}"
        if one.name in WHOLE_RECORDS or one.name in PREFIXES:
            yield Line(name, "is told", told, True)
        else:
            yield Line(name, f">= {LEAST:,}", told, rate >= LEAST)
    peak = export(home, many, "openai").peak
    times = -(-large // rows)
    grown = export(home, repeat(folder, home / "large", times), "openai").peak
    told = (
        f"{grown / peak:.2f} ({grown / 2**20:.0f} MiB at {rows * times:,} rows, "
        f"{peak / 2**20:.0f} MiB at {rows * TIMES:,})"
    )
    yield Line("peak memory as rows grow", f"<= {MOST_GROWTH}", told, grown <= MOST_GROWTH * peak)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", type=int, default=120)
    parser.add_argument("--large", type=int, default=100_000)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="toolweave-") as name:
        home = Path(name)
        folder = options.folder or home / "made"
        if options.folder is None:
            ran = build(home, folder, options.n, "--seed", 1)
            if ran.code != 0:
                raise CannotRun(f"a build of {options.n} ended with {ran.told}")
        return print_table(measure(home, folder, options.large))


if __name__ == "__main__":
    sys.exit(main())
