"""A sampler that draws towards a mix of structures: several chains a seed, the nearest is taken."""

from random import Random

from generators.graph.tool_graph import ToolGraph
from generators.sampling.operators import CHAIN_OPERATORS
from generators.sampling.sampler import NOTHING_USED, Focus, Link, Sampler, Usage, contains
from generators.sampling.structure import Structure, draw_target, features
from generators.world import World
from schemas.canonical import derive_seed
from schemas.graph import ToolChain

_UNDONE = 1.0
"""How far an operator that could not be applied takes a chain from its target."""


class ShapedSampler:
    """Wraps another sampler."""

    def __init__(
        self, sampler: Sampler, world: World, graph: ToolGraph, structure: Structure
    ) -> None:
        """Chains keep the policy of ``sampler``."""
        self._sampler, self._world, self._graph = sampler, world, graph
        self._structure = structure

    @property
    def policy(self) -> str:
        """That of the sampler."""
        return self._sampler.policy

    @property
    def usable(self) -> tuple[str, ...]:
        """Those of the sampler."""
        return self._sampler.usable

    @property
    def links(self) -> tuple[Link, ...]:
        """Those of the sampler."""
        return self._sampler.links

    def sample(
        self, seed: int, focus: Focus | None = None, usage: Usage = NOTHING_USED
    ) -> ToolChain:
        """Draw a target, and the nearest of some chains. Raises InputError; see `Sampler`."""
        rng = Random(derive_seed("structure", seed))
        target = draw_target(self._structure, rng)
        wanted = tuple(
            (name, operator)
            for name, operator in CHAIN_OPERATORS
            if rng.random() < getattr(self._structure, name)
        )
        best, least = None, float("inf")
        for number in range(self._structure.draws):
            own_seed = derive_seed("draw", seed, number)
            chain = self._sampler.sample(own_seed, focus, usage)
            for _, operator in wanted:
                changed = operator(chain, self._world, self._graph, rng)
                if changed is not None and (focus is None or contains(changed, focus)):
                    chain = changed
            undone = len(wanted) - len(chain.operators)
            distance = target.distance(features(chain, self._world)) + _UNDONE * undone
            if distance < least:
                best, least = chain, distance
            if not distance:
                break
        assert best is not None
        return best
