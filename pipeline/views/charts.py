"""Draws the pictures of a notebook: counts as bars, and the tools of a domain.

Tools stand in columns, so that names never lie upon each other: what mostly gives stands left, what
mostly takes stands right, what is joined stands level. Importing this module imports matplotlib,
which comes with the extra ``notebook``.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from math import ceil, sqrt
from typing import NamedTuple

from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch, Patch
from matplotlib.ticker import MaxNLocator

from schemas.graph import Edge

SHOWN_DPI, DRAWN_DPI = 80, 160
"""Drawn twice as fine as shown, for screens with small dots."""
WIDTH, UPRIGHT = 11.0, 2.4
"""Inches of bars."""
SWEEPS = 6
"""Times that each column of tools is put in order again; more changes hardly anything."""
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b58900", "#56b4e9")
"""Told apart by people who see few colours, too (after Okabe and Ito)."""
OTHER, FRAME = "#b0b0b0", "#555555"
EFFECTS = {"read": "#ffffff", "write": "#ffe3c2", "unknown": "#ececec"}
FONT, LETTER, PADDING = 8.5, 0.602, 0.45
"""Size of a tool's name in points, width of a letter and padding of its frame as shares of that."""
GAP, ROW, HALF_HEIGHT = 1.1, 0.62, 0.16
"""Inches between the widest names of two columns, from row to row, and of half a tool's frame."""
TITLE, LEGEND = 0.4, 0.6
"""Inches above and below the tools."""
BOW = 0.22
"""How far an arrow bows out, whatever its length: two opposite ones stay apart."""

Place = tuple[float, float]


@dataclass(frozen=True)
class Picture:
    """A figure that shows itself."""

    figure: Figure

    def png(self) -> bytes:
        """The picture as a PNG file."""
        file = BytesIO()
        self.figure.savefig(file, format="png", dpi=DRAWN_DPI, facecolor="white")
        return file.getvalue()

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        width, height = self.figure.get_size_inches()
        size = {"width": round(width * SHOWN_DPI), "height": round(height * SHOWN_DPI)}
        return self.png(), size


class Bars(NamedTuple):
    """What one chart shows."""

    title: str
    counts: Sequence[tuple[str, int]]
    """Name and number, in the order in which they stand."""
    lying: bool = False
    """Bars from left to right, where names are long."""
    colours: Sequence[str] = ()
    """One for each bar; none means blue."""

    @property
    def room(self) -> int:
        """Bars that there is room for: one bar shall not become a block."""
        return max(2 if self.lying else 6, len(self.counts))


def draw_bars(columns: Sequence[Sequence[Bars]]) -> Picture:
    """Draw charts in columns; a lying one is as high as the number of its bars asks for."""
    heights = [
        [0.7 + 0.22 * bars.room if bars.lying else UPRIGHT for bars in column] for column in columns
    ]
    total = max(sum(own) for own in heights)
    figure = Figure(figsize=(WIDTH, total), layout="constrained")
    parts = figure.subfigures(1, len(columns), squeeze=False)[0]
    for part, column, own in zip(parts, columns, heights, strict=True):
        rest = total - sum(own)
        grid = part.add_gridspec(len(column) + 1, 1, height_ratios=[*own, rest + 0.01])
        for place, bars in enumerate(column):
            axes = part.add_subplot(grid[place])
            axes.set_title(bars.title, loc="left", fontsize=10)
            axes.spines[["top", "right"]].set_visible(False)
            axes.tick_params(labelsize=9)
            names, numbers = [name for name, _ in bars.counts], [count for _, count in bars.counts]
            colours, longest = list(bars.colours) or COLOURS[0], 1.12 * max((1, *numbers))
            if bars.lying:
                drawn = axes.barh(names, numbers, color=colours)
                axes.set(xlim=(0, longest), ylim=(bars.room - 0.5, -0.5))
                axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
            else:
                drawn = axes.bar(names, numbers, color=colours)
                spare = (bars.room - len(names)) / 2
                axes.set(xlim=(-0.5 - spare, bars.room - 0.5 - spare), ylim=(0, longest))
                axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
            axes.bar_label(drawn, fontsize=8, padding=2)
    return Picture(figure)


def place_tools(tools: Iterable[str], pairs: Iterable[tuple[str, str]]) -> dict[str, Place]:
    """Find column and row of each tool, rows centred on 0; ``pairs`` are who gives and who takes.

    Independent of the order of both.
    """
    joined: dict[str, set[str]] = {tool: set() for tool in tools}
    balance = dict.fromkeys(joined, 0)
    for giver, taker in set(pairs):
        joined[giver].add(taker)
        joined[taker].add(giver)
        balance[giver] += 1
        balance[taker] -= 1
    # Columns as even as can be, about as many as there are rows.
    ordered = sorted(joined, key=lambda tool: (-balance[tool], tool))
    count = max(1, ceil(sqrt(len(ordered))))
    ends = [round(i * len(ordered) / count) for i in range(count + 1)]
    columns = [ordered[start:stop] for start, stop in pairwise(ends)]
    places: dict[str, Place] = {}
    for sweep in range(SWEEPS + 1):
        for x, column in enumerate(columns):
            if sweep:
                # The mean row of the neighbours, summed in a fixed order for the same float.
                level = {
                    tool: sum(places[other][1] for other in sorted(joined[tool]))
                    / len(joined[tool])
                    if joined[tool]
                    else places[tool][1]
                    for tool in column
                }
                column.sort(key=lambda tool: (level[tool], tool))
            for row, tool in enumerate(column):
                places[tool] = float(x), row - (len(column) - 1) / 2
    return places


def draw_graph(title: str, effects: Mapping[str, str], edges: Sequence[Edge]) -> Picture:
    """Draw tools (wire name → effect) and the edges between them, one arrow for each pair.

    Colours tell the parameters that are fed most often; the surer, the wider. A tool that feeds
    itself has no arrow.
    """
    best: dict[tuple[str, str], Edge] = {}
    for edge in sorted(edges, key=lambda edge: -edge.score):
        if edge.producer != edge.consumer:
            best.setdefault((edge.producer, edge.consumer), edge)
    halves = {tool: (len(tool) * LETTER / 2 + PADDING) * FONT / 72 for tool in effects}
    pitch = 2 * max(halves.values(), default=0.0) + GAP
    places = {tool: (x * pitch, y * ROW) for tool, (x, y) in place_tools(effects, best).items()}
    # Axes whose units are inches, a title above and room for a legend below.
    width = pitch + max(x for x, _ in places.values())
    height = ROW * 1.2 + 2 * max(y for _, y in places.values())
    whole = height + TITLE + LEGEND
    figure = Figure(figsize=(width, whole))
    axes = figure.add_axes((0, LEGEND / whole, 1, height / whole))
    axes.set(xlim=(-pitch / 2, width - pitch / 2), ylim=(height / 2, -height / 2))
    axes.set_axis_off()
    figure.text(0.01, 1 - TITLE / 2 / whole, title, fontsize=11, va="center")

    counts = Counter(edge.parameter.rpartition(".")[2] for edge in edges)
    colours = dict(zip((leaf for leaf, _ in counts.most_common(6)), COLOURS, strict=False))
    for (giver, taker), edge in best.items():
        start, stop, bend = bend_arrow(places[giver], places[taker], halves[giver], halves[taker])
        axes.add_patch(
            FancyArrowPatch(
                start, stop, connectionstyle=f"arc3,rad={bend}", arrowstyle="-|>", mutation_scale=9,
                shrinkA=0, shrinkB=1, linewidth=0.4 + edge.score, alpha=0.8,
                color=colours.get(edge.parameter.rpartition(".")[2], OTHER),
            )
        )  # fmt: skip
    for tool, effect in effects.items():
        box = {"boxstyle": f"round,pad={PADDING}", "facecolor": EFFECTS[effect], "edgecolor": FRAME}
        axes.text(
            *places[tool], tool, ha="center", va="center", fontsize=FONT, bbox=box, zorder=3,
            family="DejaVu Sans Mono", parse_math=False,
        )  # fmt: skip
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
    return Picture(figure)


def bend_arrow(
    giver: Place, taker: Place, giver_half: float, taker_half: float
) -> tuple[Place, Place, float]:
    """Start, end and bend of an arrow, from the side of one frame to the nearest of the other."""
    (x, y), (to_x, to_y) = giver, taker
    if x != to_x:
        ahead = 1 if to_x > x else -1
        return (x + ahead * giver_half, y), (to_x - ahead * taker_half, to_y), BOW / abs(to_x - x)
    if abs(to_y - y) <= ROW:
        down = HALF_HEIGHT if to_y > y else -HALF_HEIGHT
        return (x, y + down), (to_x, to_y - down), 0.25
    return (x + giver_half, y), (to_x + taker_half, to_y), 0.35 if to_y < y else -0.35
