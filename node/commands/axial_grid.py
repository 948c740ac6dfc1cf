"""The axial grades of one series, a row per disc, or per place where the level is not known. Pure."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

from inference.anatomy import Disc
from inference.results import AxialGrade, Scale, Side
from node.terminal import Grid
from sr_reports.results_json import AnalysedSeries

HEADINGS: Final[Mapping[tuple[Scale, Side | None], str]] = {
    (Scale.DISC_HERNIATION, None): "herniation (MSU)",
    (Scale.CANAL_STENOSIS, None): "canal (Lee)",
    (Scale.ROOT_COMPRESSION, Side.RIGHT): "right root",
    (Scale.ROOT_COMPRESSION, Side.LEFT): "left root",
}


def axial_grades(series: AnalysedSeries) -> tuple[AxialGrade, ...]:
    return tuple(grade for findings in series.findings for grade in findings.axial_grades)


def axial_grid(series: AnalysedSeries) -> Grid:
    """Each grade with its probability and the instance number of its slice; what is in doubt is marked."""
    grades = axial_grades(series)
    doubt = next((one.level_doubt for one in grades if one.level_doubt), None)
    title = f"series {series.source.first.SeriesInstanceUID}{f' (level uncertain: {doubt})' if doubt else ''}"
    discs = [disc for disc in Disc if any(one.disc is disc for one in grades)]
    rows = [
        _row(f"{disc}{'?' if doubt else ''}", [one for one in grades if one.disc is disc], series) for disc in discs
    ]
    rows += [_row("unknown", place, series) for place in _places([one for one in grades if one.disc is None])]
    return Grid(title=title, headings=("level", *HEADINGS.values()), rows=tuple(rows))


def _places(grades: Sequence[AxialGrade]) -> list[Sequence[AxialGrade]]:
    """Of one place are the grades from a herniation to the next."""
    starts = [index for index, one in enumerate(grades) if one.scale is Scale.DISC_HERNIATION]
    return [grades[start:end] for start, end in pairwise([*starts, len(grades)])]


def _row(level: str, grades: Sequence[AxialGrade], series: AnalysedSeries) -> tuple[str, ...]:
    found = {(one.scale, one.side): one for one in grades}
    return level, *(_said(found[each], series) if each in found else "-" for each in HEADINGS)


def _said(grade: AxialGrade, series: AnalysedSeries) -> str:
    number = series.source.images[grade.slice_index].header.get("InstanceNumber")
    return f"{grade.value}{'?' if grade.doubt else ''} {grade.probability:.0%} #{number}"
