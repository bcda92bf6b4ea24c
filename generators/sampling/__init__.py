"""Samplers: chains of calls drawn from the tool graph; all by name, and the one way to open one."""

from typing import Any

from generators.graph.tool_graph import ToolGraph
from generators.sampling.chain_sampler import ChainSampler
from generators.sampling.goals import GoalSampler
from generators.sampling.path_samplers import ServerChainSampler, SimplePathSampler, SubgraphSampler
from generators.sampling.sampler import Sampler
from generators.sampling.walk_samplers import (
    DirectedSampler,
    PolicyWalkSampler,
    RandomWalkSampler,
    UniformWalkSampler,
    UsageBalancedSampler,
)
from generators.world.model import World
from schemas.errors import InputError

SAMPLERS: tuple[type[ChainSampler], ...] = (
    GoalSampler,
    RandomWalkSampler,
    UniformWalkSampler,
    UsageBalancedSampler,
    DirectedSampler,
    SubgraphSampler,
    SimplePathSampler,
    ServerChainSampler,
    PolicyWalkSampler,
)
"""Each by its ``policy``."""


def open_sampler(name: str, world: World, graph: ToolGraph, **changes: Any) -> Sampler:
    """Make the sampler of a name. ``changes``: of its settings, such as ``max_calls``.

    Raises InputError for an unknown name, and where no tool can be called.
    """
    return check_sampler(name)(world, graph, **changes)


def check_sampler(name: str) -> type[ChainSampler]:
    """The sampler of a name. Raises InputError where there is none, with those that there are."""
    for sampler in SAMPLERS:
        if sampler.policy == name:
            return sampler
    known = ", ".join(sampler.policy for sampler in SAMPLERS)
    raise InputError(f"there is no sampler {name!r}; there are {known}")
