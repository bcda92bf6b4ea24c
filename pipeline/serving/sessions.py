"""The open episodes of a server: bounded in number, apart from each other, ending by themselves."""

import secrets
import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from pipeline.serving.episode import USUAL_LIMITS, Episode, Limits, Observation, Proven
from schemas.errors import ToolweaveError

HAPPENS = ("begun", "done", "broken", "idle", "dropped")
"""What may happen to a session: it comes to its end, or is ended by the rest."""


class NoSessionError(ToolweaveError):
    """There is no such session."""


class FullError(ToolweaveError):
    """As many sessions are open as may be."""


@dataclass
class _Session:
    episode: Episode
    used: float


class Sessions:
    """Session → episode, the one that was used longest ago first."""

    def __init__(
        self, most: int, idle: float, limits: Limits = USUAL_LIMITS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        """``idle``: seconds after the last move by which a session ends."""
        self.most, self.idle = most, idle
        self.counts: Counter[str] = Counter()
        """How often what of `HAPPENS` has happened, and the ``steps``."""
        self.earned = 0.0
        """The binary rewards of all that are done."""
        self._limits, self._clock = limits, clock
        self._open: OrderedDict[str, _Session] = OrderedDict()

    def __len__(self) -> int:
        """How many are open."""
        return len(self._open)

    def begin(self, proven: Proven) -> tuple[str, Episode]:
        """Open a session under a name that nobody can guess. Raises FullError."""
        self.sweep()
        if len(self._open) >= self.most:
            raise FullError(f"{self.most} sessions are open already: end one, or wait")
        name, episode = secrets.token_hex(12), Episode(proven, self._limits)
        self._open[name] = _Session(episode, self._clock())
        self.counts["begun"] += 1
        return name, episode

    def find(self, name: str) -> Episode:
        """The episode of a session, which is used by that. Raises NoSessionError."""
        self.sweep()
        if name not in self._open:
            raise NoSessionError("no such session: it is over, or was never begun")
        self._open.move_to_end(name)
        found = self._open[name]
        found.used = self._clock()
        return found.episode

    def note(self, name: str, seen: Observation) -> None:
        """A move was made; a session that has come to its end by it is closed."""
        self.counts["steps"] += 1
        if seen.done:
            self._open.pop(name, None)
            self.counts["broken" if seen.ended else "done"] += 1
            self.earned += seen.reward.binary if seen.reward else 0.0

    def drop(self, name: str) -> None:
        """Close a session at its client's wish. Raises NoSessionError."""
        self.find(name)
        del self._open[name]
        self.counts["dropped"] += 1

    def sweep(self) -> None:
        """Close what nobody has used for so long."""
        since = self._clock() - self.idle
        while self._open:
            name, oldest = next(iter(self._open.items()))
            if oldest.used > since:
                return
            del self._open[name]
            self.counts["idle"] += 1
