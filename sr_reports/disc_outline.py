"""Which outline stands for a disc in a report: one that a method drew, else the box of a detector. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from highdicom import sr
from numpy.typing import NDArray

from dicom_io.sources import SourceImage, SourceSeries
from inference.anatomy import Disc
from inference.results import Box
from sr_reports.errors import FindingsContradict
from sr_reports.findings import Findings, structure_of
from sr_reports.measured_terms import FIRST_LINE, FIRST_LINE_IN_DOUBT, PERCENT, SQUARE_MILLIMETRE
from sr_reports.outline import outlines


@dataclass(frozen=True, kw_only=True, eq=False)
class Outline:
    """polygon: closed, (points, 2) as (column, row) in the coordinates of an SCOORD. drawn_by: whose it is.

    confidence: of the detector from 0 to 1 where the outline is its box, None where a method drew the disc.
    """

    polygon: NDArray[np.float64]
    slice_index: int
    drawn_by: Findings
    confidence: float | None = None


def outline_of(disc: Disc, findings: Sequence[Findings], *, slice_index: int, source: SourceSeries) -> Outline:
    """The first of findings that shows the disc on that slice; drawn outlines before boxes.

    Raises FindingsContradict if none does.
    """
    found = next(_all_of(disc, findings, slice_index=slice_index, source=source), None)
    if found is None:
        raise FindingsContradict(f"{disc.value} was measured on a slice where no outline and no box shows it")
    return found


def box_polygon(box: Box, *, image: SourceImage) -> NDArray[np.float64]:
    """Nine points inside the image, corners and middles: OHIF takes four or five for a rectangle to edit."""
    rows, columns = int(image.header.Rows), int(image.header.Columns)
    left, right = (min(max(edge, 0.0), columns) for edge in (box.left, box.right))
    top, bottom = (min(max(edge, 0.0), rows) for edge in (box.top, box.bottom))
    middle, centre = (left + right) / 2, (top + bottom) / 2
    corners = [(left, top), (middle, top), (right, top), (right, centre), (right, bottom)]
    return np.array([*corners, (middle, bottom), (left, bottom), (left, centre), (left, top)])


def first_line(disc: Disc, outline: Outline, *, source: SourceSeries, level_doubt: str | None) -> list[sr.Measurement]:
    """The number that tells OHIF's readers which disc it is: area of the outline, or confidence of the detector.

    Empty where pixels have no size.
    """
    names = (FIRST_LINE if level_doubt is None else FIRST_LINE_IN_DOUBT)[disc]
    if outline.confidence is not None:
        value = round(100 * outline.confidence, 1)
        return [sr.Measurement(name=names.confidence, value=value, unit=PERCENT)]
    if source.volume is None:
        return []
    _, between_rows, between_columns = source.volume.spacing
    area = _pixels_inside(outline.polygon) * between_rows * between_columns
    return [sr.Measurement(name=names.area, value=round(float(area), 1), unit=SQUARE_MILLIMETRE)]


def _all_of(disc: Disc, findings: Sequence[Findings], *, slice_index: int, source: SourceSeries) -> Iterator[Outline]:
    for one in findings:
        label_map = one.label_map
        if label_map is not None:
            pieces = outlines(label_map.labels[slice_index] == structure_of(disc).channel)
            if pieces:
                yield Outline(polygon=pieces[0], slice_index=slice_index, drawn_by=one)
    for one in findings:
        seen = one.detected(disc)
        if seen is not None and seen.key_slice == slice_index:
            polygon = box_polygon(seen.box, image=source.images[slice_index])
            yield Outline(polygon=polygon, slice_index=slice_index, drawn_by=one, confidence=seen.confidence)


def _pixels_inside(polygon: NDArray[np.float64]) -> float:
    columns, rows = polygon[:-1].T
    following_columns, following_rows = polygon[1:].T
    return abs(float(np.sum(columns * following_rows - following_columns * rows))) / 2
