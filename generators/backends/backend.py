"""The protocol of backends: something that opens environments, and can tell calls that succeed."""

from collections.abc import Mapping
from random import Random
from types import MappingProxyType
from typing import Any, Protocol

from generators.sandbox.proposal import Proposal
from generators.world.model import World
from schemas.environment import Environment

NOTHING: Mapping[str, Any] = MappingProxyType({})


class Backend(Protocol):
    """Where the calls of tasks run."""

    @property
    def name(self) -> str:
        """As records note it: ``sandbox``, ``my_shop:Shop``."""
        ...

    @property
    def world(self) -> World:
        """What is known of the tools: what they do, and what their parameters mean."""
        ...

    @property
    def pure_reads(self) -> bool:
        """Whether a tool that is held for a read is known to leave the state as it is."""
        ...

    def open(self, seed: int, clock: str) -> Environment:
        """An environment in its initial state: the same for the same seed and clock.

        ``clock`` is now, ISO 8601 with offset.
        """
        ...

    def propose(
        self,
        environment: Environment,
        name: str,
        rng: Random,
        given: Mapping[str, Any] = NOTHING,
        optional: int = 1,
    ) -> Proposal | None:
        """A call that succeeds in an environment of `open`, or None.

        ``given`` maps concrete leaf paths to values that must be used as they are; at most
        ``optional`` parameters are added that need not be given. The state is left as it was; where
        the call was tried, the proposal tells what came of it.
        """
        ...
