"""FunReason-MT's directed sampler (arXiv 2510.24645): to a target tool through legal calls only.

A call is legal when all its prerequisites were called: a source of each value that it requires and
that no person has in mind. If the target was called, any legal tool follows; if it is legal, it is
called; otherwise the legal tool that is nearest to it. Distance is counted along the prerequisites
that are still open, so that every step is one towards the target.
"""

from collections.abc import Sequence
from random import Random

from generators.graph.tool_graph import ToolGraph
from generators.sampling.drafting import Draft
from generators.sampling.ground import out_of_reach, prepare
from generators.sampling.sampler import NOTHING_USED, Focus, Link, Usage
from generators.world.model import World
from schemas.canonical import derive_seed
from schemas.graph import ToolChain

_TRIES = 24


class DirectedSampler:
    """Heads for the focus, or for a tool that the seed chooses."""

    policy = "directed"

    def __init__(
        self,
        world: World,
        graph: ToolGraph,
        *,
        min_calls: int = 3,
        max_calls: int = 8,
        visit_cap: int = 1,
    ) -> None:
        """Fewer than ``min_calls`` calls only where nothing legal is left. Raises InputError."""
        self._least, self._most = min_calls, max_calls
        self._ground = prepare(world, graph, most_calls=max_calls, visit_cap=visit_cap)
        self.usable: tuple[str, ...] = self._ground.usable
        self.links: tuple[Link, ...] = self._ground.links

    def sample(
        self, seed: int, focus: Focus | None = None, usage: Usage = NOTHING_USED
    ) -> ToolChain:
        """Draw the chain of a seed; it reaches the focus. Raises InputError; see `Sampler`."""
        del usage
        rng = Random(derive_seed(self.policy, seed, focus))
        target = focus or rng.choice(self.usable)
        first = target if isinstance(target, str) else target.producer
        draft = self._approach(Draft(), first, rng)
        if draft is not None and isinstance(target, Link):
            draft = self._along(draft, target, rng)
        if draft is None:
            raise out_of_reach(target, self._most)
        length = rng.randint(self._least, self._most)
        while len(draft.steps) < length:
            longer = self._any_legal(draft, rng)
            if longer is None:
                break
            draft = longer
        return self._ground.cut(draft, rng, self.policy, seed)

    def _along(self, draft: Draft, link: Link, rng: Random) -> Draft | None:
        """Call the consumer of an edge, after whatever else it needs."""
        edge, place = self._ground.edge(link), len(draft.steps) - 1
        if edge is None or link.consumer not in self._ground.known:
            return None
        while not self._ground.legal(_called(draft), link.consumer):
            nearer = self._nearer(draft, link.consumer, rng)
            if nearer is None:
                return None
            draft = nearer
        return self._ground.add(draft, link.consumer, 0, rng, (place, edge))

    def _approach(self, draft: Draft, target: str, rng: Random) -> Draft | None:
        """Legal calls up to the target, itself included."""
        if target not in self._ground.known:
            return None
        while target not in _called(draft):
            if self._ground.legal(_called(draft), target):
                return self._ground.add(draft, target, 0, rng)
            nearer = self._nearer(draft, target, rng)
            if nearer is None:
                return None
            draft = nearer
        return draft

    def _nearer(self, draft: Draft, target: str, rng: Random) -> Draft | None:
        """Make the legal call with the least distance to the target; of several, any."""
        called = _called(draft)
        ring, seen = [target], {target}
        while ring:
            rng.shuffle(ring)
            for tool in ring:
                if self._ground.legal(called, tool):
                    longer = self._ground.add(draft, tool, 0, rng)
                    if longer is not None:
                        return longer
            ring = self._next_ring(ring, called, seen)
        return None

    def _next_ring(self, ring: Sequence[str], called: Sequence[str], seen: set[str]) -> list[str]:
        """Sources of what the tools of a ring still need; ``seen`` grows."""
        found: list[str] = []
        for tool in ring:
            for producers in self._ground.missing(called, tool):
                found += [name for name in producers if name not in seen]
                seen |= set(producers)
        return list(dict.fromkeys(found))

    def _any_legal(self, draft: Draft, rng: Random) -> Draft | None:
        """Any legal call, mostly in the domain of the last one."""
        called = _called(draft)
        near = self._ground.domains[self._ground.domain(called[-1])].names
        for attempt in range(_TRIES):
            tool = rng.choice(near if attempt < _TRIES // 2 else self.usable)
            if self._ground.legal(called, tool):
                longer = self._ground.add(draft, tool, draft.missions[-1] + 1, rng)
                if longer is not None:
                    return longer
        return None


def _called(draft: Draft) -> list[str]:
    return [step.tool for step in draft.steps]
