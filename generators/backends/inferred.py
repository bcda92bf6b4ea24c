"""The backend that any catalogue has: the sandbox of its inferred world."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from generators.sandbox.call_rules import CallScope
from generators.sandbox.propose import NOTHING, Proposal, propose_call
from generators.sandbox.sandbox import Sandbox
from generators.world.expression import parse_expression
from generators.world.model import World, governs
from schemas.environment import Environment
from schemas.record import JsonObject


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

    @property
    def rules(self) -> tuple[str, ...]:
        """None beside those of the policies, which the world model has for each domain."""
        return ()

    def violations(
        self, environment: Environment, tool: str, arguments: JsonObject
    ) -> tuple[str, ...]:
        """The texts of the domain's rules that a call would break in the present state."""
        if not isinstance(environment, Sandbox):
            raise TypeError(f"{type(environment).__name__} is no sandbox")
        compiled = environment.plan(tool)
        service = self.world.domains.get(compiled.model.tool.domain)
        if service is None:
            return ()
        scope = CallScope(environment.store, compiled, arguments)
        return tuple(
            rule.text
            for rule in service.rules
            if rule.require and governs(rule, compiled.model)
            if parse_expression(rule.require).fails(scope)
        )

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
        tool = environment.plan(name)
        return propose_call(environment, environment.store, tool, rng, given, optional)
