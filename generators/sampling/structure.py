"""What chains should look like: a target mix of structures, and what a given chain looks like.

How chains are drawn towards the mix is known in `generators.sampling.shaping`.
"""

import itertools
from dataclasses import dataclass
from random import Random

from pydantic import Field, model_validator

from generators.world.model import World
from schemas.graph import ToolChain
from schemas.record import Record


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
    def traits(self) -> tuple[bool, bool, bool, bool]:
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
    def traits(self) -> tuple[bool, bool, bool, bool]:
        """Several hops, parallel, anchored, writing."""
        return self.multi_hop, self.parallel, self.anchored, self.writing

    def distance(self, found: ChainFeatures) -> float:
        """0 where all is as wanted; a wrong trait counts one, a turn too many or few a half."""
        traits = sum(one != two for one, two in zip(self.traits, found.traits, strict=True))
        return traits + abs(self.turns - found.turns) / 2


def measure_chain(chain: ToolChain, world: World) -> ChainFeatures:
    """Measure a chain."""
    turn_of = {step: turn for turn, steps in enumerate(chain.turns) for step in steps}
    depths: list[int] = []
    for step in chain.steps:
        depths.append(1 + max((depths[feed.step] for feed in step.feeds), default=0))
    anchors = sum(
        any(turn_of[feed.step] < turn_of[number] for feed in step.feeds)
        for number, step in enumerate(chain.steps)
        if step.feeds
    )
    return ChainFeatures(
        hops=max(depths, default=0),
        parallel=any(
            one not in {feed.step for feed in chain.steps[two].feeds}
            for steps in chain.turns
            if len(steps) > 1
            for one, two in itertools.pairwise(
                n for n in steps if not world.models[chain.steps[n].tool].writes
            )
        ),
        turns=sum(bool(steps) for steps in chain.turns),
        anchors=anchors,
        writes=sum(world.models[step.tool].writes for step in chain.steps),
    )


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
