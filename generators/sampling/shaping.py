"""A sampler that draws towards a mix of structures: several chains a seed, the nearest is taken."""

import itertools
from random import Random

from generators.graph.tool_graph import ToolGraph
from generators.sampling.independent import independent
from generators.sampling.operators import CHAIN_OPERATORS, ChainOperator
from generators.sampling.sampler import NOTHING_USED, Focus, Link, Sampler, Usage, contains
from generators.sampling.structure import Structure, Target, draw_target, features
from generators.sampling.variants import variants
from generators.world.model import World
from schemas.canonical import derive_seed
from schemas.graph import ToolChain

_MORE = 6
"""Chains that are looked at for more calls that depend on none."""
_HOPPING = ("insert", "compose")
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
        """Draw a target, and the nearest of some chains. Raises InputError; see `Sampler`.

        The mix comes first: the focus is left for another seed where it is an edge, or needs one,
        and the chain is to be of independent calls.
        """
        rng = Random(derive_seed("structure", seed))
        target = draw_target(self._structure, rng)
        wanted = [
            operator
            for name, operator in CHAIN_OPERATORS
            if rng.random() < self._probability(name, target)
        ]
        best, least = None, float("inf")
        for number in range(self._structure.draws):
            chain = self._draw(derive_seed("draw", seed, number), focus, usage, target)
            chain = self._nearest(chain, focus, target)
            chain = self._operated(chain, wanted, focus, rng)
            undone = len(wanted) - len(chain.operators)
            distance = target.distance(features(chain, self._world)) + _UNDONE * undone
            if distance < least:
                best, least = chain, distance
            if not distance:
                break
        assert best is not None
        return best.model_copy(update={"seed": seed})

    def _probability(self, name: str, target: Target) -> float:
        """How often an operator is tried: those that need or make hops, only where hops may be."""
        share: float = getattr(self._structure, name)
        if name not in _HOPPING:
            return share
        return share / self._structure.multi_hop if target.multi_hop else 0.0

    def _draw(self, seed: int, focus: Focus | None, usage: Usage, target: Target) -> ToolChain:
        """One chain, or one of independent calls if that is the target."""
        chain = self._sampler.sample(seed, focus, usage)
        if target.multi_hop:
            return chain
        more = (
            self._sampler.sample(derive_seed("more", seed, number), None, usage)
            for number in range(_MORE)
        )
        return independent(itertools.chain((chain,), more), target, self._world) or chain

    def _nearest(self, chain: ToolChain, focus: Focus | None, target: Target) -> ToolChain:
        """What lies nearest to the target within a chain, and still has the focus."""
        held = focus if focus is not None and contains(chain, focus) else None
        within = [c for c in variants(chain, self._world) if held is None or contains(c, held)]
        return min(within, key=lambda part: target.distance(features(part, self._world)))

    def _operated(
        self,
        chain: ToolChain,
        wanted: list[ChainOperator],
        focus: Focus | None,
        rng: Random,
    ) -> ToolChain:
        """The chain after all operators that can be applied without losing the focus."""
        held = focus if focus is not None and contains(chain, focus) else None
        for operator in wanted:
            changed = operator(chain, self._world, self._graph, rng)
            if changed is not None and (held is None or contains(changed, held)):
                chain = changed
        return chain
