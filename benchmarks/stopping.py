"""Builds that are stopped in the middle: killed, interrupted, out of disk, files half written.

Each is begun, stopped and begun again by the same command; in the end its data must be, byte for
byte, that of a build that nobody disturbed, and no candidate that was finished may be lost.
"""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.lines import CannotRun, Line
from benchmarks.program import ACCEPTED, REJECTED, Ran, build, finished, start

SEED = ("--seed", 7)
Files = dict[str, bytes]


def stopped(folder: Path, n: int) -> Iterator[Line]:
    """Every line about builds of ``n`` that are stopped."""
    whole = folder / "whole"
    ran = build(folder, whole, n, *SEED)
    if ran.code != 0:
        raise CannotRun(f"the undisturbed build ended with {ran.told}")
    wanted = _data(whole)
    yield _killed(folder, n, wanted)
    yield _torn(folder, n, wanted)
    yield from _interrupted(folder, n, wanted)
    yield _interrupted_early(folder)
    yield from _shortened(folder, whole, n)
    yield _shared(folder)
    for megabytes in (1, 3, 8):
        yield from _full(folder, n, megabytes, wanted)
    yield _read_only(folder)


def _data(out: Path) -> Files:
    return {name: (out / name).read_bytes() for name in (ACCEPTED, REJECTED)}


def _stop(folder: Path, out: Path, n: int, when: Callable[[], bool], number: int) -> Ran:
    """Begin a build and send a signal as soon as ``when`` holds."""
    begun = start(folder, "build", "--quiet", "--out", out, "-n", n, *SEED)
    deadline = time.monotonic() + 120
    while not when() and begun.process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)
    if begun.process.poll() is None:
        begun.send(number)
    return begun.end()


def _again(folder: Path, out: Path, n: int, wanted: Files, before: set[int]) -> tuple[str, bool]:
    """Go on by the same command: how that ended, and whether all is as it should be."""
    ran = build(folder, out, n, *SEED)
    if ran.code != 0:
        return f"then {ran.told}", False
    same, kept = _data(out) == wanted, before <= finished(out)
    words = f"{len(before)} finished before, {'kept' if kept else 'LOST'}"
    return f"{words}; {'same bytes' if same else 'OTHER BYTES'} in the end", same and kept


def _killed(folder: Path, n: int, wanted: Files) -> Line:
    """Kill three times at growing distances, then finish."""
    out, before, codes = folder / "killed", set[int](), []
    for part in (0.2, 0.5, 0.8):
        ran = _stop(folder, out, n, lambda: len(finished(out)) >= part * n, signal.SIGKILL)  # noqa: B023
        codes.append(ran.code)
        before |= finished(out)
    words, good = _again(folder, out, n, wanted, before)
    holds = good and codes == [-signal.SIGKILL] * 3
    return Line("kill -9, three times", "same bytes, nothing lost", words, holds)


def _torn(folder: Path, n: int, wanted: Files) -> Line:
    """Kill, leave half a line in every file of data, and go on."""
    out = folder / "torn"
    _stop(folder, out, n, lambda: len(finished(out)) >= n * 0.6, signal.SIGKILL)
    before = finished(out)
    for path in (*out.glob("*.jsonl"), *out.glob("shards/*/*.jsonl")):
        with path.open("ab") as file:
            file.write(b'{"schema_version":1,"index":3,"se')
    (out / "toolweave.duckdb").write_bytes(b"half")
    (out / "manifest.json.tmp").write_text("{")
    words, good = _again(folder, out, n, wanted, before)
    return Line("half-written files", "same bytes, nothing lost", words, good)


def _interrupted(folder: Path, n: int, wanted: Files) -> Iterator[Line]:
    for name, number in (("Ctrl-C", signal.SIGINT), ("SIGTERM", signal.SIGTERM)):
        out = folder / name
        ran = _stop(folder, out, n, lambda: len(finished(out)) >= n // 3, number)  # noqa: B023
        told = ran.code == 130 and ran.err.count("\n") == 1
        words, good = _again(folder, out, n, wanted, finished(out))
        yield Line(name, "exit 130, 1 line, goes on", f"{ran.told}; {words}", told and good)


def _interrupted_early(folder: Path) -> Line:
    """Interrupt at moments of the start, where there is nothing to save."""
    answers = []
    for tenths in (3, 6, 10, 15, 25):
        begun = start(folder, "build", "--quiet", "--out", folder / f"early-{tenths}", "-n", 2000)
        time.sleep(tenths / 10)
        begun.send(signal.SIGINT)
        ran = begun.end()
        answers.append((ran.code, ran.err.count("\n")))
    words = ", ".join(f"{code} with {lines} lines" for code, lines in answers)
    good = all(answer == (130, 1) for answer in answers)
    return Line("Ctrl-C within the first 2.5 s, five times", "exit 130, 1 line", words, good)


def _shortened(folder: Path, whole: Path, n: int) -> Iterator[Line]:
    """Files that something else broke: one line, and nothing is touched."""
    for name in (ACCEPTED, "manifest.json", "catalog.json"):
        out = folder / f"short-{name}"
        shutil.copytree(whole, out)
        path = out / name
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        before = _data(out)
        ran = build(folder, out, n + 5, *SEED)
        told = (ran.code, ran.err.count("\n")) == (2, 1) and name in ran.err
        mended = ran.code == 0 and path.read_bytes().startswith((whole / name).read_bytes()[:1000])
        kept = _data(out)[ACCEPTED].startswith(before[ACCEPTED])
        wanted = f"exit 2, names {name}, or mended"
        yield Line(f"{name} cut in half", wanted, ran.told, (told or mended) and kept)


def _shared(folder: Path) -> Line:
    """A second build in a folder in which one is at work; that one is interrupted afterwards."""
    out = folder / "shared"
    first = start(folder, "build", "--quiet", "--out", out, "-n", 5000, *SEED)
    while not (out / ACCEPTED).exists() and first.process.poll() is None:
        time.sleep(0.01)
    second = build(folder / "second", out, 5000, *SEED)
    first.send(signal.SIGINT)
    good = (second.code, second.err.count("\n"), first.end().code) == (2, 1, 130)
    return Line("two builds in one folder", "exit 2, 1 line; the first goes on", second.told, good)


@contextmanager
def small_disk(folder: Path, options: str) -> Iterator[Path]:
    """A file system in memory. Raises CannotRun where mounting is not permitted."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", options, "none", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise CannotRun("there is no mount here") from None
    if done.returncode:
        raise CannotRun(done.stderr.strip())
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def _full(folder: Path, n: int, megabytes: int, wanted: Files) -> Iterator[Line]:
    """Run out of disk, get more of it, go on."""
    name = f"full disk, {megabytes} MB"
    try:
        with small_disk(folder / f"disk-{megabytes}", f"size={megabytes}m") as disk:
            ran = build(folder, disk / "out", n, *SEED)
            named = str(disk) in ran.err and os.strerror(28) in ran.err
            good = (ran.code, ran.err.count("\n")) == (2, 1) and named
            before = finished(disk / "out")
            remount = ["mount", "-o", "remount,size=500m", str(disk)]
            subprocess.run(remount, check=True)
            words, same = _again(folder, disk / "out", n, wanted, before)
            yield Line(name, "exit 2, 1 line; goes on", f"{ran.told}; {words}", good and same)
    except CannotRun as reason:
        yield Line(name, "exit 2, 1 line; goes on", str(reason), None)


def _read_only(folder: Path) -> Line:
    try:
        with small_disk(folder / "locked", "size=1m,ro") as disk:
            ran = build(folder, disk / "out", 2, *SEED)
    except CannotRun as reason:
        return Line("read-only disk", "exit 2, 1 line", str(reason), None)
    good = (ran.code, ran.err.count("\n")) == (2, 1) and str(disk) in ran.err
    return Line("read-only disk", "exit 2, 1 line", ran.told, good)
