"""What is left unsaid when a request is put into words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Hidden:
    """What is not said in a request: withheld, said before, or said otherwise at first."""

    withheld: frozenset[tuple[int, str]] = frozenset()
    known: frozenset[tuple[int, str]] = frozenset()
    """Leaves that an earlier message has said."""
    instead: Mapping[tuple[int, str], Any] = field(default_factory=dict)
    """Leaves for which another value is said at first."""
    seen: frozenset[int] = frozenset()
    """Calls whose results have been reported."""
    start: int = 0
    """Number of the turn's first call: what earlier calls found is "that" one."""
    resolved: bool = False
    """Rows are named by what they are called, not by "that one": for the assistant to say."""
    spoken: list[tuple[int, str]] = field(default_factory=list)
    """Rows that this very request has named, in that order: the last one is "it" from then on."""

    def silent(self, call: int, path: str) -> bool:
        """Nothing is to be said of the leaf."""
        return (call, path) in self.withheld or (call, path) in self.known
