"""The replay certificate of a record: its calls, run again from the initial state."""

from schemas.environment import Change
from schemas.record import Record
from schemas.verdict import Reason


class ReplayedCall(Record):
    """One call that was run again."""

    message: int
    """Index of the tool message on record."""
    tool: str
    recorded: str
    """Hash of the content on record; empty where that is not JSON."""
    replayed: str
    """Hash of the content that came this time."""
    same: bool
    """The contents are equal, and so is whether they are errors."""


class ReplayCertificate(Record):
    """What came of it. It holds where nothing differs."""

    trajectory: str
    tools: str
    """What the tools ran in: ``sandbox``."""
    initial_state: str
    calls: tuple[ReplayedCall, ...]
    final_state: str
    changes: tuple[Change, ...]
    """What the calls have changed in all."""
    differences: tuple[Reason, ...] = ()

    @property
    def holds(self) -> bool:
        """Nothing differs from the record."""
        return not self.differences
