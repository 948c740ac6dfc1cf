"""Numbers and grades as content items: value, unit, statistic, method, map, probability. Pure."""

from collections.abc import Mapping, Sequence
from typing import Final

from highdicom import sr
from pydicom.dataset import Dataset

from inference.results import AxialGrade, Grade, MapKind, Measurement, Quantity, ReferencePosition, Statistic
from sr_reports import measured_terms, vocabulary
from sr_reports.errors import FindingsContradict
from sr_reports.grade_terms import GradedScale, terms_of

REFERENCE_AUTHORITY: Final = "Zheng et al. 2022, doi:10.1038/s41467-022-28387-5"
DECIMALS: Final = {
    Quantity.DISC_HEIGHT: 2,
    Quantity.DISC_HEIGHT_INDEX: 3,
    Quantity.HEIGHT_TO_DIAMETER: 3,
    Quantity.SIGNAL_INTENSITY_DIFFERENCE: 1,
    Quantity.T1RHO: 1,
    Quantity.T2: 1,
    Quantity.PREDICTED_T1RHO: 1,
}

Maps = Mapping[MapKind, Dataset]
"""The parametric maps that go with a report."""


def number(measurement: Measurement, *, maps: Maps) -> sr.Measurement:
    """A map that was not made is not named; the number stands all the same."""
    document = None if measurement.inferred_from is None else maps.get(measurement.inferred_from)
    statistic = measurement.statistic
    return sr.Measurement(
        name=measured_terms.name_of_number(measurement),
        value=_rounded(measurement),
        unit=measured_terms.UNIT[measurement.unit],
        derivation=None if statistic is None else measured_terms.STATISTIC.get(statistic),
        method=measured_terms.METHOD.get(measurement.quantity),
        referenced_images=None
        if document is None
        else [sr.SourceImageForMeasurement(document.SOPClassUID, document.SOPInstanceUID)],
    )


def standing(measured: Sequence[Measurement]) -> list[sr.Measurement]:
    """Where the numbers stand in the population; empty if no number was compared."""
    return [item for one in measured if one.reference is not None for item in _standing(one, one.reference)]


def grade_numbers(grade: Grade | AxialGrade) -> list[sr.Measurement]:
    """The probability of the grade that is given; nothing for a grade that was measured."""
    if grade.probability is None:
        return []
    name = _terms(grade).probabilities[grade.value]
    return [sr.Measurement(name=name, value=round(100 * grade.probability, 1), unit=measured_terms.PERCENT)]


def grade_answers(grade: Grade | AxialGrade) -> list[sr.QualitativeEvaluation]:
    """The grade, and that it deserves little trust where that is so.

    Raises FindingsContradict if the scale has no such grade.
    """
    terms = _terms(grade)
    given = sr.QualitativeEvaluation(terms.name, terms.answers[grade.value])
    doubtful = sr.QualitativeEvaluation(vocabulary.CONFIDENCE, vocabulary.LOW)
    return [given] if grade.doubt is None else [given, doubtful]


def grade_words(grade: Grade | AxialGrade) -> str:
    """Scale and grade in one phrase that stands alone."""
    return _terms(grade).words[grade.value]


def _terms(grade: Grade | AxialGrade) -> GradedScale:
    terms = terms_of(grade.scale, side=grade.side if isinstance(grade, AxialGrade) else None)
    if grade.value not in terms.answers:
        raise FindingsContradict(f"{grade.scale.value} has no grade {grade.value}")
    return terms


def _rounded(measurement: Measurement) -> float:
    if measurement.statistic is Statistic.COUNT:
        return round(measurement.value)
    return round(measurement.value, DECIMALS[measurement.quantity])


def _standing(measurement: Measurement, reference: ReferencePosition) -> list[sr.Measurement]:
    """Percentile, with the population it refers to, and z-score."""
    names = measured_terms.STANDING[measurement.quantity]
    percentile = sr.Measurement(
        name=names.percentile, value=round(reference.percentile, 1), unit=measured_terms.PERCENT
    )
    population = f"{reference.group}, n = {reference.count}, mean {reference.mean:.4g}, SD {reference.sd:.3g}"
    percentile[0].ContentSequence = sr.ContentSequence(
        [
            _property(measured_terms.POPULATION_DESCRIPTION, population),
            _property(measured_terms.REFERENCE_AUTHORITY, REFERENCE_AUTHORITY),
        ]
    )
    z_score = sr.Measurement(name=names.z_score, value=round(reference.z_score, 2), unit=measured_terms.NO_UNITS)
    return [percentile, z_score]


def _property(name: sr.CodedConcept, value: str) -> sr.TextContentItem:
    return sr.TextContentItem(name=name, value=value, relationship_type=sr.RelationshipTypeValues.HAS_PROPERTIES)
