"""Environments in the convention of benchmarks: made empty, then loaded with a scenario.

A class is made without arguments; ``_load_scenario(scenario)`` gives it its state, where it has the
method. Errors are returned as ``{"error": "…"}`` as well as raised. Several classes may serve one
conversation. Their tools are read from documents of their own, so nothing is asked of their code.
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import Any

from generators.backends.backend import ShownRows
from generators.backends.python_backend import TRIES
from generators.backends.python_environment import PythonEnvironment, frozen
from generators.backends.python_tools import PythonTool
from generators.sandbox.propose import NOTHING, Proposal, propose_call
from generators.world.infer import infer_world
from generators.world.model import World
from schemas.environment import Environment
from schemas.record import JsonObject
from schemas.tool import ToolSpec


@dataclass(frozen=True)
class ScenarioBackend:
    """Implements `generators.backends.backend.Backend`."""

    name: str
    classes: Mapping[str, tuple[type[Any], Sequence[ToolSpec]]]
    """Name → the class, and those of its methods that are tools."""
    scenario: Mapping[str, JsonObject]
    """Class → what it is loaded with."""
    volatile: frozenset[str] = frozenset()
    """Fields of objects that are taken from the machine's clock: no state."""

    @cached_property
    def world(self) -> World:
        """Inferred from the tools of all classes."""
        return infer_world([tool for _, tools in self.classes.values() for tool in tools])

    @cached_property
    def _tools(self) -> Mapping[str, PythonTool]:
        return {
            tool.wire_name: PythonTool(tool, name, tool.name, self.name, lenient=True)
            for name, (_, tools) in self.classes.items()
            for tool in tools
        }

    @property
    def pure_reads(self) -> bool:
        """What a method leaves behind is not known."""
        return False

    def open(self, seed: int, clock: str) -> PythonEnvironment:
        """New objects with the scenario; it alone decides the state."""
        del seed
        parts = {name: kind() for name, (kind, _) in self.classes.items()}
        for name, target in parts.items():
            if hasattr(target, "_load_scenario"):
                target._load_scenario(deepcopy(self.scenario.get(name, {})))
        initial = frozen(parts, self.name)
        return PythonEnvironment(self._tools, self.world, initial, clock, self.name, self.volatile)

    def propose(
        self,
        environment: Environment,
        name: str,
        rng: Random,
        given: Mapping[str, Any] = NOTHING,
        optional: int = 1,
    ) -> Proposal | None:
        """A call out of the state's own rows. Raises TypeError for a foreign environment."""
        if not isinstance(environment, PythonEnvironment):
            raise TypeError(f"{type(environment).__name__} is no environment of {self.name}")
        rows = ShownRows(self.world, environment, environment.column, environment.clock)
        tool = rows.compiled(name)
        return propose_call(environment, rows, tool, rng, given, optional, tries=TRIES)
