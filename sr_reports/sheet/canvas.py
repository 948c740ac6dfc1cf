"""A page that is drawn on in pixels from its upper left corner. The only door to matplotlib's figures. Pure."""

from dataclasses import dataclass
from io import BytesIO
from typing import Final, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.transforms import Affine2D
from numpy.typing import NDArray

from sr_reports.sheet import lettering
from sr_reports.sheet.lettering import drawable, families, shortened
from sr_reports.sheet.palette import Palette

WIDTH: Final = 1024.0
_POINTS_PER_INCH: Final = 72.0  # a pixel of the page is a point of the figure
RASTER: Final = 1.5
"""Stored pixels per pixel of the page."""


Alignment = Literal["left", "center", "right"]


@dataclass(frozen=True, kw_only=True)
class Ink:
    """How words are written. size in pixels of the page."""

    colour: str
    size: float
    is_bold: bool = False


@dataclass(frozen=True, kw_only=True)
class Place:
    """A rectangle of the page, in its pixels."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height


class Canvas:
    """One page. The same calls give the same bytes."""

    def __init__(self, palette: Palette, *, height: float, width: float = WIDTH) -> None:
        """Both: an even number of pixels."""
        self.palette = palette
        self.height = height
        self.width = width
        self._drawn = 0
        size = (width / _POINTS_PER_INCH, height / _POINTS_PER_INCH)
        self.figure = Figure(figsize=size, dpi=_POINTS_PER_INCH, facecolor=palette.ground)
        FigureCanvasAgg(self.figure)
        self._pixels = Affine2D().scale(1 / width, -1 / height).translate(0, 1) + self.figure.transFigure

    def write(
        self, words: str, *, at: tuple[float, float], ink: Ink, align: Alignment = "left", room: float | None = None
    ) -> float:
        """at: (x, baseline). room: pixels beyond which the words are shortened. Answers how wide they run."""
        written = drawable(words)
        if room is not None:
            written = shortened(written, size=ink.size, room=room, is_bold=ink.is_bold)
        self.figure.text(
            *at,
            written,
            transform=self._pixels,
            color=ink.colour,
            fontsize=ink.size,
            weight="bold" if ink.is_bold else "normal",
            family=list(families()),
            ha=align,
            va="baseline",
            parse_math=False,
            zorder=self._above(),
        )
        return lettering.width(written, size=ink.size, is_bold=ink.is_bold)

    def fill(self, place: Place, colour: str, *, strength: float = 1.0) -> None:
        corner = (place.left, place.top)
        patch = Rectangle(
            corner, place.width, place.height, color=colour, alpha=strength, linewidth=0, zorder=self._above()
        )
        patch.set_transform(self._pixels)
        self.figure.add_artist(patch)

    def line(self, start: tuple[float, float], end: tuple[float, float], *, colour: str, thickness: float) -> None:
        columns, rows = zip(start, end, strict=True)
        drawn = Line2D(columns, rows, color=colour, linewidth=thickness, solid_capstyle="butt", zorder=self._above())
        drawn.set_transform(self._pixels)
        self.figure.add_artist(drawn)

    def panel(self, place: Place) -> Axes:
        """Axes without frame for a picture, as large as place."""
        bottom = 1 - place.bottom / self.height
        size = (place.width / self.width, place.height / self.height)
        axes = self.figure.add_axes((place.left / self.width, bottom, *size))
        axes.set_axis_off()
        axes.set_zorder(self._above())
        return axes

    def _above(self) -> int:
        """What is drawn later covers what was drawn before."""
        self._drawn += 1
        return self._drawn

    def png(self) -> bytes:
        """Half as wide again as the page."""
        into = BytesIO()
        dots = _POINTS_PER_INCH * RASTER
        self.figure.savefig(into, format="png", dpi=dots, facecolor=self.palette.ground, metadata={"Software": None})
        return into.getvalue()

    def pixels(self) -> NDArray[np.uint8]:
        """(row, column, 3), red, green, blue, as in the PNG."""
        into = BytesIO()
        self.figure.savefig(into, format="rgba", dpi=_POINTS_PER_INCH * RASTER, facecolor=self.palette.ground)
        rows, columns = round(self.height * RASTER), round(self.width * RASTER)
        return np.frombuffer(into.getvalue(), np.uint8).reshape(rows, columns, 4)[..., :3].copy()

    def pdf(self, *, title: str) -> bytes:
        """One page, letters and lines as such. It bears no date: the same page has the same bytes."""
        into = BytesIO()
        about = {"Title": title, "Creator": "lumbar-node", "Producer": "matplotlib", "CreationDate": None}
        self.figure.savefig(into, format="pdf", facecolor=self.palette.ground, metadata=about)
        return into.getvalue()
