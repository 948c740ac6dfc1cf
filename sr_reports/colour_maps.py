"""Relaxation maps in colour over their slices, as Secondary Captures, for viewers that show no Parametric Map. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from dicom_io.object_identity import ObjectIdentity
from dicom_io.secondary_capture import SlicePicture, slice_capture
from dicom_io.sources import PlacedSlice, SourceSeries
from inference.anatomy import DISC_STRUCTURES, Disc
from inference.results import DiscPart, LabelMap, ScalarMap, Statistic
from sr_reports.findings import Findings, structure_of
from sr_reports.scalar_maps import RELAXATION, SHOWN_MS
from sr_reports.sheet.canvas import RASTER, Canvas, Ink, Place
from sr_reports.sheet.lettering import SMALLEST
from sr_reports.sheet.palette import READING_ROOM
from sr_reports.sheet.pictures import MAP_COLOURS, Shown, View, around, draw_directions, draw_map, letter, show
from sr_reports.statements import BANNER

_WIDTH, _HEIGHT = 560.0, 620.0
_PICTURE: Final = Place(left=8, top=30, width=488, height=582)
_BAR: Final = Place(left=506, top=60, width=14, height=520)
_TICKS: Final = (0, 30, 60, 90, 120, 150)
_WITHOUT_DISCS: Final = 0.5  # how strongly colours lie over a slice when no disc tells where to look
_LETTERS: Final = "#ffffff"
_GAP: Final = 6.0


@dataclass(frozen=True, kw_only=True, eq=False)
class ColouredSlice:
    """number: its place in the series, from 1. labels: (row, column), discs by channel; None where the series has none.
    view: the same for all slices of a series, so that nothing jumps when they are scrolled. words: by disc.
    """

    number: int
    index: int
    placed: PlacedSlice
    values: NDArray[np.float32]
    labels: NDArray[np.uint8] | None
    view: View
    words: dict[Disc, str]


def coloured_slices(scalar_map: ScalarMap, findings: Findings, *, source: SourceSeries) -> Iterator[ColouredSlice]:
    """Slices with a disc; where none was drawn, those with a value. None of a map that is no relaxation time."""
    if scalar_map.kind not in RELAXATION:
        return
    drawn = findings.label_map
    discs = None if drawn is None else _discs(drawn)
    seen = np.isfinite(scalar_map.values) if discs is None else discs > 0
    kept = [index for index in range(len(seen)) if seen[index].any() and source.placed(index) is not None]
    for number, index in enumerate(kept, start=1):
        placed = source.placed(index)
        if placed is not None:
            yield ColouredSlice(
                number=number,
                index=index,
                placed=placed,
                values=scalar_map.values[index],
                labels=None if discs is None else discs[index],
                view=around(np.logical_or.reduce(seen), placed.volume),
                words=_words(scalar_map, findings, index=index),
            )


def coloured_capture(
    one: ColouredSlice, scalar_map: ScalarMap, *, source: SourceSeries, identity: ObjectIdentity
) -> Dataset:
    """Raises ObjectUnwritable."""
    canvas = Canvas(READING_ROOM, height=_HEIGHT, width=_WIDTH)
    shown = _draw(canvas, one)
    name = scalar_map.kind.value
    _head(canvas, f"{name}, {scalar_map.unit.value}, slice {one.index + 1} of {len(source.images)}")
    _scale(canvas, scalar_map.unit.value)
    picture = SlicePicture(
        pixels=canvas.pixels(),
        image=source.images[one.index],
        number=one.number,
        pixel_mm=shown.scale * one.placed.volume.spacing[2] / RASTER,
    )
    return slice_capture(picture, identity=identity, description=f"AI {name} in colour (research use only)")


def _discs(drawn: LabelMap) -> NDArray[np.uint8] | None:
    """Labels of discs alone; None where there is none."""
    channels = [structure.channel for structure in DISC_STRUCTURES]
    is_disc = np.isin(drawn.labels, channels)
    return np.where(is_disc, drawn.labels, 0).astype(np.uint8) if is_disc.any() else None


def _words(scalar_map: ScalarMap, findings: Findings, *, index: int) -> dict[Disc, str]:
    """Names of the discs; on the slice that they were measured on the means of the report, too."""
    doubt = "" if findings.level_doubt is None else " ?"
    words = {disc: f"{disc.value}{doubt}" for disc in Disc}
    for disc in Disc:
        for one in findings.measurements(disc):
            is_mean = (one.part, one.statistic, one.inferred_from) == (DiscPart.WHOLE, Statistic.MEAN, scalar_map.kind)
            if is_mean and one.key_slice == index:
                words[disc] = f"{words[disc]}  {one.value:.0f} {one.unit.value}"
    return words


def _draw(canvas: Canvas, one: ColouredSlice) -> Shown:
    shown = show(canvas, one.placed.volume, one.placed.index, _PICTURE, view=one.view)
    if one.labels is None:
        draw_map(shown, one.values, span=SHOWN_MS, strength=_WITHOUT_DISCS)
    else:
        draw_map(shown, np.where(one.labels > 0, one.values, np.nan).astype(np.float32), span=SHOWN_MS)
        for disc, words in one.words.items():
            _name(shown, words, one.labels == structure_of(disc).channel)
    draw_directions(canvas, shown)
    return shown


def _name(shown: Shown, words: str, mask: NDArray[np.bool_]) -> None:
    """In front of the disc, so that it hides nothing of it."""
    if mask.any():
        rows, columns = np.nonzero(mask)
        at = (float(columns.min()) - _GAP * shown.scale, float(rows.mean()) + 0.5)
        letter(shown, words, at=at, colour=_LETTERS, align="right")


def _head(canvas: Canvas, words: str) -> None:
    canvas.fill(Place(left=0, top=0, width=_WIDTH, height=24), canvas.palette.banner)
    ink = Ink(colour=canvas.palette.banner_text, size=SMALLEST + 2, is_bold=True)
    end = 8 + canvas.write(BANNER, at=(8, 17), ink=ink)
    canvas.write(words, at=(end + 16, 17), ink=ink, room=_WIDTH - end - 24)


def _scale(canvas: Canvas, unit: str) -> None:
    """Upwards; what lies beyond it has its last colour."""
    canvas.panel(_BAR).imshow(np.linspace(1, 0, 256)[:, None], cmap=MAP_COLOURS, aspect="auto")
    ink = Ink(colour=canvas.palette.text, size=SMALLEST)
    low, high = SHOWN_MS
    for tick in _TICKS:
        height = _BAR.bottom - (tick - low) / (high - low) * _BAR.height
        words = f"≥{tick}" if tick == high else f"{tick}"
        canvas.write(words, at=(_BAR.right + 4, height + 4), ink=ink)
    canvas.write(unit, at=(_BAR.left, _BAR.top - 14), ink=ink)
