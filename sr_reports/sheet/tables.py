"""Draws the table of grades and the table of measurements. Pure."""

from collections.abc import Sequence
from typing import Final

from inference.anatomy import Disc
from sr_reports.change import DiscChange
from sr_reports.findings import structure_of
from sr_reports.sheet.canvas import Canvas, Ink, Place
from sr_reports.sheet.checks import flagged_cells
from sr_reports.sheet.grades import GradeCell, grade_cell, grade_columns, grade_levels
from sr_reports.sheet.lettering import SMALLEST
from sr_reports.sheet.quantities import (
    QuantityCell,
    QuantityColumn,
    change_in_words,
    percentile_in_words,
    quantity_cell,
    quantity_columns,
)
from sr_reports.sheet.study import SheetStudy
from sr_reports.vocabulary import REGION

LEVEL_WIDTH: Final = 78.0
_HEADING: Final = 10.5
_VALUE: Final = 14.0
_HEAD_LINE: Final = 13.0
_HEAD_HEIGHT: Final = 3 * _HEAD_LINE + 5.0
_GRADE_ROW: Final = 27.0
_QUANTITY_ROW: Final = 36.0
_WIDEST_COLUMN: Final = 128.0
_INDENT: Final = 4.0
_PERCENTILE: Final = 30.0  # pixels that its words take beside the band
_REACH: Final = 3.0  # SDs from the middle of the band to its end
_BAND_HEIGHT: Final = 7.0
_NOTHING: Final = "–"
_FLAG: Final = "!"
_STRONGEST_TINT: Final = 0.55
_LONGEST_NUMBER: Final = 3  # characters
_ROUND: Final = 0.05  # SDs: a mark this close to the end is on it


def grade_table_height(study: SheetStudy) -> float:
    return _HEAD_HEIGHT + _GRADE_ROW * len(grade_levels(study)) if grade_columns(study) else 0.0


def quantity_table_height(study: SheetStudy) -> float:
    return _HEAD_HEIGHT + _QUANTITY_ROW * len(Disc) if quantity_columns(study) else 0.0


def draw_grades(canvas: Canvas, study: SheetStudy, place: Place) -> None:
    columns, levels = grade_columns(study), grade_levels(study)
    if not columns:
        return
    flagged = flagged_cells(study)
    places = _columns(place, len(columns))
    _draw_heads(canvas, [(column.heading, column.span) for column in columns], places, place)
    for index, level in enumerate(levels):
        row = Place(
            left=place.left, top=place.top + _HEAD_HEIGHT + index * _GRADE_ROW, width=place.width, height=_GRADE_ROW
        )
        _draw_level(canvas, study, level, row)
        for column, (left, width) in zip(columns, places, strict=True):
            cell = Place(left=left, top=row.top, width=width, height=_GRADE_ROW)
            _draw_grade(canvas, grade_cell(study, column, level, flagged=flagged), cell)


def draw_quantities(canvas: Canvas, study: SheetStudy, place: Place) -> None:
    columns = quantity_columns(study)
    if not columns:
        return
    places = _columns(place, len(columns))
    _draw_heads(canvas, [(column.heading, column.unit) for column in columns], places, place)
    for index, disc in enumerate(Disc):
        row = Place(
            left=place.left,
            top=place.top + _HEAD_HEIGHT + index * _QUANTITY_ROW,
            width=place.width,
            height=_QUANTITY_ROW,
        )
        _draw_level(canvas, study, disc, row)
        for column, (left, width) in zip(columns, places, strict=True):
            cell = Place(left=left, top=row.top, width=width, height=_QUANTITY_ROW)
            _draw_quantity(canvas, quantity_cell(study, column, disc), column, cell)


def _columns(place: Place, count: int) -> list[tuple[float, float]]:
    """Left edge and width of each."""
    width = min((place.width - LEVEL_WIDTH) / count, _WIDEST_COLUMN)
    return [(place.left + LEVEL_WIDTH + index * width, width) for index in range(count)]


def _draw_heads(
    canvas: Canvas, heads: Sequence[tuple[tuple[str, ...], str]], places: Sequence[tuple[float, float]], place: Place
) -> None:
    """Headings of one or two lines end on one height, with the scale or unit below them."""
    palette = canvas.palette
    bold, small = Ink(colour=palette.text, size=_HEADING, is_bold=True), Ink(colour=palette.faint, size=SMALLEST)
    last = place.top + 2 * _HEAD_LINE - 2
    canvas.write("Disc", at=(place.left + 12, last), ink=bold)
    for (heading, below), (left, width) in zip(heads, places, strict=True):
        for above, line in enumerate(reversed(heading)):
            canvas.write(line, at=(left + _INDENT, last - above * _HEAD_LINE), ink=bold, room=width - _INDENT)
        canvas.write(below, at=(left + _INDENT, last + _HEAD_LINE), ink=small, room=width - _INDENT)


def _draw_level(canvas: Canvas, study: SheetStudy, level: Disc | None, row: Place) -> None:
    """A rule above the row, the disc's colour on the picture, its name."""
    palette = canvas.palette
    canvas.line((row.left, row.top), (row.right, row.top), colour=palette.rule, thickness=0.8)
    if level is not None:
        mark = Place(left=row.left, top=row.top + 5, width=4, height=row.height - 10)
        canvas.fill(mark, REGION[structure_of(level)].colour)
    ink = Ink(colour=palette.alarm if study.level_doubts else palette.text, size=_VALUE, is_bold=True)
    canvas.write(study.level_name(level), at=(row.left + 12, row.top + 18.5), ink=ink)


def _draw_grade(canvas: Canvas, cell: GradeCell | None, place: Place) -> None:
    """A number with its probability behind it; a word with it below."""
    palette = canvas.palette
    if cell is None:
        _draw_nothing(canvas, place, baseline=place.top + 18.5)
        return
    tint = Place(left=place.left, top=place.top + 2.5, width=place.width - 4, height=place.height - 4.5)
    canvas.fill(tint, palette.wear, strength=_STRONGEST_TINT * cell.wear)
    small, left = Ink(colour=palette.text, size=SMALLEST), place.left + _INDENT
    baseline = place.top + 18.5
    if len(cell.words) > _LONGEST_NUMBER:
        baseline = place.top + 24.5  # beside the probability: the word needs its line alone
        ink = Ink(colour=palette.text, size=SMALLEST, is_bold=True)
        canvas.write(cell.words, at=(left, place.top + 12.5), ink=ink)
        canvas.write(cell.detail, at=(left, place.top + 23.5), ink=small)
    else:
        ink = Ink(colour=palette.text, size=_VALUE, is_bold=True)
        right = canvas.write(cell.words, at=(left, place.top + 18.5), ink=ink)
        canvas.write(cell.detail, at=(left + right + 5, place.top + 18.5), ink=small)
    if cell.is_flagged:
        ink = Ink(colour=palette.attention, size=_VALUE, is_bold=True)
        canvas.write(_FLAG, at=(place.right - 7, baseline), ink=ink, align="right")


def _draw_nothing(canvas: Canvas, place: Place, *, baseline: float) -> None:
    canvas.write(_NOTHING, at=(place.left + _INDENT, baseline), ink=Ink(colour=canvas.palette.faint, size=_VALUE))


def _draw_quantity(canvas: Canvas, cell: QuantityCell | None, column: QuantityColumn, place: Place) -> None:
    """The value, its spread and its change; below it the reference band."""
    palette = canvas.palette
    left, baseline = place.left + _INDENT, place.top + 15.5
    if cell is None:
        _draw_nothing(canvas, place, baseline=baseline)
        return
    small = Ink(colour=palette.faint, size=SMALLEST)
    behind = (
        left
        + 5
        + canvas.write(cell.words, at=(left, baseline), ink=Ink(colour=palette.text, size=_VALUE, is_bold=True))
    )
    if cell.spread:
        behind += 5 + canvas.write(cell.spread, at=(behind, baseline), ink=small)
    if cell.change is not None:
        _draw_change(canvas, cell.change, column, at=(behind, baseline))
    if cell.standing is not None:
        width = place.width - 3 * _INDENT - _PERCENTILE
        _draw_band(
            canvas,
            cell.standing.z_score,
            Place(left=left + _INDENT, top=place.top + 22, width=width, height=_BAND_HEIGHT),
        )
        words, edge = percentile_in_words(cell.standing.percentile), place.right - 2 * _INDENT
        canvas.write(words, at=(edge, place.top + 29.5), ink=small, align="right")
    elif cell.below:
        canvas.write(cell.below, at=(left, place.top + 29.5), ink=small)


def _draw_change(canvas: Canvas, change: DiscChange, column: QuantityColumn, *, at: tuple[float, float]) -> None:
    palette = canvas.palette
    colour = palette.attention if change.is_beyond_error else palette.faint
    canvas.write(change_in_words(change, column), at=at, ink=Ink(colour=colour, size=SMALLEST))


def _draw_band(canvas: Canvas, z_score: float, place: Place) -> None:
    """Reference mean ± 1 and ± 2 SD; the mark of who lies beyond ± 3 SD stands at the end and points outwards."""
    palette = canvas.palette
    middle, unit = place.left + place.width / 2, place.width / 2 / _REACH
    for reach, colour in ((2, palette.band), (1, palette.middle)):
        part = Place(left=middle - reach * unit, top=place.top, width=2 * reach * unit, height=_BAND_HEIGHT)
        canvas.fill(part, colour)
    centre = place.top + _BAND_HEIGHT / 2
    canvas.line((place.left, centre), (place.right, centre), colour=palette.rule, thickness=0.6)
    at = middle + unit * min(max(z_score, -_REACH), _REACH)
    colour = palette.mark if abs(z_score) <= 2 else palette.attention
    mark = Place(left=at - 1.5, top=place.top - 2.5, width=3, height=_BAND_HEIGHT + 5)
    canvas.fill(mark, colour)
    if abs(z_score) > _REACH + _ROUND:
        outward = 5.0 if z_score > 0 else -5.0
        for away in (-3.0, 3.0):
            canvas.line((at, centre + away), (at + outward, centre), colour=colour, thickness=1.6)
