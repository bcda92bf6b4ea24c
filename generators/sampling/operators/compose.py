"""Compose (FunReason-MT, arXiv 2510.24645): several calls become one wish, the way to it unsaid.

The composite's trace is made one turn. Of it the user names the outer inputs and the final outputs
only; the calls between are implicit, and the assistant has to see that they are needed.
"""

from random import Random

from generators.graph.tool_graph import ToolGraph
from generators.sampling.operators.edits import joined_turns, may_join, noted, turn_numbers
from generators.world.model import World
from schemas.graph import ToolChain


def compose(chain: ToolChain, world: World, graph: ToolGraph, rng: Random) -> ToolChain | None:
    """Make a call and those that lead to it one turn; None where no call has such a trace."""
    del graph
    turns = turn_numbers(chain)
    ends = [step for step in range(len(chain.steps)) if chain.steps[step].feeds]
    rng.shuffle(ends)
    for end in ends:
        first = min(turns[feed.step] for feed in chain.steps[end].feeds)
        if may_join(chain, first, turns[end], world):
            parts = joined_turns(chain, first, turns[end])
            hidden = _hidden(chain, parts["turns"][first], world)
            if hidden:
                implicit = tuple(sorted({*chain.implicit, *hidden}))
                return noted(chain, "compose", **parts, implicit=implicit)
    return None


def _hidden(chain: ToolChain, steps: tuple[int, ...], world: World) -> list[int]:
    """Reads of a turn that others of it use, and that the user is not asked about."""
    used = {feed.step for step in steps for feed in chain.steps[step].feeds}
    asked = {gap.step for gap in chain.gaps}
    return [
        step
        for step in steps
        if step in used and step not in asked and not world.models[chain.steps[step].tool].writes
    ]
