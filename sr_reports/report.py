"""Structured reports of a series, sagittal discs or axial slices: TID 1500 in a Comprehensive 3D SR. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from highdicom import sr
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes
from pydicom.uid import ExplicitVRLittleEndian

from dicom_io.equipment import Equipment
from dicom_io.inherited import inheritable
from dicom_io.object_identity import ObjectIdentity, Superseded, series_description
from dicom_io.repertoire import writable
from dicom_io.sources import SourceSeries
from dicom_io.stamp import contributing_equipment, stamp
from sr_reports import vocabulary
from sr_reports.axial_groups import axial_annotations
from sr_reports.change import NO_PRIORS, PriorReport, Priors, changes
from sr_reports.change_items import comparison_words
from sr_reports.disc_groups import disc_annotations
from sr_reports.findings import Findings
from sr_reports.group_templates import Annotations
from sr_reports.image_library import image_library
from sr_reports.measured_items import Maps
from sr_reports.statements import Statement, statements
from sr_reports.template_order import put_in_template_order
from sr_reports.tracking import followed

_SAGITTAL: Final = "AI SR sagittal discs"
_AXIAL: Final = "AI SR axial levels"


@dataclass(frozen=True, kw_only=True, eq=False)
class Companions:
    """Objects that a report names: those of the same series go out before it, those of an earlier study are there."""

    segmentations: tuple[Dataset, ...] = ()
    maps: Maps = field(default_factory=dict)
    priors: Priors = NO_PRIORS


_ALONE: Final = Companions()


def sagittal_report(
    findings: Sequence[Findings],
    *,
    source: SourceSeries,
    identity: ObjectIdentity,
    companions: Companions = _ALONE,
) -> Dataset:
    """What the methods found in one sagittal series; refusals alone make a report too. Preliminary and unverified.

    findings: one per method, all of the series in source. `dicom_io.written.part10` turns the document into the bytes
    that may leave.

    Raises FindingsContradict.
    """
    institution = identity.equipment.institution
    found = changes(findings, companions.priors.reports, of=followed(source.first, institution=institution))
    annotations = disc_annotations(
        findings, source=source, institution=institution, maps=companions.maps, changes=found
    )
    said = statements(findings, comparison=comparison_words(companions.priors, found))
    content = _content(said, annotations, source=source, equipment=identity.equipment)
    evidence = _evidence(source, slices=annotations.slices, companions=companions)
    return _document(content, evidence, source=source, identity=identity, description=_description(_SAGITTAL, findings))


def axial_report(
    findings: Sequence[Findings],
    *,
    source: SourceSeries,
    identity: ObjectIdentity,
    companions: Companions = _ALONE,
) -> Dataset:
    """What the methods found on the slices of one axial series; all else as in sagittal_report."""
    annotations = axial_annotations(findings, source=source, institution=identity.equipment.institution)
    content = _content(statements(findings), annotations, source=source, equipment=identity.equipment)
    evidence = _evidence(source, slices=annotations.slices, companions=companions)
    return _document(content, evidence, source=source, identity=identity, description=_description(_AXIAL, findings))


def _description(what: str, findings: Sequence[Findings]) -> str:
    return series_description(what, of=findings[0].role.value)


def _document(
    content: sr.ContainerContentItem,
    evidence: Sequence[Dataset],
    *,
    source: SourceSeries,
    identity: ObjectIdentity,
    description: str,
) -> Dataset:
    equipment = identity.equipment
    put_in_template_order(content)
    document = sr.Comprehensive3DSR(
        evidence=evidence,
        content=content,
        series_instance_uid=identity.series_uid,
        series_number=identity.series_number,
        sop_instance_uid=identity.sop_instance_uid,
        instance_number=1,
        manufacturer=equipment.manufacturer,
        manufacturer_model_name=equipment.model,
        software_versions=equipment.software_version,
        device_serial_number=equipment.serial,
        is_complete=True,
        is_final=False,
        is_verified=False,
        series_description=description,
        previous_versions=[_predecessor(earlier) for earlier in identity.supersedes] or None,
        contributing_equipment=[contributing_equipment(equipment, header=source.first)],
        coding_schemes=vocabulary.coding_schemes(),
        specific_character_set=None,
        transfer_syntax_uid=ExplicitVRLittleEndian,
    )
    stamp(document, header=source.first, identity=identity)
    return document


def _evidence(source: SourceSeries, *, slices: Sequence[int], companions: Companions) -> list[Dataset]:
    """Annotated images first: 3D Slicer looks at the first item only. Patient and study are taken from it too."""
    annotated = [source.images[index].header for index in slices]
    others = [header for header in source.headers if all(header is not image for image in annotated)]
    first, *further = [*annotated, *others]
    earlier = [_earlier_report(one) for one in companions.priors.reports]
    return [inheritable(first), *further, *companions.maps.values(), *companions.segmentations, *earlier]


def _earlier_report(prior: PriorReport) -> Dataset:
    """As much of it as evidence names."""
    named = Dataset()
    named.StudyInstanceUID, named.SeriesInstanceUID = prior.study_uid, prior.series_uid
    named.SOPClassUID, named.SOPInstanceUID = prior.sop_class_uid, prior.sop_instance_uid
    return named


def _content(
    said: Sequence[Statement], annotations: Annotations, *, source: SourceSeries, equipment: Equipment
) -> sr.ContainerContentItem:
    root = sr.ContainerContentItem(name=vocabulary.REPORT_TITLE, template_id="1500")
    root.ContentSequence = sr.ContentSequence(_context(equipment, source=source))
    if annotations.slices:
        root.ContentSequence.append(image_library(source, slices=annotations.slices))
    if annotations.groups:
        root.ContentSequence.append(_container(vocabulary.IMAGING_MEASUREMENTS, annotations.groups))
    sentences = [_text(one.name, writable(one.text, header=source.first)) for one in said]
    root.ContentSequence.append(_container(vocabulary.QUALITATIVE_EVALUATIONS, sentences))
    return root


def _context(equipment: Equipment, *, source: SourceSeries) -> list[sr.ContentItem]:
    """Language, the node as observer (TID 1004), and the procedure reported."""
    observer = sr.ObserverContext(
        observer_type=codes.DCM.Device,
        observer_identifying_attributes=sr.DeviceObserverIdentifyingAttributes(
            uid=equipment.device_uid,
            name=writable(equipment.station, header=source.first),
            manufacturer_name=equipment.manufacturer,
            model_name=equipment.model,
            serial_number=equipment.serial,
        ),
    )
    procedure = sr.CodeContentItem(
        name=vocabulary.PROCEDURE_REPORTED,
        value=vocabulary.PROCEDURE,
        relationship_type=sr.RelationshipTypeValues.HAS_CONCEPT_MOD,
    )
    return [
        *sr.LanguageOfContentItemAndDescendants(vocabulary.ENGLISH),
        *sr.ObservationContext(observer_device_context=observer),
        procedure,
    ]


def _text(name: sr.CodedConcept, value: str) -> sr.TextContentItem:
    return sr.TextContentItem(name=name, value=value, relationship_type=sr.RelationshipTypeValues.CONTAINS)


def _container(name: sr.CodedConcept, items: Sequence[sr.ContentItem]) -> sr.ContainerContentItem:
    container = sr.ContainerContentItem(name=name, relationship_type=sr.RelationshipTypeValues.CONTAINS)
    container.ContentSequence = sr.ContentSequence(items)
    return container


def _predecessor(earlier: Superseded) -> Dataset:
    named = Dataset()
    named.StudyInstanceUID = earlier.study_uid
    named.SeriesInstanceUID = earlier.series_uid
    named.SOPClassUID = earlier.sop_class_uid
    named.SOPInstanceUID = earlier.sop_instance_uid
    return named
