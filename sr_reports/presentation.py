"""Outlines with level names and grades as a presentation state, for viewers that draw no report. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from dicom_io.object_identity import ObjectIdentity
from dicom_io.presentation_state import Drawing, Note, presentation_state
from dicom_io.sources import SourceSeries
from inference.anatomy import Disc
from inference.results import AxialGrade, Grade, Measurement
from sr_reports.axial_groups import sights
from sr_reports.disc_outline import box_polygon, outline_of
from sr_reports.findings import Findings, key_slice_of
from sr_reports.measured_items import grade_words
from sr_reports.statements import BANNER

_MARGIN: Final = 6.0  # pixels from the edge of the image
_GAP: Final = 4.0  # pixels between an outline and its words
_DARKEST, _BRIGHTEST = 1.0, 99.5  # percentiles

_GROUP: Final = ("Pfirrmann severity group ", "")
_LINES: Final = 28  # of text that the height of an image holds


@dataclass(frozen=True, kw_only=True, eq=False)
class _Shape:
    """words: beside the polygon if they are one line, else below each other in the corner of the image."""

    polygon: NDArray[np.float64]
    words: tuple[str, ...]


def outlines_object(findings: Sequence[Findings], *, source: SourceSeries, identity: ObjectIdentity) -> Dataset | None:
    """None where there is nothing to draw. Raises ObjectUnwritable, FindingsContradict."""
    shapes: dict[int, list[_Shape]] = defaultdict(list)
    for index, shape in (*_discs(findings, source=source), *_levels(findings, source=source)):
        shapes[index].append(shape)
    window = _window(source, slices=sorted(shapes))
    if window is None:
        return None
    return presentation_state(
        [_drawing(index, shapes[index], source=source) for index in sorted(shapes)],
        source=source,
        window=window,
        identity=identity,
        subject=findings[0].role.value,
    )


def _discs(findings: Sequence[Findings], *, source: SourceSeries) -> Iterator[tuple[int, _Shape]]:
    """Each disc once per slice that it was read on, with every grade it got there."""
    for disc in Disc:
        told: dict[int, list[Findings]] = defaultdict(list)
        for one in findings:
            results: list[Measurement | Grade] = [*one.measurements(disc), *one.grades(disc)]
            if results:
                told[key_slice_of(results)].append(one)
        for index, tellers in told.items():
            order = [*tellers, *(one for one in findings if one not in tellers)]
            outline = outline_of(disc, order, slice_index=index, source=source)
            grades = [grade for one in tellers for grade in one.grades(disc)]
            level, *_ = _words(disc, (), doubtful=any(one.level_doubt for one in tellers))
            words = ", ".join([level, *map(_short, grades)])
            yield index, _Shape(polygon=outline.polygon, words=(words,))


def _levels(findings: Sequence[Findings], *, source: SourceSeries) -> Iterator[tuple[int, _Shape]]:
    for one in findings:
        for disc in (*Disc, None):
            for sight in sights(one, disc):
                doubtful = any(grade.level_doubt is not None for grade in sight.grades)
                polygon = box_polygon(sight.grades[0].box, image=source.images[sight.slice_index])
                words = _words(disc, sight.grades, doubtful=doubtful)
                yield sight.slice_index, _Shape(polygon=polygon, words=words)


def _words(disc: Disc | None, grades: Sequence[Grade | AxialGrade], *, doubtful: bool) -> tuple[str, ...]:
    level = "level unknown" if disc is None else f"{disc.value}{' (level uncertain)' if doubtful else ''}"
    return level, *(grade_words(grade) for grade in grades)


def _short(grade: Grade) -> str:
    """Beside a disc there is room for a few letters."""
    return (
        grade_words(grade).replace("Modified Pfirrmann grade", "mPf").replace(*_GROUP).replace("Pfirrmann grade", "Pf")
    )


def _drawing(index: int, shapes: Sequence[_Shape], *, source: SourceSeries) -> Drawing:
    image = source.images[index]
    beside = [Note(text=one.words[0], at=_beside(one.polygon)) for one in shapes if len(one.words) == 1]
    cornered = [BANNER, *(text for one in shapes if len(one.words) > 1 for text in one.words)]
    height = int(image.header.Rows) / _LINES
    notes = [Note(text=text, at=(_MARGIN, _MARGIN + height * line)) for line, text in enumerate(cornered, start=1)]
    return Drawing(image=image, polygons=[one.polygon for one in shapes], notes=[*notes, *beside])


def _beside(polygon: NDArray[np.float64]) -> tuple[float, float]:
    rightmost = polygon[polygon[:, 0].argmax()]
    return round(float(rightmost[0]) + _GAP, 2), round(float(rightmost[1]), 2)


def _window(source: SourceSeries, *, slices: Sequence[int]) -> tuple[float, float] | None:
    """Of the slices that are drawn on, without their darkest and brightest pixels; None if there is no such slice."""
    placed = [place for index in slices if (place := source.placed(index)) is not None]
    if not placed:
        return None
    pixels = np.concatenate([place.volume.voxels[place.index].ravel() for place in placed])
    low, high = np.percentile(pixels, (_DARKEST, _BRIGHTEST))
    return round(float(low), 1), round(float(high), 1)
