"""The page of one study: what stands where. Pure.

Read from the top: that it is research, whose it is, what is uncertain, the spine beside its grades and measurements,
the small pictures, then the sentences. The same study gives the same bytes.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from dicom_io.volume import Volume
from sr_reports.sheet.canvas import WIDTH, Canvas, Ink, Place
from sr_reports.sheet.gallery import draw_gallery, pictures
from sr_reports.sheet.lettering import SMALLEST, wrapped
from sr_reports.sheet.notes import Section, Weight, findings_sections, methods_line, reading_sections
from sr_reports.sheet.palette import Palette
from sr_reports.sheet.person import person_line, person_name, study_day, study_line
from sr_reports.sheet.pictures import around, draw_directions, draw_outlines, show
from sr_reports.sheet.study import SheetStudy
from sr_reports.sheet.tables import draw_grades, draw_quantities, grade_table_height, quantity_table_height
from sr_reports.statements import BANNER

NOT_REVIEWED: Final = "Not reviewed by a radiologist. Not for diagnosis."
_EDGE: Final = 12.0
_BANNER_HEIGHT: Final = 26.0
_PERSON_HEIGHT: Final = 46.0
_DOUBT_LINE: Final = 17.0
_DOUBT_SIZE: Final = 12.0
_PICTURE_WIDTH: Final = 300.0
_TABLE_LEFT: Final = _EDGE + _PICTURE_WIDTH + 14.0
_TABLE_GAP: Final = 12.0
_LEAST_MAIN: Final = 340.0
_GALLERY_HEIGHT: Final = 124.0
_LINE: Final = 13.5
_FOOT: Final = 46.0
_NOTE_SIZE: Final = SMALLEST + 0.5
_SHORTEST: Final = 480.0
_TALLEST: Final = 1024.0
_GAP: Final = 10.0
_GUTTER: Final = 24.0
_HEADLINE: Final = 62.0
_FEW_PICTURES: Final = 2


def draw_sheet(study: SheetStudy, palette: Palette) -> Canvas:
    """As tall as its contents, from 480 to 1024 pixels; sentences beyond that are counted.

    Raises FindingsContradict.
    """
    shown = pictures(study)
    top, main = _head_height(study), _main_height(study)
    below = top + main + _GAP
    layout = _beside(below) if len(shown) <= _FEW_PICTURES else _stacked(below)
    if study.is_empty:
        layout = _instead_of_tables(top, below)
    longest = max(_notes_height(findings_sections(study), layout), _notes_height(reading_sections(study), layout))
    content = max(layout.notes.top + longest, layout.gallery.bottom if shown else below)
    canvas = Canvas(palette, height=2 * math.ceil(min(max(content + _FOOT, _SHORTEST), _TALLEST) / 2))
    _draw_head(canvas, study)
    _draw_main(canvas, study, Place(left=_EDGE, top=top, width=WIDTH - 2 * _EDGE, height=main))
    draw_gallery(canvas, shown, layout.gallery)
    _draw_notes(canvas, study, layout)
    _draw_foot(canvas, study)
    return canvas


@dataclass(frozen=True, kw_only=True)
class _Layout:
    """What stands below the tables. notes: its height does not count; it ends above the foot."""

    gallery: Place
    notes: Place

    @property
    def note_width(self) -> float:
        return (self.notes.width - _GUTTER) / 2


def _stacked(top: float) -> _Layout:
    """The small pictures in a row over the whole page, the sentences below them."""
    across = WIDTH - 2 * _EDGE
    gallery = Place(left=_EDGE, top=top, width=across, height=_GALLERY_HEIGHT)
    return _Layout(gallery=gallery, notes=Place(left=_EDGE, top=gallery.bottom + _GAP, width=across, height=0.0))


def _beside(top: float) -> _Layout:
    """The small pictures below the large one, the sentences below the tables."""
    right = WIDTH - _EDGE - _TABLE_LEFT
    return _Layout(
        gallery=Place(left=_EDGE, top=top, width=_PICTURE_WIDTH, height=_PICTURE_WIDTH / 2 + _GAP),
        notes=Place(left=_TABLE_LEFT, top=top, width=right, height=0.0),
    )


def _instead_of_tables(top: float, below: float) -> _Layout:
    """What was not analysed, and why, stands where the eye looks for the tables."""
    beside = _beside(below)
    notes = Place(left=beside.notes.left, top=top + _HEADLINE, width=beside.notes.width, height=0.0)
    return _Layout(gallery=beside.gallery, notes=notes)


def _draw_head(canvas: Canvas, study: SheetStudy) -> None:
    palette, header = canvas.palette, study.source.first
    canvas.fill(Place(left=0, top=0, width=WIDTH, height=_BANNER_HEIGHT), palette.banner)
    canvas.write(BANNER, at=(_EDGE, 18), ink=Ink(colour=palette.banner_text, size=15, is_bold=True))
    ink = Ink(colour=palette.banner_text, size=12)
    canvas.write(NOT_REVIEWED, at=(WIDTH - _EDGE, 18), ink=ink, align="right")
    day = Ink(colour=palette.text, size=14, is_bold=True)
    used = canvas.write(study_day(header), at=(WIDTH - _EDGE, _BANNER_HEIGHT + 19), ink=day, align="right")
    name = Ink(colour=palette.text, size=17, is_bold=True)
    room = WIDTH - 2 * _EDGE - used - 20
    canvas.write(person_name(header), at=(_EDGE, _BANNER_HEIGHT + 19), ink=name, room=room)
    small = Ink(colour=palette.text, size=12)
    baseline, half = _BANNER_HEIGHT + 38, WIDTH / 2 - _EDGE - 8
    canvas.write(person_line(header), at=(_EDGE, baseline), ink=small, room=half + 40)
    canvas.write(study_line(header), at=(WIDTH - _EDGE, baseline), ink=small, align="right", room=half - 40)
    _draw_doubts(canvas, study, top=_BANNER_HEIGHT + _PERSON_HEIGHT)


def _draw_doubts(canvas: Canvas, study: SheetStudy, *, top: float) -> None:
    ink = Ink(colour=canvas.palette.alarm, size=_DOUBT_SIZE, is_bold=True)
    for line in _doubt_lines(study):
        canvas.write(line, at=(_EDGE, top + 12), ink=ink)
        top += _DOUBT_LINE


def _doubt_lines(study: SheetStudy) -> list[str]:
    doubts = [f"LEVELS UNCERTAIN: {doubt}" for doubt in study.level_doubts]
    doubts += [f"LEVELS OF AXIAL SLICES UNCERTAIN: {doubt}" for doubt in study.axial_doubts]
    return [line for doubt in doubts for line in wrapped(doubt, size=_DOUBT_SIZE * 1.1, room=WIDTH - 2 * _EDGE)]


def _head_height(study: SheetStudy) -> float:
    return _BANNER_HEIGHT + _PERSON_HEIGHT + _DOUBT_LINE * len(_doubt_lines(study))


def _main_height(study: SheetStudy) -> float:
    return max(grade_table_height(study) + _TABLE_GAP + quantity_table_height(study), _LEAST_MAIN)


def _draw_main(canvas: Canvas, study: SheetStudy, place: Place) -> None:
    _draw_spine(canvas, study, Place(left=place.left, top=place.top, width=_PICTURE_WIDTH, height=place.height))
    right = place.right - _TABLE_LEFT
    if study.is_empty:
        ink = Ink(colour=canvas.palette.attention, size=20, is_bold=True)
        canvas.write("No disc was measured or graded.", at=(_TABLE_LEFT, place.top + 40), ink=ink)
        return
    first = grade_table_height(study)
    draw_grades(canvas, study, Place(left=_TABLE_LEFT, top=place.top, width=right, height=first))
    second = place.top + (first + _TABLE_GAP if first else 0.0)
    draw_quantities(canvas, study, Place(left=_TABLE_LEFT, top=second, width=right, height=place.bottom - second))


def _draw_spine(canvas: Canvas, study: SheetStudy, place: Place) -> None:
    """The mid-sagittal slice with outlines; without them the middle of the first series that has pixels."""
    if study.outlined is not None:
        label_map, outlined = study.outlined
        view = around(label_map.labels[label_map.key_slice] > 0, outlined)
        shown = show(canvas, outlined, label_map.key_slice, place, view=view)
        draw_outlines(shown, label_map)
        draw_directions(canvas, shown)
        return
    volume = _first_volume(study)
    if volume is None:
        canvas.fill(place, canvas.palette.band)
        ink = Ink(colour=canvas.palette.faint, size=12)
        canvas.write("no picture could be read", at=(place.left + 16, place.top + 40), ink=ink)
    else:
        draw_directions(canvas, show(canvas, volume, len(volume.voxels) // 2, place))


def _first_volume(study: SheetStudy) -> Volume | None:
    return next((volume for one in study.analysed for volume in one.source.volumes), None)


def _draw_notes(canvas: Canvas, study: SheetStudy, layout: _Layout) -> None:
    width, height = layout.note_width, canvas.height - _FOOT - layout.notes.top
    left = Place(left=layout.notes.left, top=layout.notes.top, width=width, height=height)
    right = Place(left=layout.notes.right - width, top=layout.notes.top, width=width, height=height)
    _draw_sections(canvas, findings_sections(study), left)
    _draw_sections(canvas, reading_sections(study), right)


def _draw_sections(canvas: Canvas, sections: Sequence[Section], place: Place) -> None:
    """As many lines as there is room for; what is left out is said."""
    lines = _lines(sections, room=place.width)
    most = int(place.height // _LINE)
    if len(lines) > most:
        more = _NoteLine(
            words=f"and {len(lines) - most + 1} more lines: see the structured report", weight=Weight.ATTENTION
        )
        lines = [*lines[: most - 1], more]
    for index, line in enumerate(lines):
        ink = Ink(colour=_colour(canvas.palette, line.weight), size=_NOTE_SIZE, is_bold=line.is_heading)
        canvas.write(line.words, at=(place.left, place.top + _LINE * (index + 1) - 3), ink=ink)


@dataclass(frozen=True, kw_only=True)
class _NoteLine:
    words: str
    weight: Weight
    is_heading: bool = False


def _lines(sections: Sequence[Section], *, room: float) -> list[_NoteLine]:
    """A section without a sentence gives none; a blank line stands between two."""
    lines: list[_NoteLine] = []
    for section in sections:
        if section.sentences:
            lines += [_NoteLine(words="", weight=Weight.PLAIN)] if lines else []
            lines.append(_NoteLine(words=section.heading, weight=section.weight, is_heading=True))
            for text in section.sentences:
                broken = wrapped(text, size=_NOTE_SIZE, room=room)
                lines += [_NoteLine(words=line, weight=section.weight) for line in broken]
    return lines


def _notes_height(sections: Sequence[Section], layout: _Layout) -> float:
    return _LINE * len(_lines(sections, room=layout.note_width)) + 2.0


def _colour(palette: Palette, weight: Weight) -> str:
    return {Weight.ATTENTION: palette.attention, Weight.PLAIN: palette.text, Weight.FAINT: palette.faint}[weight]


def _draw_foot(canvas: Canvas, study: SheetStudy) -> None:
    palette = canvas.palette
    equipment = methods_line(study)
    top = canvas.height - _FOOT + 4
    canvas.line((_EDGE, top), (WIDTH - _EDGE, top), colour=palette.rule, thickness=0.8)
    ink = Ink(colour=palette.faint, size=SMALLEST)
    for index, line in enumerate(wrapped(equipment, size=ink.size, room=WIDTH - 2 * _EDGE)[:3]):
        canvas.write(line, at=(_EDGE, top + 11 + 12 * index), ink=ink)
