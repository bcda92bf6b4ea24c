"""FunReason-MT's directed sampler (arXiv 2510.24645): to a target tool through legal calls only.

A call is legal when all its prerequisites were called: a source of each value that it requires and
that no person has in mind. If the target was called, any legal tool follows; if it is legal, it is
called; otherwise the legal tool that is nearest to it. Distance is counted along the prerequisites
that are still open, so that every step is one towards the target.
"""

from functools import cached_property
from random import Random

from generators.sampling.chain_growth import GrowingChain
from generators.sampling.chain_sampler import ChainSampler, SamplerSettings
from generators.sampling.sampler import Focus, Link, Usage

_TRIES = 24


class DirectedSampler(ChainSampler):
    """Heads for the focus, or for a tool that the seed chooses."""

    policy = "directed"
    settings = SamplerSettings(min_calls=3, max_calls=8)

    def draw(self, rng: Random, focus: Focus | None, usage: Usage) -> GrowingChain | None:
        """Call what leads to the target, the target, and any legal tools after it."""
        del usage
        target = focus or rng.choice(self.usable)
        first = target if isinstance(target, str) else target.producer
        drawn = self._approach(GrowingChain(), first, rng)
        if drawn is not None and first not in drawn.tools:
            drawn = self.add(drawn, first, 0, rng)
        if drawn is not None and isinstance(target, Link):
            edge, place = self.edge_of(target), len(drawn.steps) - 1
            drawn = self._approach(drawn, target.consumer, rng) if edge else None
            if drawn is not None:
                drawn = self.add(drawn, target.consumer, 0, rng, place, edge)
        if drawn is None:
            return None
        length = rng.randint(self.settings.min_calls, self.settings.max_calls)
        return self.grow(drawn, length, lambda shorter: self._call_any_legal(shorter, rng))

    def _approach(self, drawn: GrowingChain, target: str, rng: Random) -> GrowingChain | None:
        """Make legal calls until the target is legal; the calls may bring it in themselves."""
        if target not in self.known:
            return None
        while not self.is_legal(drawn.tools, target):
            nearer = self._call_nearer(drawn, target, rng)
            if nearer is None:
                return None
            drawn = nearer
        return drawn

    def _call_nearer(self, drawn: GrowingChain, target: str, rng: Random) -> GrowingChain | None:
        """Make the legal call with the least distance to the target; of several, any."""
        ring, seen = [target], {target}
        while ring:
            rng.shuffle(ring)
            for tool in ring:
                if self.is_legal(drawn.tools, tool):
                    longer = self.add(drawn, tool, 0, rng)
                    if longer is not None:
                        return longer
            # the next ring: sources of what the tools of this one still need
            found: list[str] = []
            for tool in ring:
                for producers in self.list_missing(drawn.tools, tool):
                    found += [name for name in producers if name not in seen]
                    seen |= set(producers)
            ring = list(dict.fromkeys(found))
        return None

    def _call_any_legal(self, drawn: GrowingChain, rng: Random) -> GrowingChain | None:
        """Any legal call, mostly in the domain of the last one."""
        near = self._domains[self.domain(drawn.tools[-1])]
        for attempt in range(_TRIES):
            tool = rng.choice(near if attempt < _TRIES // 2 else self.usable)
            if self.is_legal(drawn.tools, tool):
                longer = self.add(drawn, tool, drawn.missions[-1] + 1, rng)
                if longer is not None:
                    return longer
        return None

    @cached_property
    def _domains(self) -> dict[str, list[str]]:
        return self.domains
