"""Backends that bring policies of their own, beside the rules that are drawn for a task."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from schemas.environment import Environment
from schemas.record import JsonObject


@runtime_checkable
class Policed(Protocol):
    """A backend that knows which calls its policies forbid."""

    def violations(
        self, environment: Environment, tool: str, arguments: JsonObject
    ) -> Sequence[str]:
        """The sentences of the policies that a call would break in the present state."""
        ...
