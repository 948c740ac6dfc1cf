"""The words beside a picture: a row per disc, doubts, refusals, methods. Pure."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from inference.anatomy import Disc
from inference.results import Grade, Measurement, NotAnalysed, Quantity
from sr_reports.findings import Findings, structure_of
from sr_reports.vocabulary import REGION

BANNER: Final = "AI - RESEARCH USE ONLY"
NOT_REVIEWED: Final = "Not reviewed by a radiologist. Not for diagnosis."
HEADINGS: Final = ("Level", "DH", "DHI", "HDR", "dSI", "mod. Pfirrmann")
_LEGEND: Final = (
    "DH disc height in mm; DHI disc height index; HDR height-to-diameter ratio; dSI signal intensity difference. "
    "P: percentile among the reference group."
)
_NOT_GIVEN: Final = "-"
_WIDTH: Final = 88
_FORMATS: Final = {
    Quantity.DISC_HEIGHT: ".1f",
    Quantity.DISC_HEIGHT_INDEX: ".3f",
    Quantity.HEIGHT_TO_DIAMETER: ".3f",
    Quantity.SIGNAL_INTENSITY_DIFFERENCE: ".1f",
}


class Tone(Enum):
    PLAIN = auto()
    FAINT = auto()
    WARNING = auto()


@dataclass(frozen=True, kw_only=True)
class Line:
    """One cell: running text. Several: a row of the table. colour overrides the tone's."""

    cells: tuple[str, ...]
    tone: Tone = Tone.PLAIN
    colour: str | None = None
    is_small: bool = False


def lines(findings: Sequence[Findings]) -> list[Line]:
    """Top to bottom; an empty cell alone is a blank line."""
    blank = Line(cells=("",))
    discs = [line for disc in Disc for line in _disc_lines(disc, findings)]
    return [
        Line(cells=(BANNER,), tone=Tone.WARNING),
        Line(cells=(NOT_REVIEWED,), tone=Tone.FAINT, is_small=True),
        *_doubts(findings),
        blank,
        Line(cells=HEADINGS, tone=Tone.FAINT),
        *discs,
        blank,
        *_refusals(findings),
        *_notes(findings),
    ]


def _disc_lines(disc: Disc, findings: Sequence[Findings]) -> list[Line]:
    measured = [one for each in findings for one in each.measurements(disc)]
    row = Line(
        cells=(disc.value, *(_value(quantity, measured) for quantity in _FORMATS), _grades(disc, findings)),
        colour=REGION[structure_of(disc)].colour,
    )
    if all(one.reference is None for one in measured):
        return [row]
    return [row, Line(cells=("", *(_percentile(q, measured) for q in _FORMATS), ""), tone=Tone.FAINT, is_small=True)]


def _value(quantity: Quantity, measured: Sequence[Measurement]) -> str:
    values = [format(one.value, _FORMATS[quantity]) for one in measured if one.quantity is quantity]
    return values[0] if values else _NOT_GIVEN


def _percentile(quantity: Quantity, measured: Sequence[Measurement]) -> str:
    positions = [one.reference for one in measured if one.quantity is quantity]
    return f"P {positions[0].percentile:.0f}" if positions and positions[0] is not None else ""


def _grades(disc: Disc, findings: Sequence[Findings]) -> str:
    grades = [grade for one in findings for grade in one.grades(disc)]
    return ", ".join(_graded(grade) for grade in grades) or _NOT_GIVEN


def _graded(grade: Grade) -> str:
    return f"{grade.value}" if grade.probability is None else f"{grade.value} ({100 * grade.probability:.0f} %)"


def _doubts(findings: Sequence[Findings]) -> list[Line]:
    doubts = dict.fromkeys(one.level_doubt for one in findings if one.level_doubt is not None)
    return [line for doubt in doubts for line in _wrapped(f"LEVELS UNCERTAIN: {doubt}", tone=Tone.WARNING)]


def _refusals(findings: Sequence[Findings]) -> list[Line]:
    refusals = dict.fromkeys(refused_words(refusal) for one in findings for refusal in one.refusals)
    return [line for words in refusals for line in _wrapped(f"Not analysed: {words}", tone=Tone.PLAIN)]


def refused_words(refusal: NotAnalysed) -> str:
    where = "whole series" if refusal.disc is None else f"{refusal.disc.value} disc"
    return f"{where} ({refusal.role.value}): {refusal.reason}"


def _notes(findings: Sequence[Findings]) -> list[Line]:
    methods = [f"{one.method.name} {one.method.version}, {one.role.value}" for one in findings]
    return [
        line for text in [_LEGEND, *_reference_groups(findings), *methods] for line in _wrapped(text, tone=Tone.FAINT)
    ]


def _reference_groups(findings: Sequence[Findings]) -> list[str]:
    """Who the discs were compared with. Levels share a line: their groups differ in size only."""
    sizes: dict[str, list[int]] = {}
    for each in findings:
        for disc in each.measured_discs:
            for one in each.measurements(disc):
                if one.reference is not None:
                    group = one.reference.group.removeprefix(f"{disc.value}, ")
                    sizes.setdefault(group, []).append(one.reference.count)
    return [f"Reference group: {group}, n = {_span(counts)}" for group, counts in sizes.items()]


def _span(counts: Sequence[int]) -> str:
    return str(min(counts)) if min(counts) == max(counts) else f"{min(counts)} to {max(counts)}"


def _wrapped(text: str, *, tone: Tone) -> list[Line]:
    return [Line(cells=(part,), tone=tone, is_small=True) for part in textwrap.wrap(text, _WIDTH)]
