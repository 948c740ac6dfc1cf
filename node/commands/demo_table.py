"""What the demonstration prints: found beside true, and what the archives hold. Pure."""

from collections.abc import Sequence
from typing import Final

from inference.anatomy import Disc
from inference.results import Quantity, Scale
from node.demo import HeldObject
from node.phantom_study import TrueDisc
from node.terminal import Grid
from sr_reports.read_back import Reported, ReportedDisc

LEGEND: Final = (
    "Found / true. DH disc height (mm), DHI disc height index, HDR height-to-diameter ratio, dSI signal intensity "
    "difference. Grades are found on the modified Pfirrmann scale (1-8); the phantom was drawn on the one from 1 to 5."
)
_HEADINGS: Final = ("disc", "DH", "DHI", "HDR", "dSI", "grade 1-8 / 1-5")
_DIGITS: Final = {
    Quantity.DISC_HEIGHT: 1,
    Quantity.DISC_HEIGHT_INDEX: 3,
    Quantity.HEIGHT_TO_DIAMETER: 3,
    Quantity.SIGNAL_INTENSITY_DIFFERENCE: 0,
}


def disc_grid(reports: Sequence[Reported], truth: Sequence[TrueDisc]) -> Grid:
    """A row per disc of the phantom, from the report that measured heights; a level in doubt has a question mark."""
    report = next((one for one in reports if any(Quantity.DISC_HEIGHT in disc.values for disc in one.discs)), None)
    found = {} if report is None else {one.disc: one for one in report.discs}
    mark = "?" if report is not None and report.doubts else ""
    rows = tuple((f"{one.disc.value}{mark}", *_cells(found.get(one.disc), one)) for one in truth)
    return Grid(title="read from the report in the PACS", headings=_HEADINGS, rows=rows)


def grade_grid(reports: Sequence[Reported]) -> Grid:
    """What every method graded, a column per scale that some report uses."""
    grades = {
        (one.disc, scale): grade for report in reports for one in report.discs for scale, grade in one.grades.items()
    }
    scales = tuple(scale for scale in Scale if any(used is scale for _, used in grades))
    rows = tuple(
        (disc.value, *("-" if (grade := grades.get((disc, scale))) is None else str(grade) for scale in scales))
        for disc in Disc
    )
    return Grid(title="grades of all methods, from all reports", headings=("disc", *scales), rows=rows)


def object_grid(objects: Sequence[HeldObject]) -> Grid:
    rows = tuple((one.kind, one.sop_instance_uid, ", ".join(one.held_by)) for one in objects)
    return Grid(title="objects delivered", headings=("", "SOP Instance UID", "held by"), rows=rows)


def _cells(found: ReportedDisc | None, true: TrueDisc) -> tuple[str, ...]:
    numbers = (
        _pair(found.values.get(quantity) if found else None, true.values.get(quantity), digits)
        for quantity, digits in _DIGITS.items()
    )
    grade = found.grades.get(Scale.MODIFIED_PFIRRMANN) if found else None
    return (*numbers, f"{'-' if grade is None else grade} / {true.grade:.1f}")


def _pair(found: float | None, true: float | None, digits: int) -> str:
    return " / ".join("-" if value is None else f"{value:.{digits}f}" for value in (found, true))
