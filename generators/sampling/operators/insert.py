"""Insert (Magnet, arXiv 2503.07826): a call nested into a turn, or into a later one.

In a later turn it depends on a result that was seen long before. Nothing else is put in: the call
must be possible with what the chain has.
"""

from collections.abc import Iterator
from itertools import islice
from random import Random

from generators.graph.tool_graph import ToolGraph
from generators.sampling.drafting import Draft, Drafter
from generators.sampling.operators.edits import MOST_CALLS, noted, turn_numbers, with_step, writes
from generators.sampling.sense import sensible
from generators.sampling.supply import Supply, gives
from generators.world.model import World
from schemas.graph import ChainStep, Edge, ToolChain

LATER = 2
"""Turns between a result and its use that make a long dependency."""
_TRIES = 40
_NO_SUPPLY = Supply({}, {}, {})


def insert(
    chain: ToolChain,
    world: World,
    graph: ToolGraph,
    rng: Random,
    *,
    distance: int | None = None,
) -> ToolChain | None:
    """Add a call that an earlier result feeds, ``distance`` turns later or more; 0 is nested.

    Without a distance either is as likely. None where no call fits.
    """
    wanted = rng.choice((0, LATER)) if distance is None else distance
    for source, edge, turn in islice(_places(chain, graph, wanted, rng), _TRIES):
        step = _step(chain, world, graph, source, edge, turn)
        if step is not None and _fits(chain, world, step, turn):
            return noted(chain, "insert", **with_step(chain, step, turn))
    return None


def _places(
    chain: ToolChain, graph: ToolGraph, distance: int, rng: Random
) -> Iterator[tuple[int, Edge, int]]:
    """Yield a step, an edge from it, and the turn of the new call, in any order."""
    turns = turn_numbers(chain)
    called = {step.tool for step in chain.steps}
    found = [
        (source, edge, turn)
        for source, step in enumerate(chain.steps)
        for edge in graph.leaving(step.tool)
        if edge.consumer not in called and edge.method != "value"
        for turn in _turns(len(chain.turns), turns[source], distance)
    ]
    rng.shuffle(found)
    yield from found


def _turns(count: int, turn: int, distance: int) -> range:
    """Turns for a call that depends on one of ``turn``; one more than there are may begin."""
    return range(turn, turn + 1) if not distance else range(turn + distance, count + 1)


def _step(
    chain: ToolChain, world: World, graph: ToolGraph, source: int, edge: Edge, turn: int
) -> ChainStep | None:
    """The new call with all that feeds it; None where something that it needs is not there."""
    place = sum(len(steps) for steps in chain.turns[: turn + 1])
    drafter = Drafter(world, graph, _NO_SUPPLY, visit_cap=1)
    draft = Draft(chain.steps[:place], (0,) * place)
    longer = drafter.add(draft, edge.consumer, 1, Random(0), source, edge)
    if longer is None or len(longer.steps) != place + 1:
        return None
    step = longer.steps[-1]
    fed = {feed.parameter for feed in step.feeds}
    lacking = any(
        gives(edge)
        for parameter in world.models[step.tool].parameters
        if parameter.required and parameter.opaque and parameter.path not in fed
        for edge in graph.feeding(step.tool, parameter.path)
    )
    return None if lacking else step


def _fits(chain: ToolChain, world: World, step: ChainStep, turn: int) -> bool:
    """Whether the turn can take a call more, and what comes later still makes sense."""
    steps = chain.turns[turn] if turn < len(chain.turns) else ()
    if len(steps) >= MOST_CALLS or writes(chain, steps, world):
        return False
    later = [world.models[chain.steps[n].tool] for turn in chain.turns[turn + 1 :] for n in turn]
    return all(sensible([world.models[step.tool]], model) for model in later)
