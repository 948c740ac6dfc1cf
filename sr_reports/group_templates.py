"""Measurement groups as the templates have them: TID 1410 with an outline, TID 1501 without. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from highdicom import sr
from numpy.typing import NDArray

from dicom_io.sources import SourceImage
from inference.results import Side
from sr_reports import vocabulary
from sr_reports.findings import MethodUsed, weights_text
from sr_reports.tracking import Tracking
from sr_reports.vocabulary import RESPONSIBLE_ORGANIZATION

Groups = list[sr.ContainerContentItem]


@dataclass(frozen=True, kw_only=True, eq=False)
class Site:
    """Where: the structure, its side, and what part or level of it is meant."""

    structure: sr.CodedConcept
    side: Side | None = None
    modifier: sr.CodedConcept | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Subject:
    """What a group is about, and who says it. The finding is the anatomy: "Finding: herniation" above a grade of 0
    would read as one. label: what OHIF writes in its list.
    """

    site: Site
    tracking: Tracking
    method: MethodUsed
    level_doubt: str | None
    label: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Said:
    """What a group says of its subject."""

    numbers: Sequence[sr.Measurement] = field(default=())
    answers: Sequence[sr.QualitativeEvaluation] = field(default=())


@dataclass(frozen=True, kw_only=True, eq=False)
class Annotations:
    """groups of a report, and the slices that they point at, ascending."""

    groups: Groups
    slices: tuple[int, ...]


def outlined_group(
    subject: Subject, said: Said, *, polygon: NDArray[np.float64], image: SourceImage
) -> sr.ContainerContentItem:
    """TID 1410. polygon: closed, (points, 2) as (column, row) in the coordinates of an SCOORD."""
    source = sr.SourceImageForRegion(
        image.header.SOPClassUID, image.header.SOPInstanceUID, referenced_frame_numbers=_frames(image)
    )
    region = sr.ImageRegion(
        graphic_type=sr.GraphicTypeValues.POLYLINE, graphic_data=polygon.round(2), source_image=source
    )
    group = sr.PlanarROIMeasurementsAndQualitativeEvaluations(
        tracking_identifier=_tracking(subject),
        finding_category=vocabulary.ANATOMICAL_STRUCTURE,
        finding_type=subject.site.structure,
        finding_sites=[_site(subject.site)],
        algorithm_id=algorithm(subject.method),
        referenced_region=region,
        measurements=said.numbers,
        qualitative_evaluations=_answers(subject, said),
    )
    return _labelled(group, subject.label)


def plain_group(subject: Subject, said: Said, *, image: SourceImage) -> sr.ContainerContentItem:
    """TID 1501. image: the one that was looked at."""
    source = sr.SourceImageForMeasurementGroup(
        image.header.SOPClassUID, image.header.SOPInstanceUID, referenced_frame_numbers=_frames(image)
    )
    group = sr.MeasurementsAndQualitativeEvaluations(
        tracking_identifier=_tracking(subject),
        finding_category=vocabulary.ANATOMICAL_STRUCTURE,
        finding_type=subject.site.structure,
        finding_sites=[_site(subject.site)],
        algorithm_id=algorithm(subject.method),
        source_images=[source],
        measurements=said.numbers,
        qualitative_evaluations=_answers(subject, said),
    )
    return _labelled(group, subject.label)


def algorithm(method: MethodUsed) -> sr.AlgorithmIdentification:
    """TID 4019; the weights stand as parameters, one text per file."""
    return sr.AlgorithmIdentification(
        name=method.name,
        version=method.version,
        manufacturer=RESPONSIBLE_ORGANIZATION,
        parameters=[weights_text(used) for used in method.weights] or None,
    )


def _tracking(subject: Subject) -> sr.TrackingIdentifier:
    return sr.TrackingIdentifier(uid=subject.tracking.uid, identifier=subject.tracking.identifier)


def _site(site: Site) -> sr.FindingSite:
    laterality = None if site.side is None else vocabulary.SIDE[site.side]
    return sr.FindingSite(site.structure, laterality=laterality, topographical_modifier=site.modifier)


def _answers(subject: Subject, said: Said) -> list[sr.QualitativeEvaluation]:
    if subject.level_doubt is None:
        return list(said.answers)
    return [*said.answers, sr.QualitativeEvaluation(vocabulary.LEVEL_NUMBERING, vocabulary.UNCERTAIN)]


def _frames(image: SourceImage) -> list[int] | None:
    return None if image.frame is None else [image.frame]


def _labelled(template: sr.ContentSequence, label: str) -> sr.ContainerContentItem:
    """The one container that a group template of highdicom consists of, with a comment."""
    container = template[0]
    if not isinstance(container, sr.ContainerContentItem):
        raise TypeError("a group template begins with its container")
    container.ContentSequence.append(
        sr.TextContentItem(name=vocabulary.COMMENT, value=label, relationship_type=sr.RelationshipTypeValues.CONTAINS)
    )
    return container
