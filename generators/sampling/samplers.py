"""All samplers by name, and the one way to open one."""

from collections.abc import Callable
from typing import Any

from generators.graph.tool_graph import ToolGraph
from generators.sampling.directed import DirectedSampler
from generators.sampling.policy_walk import PolicyWalkSampler
from generators.sampling.random_walk import RandomWalkSampler
from generators.sampling.sampler import Sampler
from generators.sampling.server_chains import ServerChainSampler
from generators.sampling.simple_paths import SimplePathSampler
from generators.sampling.subgraphs import SubgraphSampler
from generators.sampling.uniform_walk import UniformWalkSampler
from generators.sampling.usage_balanced import UsageBalancedSampler
from generators.world.model import World
from schemas.errors import InputError

SAMPLERS: tuple[tuple[str, Callable[..., Sampler]], ...] = (
    (RandomWalkSampler.policy, RandomWalkSampler),
    (UniformWalkSampler.policy, UniformWalkSampler),
    (UsageBalancedSampler.policy, UsageBalancedSampler),
    (DirectedSampler.policy, DirectedSampler),
    (SubgraphSampler.policy, SubgraphSampler),
    (SimplePathSampler.policy, SimplePathSampler),
    (ServerChainSampler.policy, ServerChainSampler),
    (PolicyWalkSampler.policy, PolicyWalkSampler),
)


def open_sampler(name: str, world: World, graph: ToolGraph, **bounds: Any) -> Sampler:
    """Make the sampler of a name. ``bounds``: its own, such as ``max_calls``.

    Raises InputError for an unknown name, and where no tool can be called.
    """
    check_sampler(name)
    return dict(SAMPLERS)[name](world, graph, **bounds)


def check_sampler(name: str) -> None:
    """Raise InputError for a name that no sampler has, with those that there are."""
    if name not in dict(SAMPLERS):
        known = ", ".join(known for known, _ in SAMPLERS)
        raise InputError(f"there is no sampler {name!r}; there are {known}")
