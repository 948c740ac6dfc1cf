"""The sentences of a report: intended use, caveats, doubts, remarks, and what was not analysed, and why. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from highdicom.sr import CodedConcept

from inference.results import AxialGrade, Grade, NotAnalysed
from sr_reports import vocabulary
from sr_reports.findings import Findings
from sr_reports.measured_items import grade_words

BANNER: Final = "AI - RESEARCH USE ONLY"
INTENDED_USE: Final = (
    "Generated automatically by AI software. NOT reviewed by a radiologist. For research use only; not for diagnosis."
)


@dataclass(frozen=True, kw_only=True)
class Statement:
    name: CodedConcept
    text: str


def statements(findings: Sequence[Findings], *, comparison: Sequence[str] = ()) -> list[Statement]:
    """Each once, intended use first. comparison: with what the findings were compared."""
    found = [
        (vocabulary.INTENDED_USE, [INTENDED_USE]),
        (vocabulary.CAVEAT, [f"{one.method.name}: {one.method.caveat}" for one in findings if one.method.caveat]),
        (vocabulary.COMPARISON, list(comparison)),
        (vocabulary.LEVEL_DOUBT, [one.level_doubt for one in findings if one.level_doubt is not None]),
        (vocabulary.GRADE_DOUBT, [text for one in findings for text in _grade_doubts(one)]),
        (vocabulary.REMARK, [f"{one.method.name}: {remark.text}" for one in findings for remark in one.remarks]),
        (vocabulary.NOT_ANALYSED, [refused_words(refusal) for one in findings for refusal in one.refusals]),
    ]
    return [Statement(name=name, text=text) for name, texts in found for text in dict.fromkeys(texts)]


def _grade_doubts(one: Findings) -> Iterator[str]:
    for grade in one.results:
        if isinstance(grade, Grade | AxialGrade) and grade.doubt is not None:
            where = "level unknown" if grade.disc is None else f"{grade.disc.value} disc"
            yield f"{where}, {grade_words(grade)}: {grade.doubt}"


def refused_words(refusal: NotAnalysed) -> str:
    where = "whole series" if refusal.disc is None else f"{refusal.disc.value} disc"
    return f"{where} ({refusal.role.value}): {refusal.reason}"
