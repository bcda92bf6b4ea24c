"""The tools' side of a conversation: something in which calls really run."""

from typing import Any, Protocol

from schemas.message import Fault
from schemas.record import JsonObject, Record


class CallOutcome(Record):
    """What a call returned: a result, or an error object ``{"error": {"code", "message"}}``."""

    content: Any
    is_error: bool = False


class Environment(Protocol):
    """A stateful, deterministic, replayable backend."""

    def call(self, name: str, arguments: JsonObject, fault: Fault | None = None) -> CallOutcome:
        """Run one call by wire name. A fault makes it fail without any effect on the state."""
        ...

    def state_hash(self) -> str:
        """Hash of the present state; equal states hash alike, whatever order of calls led there."""
        ...
