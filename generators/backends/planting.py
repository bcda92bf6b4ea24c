"""Environments whose initial state can be added to: how a task's plants come into it."""

from collections.abc import Iterable, Sequence
from typing import Protocol, runtime_checkable

from generators.backends.backend import Backend
from schemas.environment import Environment
from schemas.errors import InputError
from schemas.task import Plant


@runtime_checkable
class Plantable(Protocol):
    """An environment that takes texts into its rows before the first call."""

    def plant(self, plants: Iterable[Plant]) -> None:
        """Put them in. Raises KeyError where there is no such row."""
        ...


def opened(backend: Backend, seed: int, clock: str, plants: Sequence[Plant]) -> Environment:
    """An environment in a task's initial state. Raises InputError where nothing can be planted."""
    environment = backend.open(seed, clock)
    if plants:
        if not isinstance(environment, Plantable):
            raise InputError(f"the backend {backend.name} does not take texts into its rows")
        environment.plant(plants)
    return environment
