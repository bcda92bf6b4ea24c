"""What a finished output folder weighs and costs to read: bytes a conversation by file, and time.

``python benchmarks/storage.py [-n 2000] [--folder DIR]`` builds from the own catalogues with one
process, or takes a folder that is there. Fixed parts (catalogue, graph, definitions) weigh the less
the more conversations there are; the promise is about 10,000. Seconds are of processor time.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.lines import CannotRun, Line, print_table
from benchmarks.program import ACCEPTED, REJECTED, Ran, build, python, rows, toolweave

MOST_BYTES = 20_000
LEAST_CHECKED, LEAST_EXPORTED = 150, 1000
MOST_SECONDS, MOST_MEMORY = 5.0, 500 * 2**20
_FRAME = """
import sys
from pipeline.dataset import Dataset
frame = Dataset.open(sys.argv[1]).messages()
print(len(frame))
"""


def weigh(folder: Path) -> Iterator[Line]:
    """Bytes a conversation of every file, the heaviest first, and in all."""
    decided = rows(folder / ACCEPTED) + rows(folder / REJECTED)
    if not decided:
        raise CannotRun(f"{folder} holds no conversation")
    sizes = {
        path.relative_to(folder).as_posix(): path.stat().st_size
        for path in folder.rglob("*")
        if path.is_file() and "exports" not in path.relative_to(folder).parts
    }
    told = ", ".join(
        f"{name} {size / decided / 1000:.2f}"
        for name, size in sorted(sizes.items(), key=lambda one: -one[1])
        if size >= decided
    )
    whole = sum(sizes.values()) / decided
    measured = f"{whole / 1000:.1f} kB ({told})"
    yield Line(f"a conversation on disk, {decided}", "<= 20 kB", measured, whole <= MOST_BYTES)


def read(home: Path, folder: Path) -> Iterator[Line]:
    """How long a data frame, a check and an export take, beside the start of each."""
    few = home / "few"
    ran = build(home, few, 2, "--seed", 7)
    if ran.code != 0:
        raise CannotRun(f"a build of 2 ended with {ran.told}")
    many = rows(folder / ACCEPTED)
    frame = python(home, "-c", _FRAME, folder)
    told = f"{frame.processor:.1f} s, {frame.peak / 2**20:.0f} MiB, {frame.out.strip()} messages"
    good = frame.code == 0 and frame.processor <= MOST_SECONDS and frame.peak <= MOST_MEMORY
    name = f"data frame of the messages of {many}"
    yield Line(name, "<= 5 s, 500 MiB", told if frame.code == 0 else frame.told, good)
    ran = toolweave(home, "export", "--quiet", folder, "--to", "parquet", "--out", home / "parquet")
    sizes = [path.stat().st_size for path in (home / "parquet").iterdir()] if not ran.code else []
    told = f"{ran.processor:.1f} s, {sum(sizes) / many / 1000:.2f} kB each" if sizes else ran.told
    yield Line(f"Parquet, {many}", "is written", told, bool(sizes))
    one = ("--workers", 1)
    out = ("--force", "--out", home / "rows.jsonl")
    for name, least, arguments in (
        ("check", LEAST_CHECKED, ("check", "--quiet", *one)),
        ("export", LEAST_EXPORTED, ("export", "--quiet", "--to", "openai", *one, *out)),
    ):
        begun, ran = (toolweave(home, *arguments, path) for path in (few, folder))
        rate = (many - 2) / max(ran.processor - begun.processor, 0.001)
        told = f"{rate:.0f} a second ({ran.processor:.1f} s, start {begun.processor:.1f} s)"
        done = ran.code == 0
        yield Line(f"{name}, {many}", f">= {least} a second", told if done else ran.told,
                   done and rate >= least)  # fmt: skip


def _built(home: Path, n: int) -> Path:
    ran: Ran = build(home, home / "out", n, "--seed", 7, "--workers", 1)
    if ran.code != 0:
        raise CannotRun(f"a build of {n} ended with {ran.told}")
    return home / "out"


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="What an output folder weighs.")
    parser.add_argument("-n", type=int, default=2000)
    parser.add_argument("--folder", type=Path, help="an output folder that is there")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="toolweave-") as home:
        folder = given.folder.resolve() if given.folder else _built(Path(home), given.n)
        return print_table(weigh(folder), read(Path(home), folder))


if __name__ == "__main__":
    sys.exit(main())
