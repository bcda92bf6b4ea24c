"""A stranger's first two commands: ``make demo`` and ``make test`` in a fresh clone, home empty.

What is committed is cloned, not what lies in the working tree. Seconds count from the start of
``make``; installing ends with the first line that the program itself prints. Packages are those of
``pip list`` after ``make demo``, their size that of ``site-packages`` on the disk.
"""

import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.lines import CannotRun, Line
from benchmarks.program import ACCEPTED, BIN, ROOT, environment, rows

FIRST_WORDS = "Reading "
"""How the first line of the program begins."""


class Made(NamedTuple):
    """How a run of make went."""

    code: int
    lines: list[tuple[float, str]]
    """Seconds since the start, and the line."""
    seconds: float

    @property
    def last(self) -> str:
        """The last line that was printed; of a failure the last five."""
        words = [line for _, line in self.lines if line] or ["nothing"]
        return " | ".join(words[-5 if self.code else -1 :])

    def until(self, beginning: str) -> float | None:
        """Seconds to the first line with that beginning."""
        return next((at for at, line in self.lines if line.startswith(beginning)), None)


def fresh_clone(folder: Path) -> Iterator[Line]:
    """Clone, and run both commands."""
    clone = folder / "clone" / "toolweave"
    _clone(clone)
    demo = make(folder / "home", clone, "demo")
    accepted = rows(clone / "out" / "demo" / ACCEPTED)
    measured = f"exit {demo.code}, {accepted} accepted; {demo.last}"
    good = demo.code == 0 and accepted >= 100
    yield Line("make demo", "exit 0, >= 100 accepted", measured, good)
    yield _times(demo)
    yield _packages(clone)
    test = make(folder / "home", clone, "test")
    yield Line("make test", "exit 0", f"exit {test.code} in {test.seconds:.0f} s; {test.last}",
               test.code == 0)  # fmt: skip


def _clone(clone: Path) -> None:
    command = ["git", "clone", "--quiet", str(ROOT), str(clone)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotRun(f"git clone failed: {done.stderr.strip()}")


def make(home: Path, clone: Path, target: str) -> Made:
    """Run one target, noting when each line appears."""
    home.mkdir(exist_ok=True)
    begun = time.perf_counter()
    lines = []
    with subprocess.Popen(
        ["make", target], cwd=clone, env=_variables(home), text=True, errors="replace",
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        for line in process.stdout:
            lines.append((time.perf_counter() - begun, line.rstrip()))
    return Made(process.returncode, lines, time.perf_counter() - begun)


def _variables(home: Path) -> dict[str, str]:
    """Those of a user whose path does not lead into the environment that measures."""
    known = environment(home)
    path = [part for part in known["PATH"].split(os.pathsep) if part != str(BIN)]
    known |= {"PATH": os.pathsep.join(path)}
    return {name: text for name, text in known.items() if name not in ("VIRTUAL_ENV", "MAKEFLAGS")}


def _times(demo: Made) -> Line:
    first = demo.lines[0][0] if demo.lines else None
    program = demo.until(FIRST_WORDS)
    if program is None:
        return Line("make demo, seconds", "stated", "the program never began", False)
    measured = (
        f"first line {first:.1f}, installed and first line of progress {program:.1f}, "
        f"end {demo.seconds:.1f}"
    )
    return Line("make demo, seconds", "stated", measured, True)


def _packages(clone: Path) -> Line:
    command = [str(clone / ".venv" / "bin" / "python"), "-m", "pip", "list", "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return Line("packages installed", "stated", "none", False)
    site = next((clone / ".venv" / "lib").glob("python*/site-packages"))
    size = sum(path.lstat().st_size for path in site.rglob("*") if path.is_file())
    count = len(json.loads(done.stdout))
    measured = f"{count} packages, pip and toolweave included; {size / 2**20:.0f} MiB"
    return Line("packages installed", "stated", measured, True)
