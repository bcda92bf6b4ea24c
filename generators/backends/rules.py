"""Backends that bring rules of their own: sentences for the policy, and code that checks calls."""

from typing import Protocol, runtime_checkable

from generators.backends.backend import Backend
from schemas.environment import Environment
from schemas.record import JsonObject


@runtime_checkable
class Ruled(Protocol):
    """A backend whose calls are bound by rules."""

    @property
    def rules(self) -> tuple[str, ...]:
        """A sentence each, for the assistant's instructions."""
        ...

    def violations(
        self, environment: Environment, tool: str, arguments: JsonObject
    ) -> tuple[str, ...]:
        """The rules that a call, by wire name, would break in the present state."""
        ...


def rules_of(backend: Backend) -> tuple[str, ...]:
    """The rules of a backend; none where it brings none."""
    return backend.rules if isinstance(backend, Ruled) else ()


def broken_rules(
    backend: Backend, environment: Environment, tool: str, arguments: JsonObject
) -> tuple[str, ...]:
    """The backend's own rules that a call breaks in the present state."""
    if not isinstance(backend, Ruled):
        return ()
    return backend.violations(environment, tool, arguments)
