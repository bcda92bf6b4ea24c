"""The backend that any catalogue has: the sandbox of its inferred world."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from generators.sandbox.propose import NOTHING, Proposal
from generators.sandbox.sandbox import Sandbox
from generators.world.model import World
from schemas.environment import Environment


@dataclass(frozen=True)
class InferredBackend:
    """Implements `generators.backends.backend.Backend`."""

    world: World
    name: str = "sandbox"

    @property
    def pure_reads(self) -> bool:
        """Reads leave no trace in the sandbox."""
        return True

    def open(self, seed: int, clock: str) -> Environment:
        """A sandbox whose rows are seeded by ``seed``."""
        return Sandbox(self.world, seed, clock)

    def propose(
        self,
        environment: Environment,
        name: str,
        rng: Random,
        given: Mapping[str, Any] = NOTHING,
        optional: int = 1,
    ) -> Proposal | None:
        """A call out of the sandbox's own rows. Raises TypeError for a foreign environment."""
        if not isinstance(environment, Sandbox):
            raise TypeError(f"{type(environment).__name__} is no sandbox")
        return environment.propose(name, rng, given, optional)
