"""Chains of calls that need nothing of each other, made of what longer chains begin with."""

from collections.abc import Iterable
from itertools import pairwise

from generators.sampling.sense import sensible
from generators.sampling.structure import Target
from generators.world.model import World
from schemas.graph import ChainStep, ToolChain


def independent(chains: Iterable[ToolChain], target: Target, world: World) -> ToolChain | None:
    """Take calls without feeds, each tool once, until there are enough for the target.

    None where the chains have no such call. Policy and seed are those of the first chain.
    """
    first: ToolChain | None = None
    steps: list[ChainStep] = []
    wanted = target.turns + target.parallel
    for chain in chains:
        first = first or chain
        for step in chain.steps:
            if len(steps) < wanted and not step.feeds and _suits(step, steps, target, world):
                steps.append(step)
        if len(steps) >= wanted:
            break
    if first is None or not steps:
        return None
    turns = _turns(steps, target, world)
    plain = {"steps": tuple(steps), "turns": turns, "gaps": (), "implicit": ()}
    return first.model_copy(update=plain)


def _suits(step: ChainStep, before: list[ChainStep], target: Target, world: World) -> bool:
    model = world.models[step.tool]
    if model.writes and not target.writing:
        return False
    models = [world.models[earlier.tool] for earlier in before]
    return model not in models and sensible(models, model)


def _turns(steps: list[ChainStep], target: Target, world: World) -> tuple[tuple[int, ...], ...]:
    """A turn for each call; two reads share one, if the target is parallel."""
    reads = [not world.models[step.tool].writes for step in steps]
    joined = next((a for a, b in pairwise(range(len(steps))) if reads[a] and reads[b]), None)
    if not target.parallel or joined is None:
        return tuple((number,) for number in range(len(steps)))
    before = [(number,) for number in range(joined)]
    after = [(number,) for number in range(joined + 2, len(steps))]
    return (*before, (joined, joined + 1), *after)
