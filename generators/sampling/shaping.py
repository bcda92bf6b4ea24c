"""A sampler that draws towards a mix of structures: several chains a seed, the nearest is taken.

What a mix is, and what a chain looks like, is known in `generators.sampling.structure`.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from random import Random

from generators.graph.tool_graph import ToolGraph
from generators.sampling.chain_edits import CHAIN_OPERATORS, ChainOperator
from generators.sampling.chain_edits.turn_edits import join_turns, may_join
from generators.sampling.chain_growth import may_follow
from generators.sampling.sampler import NOTHING_USED, Focus, Link, Sampler, Usage, contains
from generators.sampling.structure import ChainTarget, Structure, draw_target, measure_chain
from generators.world.model import World
from schemas.canonical import derive_seed
from schemas.graph import ChainStep, ToolChain

_MORE = 6
"""Chains that are looked at for more calls that depend on none."""
_HOPPING = ("insert", "compose")
"""Operators that need hops, or make them."""
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
        operators = []
        for name, operator in CHAIN_OPERATORS:
            share: float = getattr(self._structure, name)
            if name in _HOPPING:
                share = share / self._structure.multi_hop if target.multi_hop else 0.0
            if rng.random() < share:
                operators.append(operator)
        best, least = None, float("inf")
        for number in range(self._structure.draws):
            chain = self._draw(derive_seed("draw", seed, number), focus, usage, target)
            chain = self._shape(chain, focus, target, operators, rng)
            undone = len(operators) - len(chain.operators)
            distance = target.distance(measure_chain(chain, self._world)) + _UNDONE * undone
            if distance < least:
                best, least = chain, distance
            if not distance:
                break
        assert best is not None
        return best.model_copy(update={"seed": seed})

    def _draw(self, seed: int, focus: Focus | None, usage: Usage, target: ChainTarget) -> ToolChain:
        """One chain, or one of independent calls if that is the target."""
        chain = self._sampler.sample(seed, focus, usage)
        if target.multi_hop:
            return chain
        more = (
            self._sampler.sample(derive_seed("more", seed, number), None, usage)
            for number in range(_MORE)
        )
        return pick_independent(itertools.chain((chain,), more), target, self._world) or chain

    def _shape(
        self,
        chain: ToolChain,
        focus: Focus | None,
        target: ChainTarget,
        operators: Sequence[ChainOperator],
        rng: Random,
    ) -> ToolChain:
        """What lies nearest to the target within a chain, after all operators that can be applied.

        The focus, if the chain has it, is not lost.
        """
        held = focus if focus is not None and contains(chain, focus) else None
        least = float("inf")
        for part in list_parts(chain, self._world):
            if held is not None and not contains(part, held):
                continue
            distance = target.distance(measure_chain(part, self._world))
            if distance < least:
                chain, least = part, distance
            if not distance:
                break
        for operator in operators:
            changed = operator(chain, self._world, self._graph, rng)
            if changed is not None and (held is None or contains(changed, held)):
                chain = changed
        return chain


def pick_independent(
    chains: Iterable[ToolChain], target: ChainTarget, world: World
) -> ToolChain | None:
    """Take calls without feeds, each tool once, until there are enough for the target.

    A turn for each call; two reads share one, if the target is parallel. None where the chains have
    no such call. Policy and seed are those of the first chain.
    """
    first: ToolChain | None = None
    steps: list[ChainStep] = []
    count = target.turns + target.parallel
    for chain in chains:
        first = first or chain
        for step in chain.steps:
            before, model = [known.tool for known in steps], world.models[step.tool]
            fits = not step.feeds and step.tool not in before and len(steps) < count
            fits = fits and (target.writing or not model.writes)
            if fits and may_follow([world.models[name] for name in before], model):
                steps.append(step)
        if len(steps) >= count:
            break
    if first is None or not steps:
        return None
    turns = [(number,) for number in range(len(steps))]
    reads = [not world.models[step.tool].writes for step in steps]
    pairs = itertools.pairwise(range(len(steps)))
    joined = next((a for a, b in pairs if reads[a] and reads[b]), None)
    if target.parallel and joined is not None:
        whole: list[tuple[int, ...]] = [*turns[:joined], (joined, joined + 1), *turns[joined + 2 :]]
    else:
        whole = [*turns]
    plain = {"steps": tuple(steps), "turns": tuple(whole), "gaps": (), "implicit": ()}
    return first.model_copy(update=plain)


def list_parts(chain: ToolChain, world: World) -> Iterator[ToolChain]:
    """Yield the chain itself, and then what lies within it, the longest first.

    Fewer of its turns, only its reads, turns joined: each can run as the whole can.
    """
    reads = keep_reads(chain, world)
    for whole in (chain,) if reads == chain else (chain, reads):
        for count in range(len(whole.turns), 0, -1):
            turns = whole.turns[:count]
            steps = whole.steps[: sum(map(len, turns))]
            part = whole.model_copy(update={"steps": steps, "turns": turns})
            yield part
            joined, place = part, 0
            while place + 1 < len(joined.turns):
                if may_join(joined, place, place + 1, world):
                    joined = joined.model_copy(update=join_turns(joined, place, place + 1))
                else:
                    place += 1
            if len(joined.turns) < count:
                yield joined


def keep_reads(chain: ToolChain, world: World) -> ToolChain:
    """The reads of a chain that depend on no write."""
    places: dict[int, int] = {}
    steps: list[ChainStep] = []
    for number, step in enumerate(chain.steps):
        writes = world.models[step.tool].writes
        if not writes and all(feed.step in places for feed in step.feeds):
            places[number] = len(steps)
            feeds = [f.model_copy(update={"step": places[f.step]}) for f in step.feeds]
            steps.append(step.model_copy(update={"feeds": tuple(feeds)}))
    turns = [tuple(places[n] for n in turn if n in places) for turn in chain.turns]
    kept = tuple(turn for turn in turns if turn)
    return chain.model_copy(update={"steps": tuple(steps), "turns": kept})
