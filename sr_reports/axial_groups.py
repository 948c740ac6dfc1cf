"""Grades read on axial slices as measurement groups, slice by slice (dicom-encoding 3.2). Pure.

Groups of one slice and level share one tracking UID; the first of them holds the box that was looked at and is about
the disc, even where its herniation was worse on another slice: OHIF writes the first finding site beside the box.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from highdicom import sr

from dicom_io.sources import SourceSeries
from inference.anatomy import Disc
from inference.results import AxialGrade, Scale, Side
from sr_reports.disc_outline import box_polygon
from sr_reports.findings import Findings, MethodUsed
from sr_reports.group_templates import Annotations, Said, Site, Subject, outlined_group, plain_group
from sr_reports.measured_items import grade_answers, grade_numbers, grade_words
from sr_reports.tracking import Followed, axial_tracking, followed
from sr_reports.vocabulary import DISC, DISC_OF_UNKNOWN_LEVEL, LEVEL, NERVE_ROOT, VERTEBRAL_CANAL

_SCALES: Final = (Scale.DISC_HERNIATION, Scale.CANAL_STENOSIS, Scale.ROOT_COMPRESSION)
_SIDES: Final = (None, *Side)


@dataclass(frozen=True, kw_only=True)
class Sight:
    """What one method graded on one slice of one level, herniation first. nth: of the slices of that level."""

    method: MethodUsed
    disc: Disc | None
    nth: int
    slice_index: int
    grades: tuple[AxialGrade, ...]


def axial_annotations(findings: Sequence[Findings], *, source: SourceSeries, institution: str) -> Annotations:
    """Levels from cranial to caudal, unknown ones last; of a level, the slice with its herniation grade first."""
    of = followed(source.first, institution=institution)
    seen = [sight for one in findings for disc in (*Disc, None) for sight in sights(one, disc)]
    return Annotations(
        groups=[group for sight in seen for group in _groups(sight, source=source, of=of)],
        slices=tuple(sorted({sight.slice_index for sight in seen})),
    )


def sights(findings: Findings, disc: Disc | None) -> Iterator[Sight]:
    grades = sorted((one for one in findings.axial_grades if one.disc is disc), key=_rank)
    for nth, index in enumerate(dict.fromkeys(grade.slice_index for grade in grades)):
        on_slice = tuple(grade for grade in grades if grade.slice_index == index)
        yield Sight(method=findings.method, disc=disc, nth=nth, slice_index=index, grades=on_slice)


def _rank(grade: AxialGrade) -> int:
    return _SCALES.index(grade.scale) * len(_SIDES) + _SIDES.index(grade.side)


def _groups(sight: Sight, *, source: SourceSeries, of: Followed) -> Iterator[sr.ContainerContentItem]:
    image = source.images[sight.slice_index]
    doubt = next((grade.level_doubt for grade in sight.grades if grade.level_doubt is not None), None)
    tracking = axial_tracking(sight.disc, nth=sight.nth, image=image, of=of, level_doubt=doubt)
    subject = Subject(
        site=_disc_site(sight.disc),
        tracking=tracking,
        method=sight.method,
        level_doubt="the level is not known" if sight.disc is None else doubt,
        label=_label(sight, doubt),
    )
    outlined = [grade for grade in sight.grades if grade.scale is Scale.DISC_HERNIATION]
    box = box_polygon(sight.grades[0].box, image=image)
    yield outlined_group(subject, _said(outlined), polygon=box, image=image)
    for grade in (one for one in sight.grades if one not in outlined):
        yield plain_group(replace(subject, site=_site(grade)), _said([grade]), image=image)


def _said(grades: Sequence[AxialGrade]) -> Said:
    return Said(
        numbers=[number for grade in grades for number in grade_numbers(grade)],
        answers=[answer for grade in grades for answer in grade_answers(grade)],
    )


def _site(grade: AxialGrade) -> Site:
    level = None if grade.disc is None else LEVEL[grade.disc]
    if grade.scale is Scale.CANAL_STENOSIS:
        return Site(structure=VERTEBRAL_CANAL, modifier=level)
    if grade.scale is Scale.ROOT_COMPRESSION:
        return Site(structure=NERVE_ROOT, side=grade.side, modifier=level)
    return _disc_site(grade.disc)


def _disc_site(disc: Disc | None) -> Site:
    return Site(structure=DISC_OF_UNKNOWN_LEVEL if disc is None else DISC[disc])


def _label(sight: Sight, doubt: str | None) -> str:
    level = "level unknown" if sight.disc is None else f"{sight.disc.value} disc"
    grades = [grade_words(grade) for grade in sight.grades]
    return ", ".join([level, *grades, *([] if doubt is None else ["level uncertain"])])
