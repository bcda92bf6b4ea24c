"""What a person sees of a running build: a bar in a terminal, plain lines elsewhere, on stderr.

Answers go to stdout and are none of this module's business.
"""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

SECONDS_BETWEEN_LINES = 5.0


class Watcher(Protocol):
    """Is told how a build goes."""

    def say(self, line: str) -> None:
        """Tell one thing."""
        ...

    def begin(self, asked: int, accepted: int) -> None:
        """Begin a build that wants ``asked`` and has ``accepted`` already."""
        ...

    def finished(self, index: int, good: bool) -> None:
        """Candidate ``index`` is finished; whether it counts is decided at `committed`."""
        ...

    def committed(self, consumed: int, accepted: int, rejected: int) -> None:
        """Candidates before ``consumed`` are decided and saved, with so many accepted."""
        ...


class Silence:
    """Tells nothing: ``--quiet``."""

    def say(self, line: str) -> None:
        """Nothing."""

    def begin(self, asked: int, accepted: int) -> None:
        """Nothing."""

    def finished(self, index: int, good: bool) -> None:
        """Nothing."""

    def committed(self, consumed: int, accepted: int, rejected: int) -> None:
        """Nothing."""


class _Counts:
    """The numbers that both ways of telling show: what is committed, and what is finished since."""

    def __init__(self) -> None:
        self.asked = self.made = self._accepted = self._rejected = 0
        self._open: dict[int, bool] = {}
        self._started = time.monotonic()

    @property
    def accepted(self) -> int:
        """Accepted, as far as one can tell."""
        return min(self._accepted + sum(self._open.values()), self.asked)

    @property
    def rejected(self) -> int:
        """Rejected, as far as one can tell."""
        return self._rejected + sum(not good for good in self._open.values())

    def begin(self, asked: int, accepted: int) -> None:
        self.asked, self._accepted, self._started = asked, accepted, time.monotonic()

    def finished(self, index: int, good: bool) -> None:
        self.made += 1
        self._open[index] = good

    def committed(self, consumed: int, accepted: int, rejected: int) -> None:
        self._accepted, self._rejected = accepted, rejected
        self._open = {index: good for index, good in self._open.items() if index >= consumed}

    def __str__(self) -> str:
        rate = self.made / max(time.monotonic() - self._started, 1e-6)
        counts = f"{self.accepted} of {self.asked} accepted, {self.rejected} rejected"
        return f"{counts}, {rate:.1f}/s"


class Lines:
    """A line every few seconds."""

    def __init__(self) -> None:
        self._counts, self._told = _Counts(), time.monotonic()

    def say(self, line: str) -> None:
        """Print to stderr."""
        print(line, file=sys.stderr, flush=True)  # noqa: T201

    def begin(self, asked: int, accepted: int) -> None:
        """Start counting."""
        self._told = time.monotonic()
        self._counts.begin(asked, accepted)

    def finished(self, index: int, good: bool) -> None:
        """Count, and tell if it is time."""
        self._counts.finished(index, good)
        if time.monotonic() - self._told >= SECONDS_BETWEEN_LINES:
            self._told = time.monotonic()
            self.say(str(self._counts))

    def committed(self, consumed: int, accepted: int, rejected: int) -> None:
        """Set the counts right."""
        self._counts.committed(consumed, accepted, rejected)


class Bar:
    """A bar that is redrawn in place."""

    def __init__(self, console: Console) -> None:
        self._counts = _Counts()
        self._bar = Progress(
            BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=console
        )
        self._task = self._bar.add_task("starting", total=None, visible=False)

    def say(self, line: str) -> None:
        """Print above the bar."""
        self._bar.console.print(line, markup=False, highlight=False)

    def begin(self, asked: int, accepted: int) -> None:
        """Show the bar."""
        self._counts.begin(asked, accepted)
        self._bar.start()
        self._bar.update(self._task, total=asked, visible=True)
        self._draw()

    def finished(self, index: int, good: bool) -> None:
        """Count and draw."""
        self._counts.finished(index, good)
        self._draw()

    def committed(self, consumed: int, accepted: int, rejected: int) -> None:
        """Set the counts right and draw."""
        self._counts.committed(consumed, accepted, rejected)
        self._draw()

    def _draw(self) -> None:
        shown = str(self._counts)
        self._bar.update(self._task, completed=self._counts.accepted, description=shown)

    def stop(self) -> None:
        """Leave the terminal as it was."""
        self._bar.stop()


@contextmanager
def watching(quiet: bool) -> Iterator[Watcher]:
    """Choose the way of telling that suits where stderr goes."""
    console = Console(stderr=True)
    if quiet:
        yield Silence()
    elif console.is_terminal:
        bar = Bar(console)
        try:
            yield bar
        finally:
            bar.stop()
    else:
        yield Lines()


@contextmanager
def reading(file: Path, quiet: bool) -> Iterator[Callable[[int], None]]:
    """Show how far a file is read; gives a function that is told the bytes of each line."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    shown = console.is_terminal and not quiet
    with Progress(*columns, console=console, disable=not shown, transient=True) as bar:
        task = bar.add_task(f"reading {file}", total=file.stat().st_size)
        yield lambda length: bar.advance(task, length)
