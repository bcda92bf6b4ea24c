"""Where and when a task takes place: the world that its calls run in."""

from dataclasses import dataclass
from datetime import datetime

from generators.backends.backend import Backend
from generators.backends.planting import opened
from generators.world.model import World
from schemas.environment import Environment
from schemas.task import Plant


@dataclass(frozen=True)
class Setting:
    """A backend, and the world of it that is meant."""

    backend: Backend
    seed: int
    clock: datetime
    plants: tuple[Plant, ...] = ()

    @property
    def world(self) -> World:
        """What is known of the tools."""
        return self.backend.world

    def open(self) -> Environment:
        """A fresh environment in its initial state."""
        return opened(self.backend, self.seed, self.clock.isoformat(), self.plants)
