"""How fast an endpoint is asked: one cool-down and one limit for all requests that it has open.

The limit falls to half at each sign of overload and grows by one for each round of answers. An
endpoint that answers nothing for long enough is dead.
"""

import asyncio
import random
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from time import monotonic

_LONGEST = 60.0
"""Seconds of the longest pause, where the endpoint does not say any."""
_WORTH_TELLING = 5.0


def back_off(number: int, first: float = 0.5) -> float:
    """Seconds to wait after the ``number``-th failure in a row, never the same for two.

    ``first``: about so long after the first one.
    """
    longest = min(_LONGEST, first * 2.0 ** min(number, 20))
    return longest * random.uniform(0.5, 1.0)


class Pace:
    """Shared by all requests to one endpoint, in one event loop."""

    def __init__(
        self, most: int, tell: Callable[[str], None] = lambda _: None, pause: float = 0.5
    ) -> None:
        """``most`` requests are open at once; ``tell`` hears of longer pauses.

        ``pause``: about how long the first one is, where the endpoint does not say it.
        """
        self.most, self.limit = most, float(most)
        self.open = 0
        self.answered = False
        """Whether the endpoint has ever answered."""
        self.limited = 0
        """Times that it asked for fewer requests, in all …"""
        self.failed = self.cooled = 0
        """Attempts that brought no answer, and cool-downs for all, in all."""
        self._slow = 0
        """… and since it answered last."""
        self.last_answer = -1.0
        self.failing_since: float | None = None
        self._cool_until = self._halved = 0.0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._tell, self._pause = tell, pause

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Wait for the cool-down and for a free place, and take it."""
        try:
            while True:
                pause = self._cool_until - monotonic()
                if pause > 0:
                    # Not all at the same moment, and none before it.
                    await asyncio.sleep(pause + random.uniform(0, min(1.0, 0.1 * pause)))
                elif self.open >= int(self.limit):
                    free: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                    self._waiting.append(free)
                    await free
                else:
                    break
        except asyncio.CancelledError:
            self._wake()  # the place may have been this one's, also amid a cool-down
            raise
        self.open += 1
        try:
            yield
        finally:
            self.open -= 1
            self._wake()

    def _wake(self) -> None:
        places = int(self.limit) - self.open
        while self._waiting and places > 0:
            free = self._waiting.popleft()
            if not free.done():
                free.set_result(None)
                places -= 1

    def note_answer(self) -> None:
        """It answered: a little more may be asked."""
        self.answered, self.last_answer = True, monotonic()
        self.failing_since, self._slow = None, 0
        self.limit = min(float(self.most), self.limit + 1 / max(self.limit, 1.0))

    def note_refusal(self) -> None:
        """It refused one request, and is there."""
        self.answered, self.failing_since = True, None

    def slow_down(self, begun: float, wait: float | None) -> None:
        """It wants fewer requests: all wait, ``wait`` seconds or longer from time to time.

        ``begun``: when the request was sent; those that were under way already tell nothing new.
        """
        self.answered, self.failing_since = True, None
        self.limited += 1
        if begun >= self._halved:
            self.limit, self._halved = max(1.0, self.limit / 2), monotonic()
            self._slow += 1
            self.cooled += 1
        self.cool_down(back_off(self._slow, self._pause) if wait is None else wait)

    def cool_down(self, seconds: float) -> None:
        """Ask nothing for so long."""
        until = monotonic() + seconds
        if until > self._cool_until:
            if seconds >= _WORTH_TELLING and monotonic() >= self._cool_until:
                self._tell(f"the endpoint limits the rate: waiting {seconds:.0f} s")
            self._cool_until = until

    def note_failure(self) -> float:
        """It gave no answer; answers the seconds for which none has come."""
        now = monotonic()
        self.failed += 1
        if self.failing_since is None:
            self.failing_since = now
        return now - self.failing_since
