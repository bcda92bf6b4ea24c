"""A picture that a notebook shows: a matplotlib figure without pyplot, so without global state.

Importing this module imports matplotlib, which comes with the extra ``notebook``.
"""

from dataclasses import dataclass
from io import BytesIO

from matplotlib.figure import Figure

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
