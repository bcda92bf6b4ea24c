"""Where the tools of a graph stand in a picture of it.

In columns, so that names never lie upon each other: what mostly gives stands left, what mostly
takes stands right, what is joined stands level. Drawing is `pipeline.views.drawing`'s business.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import ceil, sqrt

Pair = tuple[str, str]
"""Who gives and who takes."""
Place = tuple[float, float]
Positions = dict[str, Place]
"""Tool → column from the left and row from the top, the rows centred on 0."""

SWEEPS = 6
"""Times that each column is put in order again; more changes hardly anything."""


def place_tools(tools: Iterable[str], pairs: Iterable[Pair]) -> Positions:
    """Find a place for each tool. Independent of the order of both."""
    joined: dict[str, set[str]] = {tool: set() for tool in tools}
    balance = dict.fromkeys(joined, 0)
    for giver, taker in set(pairs):
        joined[giver].add(taker)
        joined[taker].add(giver)
        balance[giver] += 1
        balance[taker] -= 1
    # Columns as even as can be, about as many as there are rows.
    columns_tools = sorted(joined, key=lambda tool: (-balance[tool], tool))
    count = max(1, ceil(sqrt(len(columns_tools))))
    edges = [round(i * len(columns_tools) / count) for i in range(count + 1)]
    columns = [list(columns_tools[start:stop]) for start, stop in pairwise(edges)]
    positions = _positions(columns)
    for _ in range(SWEEPS):
        for column in columns:
            level = {tool: _level(tool, joined[tool], positions) for tool in column}
            column.sort(key=lambda tool: (level[tool], tool))
            positions |= _positions(columns)
    return positions


def _positions(columns: Sequence[Sequence[str]]) -> Positions:
    return {
        tool: (float(x), row - (len(column) - 1) / 2)
        for x, column in enumerate(columns)
        for row, tool in enumerate(column)
    }


def _level(tool: str, neighbours: Iterable[str], positions: Positions) -> float:
    """Mean row of the neighbours, summed in a fixed order for the same float on any machine."""
    rows = [positions[other][1] for other in sorted(neighbours)]
    return sum(rows) / len(rows) if rows else positions[tool][1]
