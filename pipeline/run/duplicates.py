"""Keeps duplicates out of the accepted ones while they are committed, in the stream's order.

Only hashes are remembered, so that memory hardly grows with the number of trajectories. What makes
two trajectories alike is said in `validators.dataset`.
"""

from schemas.trajectory import Trajectory
from schemas.verdict import Verdict
from validators.dataset import compare, first_message_key, task_key


class Duplicates:
    """The keys of what was accepted so far."""

    def __init__(self) -> None:
        self._first_messages: set[str] = set()
        self._tasks: set[str] = set()

    def add(self, first_message: str, task: str) -> None:
        """Remember an accepted trajectory by its keys."""
        self._first_messages.add(first_message)
        self._tasks.add(task)

    def judge(self, trajectory: Trajectory) -> Verdict | None:
        """Answer None for a new trajectory and remember it; a bad verdict for one seen before."""
        verdict = compare(trajectory, self._first_messages, self._tasks)
        if verdict.label != "good":
            return verdict
        self.add(first_message_key(trajectory), task_key(trajectory))
        return None
