"""Exports: messages a second of processor time by format, and memory as a folder grows.

``python -m benchmarks.exporting [-n 120] [--large 20000]`` builds from the own catalogues
with mistakes, or takes ``--folder DIR`` (without mistakes: no line of pairs and steps), and writes
all of it over and over into folders of several sizes: nothing but their numbers differs. The start
of the program is measured on an empty one and taken off. It takes two minutes on a free core;
``--large 100000`` takes one more.

Counted are the messages of the conversations; of formats that write what stands before each
message or move again, those that are written.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from shutil import copy
from zlib import crc32

from benchmarks.lines import CannotRun, Line, print_table
from benchmarks.program import ACCEPTED, Ran, build, toolweave
from pipeline.exports import EXPORTS
from pipeline.exports.chat import read_chat
from pipeline.exports.shaping import join_running
from pipeline.run.data_index import INDEX
from pipeline.run.data_lines import lines
from pipeline.run.error_files import ERRORS
from pipeline.run.manifest import NAME, read_manifest, write_manifest
from schemas.record import JsonObject

LEAST, MOST_GROWTH = 20_000, 1.2
STRIDE = 1_000_000
"""Between the numbers of a conversation and of its copy."""
TIMES = 10
"""How often the conversations stand in the folder by which formats are timed."""
PREFIXES = frozenset({"trl-completion", "toolmind"})
"""Formats that write a conversation again for each message."""
BOTH = frozenset({"trl-kto", "swift-dpo"})
"""Formats of pairs that write what stands before the moves for each of them."""


def repeat(folder: Path, target: Path, times: int) -> Path:
    """A folder like another, with its conversations and mistakes so many times, numbered on."""
    target.mkdir()
    for path in folder.iterdir():
        if path.is_file() and path.name not in (ACCEPTED, ERRORS, INDEX, NAME):
            copy(path, target)
    manifest = read_manifest(folder)
    if manifest is None:
        raise CannotRun(f"{folder} is no output folder")
    parts: dict[str, list[tuple[int, bytes, bytes]]] = {}
    for name in (ACCEPTED, ERRORS):
        if (folder / name).exists():
            rows = [json.loads(line) for line in (folder / name).read_bytes().splitlines()]
            parts[name] = [(row["index"], *_around_numbers(row)) for row in rows]
            (target / name).touch()
    for time in range(times):  # copy by copy: what this process holds counts as its children's
        sums: dict[int, int] = {}
        for name, lines_of in parts.items():
            with (target / name).open("ab") as file:
                for index, before, after in lines_of:
                    told = f'"index": {index + time * STRIDE}'
                    if name == ERRORS:
                        told += f', "line": {sums[index]}'
                    line = before + told.encode() + after
                    sums.setdefault(index, crc32(line))
                    file.write(line)
    length = {
        "accepted_bytes": (target / ACCEPTED).stat().st_size,
        "index_bytes": 0,
        "index_crc": 0,
    }
    write_manifest(target, manifest.model_copy(update=length))
    return target


def _around_numbers(row: JsonObject) -> tuple[bytes, bytes]:
    """The line of a row: what comes before its numbers, and what after them."""
    rest = {name: value for name, value in row.items() if name not in ("index", "line")}
    return b"{", f", {json.dumps(rest, ensure_ascii=False)[1:]}\n".encode()


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
    rows = messages = again = 0
    for line in lines(folder / ACCEPTED):
        rows, messages = rows + 1, messages + len(line.trajectory.messages)
        chat = join_running(read_chat(line))
        again += sum(at + 1 for at in chat.decisions if chat.messages[at].train)
    nothing, many = repeat(folder, home / "nothing", 0), repeat(folder, home / "many", TIMES)
    for one in EXPORTS:
        read = one.load().read
        if read and not (folder / ERRORS).exists():
            continue
        count = again if one.name in PREFIXES else messages
        if read:
            chats = (len(chat.messages) for chat in read(folder))
            count = sum(2 * said - 2 if one.name in BOTH else said for said in chats)
        start = export(home, nothing, one.name).processor
        took = min(export(home, many, one.name).processor for _ in range(2)) - start
        rate = count * TIMES / max(took, 0.001)
        told = f"{rate:,.0f} ({count * TIMES:,} messages in {took:.1f} s)"
        yield Line(f"messages a second, {one.name}", f">= {LEAST:,}", told, rate >= LEAST)
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
    parser.add_argument("--large", type=int, default=20_000)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="toolweave-") as name:
        home = Path(name)
        folder = options.folder or home / "made"
        if options.folder is None:
            ran = build(home, folder, options.n, "--seed", 1)
            if ran.code != 0:
                raise CannotRun(f"a build of {options.n} ended with {ran.told}")
            shares = ("--pair", 1, "--steps", 1, "--recovery", 0, "--near-miss", 0)
            ran = toolweave(home, "errors", folder, *shares, "--quiet")
            if ran.code != 0:
                raise CannotRun(f"mistakes in {folder} ended with {ran.told}")
        return print_table(measure(home, folder, options.large))


if __name__ == "__main__":
    sys.exit(main())
