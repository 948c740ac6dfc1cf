"""Slices with what was seen in them: outlines, boxes, maps. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from dicom_io.sources import row_and_column_cosines
from dicom_io.volume import Volume
from inference.anatomy import DISC_STRUCTURES, LUMBAR_VERTEBRAE, Structure
from inference.results import Box, LabelMap
from sr_reports.outline import outlines
from sr_reports.sheet.canvas import Canvas, Ink, Place
from sr_reports.sheet.lettering import SMALLEST, families
from sr_reports.vocabulary import REGION

MAP_COLOURS: Final = "turbo"
_WINDOW_PERCENTILES: Final = (1.0, 99.5)
_MARGIN_MM: Final = 14.0
_GROUND: Final = "#000000"
_LETTERS: Final = "#e8eaed"


@dataclass(frozen=True, kw_only=True)
class View:
    """The part of a slice that is shown, in pixels from the slice's corner: its outer edges."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Shown:
    """One slice of a volume, drawn into a place of the page."""

    axes: Axes
    volume: Volume
    place: Place
    view: View

    @property
    def scale(self) -> float:
        """Columns of the slice per pixel of the page."""
        return (self.view.right - self.view.left) / self.place.width


def show(canvas: Canvas, volume: Volume, index: int, place: Place, *, view: View | None = None) -> Shown:
    """Pixels as tall as they are in the patient; the view is widened to the shape of place, black beyond the slice."""
    pixels = volume.voxels[index]
    seen = _shaped(view or whole(pixels.shape[0], pixels.shape[1]), volume, place)
    canvas.fill(place, _GROUND)
    axes = canvas.panel(place)
    darkest, brightest = np.percentile(pixels, _WINDOW_PERCENTILES)
    rows, columns = pixels.shape
    axes.imshow(
        pixels,
        cmap="gray",
        vmin=float(darkest),
        vmax=max(float(brightest), float(darkest) + 1e-6),
        extent=(0.0, columns, rows, 0.0),
        aspect="auto",
        interpolation="bilinear",
    )
    axes.set_xlim(seen.left, seen.right)
    axes.set_ylim(seen.bottom, seen.top)
    return Shown(axes=axes, volume=volume, place=place, view=seen)


def whole(rows: int, columns: int) -> View:
    return View(left=0.0, top=0.0, right=float(columns), bottom=float(rows))


def around(mask: NDArray[np.bool_], volume: Volume) -> View:
    """What is marked, and a margin. mask: (row, column), something marked in it."""
    rows, columns = np.nonzero(mask.any(axis=1))[0], np.nonzero(mask.any(axis=0))[0]
    _, row_mm, column_mm = volume.spacing
    return View(
        left=float(columns[0] - _MARGIN_MM / column_mm),
        top=float(rows[0] - _MARGIN_MM / row_mm),
        right=float(columns[-1] + 1 + _MARGIN_MM / column_mm),
        bottom=float(rows[-1] + 1 + _MARGIN_MM / row_mm),
    )


def _shaped(view: View, volume: Volume, place: Place) -> View:
    _, row_mm, column_mm = volume.spacing
    wide, tall = (view.right - view.left) * column_mm, (view.bottom - view.top) * row_mm
    more_wide = max(tall * place.width / place.height - wide, 0.0) / column_mm / 2
    more_tall = max(wide * place.height / place.width - tall, 0.0) / row_mm / 2
    return View(
        left=view.left - more_wide,
        top=view.top - more_tall,
        right=view.right + more_wide,
        bottom=view.bottom + more_tall,
    )


def draw_outlines(shown: Shown, label_map: LabelMap) -> None:
    """Each structure in its colour; bodies and discs with their names."""
    labels = label_map.labels[label_map.key_slice]
    for structure in label_map.structures:
        pieces = outlines(labels == structure.channel)
        for piece in pieces:
            shown.axes.plot(
                piece[:, 0], piece[:, 1], color=REGION[structure].colour, linewidth=1.1, scalex=False, scaley=False
            )
        if pieces and structure in (*LUMBAR_VERTEBRAE, *DISC_STRUCTURES, Structure.S1):
            name = structure.value if label_map.level_doubt is None else f"{structure.value} ?"
            _draw_name(shown, structure, name, points=pieces[0])


def _draw_name(shown: Shown, structure: Structure, name: str, *, points: NDArray[np.float64]) -> None:
    """Vertebrae carry their name inside, discs in front of them, so that neither hides the other."""
    is_disc = structure in DISC_STRUCTURES
    column = float(points[:, 0].min()) - 6.0 * shown.scale if is_disc else float(points[:, 0].mean())
    row = float((points[:, 1].min() + points[:, 1].max()) / 2)
    letter(shown, name, at=(column, row), colour=REGION[structure].colour, align="right" if is_disc else "center")


def letter(shown: Shown, words: str, *, at: tuple[float, float], colour: str, align: str = "left") -> None:
    """at: (column, row) of the slice."""
    shown.axes.text(
        *at,
        words,
        color=colour,
        ha=align,
        va="center",
        fontsize=SMALLEST,
        weight="bold",
        family=list(families()),
        parse_math=False,
        clip_on=True,
        bbox={"facecolor": "#000000", "alpha": 0.5, "edgecolor": "none", "pad": 0.8},
    )


def draw_box(shown: Shown, box: Box, *, colour: str) -> None:
    corner = (box.left, box.top)
    size = (box.right - box.left, box.bottom - box.top)
    shown.axes.add_patch(Rectangle(corner, *size, fill=False, edgecolor=colour, linewidth=1.2))


def draw_map(shown: Shown, values: NDArray[np.float32], *, span: tuple[float, float], strength: float = 1.0) -> None:
    """values: (row, column) of the slice shown, NaN where there are none. span: the first and the last colour's."""
    rows, columns = values.shape
    shown.axes.imshow(
        np.ma.masked_invalid(values),
        cmap=MAP_COLOURS,
        alpha=strength,
        vmin=span[0],
        vmax=span[1],
        extent=(0.0, columns, rows, 0.0),
        aspect="auto",
        interpolation="nearest",
    )
    shown.axes.set_xlim(shown.view.left, shown.view.right)
    shown.axes.set_ylim(shown.view.bottom, shown.view.top)


def draw_directions(canvas: Canvas, shown: Shown) -> None:
    """Where the left and the upper edge point to in the patient."""
    cosines = row_and_column_cosines(shown.volume)
    place, ink = shown.place, Ink(colour=_LETTERS, size=SMALLEST + 1, is_bold=True)
    canvas.write(_letter(-cosines[:3]), at=(place.left + 4, place.top + place.height / 2), ink=ink)
    canvas.write(_letter(-cosines[3:]), at=(place.left + place.width / 2, place.top + 13), ink=ink)


def _letter(direction: NDArray[np.float64]) -> str:
    axis = int(np.argmax(np.abs(direction)))
    return ("LR", "PA", "HF")[axis][0 if direction[axis] > 0 else 1]


def bounds(boxes: Sequence[Box], *, margin: float) -> View:
    """All boxes, and a margin in pixels of the slice."""
    return View(
        left=min(box.left for box in boxes) - margin,
        top=min(box.top for box in boxes) - margin,
        right=max(box.right for box in boxes) + margin,
        bottom=max(box.bottom for box in boxes) + margin,
    )
