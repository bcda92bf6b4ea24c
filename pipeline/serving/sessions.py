"""The open episodes of a process: bounded in number, apart, ending by themselves."""

import re
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from generators.dialogue.roles import UserRole
from pipeline.serving.episode import USUAL_LIMITS, Episode, Limits, Observation, Proven
from pipeline.serving.tally import Tally
from schemas.errors import ToolweaveError

_NAME = re.compile(r"(\d{1,6})\.(\d{1,9})-[0-9a-f]{24}")
_GONE = "no such session: it is over, or was never begun"


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
        clock: Callable[[], float] = time.monotonic, tally: Tally | None = None, process: int = 0,
        cast: Callable[[Proven], UserRole | None] = lambda _: None,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:  # fmt: skip
        """``most``: of all processes together. ``idle``: seconds unused by which one ends.

        ``cast`` says who plays the user of a task; None: the script. ``tell`` hears of what is not
        scored, once for each reason.
        """
        self.most, self.idle, self.process = most, idle, process
        self.tally = tally or Tally()
        self._limits, self._clock, self._cast, self._tell = limits, clock, cast, tell
        self._told: set[str] = set()
        self._open: OrderedDict[str, _Session] = OrderedDict()

    def __len__(self) -> int:
        """How many are open here."""
        return len(self._open)

    def __contains__(self, name: str) -> bool:
        """Whether a session is open here, which is not used by being asked about."""
        return name in self._open

    def make_room(self) -> None:
        """Raises FullError where no other can be begun."""
        self.sweep()
        if self.tally.sum("open") >= self.most:
            raise FullError(f"{self.most} sessions are open already: end one, or wait")

    def begin(self, proven: Proven) -> tuple[str, Episode]:
        """Open a session under a name that nobody can guess. Raises FullError."""
        self.make_room()
        born = int(self.tally.get(self.process, "born"))
        episode = Episode(proven, self._limits, self._cast(proven))
        name = f"{self.process}.{born}-{secrets.token_hex(12)}"
        self._open[name] = _Session(episode, self._clock())
        self._happen("begun")
        return name, episode

    def find(self, name: str) -> Episode:
        """The episode of a session, which is used by that. Raises NoSessionError."""
        self.sweep()
        if name not in self._open:
            raise NoSessionError(_GONE)
        self._open.move_to_end(name)
        found = self._open[name]
        found.used = self._clock()
        return found.episode

    def note(self, name: str, seen: Observation) -> None:
        """A move was made; a session that has come to its end by it is closed.

        Raises NoSessionError where it was closed while the user was being waited for.
        """
        self.tally.add(self.process, "steps")
        if name not in self._open:
            raise NoSessionError(_GONE)
        self._open.move_to_end(name)
        self._open[name].used = self._clock()
        if seen.done:
            del self._open[name]
            unscored = seen.reward is None
            if unscored and seen.ended not in self._told:
                self._told.add(seen.ended)
                self._tell(f"an episode is not scored ({seen.ended}): {seen.why}")
            self._happen("unscored" if unscored else "broken" if seen.ended else "done")
            self.tally.add(self.process, "earned", seen.reward.binary if seen.reward else 0.0)

    def drop(self, name: str) -> None:
        """Close a session at its client's wish. Raises NoSessionError."""
        self.find(name)
        del self._open[name]
        self._happen("dropped")

    def sweep(self) -> None:
        """Close what nobody has used for so long."""
        since = self._clock() - self.idle
        while self._open:
            name, oldest = next(iter(self._open.items()))
            if oldest.used > since:
                return
            if oldest.episode.waits:
                oldest.used = self._clock()
                self._open.move_to_end(name)
                continue
            del self._open[name]
            self._happen("idle")

    def _happen(
        self, what: Literal["begun", "done", "broken", "unscored", "idle", "dropped"]
    ) -> None:
        self.tally.add(self.process, what)
        self.tally.put(self.process, "open", len(self._open))


def find_process(name: str, tally: Tally) -> int:
    """The process that has a session, as its name tells. Raises NoSessionError."""
    told = _NAME.fullmatch(name)
    if told is None or int(told[1]) >= tally.processes:
        raise NoSessionError(_GONE)
    process, born = int(told[1]), int(told[2])
    if born != tally.get(process, "born"):
        raise NoSessionError("no such session: the process that held it has ended; begin anew")
    return process
