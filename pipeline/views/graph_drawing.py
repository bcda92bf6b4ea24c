"""Draws a tool graph: who can give whom what.

Tools stand in columns, so that names never lie upon each other: what mostly gives stands left, what
mostly takes stands right, what is joined stands level.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from math import ceil, sqrt

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch, Patch

from pipeline.views.charts import Picture
from schemas.graph import Edge

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


COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b58900", "#56b4e9")
"""Told apart by people who see few colours, too (after Okabe and Ito)."""
OTHER, FRAME = "#b0b0b0", "#555555"
EFFECTS = {"read": "#ffffff", "write": "#ffe3c2", "unknown": "#ececec"}
FONT, LETTER, PADDING = 8.5, 0.602, 0.45
"""Size of a name in points, width of a letter and padding of its frame as shares of that."""
GAP, ROW = 1.1, 0.62
"""Inches between the widest names of two columns, and from row to row."""
HALF_HEIGHT = 0.16
"""Of a tool's frame, in inches."""
TITLE, LEGEND = 0.4, 0.6
"""Inches above and below."""
BOW = 0.22
"""How far an arrow bows out, whatever its length: two opposite ones stay apart."""


def draw_graph(title: str, effects: Mapping[str, str], edges: Sequence[Edge]) -> Picture:
    """Draw tools (wire name → effect) and the edges between them, one arrow for each pair.

    Colours tell the parameters that are fed most often; the surer, the wider.
    """
    best = _best(edges)
    places = place_tools(effects, best)
    pitch = 2 * max((_half_width(tool) for tool in effects), default=0.0) + GAP
    places = {tool: (x * pitch, y * ROW) for tool, (x, y) in places.items()}
    figure, axes = _figure(title, places, pitch)
    most = Counter(map(_leaf, edges)).most_common(len(COLOURS))
    colours = dict(zip((leaf for leaf, _ in most), COLOURS, strict=False))
    for pair, edge in best.items():
        colour = colours.get(_leaf(edge), OTHER)
        start, stop, bend = _way(places, *pair)
        axes.add_patch(
            FancyArrowPatch(
                start, stop, connectionstyle=f"arc3,rad={bend}", arrowstyle="-|>", mutation_scale=9,
                shrinkA=0, shrinkB=1, color=colour, linewidth=0.4 + edge.score, alpha=0.8,
            )
        )  # fmt: skip
    for tool, effect in effects.items():
        place = places[tool]
        fill = EFFECTS[effect]
        box = {"boxstyle": f"round,pad={PADDING}", "facecolor": fill, "edgecolor": FRAME}
        axes.text(
            *place, tool, ha="center", va="center", fontsize=FONT, family="DejaVu Sans Mono",
            bbox=box, zorder=3, parse_math=False,
        )  # fmt: skip
    _draw_legend(axes, colours, edges, effects)
    return Picture(figure)


def _figure(title: str, places: Positions, pitch: float) -> tuple[Figure, Axes]:
    """Make a figure with axes whose units are inches, a title above and room for a legend below."""
    width = pitch + max(x for x, _ in places.values())
    height = ROW * 1.2 + 2 * max(y for _, y in places.values())
    whole = height + TITLE + LEGEND
    figure = Figure(figsize=(width, whole))
    axes = figure.add_axes((0, LEGEND / whole, 1, height / whole))
    axes.set(xlim=(-pitch / 2, width - pitch / 2), ylim=(height / 2, -height / 2))
    axes.set_axis_off()
    figure.text(0.01, 1 - TITLE / 2 / whole, title, fontsize=11, va="center")
    return figure, axes


def _half_width(tool: str) -> float:
    """Of a tool's frame, in inches."""
    return (len(tool) * LETTER / 2 + PADDING) * FONT / 72


def _best(edges: Sequence[Edge]) -> dict[Pair, Edge]:
    """The surest edge between each two tools; a tool that feeds itself has no arrow."""
    best: dict[Pair, Edge] = {}
    for edge in sorted(edges, key=lambda edge: -edge.score):
        if edge.producer != edge.consumer:
            best.setdefault((edge.producer, edge.consumer), edge)
    return best


def _leaf(edge: Edge) -> str:
    return edge.parameter.rpartition(".")[2]


def _way(places: Positions, giver: str, taker: str) -> tuple[Place, Place, float]:
    """Start, end and bend of an arrow, from the side of one frame to the nearest of the other."""
    (x, y), (to_x, to_y) = places[giver], places[taker]
    if x != to_x:
        ahead = 1 if to_x > x else -1
        return (
            (x + ahead * _half_width(giver), y),
            (to_x - ahead * _half_width(taker), to_y),
            BOW / abs(to_x - x),
        )
    if abs(to_y - y) <= ROW:
        down = HALF_HEIGHT if to_y > y else -HALF_HEIGHT
        return (x, y + down), (to_x, to_y - down), 0.25
    return (
        (x + _half_width(giver), y), (to_x + _half_width(taker), to_y), 0.35 if to_y < y else -0.35
    )  # fmt: skip


def _draw_legend(
    axes: Axes, colours: Mapping[str, str], edges: Sequence[Edge], effects: Mapping[str, str]
) -> None:
    counts = Counter(map(_leaf, edges))
    shown = [(leaf, counts[leaf], colour) for leaf, colour in colours.items()]
    others = len(edges) - sum(count for _, count, _ in shown)
    shown += [("others", others, OTHER)] if others else []
    handles: list[Line2D | Patch] = [
        Line2D([], [], color=colour, label=f"{leaf} ({count})") for leaf, count, colour in shown
    ]
    handles += [
        Patch(facecolor=fill, edgecolor=FRAME, label=f"{effect} tool")
        for effect, fill in EFFECTS.items()
        if effect in effects.values()
    ]
    axes.legend(
        handles=handles, loc="upper center", bbox_to_anchor=(0.5, 0.0), ncols=5, frameon=False,
        fontsize=9,
    )  # fmt: skip
