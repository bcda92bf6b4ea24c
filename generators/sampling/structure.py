"""A mix of structures that chains should have, and a sampler that draws towards it.

Several chains are drawn for a seed, and the nearest to its target is taken. What is done to chains
is known in `generators.sampling.chain_edits`.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from pydantic import Field, model_validator

from generators.graph.tool_graph import ToolGraph
from generators.sampling.chain_edits import CHAIN_OPERATORS, MOST_JOINED
from generators.sampling.chain_growth import make_feed, may_follow
from generators.sampling.sampler import Focus, Link, Sampler, find_focus
from generators.world.model import World
from schemas.canonical import derive_seed
from schemas.graph import ChainStep, ToolChain
from schemas.record import Record

Turns = tuple[tuple[int, ...], ...]
Traits = tuple[bool, bool, bool, bool]
_MORE = 6
"""Chains that are looked at for more calls that depend on none."""
_HOPPING = ("insert", "compose")
"""Operators that need hops, or make them."""
_UNDONE = 1.0
"""How far an operator that could not be applied takes a chain from its target."""


class Structure(Record):
    """Shares of all chains; operators' probabilities a chain."""

    multi_hop: float = Field(0.85, ge=0, le=1)
    """Chains in which a call needs the result of another. In the rest all calls are independent."""
    parallel: float = Field(0.4, ge=0, le=1)
    """Chains with a turn in which two reads need nothing of each other."""
    anchored: float = Field(0.5, ge=0, le=1)
    """Chains in which a later turn uses a value from an earlier turn's result."""
    writing: float = Field(0.6, ge=0, le=1)
    """Chains that change something."""
    min_turns: int = Field(2, ge=1)
    max_turns: int = Field(4, ge=1)
    """Turns with calls are drawn from U{min_turns..max_turns}."""
    merge: float = Field(0.1, ge=0, le=1)
    insert: float = Field(0.15, ge=0, le=1)
    split: float = Field(0.15, ge=0, le=1)
    compose: float = Field(0.15, ge=0, le=1)
    missions: float = Field(0.0, ge=0, le=1)
    draws: int = Field(12, ge=1)
    """Chains that are drawn for one target at the most; the nearest is taken."""

    @model_validator(mode="after")
    def _check_bounds(self) -> "Structure":
        if self.min_turns > self.max_turns:
            raise ValueError("min_turns is more than max_turns")
        if self.anchored > self.multi_hop:
            raise ValueError("anchored is more than multi_hop: an anchor is a hop")
        return self


@dataclass(frozen=True)
class ChainFeatures:
    """What a chain looks like."""

    hops: int
    """Calls of the longest line of calls that feed each other: 1 where none feeds another."""
    parallel: bool
    turns: int
    """Turns with calls."""
    anchors: int
    """Calls that use a result of an earlier turn."""
    writes: int

    @property
    def traits(self) -> Traits:
        """Several hops, parallel, anchored, writing."""
        return self.hops > 1, self.parallel, self.anchors > 0, self.writes > 0


@dataclass(frozen=True)
class ChainTarget:
    """What one chain is to look like."""

    multi_hop: bool
    parallel: bool
    anchored: bool
    writing: bool
    turns: int

    @property
    def traits(self) -> Traits:
        """Several hops, parallel, anchored, writing."""
        return self.multi_hop, self.parallel, self.anchored, self.writing

    def distance(self, found: ChainFeatures) -> float:
        """0 where all is as wanted; a wrong trait counts one, a turn too many or few a half."""
        traits = sum(one != two for one, two in zip(self.traits, found.traits, strict=True))
        return traits + abs(self.turns - found.turns) / 2


def draw_target(structure: Structure, rng: Random) -> ChainTarget:
    """Draw what a chain is to look like. Anchors are had by several hops in several turns."""
    hops = rng.random() < structure.multi_hop
    turns = rng.randint(structure.min_turns, structure.max_turns)
    share = structure.anchored / structure.multi_hop if hops else 0.0
    anchored = rng.random() < share and structure.max_turns > 1
    if anchored and turns == 1:
        turns = 2
    parallel = rng.random() < structure.parallel
    return ChainTarget(hops, parallel, anchored, rng.random() < structure.writing, turns)


def list_writes(steps: Sequence[ChainStep], world: World) -> list[bool]:
    """Which of the calls change something."""
    return [world.models[step.tool].writes for step in steps]


def measure_chain(chain: ToolChain, world: World) -> ChainFeatures:
    """Measure a chain."""
    writes = list_writes(chain.steps, world)
    hops = max(_measure_depths(chain.steps), default=0)
    return _measure(chain.steps, chain.turns, writes, hops)


def _measure(
    steps: Sequence[ChainStep], turns: Turns, writes: Sequence[bool], hops: int
) -> ChainFeatures:
    count, anchors, parallel = 0, 0, False
    for turn in turns:
        first, count = count, count + len(turn)
        anchors += sum(any(feed.step < first for feed in steps[n].feeds) for n in turn)
        reads = [n for n in turn if not writes[n]] if len(turn) > 1 and not parallel else []
        parallel = parallel or any(
            one not in {feed.step for feed in steps[two].feeds}
            for one, two in itertools.pairwise(reads)
        )
    return ChainFeatures(hops, parallel, sum(map(bool, turns)), anchors, sum(writes[:count]))


def _measure_depths(steps: Sequence[ChainStep]) -> list[int]:
    """Calls of the longest line that feeds each call, with itself."""
    depths: list[int] = []
    for step in steps:
        depths.append(1 + max([depths[feed.step] for feed in step.feeds], default=0))
    return depths


class ShapedSampler:
    """Wraps another sampler; chains keep its policy."""

    def __init__(
        self, sampler: Sampler, world: World, graph: ToolGraph, structure: Structure
    ) -> None:
        """``structure``: the mix that chains are drawn towards."""
        self._sampler, self._world, self._graph = sampler, world, graph
        self._structure = structure
        self.policy: str = sampler.policy
        self.usable: tuple[str, ...] = sampler.usable
        self.links: tuple[Link, ...] = sampler.links
        self.may_ask = sampler.may_ask

    def sample(self, seed: int, focus: Focus | None = None) -> ToolChain:
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
            own_seed = derive_seed("draw", seed, number)
            chain = self._sampler.sample(own_seed, focus)
            if not target.multi_hop:
                more = (
                    self._sampler.sample(derive_seed("more", own_seed, count), None)
                    for count in range(_MORE)
                )
                independent = pick_independent(itertools.chain((chain,), more), target, self._world)
                chain = independent or chain
            # the part nearest to the target, after all operators that leave the focus in it
            held = focus if focus is not None and find_focus(chain, focus) is not None else None
            chain = find_nearest_part(chain, target, self._world, held)
            for operator in operators:
                changed = operator(chain, self._world, self._graph, rng)
                if changed is not None and (held is None or find_focus(changed, held) is not None):
                    chain = changed
            undone = len(operators) - len(chain.operators)
            distance = target.distance(measure_chain(chain, self._world)) + _UNDONE * undone
            if distance < least:
                best, least = chain, distance
            if not distance:
                break
        assert best is not None
        return best.model_copy(update={"seed": seed})


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
    writes = list_writes(steps, world)
    pairs = itertools.pairwise(range(len(steps)))
    joined = next((a for a, b in pairs if not writes[a] and not writes[b]), None)
    turns: list[tuple[int, ...]] = [(number,) for number in range(len(steps))]
    if target.parallel and joined is not None:
        turns[joined : joined + 2] = [(joined, joined + 1)]
    plain = {"steps": tuple(steps), "turns": tuple(turns), "gaps": (), "implicit": ()}
    return first.model_copy(update=plain)


def find_nearest_part(
    chain: ToolChain, target: ChainTarget, world: World, held: Focus | None
) -> ToolChain:
    """The part of a chain that is nearest to the target: the whole, or what lies within it.

    Fewer of its turns, only its reads, turns joined: each can run as the whole can. The longest
    come first, and none is without ``held``, if the chain has it.
    """
    nearest, cut, least = chain, chain.turns, float("inf")
    writes = list_writes(chain.steps, world)
    for whole in (chain, keep_reads(chain, writes)) if any(writes) else (chain,):
        place = None if held is None else find_focus(whole, held)
        if held is not None and place is None:
            continue
        own = writes if whole is chain else [False] * len(whole.steps)
        depths = _measure_depths(whole.steps)
        for turns in list_cuts(whole.turns, own):
            count = sum(map(len, turns))
            if place is not None and place >= count:
                break
            hops = max(depths[:count])
            wrong = (target.multi_hop != (hops > 1)) + (target.writing != any(own[:count]))
            if wrong + abs(target.turns - len(turns)) / 2 >= least:
                continue  # as far away, whatever else it is like
            distance = target.distance(_measure(whole.steps, turns, own, hops))
            if distance < least:
                nearest, cut, least = whole, turns, distance
        if not least:
            break
    steps = nearest.steps[: sum(map(len, cut))]
    return nearest.model_copy(update={"steps": steps, "turns": cut})


def list_cuts(turns: Turns, writes: Sequence[bool]) -> Iterator[Turns]:
    """Yield the turns up to each, the most first, and then the same with turns joined."""
    joined: list[Turns] = []
    for turn in turns:
        *before, last = joined[-1] if joined else ((),)
        fits = len(last) + len(turn) <= MOST_JOINED and not any(writes[n] for n in last)
        joined.append((*before, last + turn) if fits else (*before, last, turn))
    for count in range(len(turns), 0, -1):
        yield turns[:count]
        if len(joined[count - 1]) < count:
            yield joined[count - 1]


def keep_reads(chain: ToolChain, writes: Sequence[bool]) -> ToolChain:
    """The reads of a chain that depend on no write."""
    places: dict[int, int] = {}
    steps: list[ChainStep] = []
    for number, step in enumerate(chain.steps):
        if not writes[number] and all(feed.step in places for feed in step.feeds):
            places[number] = len(steps)
            feeds = [make_feed(f.parameter, places[f.step], f.result_path) for f in step.feeds]
            steps.append(ChainStep(tool=step.tool, feeds=tuple(feeds)))
    turns = [tuple(places[n] for n in turn if n in places) for turn in chain.turns]
    kept = tuple(turn for turn in turns if turn)
    return chain.model_copy(update={"steps": tuple(steps), "turns": kept})
