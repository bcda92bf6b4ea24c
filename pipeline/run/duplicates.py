"""Which of two that are alike is kept: the first in the stream."""

from pipeline.run.journal import Finished, read_line, write_line
from pipeline.run.manifest import ACCEPTED, REJECTED
from pipeline.run.table_rows import Rows, rows_of
from schemas.definitions import Definitions
from schemas.trajectory import Trajectory
from schemas.verdict import Verdict
from validators.dataset import compare


class Duplicates:
    """The keys of what was accepted so far."""

    def __init__(self) -> None:
        self._first_messages: set[str] = set()
        self._tasks: set[str] = set()

    def add(self, first_message: str, task: str) -> bool:
        """Remember a trajectory by its keys; False, and nothing, where one is known."""
        if first_message in self._first_messages or task in self._tasks:
            return False
        self._first_messages.add(first_message)
        self._tasks.add(task)
        return True

    def judge(self, trajectory: Trajectory) -> Verdict:
        """The verdict on a trajectory of whose keys one is known."""
        return compare(trajectory, self._first_messages, self._tasks)

    def decide(
        self, one: Finished, line: bytes, definitions: Definitions
    ) -> tuple[str, Rows, bytes]:
        """Where a finished candidate belongs, its rows and its line; a duplicate's are others."""
        known = one.summary["first_message_key"], one.summary["task_key"]
        if not one.accepted or self.add(*known):
            return (ACCEPTED if one.accepted else REJECTED), one.rows, line
        trajectory = read_line(line, definitions)
        verdicts = (*trajectory.verdicts, self.judge(trajectory))
        judged = trajectory.model_copy(update={"verdicts": verdicts})
        return REJECTED, rows_of(judged), write_line(judged, definitions)
