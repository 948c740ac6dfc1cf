"""The table of grades: which columns it has, and what stands in each cell. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from inference.anatomy import Disc
from inference.results import AXIAL_SCALES, AxialGrade, Grade, Scale, Side, lowest_grade
from sr_reports.sheet.study import SheetStudy

_ROMAN: Final = ("I", "II", "III", "IV", "V")
_GROUPS: Final = ("mild", "moderate", "serious")
_HIGHEST: Final = {
    Scale.MODIFIED_PFIRRMANN: 8,
    Scale.PFIRRMANN: 5,
    Scale.DEGENERATION_GROUP: 3,
    Scale.PREDICTED_T1RHO_PHASE: 3,
    Scale.MEASURED_T1RHO_PHASE: 3,
    Scale.DISC_HERNIATION: 3,
    Scale.CANAL_STENOSIS: 3,
    Scale.ROOT_COMPRESSION: 3,
}


@dataclass(frozen=True, kw_only=True)
class GradeColumn:
    """heading: lines above it. span: of the scale. name: what it is called where it is missing. side: of the root."""

    name: str
    heading: tuple[str, ...]
    span: str
    scale: Scale
    side: Side | None = None


def _column(name: str, heading: str, span: str, scale: Scale, side: Side | None = None) -> GradeColumn:
    return GradeColumn(name=name, heading=tuple(heading.split("/")), span=span, scale=scale, side=side)


GRADE_COLUMNS: Final = (
    _column("modified Pfirrmann grade", "modified/Pfirrmann", "1 to 8", Scale.MODIFIED_PFIRRMANN),
    _column("Pfirrmann grade", "Pfirrmann", "I to V", Scale.PFIRRMANN),
    _column("degeneration group", "Degener-/ation", "3 groups", Scale.DEGENERATION_GROUP),
    _column("predicted T1ρ phase", "T1ρ phase/predicted", "1 to 3", Scale.PREDICTED_T1RHO_PHASE),
    _column("measured T1ρ phase", "T1ρ phase/measured", "1 to 3", Scale.MEASURED_T1RHO_PHASE),
    _column("herniation", "Herniation", "MSU, 0 to 3", Scale.DISC_HERNIATION),
    _column("canal stenosis", "Canal/stenosis", "Lee, 0 to 3", Scale.CANAL_STENOSIS),
    _column("left nerve root", "Root/left", "0 to 3", Scale.ROOT_COMPRESSION, Side.LEFT),
    _column("right nerve root", "Root/right", "0 to 3", Scale.ROOT_COMPRESSION, Side.RIGHT),
)


def name_of(scale: Scale, side: Side | None) -> str:
    """In a sentence."""
    return next(column.name for column in GRADE_COLUMNS if (column.scale, column.side) == (scale, side))


@dataclass(frozen=True, kw_only=True)
class GradeCell:
    """words: the grade. detail: its probability, if it has one. wear: 0 the best of the scale, 1 the worst.

    is_flagged: something on the page tells why it deserves little trust.
    """

    words: str
    detail: str
    wear: float
    is_flagged: bool = False


def grade_columns(study: SheetStudy) -> tuple[GradeColumn, ...]:
    """Those that anything stands in."""
    return tuple(column for column in GRADE_COLUMNS if any(_of(study, column, level) for level in _levels(study)))


def grade_levels(study: SheetStudy) -> tuple[Disc | None, ...]:
    """Every disc, cranial to caudal; None behind them where axial slices of an unknown level were graded."""
    return _levels(study)


def grade_cell(
    study: SheetStudy, column: GradeColumn, level: Disc | None, *, flagged: frozenset[tuple[Disc | None, Scale]]
) -> GradeCell | None:
    """The worst where several series were graded; None where none was."""
    found = _of(study, column, level)
    if not found:
        return None
    grade = max(found, key=lambda one: one.value)
    lowest = lowest_grade(grade.scale)
    return GradeCell(
        words=in_words(grade),
        detail="" if grade.probability is None else f"{100 * grade.probability:.0f} %",
        wear=(grade.value - lowest) / (_HIGHEST[grade.scale] - lowest),
        is_flagged=grade.doubt is not None or (level, grade.scale) in flagged,
    )


def in_words(grade: Grade | AxialGrade) -> str:
    if grade.scale is Scale.PFIRRMANN:
        return _ROMAN[grade.value - 1]
    if grade.scale is Scale.DEGENERATION_GROUP:
        return _GROUPS[grade.value - 1]
    return str(grade.value)


def _levels(study: SheetStudy) -> tuple[Disc | None, ...]:
    is_lost = any(grade.disc is None for grade in study.all(AxialGrade))
    return (*Disc, *([None] if is_lost else []))


def _of(study: SheetStudy, column: GradeColumn, level: Disc | None) -> Sequence[Grade | AxialGrade]:
    if column.scale in AXIAL_SCALES:
        return [
            grade
            for grade in study.all(AxialGrade)
            if (grade.disc, grade.scale, grade.side) == (level, column.scale, column.side)
        ]
    return [grade for grade in study.all(Grade) if (grade.disc, grade.scale) == (level, column.scale)]
