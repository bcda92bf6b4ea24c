"""Merge (Magnet, arXiv 2503.07826): adjacent turns become one, each pair with probability 0.3."""

from random import Random

from generators.graph.tool_graph import ToolGraph
from generators.sampling.operators.edits import joined_turns, may_join, noted
from generators.world.model import World
from schemas.graph import ToolChain

PROBABILITY = 0.3


def merge(chain: ToolChain, world: World, graph: ToolGraph, rng: Random) -> ToolChain | None:
    """Join turns; calls and their order stay. None where none was joined."""
    del graph
    merged, place = chain, 0
    while place + 1 < len(merged.turns):
        if rng.random() < PROBABILITY and may_join(merged, place, place + 1, world):
            merged = merged.model_copy(update=joined_turns(merged, place, place + 1))
        else:
            place += 1
    return noted(merged, "merge") if len(merged.turns) < len(chain.turns) else None
