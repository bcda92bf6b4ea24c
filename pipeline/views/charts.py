"""Draws the counts of a data set as bars, on figures without global state.

Importing this module imports matplotlib, which comes with the extra ``notebook``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import NamedTuple

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

SHOWN_DPI, DRAWN_DPI = 80, 160
"""Drawn twice as fine as shown, for screens with small dots."""


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


BLUE = "#0072b2"


class Bars(NamedTuple):
    """What one chart shows."""

    title: str
    counts: Sequence[tuple[str, int]]
    """Name and number, in the order in which they stand."""
    lying: bool = False
    """Bars from left to right, where names are long."""
    colours: Sequence[str] = ()
    """One for each bar; none means blue."""


WIDTH, UPRIGHT = 11.0, 2.4
"""Inches."""


def draw_bars(columns: Sequence[Sequence[Bars]]) -> Picture:
    """Draw charts in columns; a lying one is as high as the number of its bars asks for."""
    heights = [
        [0.7 + 0.22 * _room(bars) if bars.lying else UPRIGHT for bars in column]
        for column in columns
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
            names = [name for name, _ in bars.counts]
            numbers = [number for _, number in bars.counts]
            colours = list(bars.colours) or BLUE
            room, longest = _room(bars), 1.12 * max((1, *numbers))
            if bars.lying:
                drawn = axes.barh(names, numbers, color=colours)
                axes.set(xlim=(0, longest), ylim=(room - 0.5, -0.5))
                axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
            else:
                drawn = axes.bar(names, numbers, color=colours)
                spare = (room - len(names)) / 2
                axes.set(xlim=(-0.5 - spare, room - 0.5 - spare), ylim=(0, longest))
                axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
            axes.bar_label(drawn, fontsize=8, padding=2)
    return Picture(figure)


def _room(bars: Bars) -> int:
    """Bars that a chart has room for: one bar shall not become a block."""
    return max(2 if bars.lying else 6, len(bars.counts))
