"""Split (Magnet, arXiv 2503.07826): a turn in which something is missing comes before another.

A parameter, so that the assistant must ask; or a function, so that it must say no.
"""

from collections.abc import Sequence
from random import Random

from generators.graph.tool_graph import ToolGraph
from generators.sampling.operators.edits import askable, noted, turn_numbers
from generators.world.model import ToolModel, World
from schemas.graph import Gap, ToolChain


def split(chain: ToolChain, world: World, graph: ToolGraph, rng: Random) -> ToolChain | None:
    """Add one gap of either kind; None where nothing can be missing."""
    del graph
    kinds = (missing_parameter, missing_function)
    for make in rng.sample(kinds, len(kinds)):
        gap = make(chain, world, rng)
        if gap is not None:
            return noted(chain, "split", gaps=(*chain.gaps, gap))
    return None


def missing_parameter(
    chain: ToolChain, world: World, rng: Random, steps: Sequence[int] | None = None
) -> Gap | None:
    """A value that the user leaves out, of one of ``steps``; of any step if None."""
    turns = turn_numbers(chain)
    taken = {turns[gap.step] for gap in chain.gaps if gap.step is not None}
    options = [
        Gap(kind="missing_parameter", turn=turns[step], step=step, parameter=path)
        for step in (range(len(chain.steps)) if steps is None else steps)
        if step not in chain.implicit and turns[step] not in taken
        for path in askable(chain, step, world)
    ]
    return rng.choice(options) if options else None


def missing_function(chain: ToolChain, world: World, rng: Random) -> Gap | None:
    """A change of the same domains that no tool of the chain could make instead."""
    called = [world.models[step.tool] for step in chain.steps]
    domains = {model.tool.domain for model in called}
    absent = {gap.tool for gap in chain.gaps}
    entities = {model.entity for model in called if model.writes}
    options = [
        name
        for name, model in world.models.items()
        if _missable(model, entities) and model.tool.domain in domains and name not in absent
        if all(model is not other for other in called)
    ]
    if not options:
        return None
    turn = rng.randrange(len(chain.turns) + 1)
    return Gap(kind="missing_function", turn=turn, tool=rng.choice(options))


def _missable(model: ToolModel, entities: set[str | None]) -> bool:
    return model.writes and model.entity not in entities
