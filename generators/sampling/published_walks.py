"""Walks as they were published: uniform, balanced by usage, by difficulty, and to a target."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from random import Random

from generators.sampling.chain_growth import Call, GrowingChain
from generators.sampling.chain_sampler import ChainSampler, SamplerSettings
from generators.sampling.sampler import Focus, Link
from generators.sampling.weighted_draw import draw_by_weight
from generators.world.model import ToolModel
from schemas.graph import ChainStep

_TRIES = 24
MANY_PARAMETERS = 3


class UniformWalkSampler(ChainSampler):
    """ToolMind's walk (arXiv 2511.15718): uniform over the edges that leave the last call.

    The length is drawn from U{5..20}. What the call at the end of an edge needs besides is put
    before it; where no edge leads on, the walk begins anew at any tool.
    """

    policy = "uniform_walk"
    settings = SamplerSettings(min_calls=5, max_calls=20, visit_cap=2)

    def draw(self, rng: Random, focus: Focus | None) -> GrowingChain:
        """Walk from the focus, or from a tool that the seed chooses."""
        drawn = self.begin(focus, lambda: rng.choice(self.usable), rng)
        length = rng.randint(self.settings.min_calls, self.settings.max_calls)
        return self.grow(drawn, length, lambda shorter: self._walk_on(shorter, rng), rng, length)

    def _walk_on(self, drawn: GrowingChain, rng: Random) -> Iterator[Call]:
        """Follow an edge or begin anew; after some attempts in vain, at whatever tool is left."""
        place, mission = len(drawn.steps) - 1, drawn.missions[-1]
        edges = list(self.graph.leaving(drawn.tools[place]))
        rng.shuffle(edges)
        for edge in edges:
            if edge.consumer in self.known:
                yield Call(edge.consumer, mission, place, edge)
        some = [rng.choice(self.usable) for _ in range(_TRIES)]
        for tool in (*some, *(self.usable if place + 1 < self.settings.min_calls else ())):
            yield Call(tool, mission + 1)


class UsageBalancedSampler(ChainSampler):
    """UniToolCall's draw (arXiv 2604.11557): tools ∝ 1/usage in a locked domain, 2–5 calls.

    The domain is that of the first tool, which is drawn from all by the same weights. What a tool
    needs is called before it, and counts. The original counts the calls of all chains before; here
    usage is how often others will need a tool, so that a chain depends on its seed alone.
    """

    policy = "usage_balanced"
    settings = SamplerSettings(min_calls=2, max_calls=5)

    def draw(self, rng: Random, focus: Focus | None) -> GrowingChain:
        """Begin with the focus; then call, sooner than others, what few others need."""
        weights = {name: 1 / self.sources.loads[name] for name in self.usable}
        loads = list(weights.values())
        drawn = self.begin(focus, lambda: rng.choices(self.usable, loads)[0], rng)
        domain = self.domain(drawn.tools[-1])
        length = rng.randint(self.settings.min_calls, self.settings.max_calls)
        members = self.domains[domain]
        others = draw_by_weight(members, [weights[name] for name in members], rng)
        for tool in islice(others, _TRIES):
            if len(drawn.steps) >= length:
                break
            longer = self.add(drawn, Call(tool, drawn.missions[-1] + 1), rng)
            added = longer.tools[len(drawn.steps) :] if longer else ()
            if longer is not None and all(self.domain(name) == domain for name in added):
                drawn = longer
        return drawn


class DirectedSampler(ChainSampler):
    """FunReason-MT's (arXiv 2510.24645): to a target tool through legal calls only.

    A call is legal when all its prerequisites were called: a source of each value that it requires
    and that no person has in mind. If the target was called, any legal tool follows; if it is
    legal, it is called; otherwise the legal tool that is nearest to it. Distance is counted along
    the prerequisites that are still open, so that every step is one towards the target.
    """

    policy = "directed"
    settings = SamplerSettings(min_calls=3, max_calls=8)

    def draw(self, rng: Random, focus: Focus | None) -> GrowingChain | None:
        """Call what leads to the target, the target, and any legal tools after it."""
        target = focus or rng.choice(self.usable)
        first = target if isinstance(target, str) else target.producer
        drawn = self._approach(GrowingChain(), first, rng)
        if drawn is not None and first not in drawn.tools:
            drawn = self.add(drawn, Call(first, 0), rng)
        if drawn is not None and isinstance(target, Link):
            edge, place = self.edge_of(target), len(drawn.steps) - 1
            drawn = self._approach(drawn, target.consumer, rng) if edge else None
            if drawn is not None:
                drawn = self.add(drawn, Call(target.consumer, 0, place, edge), rng)
        if drawn is None:
            return None
        length = rng.randint(self.settings.min_calls, self.settings.max_calls)
        return self.grow(drawn, length, lambda shorter: self._list_legal(shorter, rng), rng)

    def _approach(self, drawn: GrowingChain, target: str, rng: Random) -> GrowingChain | None:
        """Make legal calls until the target is legal; the calls may bring it in themselves.

        Each is the one with the least distance to the target; of several, any.
        """
        ring, seen = [target], {target}
        while target in self.known and not self.is_legal(drawn.tools, target):
            rng.shuffle(ring)
            legal = (Call(tool, 0) for tool in ring if self.is_legal(drawn.tools, tool))
            nearer = self.add_first(drawn, legal, rng)
            if nearer is not None:
                drawn, ring, seen = nearer, [target], {target}
                continue
            # the next ring: sources of what the tools of this one still need
            found: list[str] = []
            for tool in ring:
                for producers in self.list_missing(drawn.tools, tool):
                    found += [name for name in producers if name not in seen]
                    seen |= set(producers)
            ring = list(dict.fromkeys(found))
            if not ring:
                return None
        return drawn if target in self.known else None

    def _list_legal(self, drawn: GrowingChain, rng: Random) -> Iterator[Call]:
        """Legal calls, mostly in the domain of the last one."""
        near = self.domains[self.domain(drawn.tools[-1])]
        for attempt in range(_TRIES):
            tool = rng.choice(near if attempt < _TRIES // 2 else self.usable)
            if self.is_legal(drawn.tools, tool):
                yield Call(tool, drawn.missions[-1] + 1)


@dataclass(frozen=True)
class DifficultySettings(SamplerSettings):
    """Bounds of the sum of the calls' difficulties, besides those of the calls."""

    min_difficulty: int = 5
    max_difficulty: int = 10


class PolicyWalkSampler(ChainSampler):
    """IntellAgent's walk over a weighted graph (arXiv 2501.11067), until it is difficult enough.

    The next tool is drawn ∝ weight among the unvisited neighbours of the last, the weight being the
    best score of the edges between two tools in either direction, until the difficulties add up to
    a target of 5–10. Where no unvisited neighbour is left the walk ends; the original crashed.
    """

    policy = "policy_walk"
    settings: DifficultySettings = DifficultySettings(min_calls=1, max_calls=12)

    def draw(self, rng: Random, focus: Focus | None) -> GrowingChain:
        """Walk from the focus until the difficulty that is drawn."""
        drawn = self.begin(focus, lambda: rng.choice(self.usable), rng)
        target = rng.randint(self.settings.min_difficulty, self.settings.max_difficulty)
        while self.sum_difficulties(drawn.steps) < target:
            unvisited = self.known.difference(drawn.tools)
            near = self.neighbours.get(drawn.tools[-1], {})
            options = {name: weight for name, weight in near.items() if name in unvisited}
            tools = draw_by_weight(list(options), list(options.values()), rng)
            place, mission = len(drawn.steps) - 1, drawn.missions[-1]
            longer = self.add_first(drawn, (Call(tool, mission, place) for tool in tools), rng)
            if longer is None:
                break
            drawn = longer
        return drawn

    def sum_difficulties(self, steps: Sequence[ChainStep]) -> int:
        """How difficult a chain is."""
        return sum(rate_difficulty(self.world.models[step.tool], step) for step in steps)

    @cached_property
    def neighbours(self) -> dict[str, dict[str, float]]:
        """Tool → those that an edge joins to it, in either direction → the best score."""
        weights: dict[str, dict[str, float]] = {}
        for edge in self.graph.edges:
            if edge.producer != edge.consumer and edge.score > 0:
                for one, two in ((edge.producer, edge.consumer), (edge.consumer, edge.producer)):
                    row = weights.setdefault(one, {})
                    row[two] = max(row.get(two, 0.0), edge.score)
        return weights


def rate_difficulty(model: ToolModel, step: ChainStep) -> int:
    """From 1 to 5: one for the call, and one each for what makes it harder.

    That it changes something; that it loses something for good; that it requires three parameters
    or more; that it depends on an earlier result.
    """
    required = sum(parameter.required for parameter in model.parameters)
    many = required >= MANY_PARAMETERS
    return 1 + sum((model.writes, model.tool.destructive, many, bool(step.feeds)))
