"""One line of what is promised: what is wanted, what was measured, whether it holds; and where.

What a figure was measured on heads every table: cores, memory, Python, system, and how busy it was.
"""

import os
import platform
import sys
from collections.abc import Iterable
from dataclasses import dataclass

WORDS = {True: "yes", False: "NO", None: "could not run"}


class CannotRun(Exception):  # noqa: N818
    """A measurement is not possible here; the message says why."""


@dataclass(frozen=True)
class Line:
    """A promise and its measurement."""

    name: str
    wanted: str
    measured: str
    holds: bool | None
    """None: it could not be measured, which counts as not held."""

    def __str__(self) -> str:
        """One row of the table."""
        return f"{WORDS[self.holds]:14}{self.name:44} {self.wanted:34} {self.measured}"


HEAD = f"{'holds':14}{'line':44} {'wanted':34} measured"


def describe() -> str:
    """The machine in one line; the load is that of the last minute, before the measurement."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    python = f"{platform.python_implementation()} {platform.python_version()}"
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    return (
        f"machine: {len(os.sched_getaffinity(0))} cores, {memory:.0f} GiB, {python}, {system}, "
        f"load {os.getloadavg()[0]:.1f}"
    )


def at_least(name: str, measured: float, bound: float, show: str = "{:.2f}") -> Line:
    """A figure that must not be below ``bound``; ``show`` formats both."""
    return Line(name, f">= {show.format(bound)}", show.format(measured), measured >= bound)


def share(name: str, part: int, whole: int, bound: float) -> Line:
    """A share that must not be below ``bound``; of nothing it does not hold."""
    measured = part / whole if whole else 0.0
    text = f"{measured:.1%} ({part} of {whole})"
    return Line(name, f">= {bound:.0%}", text, measured >= bound)


def none_of(name: str, found: Iterable[str], what: str) -> Line:
    """Something that must not occur; the first three finds are shown."""
    finds = list(found)
    shown = "".join(f"; {find}" for find in finds[:3])
    return Line(name, f"0 {what}", f"{len(finds)}{shown}", not finds)


def all_hold(lines: Iterable[Line]) -> bool:
    """Whether there are lines and every one was measured and holds."""
    answers = [line.holds for line in lines]
    return bool(answers) and all(answer is True for answer in answers)


def print_table(*parts: Iterable[Line]) -> int:
    """Print the machine, and each line as soon as it is measured; 1 where one does not hold."""
    sys.stdout.write(f"{describe()}\n{HEAD}\n")
    lines = []
    for part in parts:
        for line in part:
            lines.append(line)
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
    return 0 if all_hold(lines) else 1
