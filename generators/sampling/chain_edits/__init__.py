"""Operators on chains: each makes another chain of one, or says that it cannot.

They are applied in this order. What makes a conversation hard without changing its calls is known
in `generators.operators`.
"""

from collections.abc import Callable
from random import Random

from generators.graph.tool_graph import ToolGraph
from generators.sampling.chain_edits.insert_call import insert
from generators.sampling.chain_edits.missing_parts import arrange_missions, split
from generators.sampling.chain_edits.turn_edits import compose, merge
from generators.world.model import World
from schemas.graph import ToolChain

ChainOperator = Callable[[ToolChain, World, ToolGraph, Random], ToolChain | None]
"""Pure: what comes out depends on the arguments alone. None: cannot be applied."""

CHAIN_OPERATORS: tuple[tuple[str, ChainOperator], ...] = (
    ("missions", arrange_missions),
    ("merge", merge),
    ("insert", insert),
    ("compose", compose),
    ("split", split),
)
