"""Findings as measurement groups: TID 1410 for numbers and outline, TID 1501 for grades and comparisons. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from highdicom import sr
from numpy.typing import NDArray

from dicom_io.sources import SourceImage, SourceSeries
from inference.anatomy import Disc
from inference.results import Grade, LabelMap, Measurement, Quantity, ReferencePosition
from sr_reports import vocabulary
from sr_reports.errors import FindingsContradict
from sr_reports.findings import Findings, MethodUsed, key_slice_of, structure_of, weights_text
from sr_reports.outline import outlines
from sr_reports.tracking import Followed, Tracking, followed, tracking_of
from sr_reports.vocabulary import RESPONSIBLE_ORGANIZATION

REFERENCE_AUTHORITY: Final = "Zheng et al. 2022, doi:10.1038/s41467-022-28387-5"

_Groups = list[sr.ContainerContentItem]
_DECIMALS: Final = {
    Quantity.DISC_HEIGHT: 2,
    Quantity.DISC_HEIGHT_INDEX: 3,
    Quantity.HEIGHT_TO_DIAMETER: 3,
    Quantity.SIGNAL_INTENSITY_DIFFERENCE: 1,
}


def measurement_groups(findings: Findings, *, source: SourceSeries, institution: str) -> _Groups:
    """The groups of every disc with findings, cranial to caudal; all groups of one disc share one tracking UID.

    Raises FindingsContradict if a disc has findings and no outline on the slice they were taken on.
    """
    of = followed(source.first, institution=institution)
    groups: _Groups = []
    for disc in findings.measured_discs:
        groups += _groups_of(disc, findings=findings, source=source, of=of)
    return groups


def annotated_slices(findings: Findings) -> tuple[int, ...]:
    """Indices of the slices that groups point at."""
    if findings.label_map is None:
        return ()
    return tuple(sorted({_key_slice(disc, findings) for disc in findings.measured_discs}))


def outline_of(disc: Disc, label_map: LabelMap, *, slice_index: int) -> NDArray[np.float64]:
    """Closed polygon (points, 2) of the largest piece of the disc on that slice, as an SCOORD: (column, row).

    Raises FindingsContradict if the disc is not there.
    """
    structure = structure_of(disc)
    pieces = outlines(label_map.labels[slice_index] == structure.channel)
    if not pieces:
        raise FindingsContradict(f"{disc.value} was measured on a slice where the label map does not show it")
    return pieces[0]


def _key_slice(disc: Disc, findings: Findings) -> int:
    return key_slice_of([*findings.measurements(disc), *findings.grades(disc)])


def _groups_of(disc: Disc, *, findings: Findings, source: SourceSeries, of: Followed) -> _Groups:
    label_map = findings.label_map
    if label_map is None:
        raise FindingsContradict(f"{disc.value} was measured without a label map")
    index = _key_slice(disc, findings)
    image = source.images[index]
    tracking = tracking_of(structure_of(disc), of=of, level_doubt=findings.level_doubt)
    subject = _Subject(disc=disc, tracking=tracking, method=findings.method, level_doubt=findings.level_doubt)
    label = _label(disc, grades=findings.grades(disc), level_doubt=findings.level_doubt)
    polygon = outline_of(disc, label_map, slice_index=index)
    outlined = _outlined_group(subject, findings.measurements(disc), polygon=polygon, image=image)
    grades = [_grade_group(subject, grade, image=image) for grade in findings.grades(disc)]
    groups = [outlined, *grades, *_reference_group(subject, findings.measurements(disc), image=image)]
    return [_with_label(group, label) for group in groups]


@dataclass(frozen=True, kw_only=True)
class _Subject:
    """What all groups of one disc have in common; highdicom wants fresh items for every group."""

    disc: Disc
    tracking: Tracking
    method: MethodUsed
    level_doubt: str | None

    @property
    def code(self) -> sr.CodedConcept:
        return vocabulary.DISC[self.disc]

    def tracking_identifier(self) -> sr.TrackingIdentifier:
        return sr.TrackingIdentifier(uid=self.tracking.uid, identifier=self.tracking.identifier)

    def numbering(self) -> list[sr.QualitativeEvaluation]:
        if self.level_doubt is None:
            return []
        return [sr.QualitativeEvaluation(vocabulary.LEVEL_NUMBERING, vocabulary.UNCERTAIN)]


def algorithm(method: MethodUsed) -> sr.AlgorithmIdentification:
    """TID 4019; the weights stand as parameters, one text per file."""
    return sr.AlgorithmIdentification(
        name=method.name,
        version=method.version,
        manufacturer=RESPONSIBLE_ORGANIZATION,
        parameters=[weights_text(used) for used in method.weights] or None,
    )


def _outlined_group(
    subject: _Subject, measured: Sequence[Measurement], *, polygon: NDArray[np.float64], image: SourceImage
) -> sr.ContainerContentItem:
    region = sr.ImageRegion(
        graphic_type=sr.GraphicTypeValues.POLYLINE,
        graphic_data=polygon.round(2),
        source_image=sr.SourceImageForRegion(
            image.header.SOPClassUID, image.header.SOPInstanceUID, referenced_frame_numbers=_frames(image)
        ),
    )
    group = sr.PlanarROIMeasurementsAndQualitativeEvaluations(
        tracking_identifier=subject.tracking_identifier(),
        finding_category=vocabulary.ANATOMICAL_STRUCTURE,
        finding_type=subject.code,
        finding_sites=[sr.FindingSite(subject.code)],
        algorithm_id=algorithm(subject.method),
        referenced_region=region,
        measurements=[_number(one) for one in measured],
        qualitative_evaluations=subject.numbering(),
    )
    return _item(group)


def _reference_group(subject: _Subject, measured: Sequence[Measurement], *, image: SourceImage) -> _Groups:
    """Where the numbers stand in the population; no group if no number was compared."""
    compared = [number for one in measured if one.reference is not None for number in _standing(one, one.reference)]
    return [_plain_group(subject, compared, [], image=image)] if compared else []


def _grade_group(subject: _Subject, grade: Grade, *, image: SourceImage) -> sr.ContainerContentItem:
    scale = vocabulary.SCALE[grade.scale]
    answer = sr.QualitativeEvaluation(scale.name, scale.answers[grade.value])
    return _plain_group(subject, _certainty(scale, grade.probability), [answer], image=image)


def _certainty(scale: vocabulary.GradedScale, probability: float | None) -> list[sr.Measurement]:
    """Nothing for a grade that was measured."""
    if probability is None:
        return []
    return [sr.Measurement(name=scale.probability, value=round(100 * probability, 1), unit=vocabulary.PERCENT)]


def _plain_group(
    subject: _Subject,
    numbers: Sequence[sr.Measurement],
    answers: Sequence[sr.QualitativeEvaluation],
    *,
    image: SourceImage,
) -> sr.ContainerContentItem:
    source = sr.SourceImageForMeasurementGroup(
        image.header.SOPClassUID, image.header.SOPInstanceUID, referenced_frame_numbers=_frames(image)
    )
    group = sr.MeasurementsAndQualitativeEvaluations(
        tracking_identifier=subject.tracking_identifier(),
        finding_category=vocabulary.ANATOMICAL_STRUCTURE,
        finding_type=subject.code,
        finding_sites=[sr.FindingSite(subject.code)],
        algorithm_id=algorithm(subject.method),
        source_images=[source],
        measurements=numbers,
        qualitative_evaluations=[*answers, *subject.numbering()],
    )
    return _item(group)


def _number(measurement: Measurement) -> sr.Measurement:
    return sr.Measurement(
        name=vocabulary.QUANTITY[measurement.quantity],
        value=round(measurement.value, _DECIMALS[measurement.quantity]),
        unit=vocabulary.UNIT[measurement.unit],
        method=vocabulary.METHOD.get(measurement.quantity),
    )


def _standing(measurement: Measurement, reference: ReferencePosition) -> list[sr.Measurement]:
    """Percentile, with the population it refers to, and z-score."""
    names = vocabulary.STANDING[measurement.quantity]
    percentile = sr.Measurement(name=names.percentile, value=round(reference.percentile, 1), unit=vocabulary.PERCENT)
    population = f"{reference.group}, n = {reference.count}, mean {reference.mean:.4g}, SD {reference.sd:.3g}"
    percentile[0].ContentSequence = sr.ContentSequence(
        [
            _property(vocabulary.POPULATION_DESCRIPTION, population),
            _property(vocabulary.REFERENCE_AUTHORITY, REFERENCE_AUTHORITY),
        ]
    )
    z_score = sr.Measurement(name=names.z_score, value=round(reference.z_score, 2), unit=vocabulary.NO_UNITS)
    return [percentile, z_score]


def _property(name: sr.CodedConcept, value: str) -> sr.TextContentItem:
    return sr.TextContentItem(name=name, value=value, relationship_type=sr.RelationshipTypeValues.HAS_PROPERTIES)


def _frames(image: SourceImage) -> list[int] | None:
    return None if image.frame is None else [image.frame]


def _label(disc: Disc, *, grades: Sequence[Grade], level_doubt: str | None) -> str:
    """What OHIF writes beside the outline: it shows neither grades nor doubts (dicom-encoding 11)."""
    words = [f"{disc.value} disc", *(f"{grade.scale.value} {grade.value}" for grade in grades)]
    return ", ".join([*words, *(["level uncertain"] if level_doubt is not None else [])])


def _with_label(group: sr.ContainerContentItem, label: str) -> sr.ContainerContentItem:
    group.ContentSequence.append(
        sr.TextContentItem(name=vocabulary.COMMENT, value=label, relationship_type=sr.RelationshipTypeValues.CONTAINS)
    )
    return group


def _item(template: sr.ContentSequence) -> sr.ContainerContentItem:
    """The one container that a group template of highdicom consists of."""
    container = template[0]
    if not isinstance(container, sr.ContainerContentItem):
        raise TypeError("a group template begins with its container")
    return container
