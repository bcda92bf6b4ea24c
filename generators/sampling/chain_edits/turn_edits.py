"""Turns of a chain made one, and what operators on chains have in common.

Merge (Magnet, arXiv 2503.07826) joins adjacent turns, each pair with probability 0.3. Compose
(FunReason-MT, arXiv 2510.24645) makes several calls one wish: the user names the outer inputs and
the final outputs only; the calls between are implicit, and the assistant has to see that they are
needed.
"""

from collections.abc import Sequence
from random import Random
from typing import Any

from generators.graph.tool_graph import ToolGraph
from generators.world.model import World
from schemas.graph import ToolChain

MOST_CALLS = 4
"""Calls of a turn that an operator may make; the samplers stop at three."""
MERGE_PROBABILITY = 0.3


def merge(chain: ToolChain, world: World, graph: ToolGraph, rng: Random) -> ToolChain | None:
    """Join turns; calls and their order stay. None where none was joined."""
    del graph
    merged, place = chain, 0
    while place + 1 < len(merged.turns):
        if rng.random() < MERGE_PROBABILITY and may_join(merged, place, place + 1, world):
            merged = merged.model_copy(update=join_turns(merged, place, place + 1))
        else:
            place += 1
    return note_operator(merged, "merge") if len(merged.turns) < len(chain.turns) else None


def compose(chain: ToolChain, world: World, graph: ToolGraph, rng: Random) -> ToolChain | None:
    """Make a call and those that lead to it one turn; None where no call has such a trace."""
    del graph
    turns = number_turns(chain)
    asked = {gap.step for gap in chain.gaps}
    ends = [step for step in range(len(chain.steps)) if chain.steps[step].feeds]
    rng.shuffle(ends)
    for end in ends:
        first = min(turns[feed.step] for feed in chain.steps[end].feeds)
        if not may_join(chain, first, turns[end], world):
            continue
        parts = join_turns(chain, first, turns[end])
        whole = parts["turns"][first]
        used = {feed.step for step in whole for feed in chain.steps[step].feeds}
        hidden = [
            step for step in whole if step in used - asked and not any_writes(chain, [step], world)
        ]
        if hidden:
            implicit = tuple(sorted({*chain.implicit, *hidden}))
            return note_operator(chain, "compose", **parts, implicit=implicit)
    return None


def note_operator(chain: ToolChain, operator: str, **changes: Any) -> ToolChain:
    """The chain with changes, and the operator added to those that were applied."""
    return chain.model_copy(update={**changes, "operators": (*chain.operators, operator)})


def number_turns(chain: ToolChain) -> dict[int, int]:
    """Step → the number of its turn."""
    return {step: turn for turn, steps in enumerate(chain.turns) for step in steps}


def any_writes(chain: ToolChain, steps: Sequence[int], world: World) -> bool:
    """Whether any of the steps changes something."""
    return any(world.models[chain.steps[step].tool].writes for step in steps)


def join_turns(chain: ToolChain, first: int, last: int) -> dict[str, Any]:
    """Turns and gaps of the chain with the turns ``first`` … ``last`` made one."""
    whole = tuple(step for turn in chain.turns[first : last + 1] for step in turn)
    turns = (*chain.turns[:first], whole, *chain.turns[last + 1 :])
    gone = last - first
    gaps = tuple(
        gap.model_copy(update={"turn": gap.turn - min(max(gap.turn - first, 0), gone)})
        for gap in chain.gaps
    )
    return {"turns": turns, "gaps": gaps}


def may_join(chain: ToolChain, first: int, last: int, world: World) -> bool:
    """Whether turns make one: a write ends its turn, and nothing is said between them."""
    between = any(first < gap.turn <= last and gap.step is None for gap in chain.gaps)
    early = [step for turn in chain.turns[first:last] for step in turn]
    few = len(early) + len(chain.turns[last]) <= MOST_CALLS
    return few and not between and not any_writes(chain, early, world)
