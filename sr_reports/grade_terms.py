"""How discs, canal and roots are graded: the question, its answers, and the probability of each answer. Pure.

The name of a probability says of which grade it is: OHIF shows names of numbers and never an answer. Grades of the
radiology society's scheme (RadElement RDE1929) stay private until its element ids can be looked up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from highdicom.sr import CodedConcept

from inference.results import Scale, Side
from sr_reports.vocabulary import private, snomed


@dataclass(frozen=True, kw_only=True)
class GradedScale:
    """A scale as an SR names it; answers, probabilities, and each grade in words that stand alone, by grade."""

    name: CodedConcept
    answers: Mapping[int, CodedConcept]
    probabilities: Mapping[int, CodedConcept]
    words: Mapping[int, str]


@dataclass(frozen=True, kw_only=True)
class _Code:
    """scale of the question; short where that is too long for a probability; answers where sides share them."""

    scale: str
    short: str = ""
    answers: str = ""


def _scale(code: _Code, name: str, meanings: Sequence[str], *, lowest: int, subject: str = "") -> GradedScale:
    """meanings: of the answers from the lowest grade. subject: what comes before them where they stand alone."""
    pairs = dict(enumerate(meanings, start=lowest))
    words = {grade: _alone(text, subject=subject) for grade, text in pairs.items()}
    return GradedScale(
        name=private(code.scale, name),
        answers={grade: private(f"{code.answers or code.scale}.{grade}", text) for grade, text in pairs.items()},
        probabilities=_probabilities(code.short or code.scale, words),
        words=words,
    )


def _alone(meaning: str, *, subject: str) -> str:
    return f"{subject} {meaning.split(':', maxsplit=1)[0].replace('Grade', 'grade')}".strip()


def _probabilities(code: str, words: Mapping[int, str]) -> Mapping[int, CodedConcept]:
    return {grade: private(f"{code}.{grade}_PROB", f"{text}, probability") for grade, text in words.items()}


def _counted(words: str, grades: range) -> list[str]:
    return [f"{words} {grade}" for grade in grades]


_LEE: Final = ("Lee grade 0: no stenosis", "Lee grade 1: mild", "Lee grade 2: moderate", "Lee grade 3: severe")
_MSU: Final = ("MSU grade 0: no herniation", "MSU grade 1", "MSU grade 2", "MSU grade 3")
_ROOT: Final = ("Grade 0: no compromise", "Grade 1: contact", "Grade 2: deviation", "Grade 3: compression")
_SEVERITY: Final = {
    grade: f"Pfirrmann severity group {words}" for grade, words in enumerate(("mild", "moderate", "severe"), start=1)
}

SCALE: Final[Mapping[Scale, GradedScale]] = {
    Scale.MODIFIED_PFIRRMANN: _scale(
        _Code(scale="MPF"),
        "Modified Pfirrmann grade",
        _counted("Modified Pfirrmann grade", range(1, 9)),
        lowest=1,
    ),
    Scale.PFIRRMANN: _scale(
        _Code(scale="PF"),
        "Pfirrmann grade",
        [f"Pfirrmann grade {numeral}" for numeral in ("I", "II", "III", "IV", "V")],
        lowest=1,
    ),
    Scale.DEGENERATION_GROUP: GradedScale(
        name=private("PFG", "Pfirrmann severity group"),
        answers={
            1: snomed("255604002", "Mild"),
            2: snomed("6736007", "Moderate"),
            3: snomed("24484000", "Severe"),
        },
        probabilities=_probabilities("PFG", _SEVERITY),
        words=_SEVERITY,
    ),
    Scale.PREDICTED_T1RHO_PHASE: _scale(
        _Code(scale="T1RHO_PHASE", short="T1RHO_PH"),
        "T1rho phase, predicted",
        _counted("Predicted T1rho phase", range(1, 4)),
        lowest=1,
    ),
    Scale.MEASURED_T1RHO_PHASE: _scale(
        _Code(scale="T1RHO_MPHASE", short="T1RHO_MP"),
        "T1rho phase, measured",
        _counted("Measured T1rho phase", range(1, 4)),
        lowest=1,
    ),
    Scale.DISC_HERNIATION: _scale(
        _Code(scale="LDH_MSU"), "Disc herniation grade (MSU)", _MSU, lowest=0, subject="Disc herniation"
    ),
    Scale.CANAL_STENOSIS: _scale(
        _Code(scale="CCS_LEE"), "Central canal stenosis grade (Lee)", _LEE, lowest=0, subject="Canal stenosis"
    ),
    Scale.ROOT_COMPRESSION: _scale(
        _Code(scale="NRC_PFI"),
        "Nerve root compression grade (Pfirrmann 2004)",
        _ROOT,
        lowest=0,
        subject="Nerve root compression",
    ),
}

ROOT_COMPRESSION: Final[Mapping[Side, GradedScale]] = {
    side: _scale(
        _Code(scale=f"NRC_PFI_{side.value[0].upper()}", answers="NRC_PFI"),
        f"{side.value.capitalize()} nerve root compression grade (Pfirrmann 2004)",
        _ROOT,
        lowest=0,
        subject=f"{side.value.capitalize()} nerve root compression",
    )
    for side in Side
}


def terms_of(scale: Scale, *, side: Side | None = None) -> GradedScale:
    """side: of a nerve root, where the scale has sides and it is known."""
    return ROOT_COMPRESSION[side] if scale is Scale.ROOT_COMPRESSION and side is not None else SCALE[scale]
