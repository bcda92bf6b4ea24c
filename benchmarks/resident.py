"""How much memory and processor time a build takes with its workers: by looking while it runs.

What forked processes share is counted once for all of them.
"""

import os
import re
import threading
from contextlib import suppress
from pathlib import Path

from benchmarks.program import Started

_PAUSE = 0.5
_SHARE = re.compile(r"^Pss: +(\d+) kB$", re.MULTILINE)


class Watched:
    """Looks at a process and those that it has forked until it ends."""

    def __init__(self, running: Started) -> None:
        self.all = 0
        """Bytes of all of them together, at most."""
        self.processor: dict[int, float] = {}
        """Process → seconds of processor time, as it was seen last."""
        self._running = running
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        leader, pause = self._running.process.pid, threading.Event()
        while self._running.runs:
            together = 0
            for folder in Path("/proc").glob("[0-9]*"):
                with suppress(OSError):
                    told = (folder / "stat").read_text().rpartition(")")[2].split()
                    if int(told[3]) != leader:
                        continue
                    ticks = int(told[11]) + int(told[12])
                    self.processor[int(folder.name)] = ticks / os.sysconf("SC_CLK_TCK")
                    found = _SHARE.search((folder / "smaps_rollup").read_text())
                    together += 1024 * int(found[1]) if found else 0
            self.all = max(self.all, together)
            pause.wait(_PAUSE)

    def tell_processor(self) -> str:
        """Of whoever asks, and of those it has forked: seconds, the busiest first."""
        leader = self._running.process.pid
        rest = sorted((took for one, took in self.processor.items() if one != leader), reverse=True)
        told = " + ".join(f"{took:.0f}" for took in rest)
        return f"{self.processor.get(leader, 0):.0f} s who asks, {told} s forked"
