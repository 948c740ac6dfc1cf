"""A picture of what was found: the mid-sagittal slice with outlines and level names, and a table per disc. Pure.

No name, number or date of the patient is drawn. The same findings give the same bytes.
"""

from collections.abc import Sequence
from io import BytesIO
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from dicom_io.sources import row_and_column_cosines
from dicom_io.volume import Volume
from inference.anatomy import DISC_STRUCTURES, LUMBAR_VERTEBRAE, Structure
from inference.results import LabelMap
from sr_reports.disc_table import BANNER, Tone, lines
from sr_reports.findings import Findings
from sr_reports.outline import outlines
from sr_reports.vocabulary import REGION

_SIZE_INCHES: Final = (14.0, 8.0)
_DOTS_PER_INCH: Final = 110
_BACKGROUND: Final = "#101418"
_TEXT: Final = "#e8eaed"
_FAINT: Final = "#b4bac0"
_WARNING: Final = "#ff6b5e"
_WINDOW_PERCENTILES: Final = (1.0, 99.5)
_FONT: Final = "DejaVu Sans"  # comes with matplotlib, so every machine draws the same picture
_TONES: Final = {Tone.PLAIN: _TEXT, Tone.FAINT: _FAINT, Tone.WARNING: _WARNING}
_CELL_LEFT: Final = (0.0, 0.16, 0.30, 0.46, 0.62, 0.78)
_LARGE: Final = 14.0
_SMALL: Final = 10.0
_LINE_HEIGHT: Final = 0.0029  # of the picture's height, per point of the font


def draw(findings: Sequence[Findings], *, volume: Volume) -> bytes:
    """A PNG of 1540 x 880 pixels. findings: of the series that volume was read from."""
    figure = Figure(figsize=_SIZE_INCHES, dpi=_DOTS_PER_INCH, facecolor=_BACKGROUND)
    FigureCanvasAgg(figure)
    _draw_slice(figure.add_axes((0.01, 0.02, 0.47, 0.96)), findings, volume=volume)
    _draw_words(figure.add_axes((0.51, 0.02, 0.47, 0.96)), findings)
    into = BytesIO()
    figure.savefig(into, format="png", facecolor=_BACKGROUND, metadata={"Software": None})
    return into.getvalue()


def _draw_slice(axes: Axes, findings: Sequence[Findings], *, volume: Volume) -> None:
    label_map = next((one.label_map for one in findings if one.label_map is not None), None)
    index = volume.voxels.shape[0] // 2 if label_map is None else label_map.key_slice
    pixels = volume.voxels[index]
    rows, columns = pixels.shape
    darkest, brightest = np.percentile(pixels, _WINDOW_PERCENTILES)
    _, between_rows, between_columns = volume.spacing
    axes.imshow(
        pixels,
        cmap="gray",
        vmin=float(darkest),
        vmax=max(float(brightest), float(darkest) + 1e-6),
        extent=(0.0, columns, rows, 0.0),
        aspect=float(between_rows / between_columns),
        interpolation="bilinear",
    )
    axes.set_axis_off()
    if label_map is not None:
        _draw_outlines(axes, label_map)
    _draw_directions(axes, volume)
    axes.text(
        0.5, 0.985, BANNER, transform=axes.transAxes, ha="center", va="top", color=_WARNING, weight="bold", family=_FONT
    )


def _draw_outlines(axes: Axes, label_map: LabelMap) -> None:
    labels = label_map.labels[label_map.key_slice]
    for structure in label_map.structures:
        colour = REGION[structure].colour
        pieces = outlines(labels == structure.channel)
        for piece in pieces:
            axes.plot(piece[:, 0], piece[:, 1], color=colour, linewidth=1.3)
        if pieces and structure in (*LUMBAR_VERTEBRAE, *DISC_STRUCTURES, Structure.S1):
            _draw_name(axes, structure, points=pieces[0], is_doubtful=label_map.level_doubt is not None)


def _draw_name(axes: Axes, structure: Structure, *, points: NDArray[np.float64], is_doubtful: bool) -> None:
    """Vertebrae carry their name inside, discs in front of them, so that neither hides the other."""
    is_disc = structure in DISC_STRUCTURES
    column = float(points[:, 0].min()) - 3.0 if is_disc else float(points[:, 0].mean())
    axes.text(
        column,
        float(points[:, 1].mean()),
        structure.value if not is_doubtful else f"{structure.value}?",
        color=REGION[structure].colour,
        ha="right" if is_disc else "center",
        va="center",
        fontsize=9.0,
        weight="bold",
        family=_FONT,
        bbox={"facecolor": _BACKGROUND, "alpha": 0.55, "edgecolor": "none", "pad": 1.0},
    )


def _draw_directions(axes: Axes, volume: Volume) -> None:
    """Where left edge and upper edge point to in the patient."""
    cosines = row_and_column_cosines(volume)
    marks = ((0.01, 0.5, -cosines[:3], "left"), (0.99, 0.5, cosines[:3], "right"), (0.5, 0.02, cosines[3:], "center"))
    for x, y, direction, alignment in marks:
        axes.text(
            x, y, _letter(direction), transform=axes.transAxes, ha=alignment, va="center", color=_FAINT, family=_FONT
        )


def _letter(direction: NDArray[np.float64]) -> str:
    axis = int(np.argmax(np.abs(direction)))
    return ("LR", "PA", "HF")[axis][0 if direction[axis] > 0 else 1]


def _draw_words(axes: Axes, findings: Sequence[Findings]) -> None:
    axes.set_axis_off()
    axes.set_xlim(0.0, 1.0)
    axes.set_ylim(0.0, 1.0)
    height = 0.97
    for line in lines(findings):
        size = _SMALL if line.is_small else _LARGE
        colour = line.colour or _TONES[line.tone]
        for left, cell in zip(_CELL_LEFT, line.cells, strict=False):
            axes.text(left, height, cell, color=colour, fontsize=size, va="top", family=_FONT, parse_math=False)
        height -= size * _LINE_HEIGHT
