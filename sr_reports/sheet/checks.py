"""What a reader should look at twice: findings of ours that do not agree, and grades that doubt themselves. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from inference.anatomy import Disc
from inference.results import AxialGrade, Grade, Scale
from sr_reports.sheet.grades import name_of
from sr_reports.sheet.study import SheetStudy

MILD, MODERATE, SERIOUS = 1, 2, 3
_GROUP_WORDS = {MILD: "mild (Pfirrmann I-II)", MODERATE: "moderate (III)", SERIOUS: "serious (IV-V)"}
_TWO_GROUPS = 2


@dataclass(frozen=True, kw_only=True)
class Check:
    """One sentence about grades of one level, and the cells that it speaks of."""

    level: Disc | None
    scales: frozenset[Scale]
    words: str


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """Why a grade deserves little trust; grade: what it is called, e.g. "left nerve root"."""

    level: Disc | None
    grade: str
    reason: str


def checks(study: SheetStudy) -> tuple[Check, ...]:
    """What contradicts itself, cranial to caudal; what has no level."""
    return (*(check for disc in Disc for check in _of_disc(study, disc)), *_lost(study))


def doubts(study: SheetStudy) -> tuple[Doubt, ...]:
    """Cranial to caudal; those without a level last."""
    found = (doubt for level in (*Disc, None) for doubt in _doubts(study, level))
    return tuple(dict.fromkeys(found))


def flagged_cells(study: SheetStudy) -> frozenset[tuple[Disc | None, Scale]]:
    """Those that contradict each other; a grade that doubts itself says so."""
    return frozenset((check.level, scale) for check in checks(study) for scale in check.scales)


def group_of(modified_pfirrmann: int) -> int:
    """The severity group of one of the eight grades of Griffith 2007: signal is lost up to 4, height from 6 on."""
    if modified_pfirrmann <= 2:
        return MILD
    return MODERATE if modified_pfirrmann <= 4 else SERIOUS


def _of_disc(study: SheetStudy, disc: Disc) -> Iterator[Check]:
    grades = {grade.scale: grade.value for grade in study.all(Grade) if grade.disc is disc}
    modified, group = grades.get(Scale.MODIFIED_PFIRRMANN), grades.get(Scale.DEGENERATION_GROUP)
    if modified is not None and group is not None and abs(group_of(modified) - group) >= _TWO_GROUPS:
        yield Check(
            level=disc,
            scales=frozenset({Scale.MODIFIED_PFIRRMANN, Scale.DEGENERATION_GROUP}),
            words=f"modified Pfirrmann {modified} and degeneration group {_GROUP_WORDS[group]} contradict each other",
        )
    predicted, measured = grades.get(Scale.PREDICTED_T1RHO_PHASE), grades.get(Scale.MEASURED_T1RHO_PHASE)
    if predicted is not None and measured is not None and predicted != measured:
        yield Check(
            level=disc,
            scales=frozenset({Scale.PREDICTED_T1RHO_PHASE, Scale.MEASURED_T1RHO_PHASE}),
            words=f"T1ρ phase predicted {predicted}, measured {measured}: the measured one counts",
        )


def _lost(study: SheetStudy) -> Iterator[Check]:
    """Axial slices whose level is not known."""
    reasons = dict.fromkeys(grade.level_doubt for grade in study.all(AxialGrade) if grade.disc is None)
    for reason in reasons:
        words = f"axial slices whose disc is not known{f': {reason}' if reason else ''}"
        yield Check(level=None, scales=frozenset(), words=words)


def _doubts(study: SheetStudy, level: Disc | None) -> Iterator[Doubt]:
    grades: tuple[Grade | AxialGrade, ...] = (*study.all(Grade), *study.all(AxialGrade))
    for grade in grades:
        if grade.disc is level and grade.doubt is not None:
            side = grade.side if isinstance(grade, AxialGrade) else None
            yield Doubt(level=level, grade=name_of(grade.scale, side), reason=grade.doubt)
