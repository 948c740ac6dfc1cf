"""The sentences below the tables: what to check, what was not analysed, how to read the page. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

from inference.anatomy import Disc
from inference.results import Grade, Measurement, NotAnalysed, Remark
from sr_reports.sheet.checks import Doubt, checks, doubts
from sr_reports.sheet.grades import GRADE_COLUMNS, grade_columns
from sr_reports.sheet.quantities import quantity_columns
from sr_reports.sheet.study import SheetStudy

_SHORT_HASH: Final = 12
_EVERY: Final = "every disc:"
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")


class Weight(Enum):
    ATTENTION = auto()
    PLAIN = auto()
    FAINT = auto()


@dataclass(frozen=True, kw_only=True)
class Section:
    """heading stands above it; where it has no sentence, nothing is drawn."""

    heading: str
    weight: Weight
    sentences: tuple[str, ...]


def findings_sections(study: SheetStudy) -> tuple[Section, ...]:
    """What concerns this patient."""
    return (
        Section(heading="LOOK AGAIN", weight=Weight.ATTENTION, sentences=tuple(_checks(study))),
        Section(heading="CHANGE SINCE THE PRIOR STUDY", weight=Weight.PLAIN, sentences=tuple(_change(study))),
        Section(heading="NOT ANALYSED", weight=Weight.PLAIN, sentences=tuple(_refusals(study))),
    )


def reading_sections(study: SheetStudy) -> tuple[Section, ...]:
    """What concerns every patient."""
    caveats = dict.fromkeys(
        f"{one.method.name}: {one.method.caveat}" for one in study.findings if one.method.caveat is not None
    )
    return (
        Section(heading="READ WITH CARE", weight=Weight.PLAIN, sentences=tuple(caveats)),
        Section(heading="HOW TO READ", weight=Weight.FAINT, sentences=tuple(_legend(study))),
    )


def methods_line(study: SheetStudy) -> str:
    """Which method, version and weights."""
    methods = dict.fromkeys(one.method for one in study.findings)
    texts = []
    for method in methods:
        weights = ", ".join(f"{used.name.removesuffix('.onnx')} {used.sha256[:_SHORT_HASH]}" for used in method.weights)
        texts.append(f"{method.name} {method.version}" + (f" ({weights})" if weights else ""))
    return "   ·   ".join(texts)


def _checks(study: SheetStudy) -> Iterable[str]:
    for check in checks(study):
        yield f"{study.level_name(check.level)}: {check.words}"
    yield from _doubtful(study)
    reasons = {doubt.reason for doubt in doubts(study)}
    for remark in dict.fromkeys(study.all(Remark)):
        if remark.text not in reasons:
            yield f"{remark.role.value}: {remark.text}"


def _doubtful(study: SheetStudy) -> Iterable[str]:
    """Grades that are doubted for one reason share a sentence, also where the reason only differs in its numbers."""
    gathered: dict[str, list[Doubt]] = {}
    for doubt in doubts(study):
        gathered.setdefault(_NUMBER.sub("…", doubt.reason), []).append(doubt)
    for without_numbers, same in gathered.items():
        reasons = {doubt.reason for doubt in same}
        yield f"{_places(study, same)}: {same[0].reason if len(reasons) == 1 else without_numbers}"


def _places(study: SheetStudy, same: Sequence[Doubt]) -> str:
    """Which grades of which levels; levels of the same grades stand together."""
    grades: dict[Disc | None, tuple[str, ...]] = {}
    for doubt in same:
        grades[doubt.level] = (*grades.get(doubt.level, ()), doubt.grade)
    levels: dict[tuple[str, ...], list[str]] = {}
    for level, names in grades.items():
        levels.setdefault(names, []).append(study.level_name(level))
    parts = (f"{_EVERY if len(at) == len(Disc) else ', '.join(at)} {', '.join(names)}" for names, at in levels.items())
    return "; ".join(parts)


def _change(study: SheetStudy) -> Iterable[str]:
    if study.priors.trouble is not None:
        yield study.priors.trouble
    if not study.changes:
        if study.priors.reports:
            yield "There is an earlier report of this node on this patient, but no disc that could be compared."
        return
    performed = study.changes[0].performed
    beyond = [one for one in study.changes if one.is_beyond_error]
    untold = sum(one.is_beyond_error is None for one in study.changes)
    discs = ", ".join(dict.fromkeys(f"{one.disc.value} {one.quantity.value}" for one in beyond))
    yield f"Compared with {performed or 'a study of unknown date'}; ▲ ▼ behind a value: how much it changed."
    yield f"More than measurement error: {discs or 'nothing'}."
    if untold:
        yield f"{untold} of {len(study.changes)} cannot be judged (no known error, or another method or weights)."


@dataclass(kw_only=True)
class _Refused:
    """Everything that was refused for one reason."""

    discs: dict[str, None] = field(default_factory=dict)


def _refusals(study: SheetStudy) -> Iterable[str]:
    gathered: dict[tuple[str, str, str], _Refused] = {}
    for one in study.findings:
        for refusal in one.refusals:
            key = (one.method.name, refusal.role.value, refusal.reason)
            gathered.setdefault(key, _Refused()).discs[_refused_part(refusal)] = None
    for (method, role, reason), refused in gathered.items():
        yield f"{', '.join(refused.discs)} ({role}, {method}): {reason}"
    yield from _missing(study)


def _refused_part(refusal: NotAnalysed) -> str:
    return "whole series" if refusal.disc is None else refusal.disc.value


def _missing(study: SheetStudy) -> Iterable[str]:
    """Columns that the page leaves out."""
    shown = grade_columns(study)
    missing = [column.name for column in GRADE_COLUMNS if column not in shown]
    if missing and not study.is_empty:
        yield f"No result: {', '.join(missing)}"


def _legend(study: SheetStudy) -> Iterable[str]:
    explained = dict.fromkeys(column.explained for column in quantity_columns(study))
    if explained:
        yield f"{'; '.join(explained)}."
    if any(one.reference is not None for one in study.all(Measurement)):
        yield "Band: reference mean ± 1 and ± 2 SD for level, sex and age; mark: this disc; P: its percentile."
    yield from _reference_groups(study)
    if any(one.probability is not None for one in study.all(Grade)):
        yield "Percentages: the network's own probability of the grade, not a measured accuracy."


def _reference_groups(study: SheetStudy) -> Iterable[str]:
    """Who the discs were compared with. Levels share a line: their groups differ in size only."""
    sizes: dict[str, list[int]] = {}
    for one in study.all(Measurement):
        if one.reference is not None:
            sizes.setdefault(_without_level(one.reference.group), []).append(one.reference.count)
    for group, counts in sizes.items():
        span = str(min(counts)) if min(counts) == max(counts) else f"{min(counts)} to {max(counts)}"
        yield f"Reference group: {group}; n = {span} per disc."


def _without_level(group: str) -> str:
    for disc in Disc:
        group = group.removeprefix(f"{disc.value}, ")
    return group
