"""Backends that bring policies of their own, beside the rules that are drawn for a task."""

from typing import Protocol, runtime_checkable

from schemas.environment import Environment
from schemas.record import JsonObject


@runtime_checkable
class Policed(Protocol):
    """A backend that knows which calls its policies forbid."""

    @property
    def rules(self) -> tuple[str, ...]:
        """A sentence each, for the assistant's instructions."""
        ...

    def violations(
        self, environment: Environment, tool: str, arguments: JsonObject
    ) -> tuple[str, ...]:
        """The sentences of the policies that a call would break in the present state."""
        ...
