"""What a person sees of a running build: a bar in a terminal, plain lines elsewhere, on stderr.

Answers go to stdout and are none of this module's business.
"""

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from pipeline.chat.activity import Activity
from pipeline.cli.answers import SafeConsole
from schemas.canonical import printable

SECONDS_BETWEEN_LINES, SECONDS_WITH_A_MODEL = 60.0, 30.0
_TOLD_REASONS = 3
"""Of the reasons for which candidates were rejected, the most frequent ones."""
_watching: ContextVar["Watcher | None"] = ContextVar("watcher", default=None)


def tell(line: str) -> None:
    """Say something of a long opening to whoever watches this command."""
    if (watcher := _watching.get()) is not None:
        watcher.say(line)


class Watcher:
    """Is told how a build goes; this one counts and tells nobody, as ``--quiet`` asks for."""

    def __init__(self) -> None:
        self.asked = self._made = self._accepted = self._rejected = self._had = 0
        self._reasons: Counter[str] = Counter()
        self._open: dict[int, tuple[bool, tuple[str, ...]]] = {}
        """Finished and not yet decided → whether good, and why not."""
        self._models: Callable[[], Activity] | None = None
        self._started = time.monotonic()

    def say(self, line: str) -> None:
        """Tell one thing."""

    def show(self) -> None:
        """The counts are others than before."""

    def begin(
        self, asked: int, accepted: int, models: Callable[[], Activity] | None = None
    ) -> None:
        """Begin a build that wants ``asked`` and has ``accepted`` already.

        ``models``: asked what they are doing, where there are any.
        """
        self._models = models
        self.asked, self._accepted, self._had = asked, accepted, accepted
        self._started = time.monotonic()
        self.show()

    def finished(self, index: int, good: bool, causes: Iterable[str] = ()) -> None:
        """Candidate ``index`` is finished; whether it counts is decided at `committed`.

        ``causes``: for what it is not good.
        """
        self._made += 1
        self._open[index] = good, tuple(causes)
        self.show()

    def committed(
        self, consumed: int, accepted: int, rejected: int, reasons: Mapping[str, int]
    ) -> None:
        """Candidates before ``consumed`` are decided and saved, with so many accepted.

        ``reasons``: for what this run has rejected some of them, and how many.
        """
        self._accepted, self._rejected = accepted, rejected
        self._reasons = Counter(reasons)
        self._open = {index: one for index, one in self._open.items() if index >= consumed}
        self.show()

    @property
    def accepted(self) -> int:
        """Accepted, as far as one can tell."""
        return min(self._accepted + sum(good for good, _ in self._open.values()), self.asked)

    def __str__(self) -> str:
        """The counts in one line: what is made, why what is not, how fast, and how long yet."""
        spent = max(time.monotonic() - self._started, 1e-6)
        lost = [causes for good, causes in self._open.values() if not good]
        rejected = self._rejected + len(lost)
        reasons = self._reasons + Counter(code for causes in lost for code in causes)
        most = reasons.most_common(_TOLD_REASONS)
        why = f" ({', '.join(f'{code} {count}' for code, count in most)})" if most else ""
        told = f"{self.accepted} of {self.asked} accepted, {rejected} rejected{why}"
        told += f", {tell_rate(self._made / spent)}"
        new, left = self.accepted - self._had, self.asked - self.accepted
        if new and left:
            told += f", {tell_time(spent / new * left)} left"
        return f"{told}; {self._models().tell(new / (new + left))}" if self._models else told


def tell_rate(a_second: float) -> str:
    """``3.0/s``, ``1.5/min``, ``2.0/h``: in the unit of which there is one at least."""
    units = ((1.0, "s"), (60.0, "min"))
    of, name = next((one for one in units if a_second * one[0] >= 1), (3600.0, "h"))
    return f"{a_second * of:.1f}/{name}"


def tell_time(seconds: float) -> str:
    """``40 s``, ``12 min``, ``3 h 5 min``."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


class Lines(Watcher):
    """A line every minute, with a model every half."""

    _told: float | None = None

    def say(self, line: str) -> None:
        """Print to stderr."""
        print(printable(line), file=sys.stderr, flush=True)  # noqa: T201

    def show(self) -> None:
        """Tell the counts if it is time."""
        if self._told is None:
            self._told = time.monotonic()
        pause = SECONDS_WITH_A_MODEL if self._models else SECONDS_BETWEEN_LINES
        if time.monotonic() - self._told >= pause:
            self._told = time.monotonic()
            self.say(str(self))


class Bar(Watcher):
    """A bar that is redrawn in place."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self.bar = Progress(
            BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=console
        )
        self._task = self.bar.add_task("starting", total=None, visible=False)

    def say(self, line: str) -> None:
        """Print above the bar."""
        self.bar.console.print(line, markup=False, highlight=False)

    def show(self) -> None:
        """Draw the bar."""
        self.bar.start()
        told = str(self)
        self.bar.update(
            self._task, total=self.asked, completed=self.accepted, description=told, visible=True
        )


@contextmanager
def watching(quiet: bool, first: str = "Reading catalogues …") -> Iterator[Watcher]:
    """Choose the way of telling that suits where stderr goes, after the ``first`` line."""
    console = SafeConsole(stderr=True)
    watcher = Watcher() if quiet else Bar(console) if console.is_terminal else Lines()
    if first:
        watcher.say(first)
    token = _watching.set(watcher)
    try:
        yield watcher
    finally:
        _watching.reset(token)
        if isinstance(watcher, Bar):
            watcher.bar.stop()


@contextmanager
def reading(file: Path, quiet: bool) -> Iterator[Callable[[int], None]]:
    """Show how far a file is read; gives a function that is told the bytes of each line."""
    console = SafeConsole(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    shown = console.is_terminal and not quiet
    with Progress(*columns, console=console, disable=not shown, transient=True) as bar:
        task = bar.add_task(f"reading {file}", total=file.stat().st_size)
        yield lambda length: bar.advance(task, length)
