"""Insert (Magnet, arXiv 2503.07826): a call nested into a turn, or into a later one.

In a later turn it depends on a result that was seen long before. Nothing else is put in: the call
must be possible with what the chain has.
"""

from random import Random
from typing import Any

from generators.graph.tool_graph import ToolGraph
from generators.sampling.chain_edits.turn_edits import (
    MOST_CALLS,
    any_writes,
    note_operator,
    number_turns,
)
from generators.sampling.chain_growth import ChainGrower, GrowingChain, may_follow
from generators.sampling.value_sources import ValueSources, brings_value
from generators.world.model import World
from schemas.graph import ChainStep, Edge, ToolChain

LATER = 2
"""Turns between a result and its use that make a long dependency."""
_TRIES = 40
_NO_SOURCES = ValueSources({}, {}, {})


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
    turns, count = number_turns(chain), len(chain.turns)
    called = {step.tool for step in chain.steps}
    places = [
        (source, edge, turn)
        for source, step in enumerate(chain.steps)
        for edge in graph.leaving(step.tool)
        if edge.consumer not in called and edge.method != "value"
        for turn in range(turns[source] + wanted, count + 1 if wanted else turns[source] + 1)
    ]
    rng.shuffle(places)
    for source, edge, turn in places[:_TRIES]:
        added = _feed_call(chain, world, graph, source, edge, turn)
        if added is not None and _has_room(chain, world, added, turn):
            return note_operator(chain, "insert", **_put_in(chain, added, turn))
    return None


def _feed_call(
    chain: ToolChain, world: World, graph: ToolGraph, source: int, edge: Edge, turn: int
) -> ChainStep | None:
    """The new call with all that feeds it; None where something that it needs is not there."""
    place = sum(len(steps) for steps in chain.turns[: turn + 1])
    grower = ChainGrower(world, graph, _NO_SOURCES, visit_cap=1)
    before = GrowingChain(chain.steps[:place], (0,) * place)
    longer = grower.add(before, edge.consumer, 1, Random(0), source, edge)
    if longer is None or len(longer.steps) != place + 1:
        return None
    step = longer.steps[-1]
    fed = {feed.parameter for feed in step.feeds}
    lacking = any(
        brings_value(edge)
        for parameter in world.models[step.tool].parameters
        if parameter.required and parameter.opaque and parameter.path not in fed
        for edge in graph.feeding(step.tool, parameter.path)
    )
    return None if lacking else step


def _has_room(chain: ToolChain, world: World, step: ChainStep, turn: int) -> bool:
    """Whether the turn can take a call more, and what comes later still makes sense."""
    steps = chain.turns[turn] if turn < len(chain.turns) else ()
    if len(steps) >= MOST_CALLS or any_writes(chain, steps, world):
        return False
    later = [world.models[chain.steps[n].tool] for turn in chain.turns[turn + 1 :] for n in turn]
    return all(may_follow([world.models[step.tool]], model) for model in later)


def _put_in(chain: ToolChain, step: ChainStep, turn: int) -> dict[str, Any]:
    """Steps, turns, gaps and implicit steps with one more call, the last of ``turn``.

    ``turn`` may be one more than the last. Later steps are renumbered. ``step`` may be fed by
    steps before its place only.
    """
    place = sum(len(steps) for steps in chain.turns[: turn + 1])
    moved = {n: n + (n >= place) for n in range(len(chain.steps))}
    later = [
        one.model_copy(
            update={
                "feeds": tuple(
                    feed.model_copy(update={"step": moved[feed.step]}) for feed in one.feeds
                )
            }
        )
        for one in chain.steps[place:]
    ]
    turns = [tuple(moved[n] for n in steps) for steps in chain.turns]
    turns = [*turns, ()] if turn == len(turns) else turns
    turns[turn] = (*turns[turn], place)
    return {
        "steps": (*chain.steps[:place], step, *later),
        "turns": tuple(turns),
        "gaps": tuple(
            gap if gap.step is None else gap.model_copy(update={"step": moved[gap.step]})
            for gap in chain.gaps
        ),
        "implicit": tuple(moved[n] for n in chain.implicit),
    }
