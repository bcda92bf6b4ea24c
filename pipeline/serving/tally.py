"""What the processes that serve one address tell each other: numbers, in memory that they share.

Each writes its own row alone. Nothing is locked, so a sum over rows may be behind by what happens
at that moment.
"""

import mmap
from typing import Literal, get_args

Count = Literal["open", "begun", "done", "broken", "unscored", "idle", "dropped", "lost", "steps",
                "earned", "born", "pid", "requests", "tokens", "money"]  # fmt: skip
"""``open``: sessions; ``earned``: the sum of binary rewards; ``born``: how often a process has
taken the place of one that ended; ``pid``: its id now; ``requests``, ``tokens``, ``money``: what
the user's model has taken; the others: how often it has happened."""
HAPPENS: tuple[Count, ...] = ("begun", "done", "broken", "unscored", "idle", "dropped", "lost")
"""What may happen to a session: it comes to its end, or is ended by the rest."""
_COUNTS: tuple[Count, ...] = get_args(Count)
_SIZE = 8


class Tally:
    """Process and count → a number."""

    def __init__(self, processes: int = 1) -> None:
        """To be made before the processes are forked: their memory is this one's."""
        self.processes = processes
        self._cells = memoryview(mmap.mmap(-1, processes * len(_COUNTS) * _SIZE)).cast("d")

    def get(self, process: int, count: Count) -> float:
        """A process's own number."""
        return self._cells[self._find(process, count)]

    def put(self, process: int, count: Count, value: float) -> None:
        """Write a number: for the process itself, or for one that has ended."""
        self._cells[self._find(process, count)] = value

    def add(self, process: int, count: Count, more: float = 1) -> None:
        """Add to a number, as `put`."""
        self._cells[self._find(process, count)] += more

    def sum(self, count: Count) -> float:
        """The number of all processes together."""
        return sum(self.get(process, count) for process in range(self.processes))

    def lose(self, process: int) -> int:
        """Note that a process has ended, and its sessions with it; how many these were."""
        lost = int(self.get(process, "open"))
        self.put(process, "open", 0)
        self.add(process, "lost", lost)
        self.add(process, "born")
        return lost

    def _find(self, process: int, count: Count) -> int:
        return process * len(_COUNTS) + _COUNTS.index(count)
