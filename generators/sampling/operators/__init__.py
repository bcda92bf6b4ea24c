"""Operators on chains: each makes another chain of one, or says that it cannot.

They are applied in this order. What makes a conversation hard without changing its calls is known
in `generators.tasks.operators`.
"""

from collections.abc import Callable
from random import Random

from generators.graph.tool_graph import ToolGraph
from generators.sampling.operators.compose import compose
from generators.sampling.operators.insert import insert
from generators.sampling.operators.merge import merge
from generators.sampling.operators.missions import missions
from generators.sampling.operators.split import split
from generators.world.model import World
from schemas.graph import ToolChain

ChainOperator = Callable[[ToolChain, World, ToolGraph, Random], ToolChain | None]
"""Pure: what comes out depends on the arguments alone. None: cannot be applied."""

CHAIN_OPERATORS: tuple[tuple[str, ChainOperator], ...] = (
    ("missions", missions),
    ("merge", merge),
    ("insert", insert),
    ("compose", compose),
    ("split", split),
)
