"""The structured report of the sagittal discs: TID 1500 in a Comprehensive 3D SR. Pure."""

from collections.abc import Sequence
from typing import Final

from highdicom import sr
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes
from pydicom.uid import ExplicitVRLittleEndian

from dicom_io.equipment import Equipment
from dicom_io.inherited import inheritable
from dicom_io.object_identity import ObjectIdentity, Superseded
from dicom_io.repertoire import writable
from dicom_io.sources import SourceSeries
from dicom_io.stamp import contributing_equipment, stamp
from sr_reports import vocabulary
from sr_reports.disc_table import refused_words
from sr_reports.findings import Findings
from sr_reports.image_library import image_library
from sr_reports.measurements import annotated_slices, measurement_groups
from sr_reports.template_order import put_in_template_order

SERIES_DESCRIPTION: Final = "AI SR sagittal discs (research use only)"
INTENDED_USE: Final = (
    "Generated automatically by AI software. NOT reviewed by a radiologist. For research use only; not for diagnosis."
)


def sagittal_report(
    findings: Sequence[Findings],
    *,
    source: SourceSeries,
    identity: ObjectIdentity,
    segmentation: Dataset | None = None,
) -> Dataset:
    """What the methods found in one sagittal series; refusals alone make a report too. Preliminary and unverified.

    findings: one per method, all of the series in source. segmentation: the SEG of the same findings, for evidence.
    `dicom_io.written.part10` turns the document into the bytes that may leave.

    Raises FindingsContradict.
    """
    equipment = identity.equipment
    slices = sorted({index for one in findings for index in annotated_slices(one)})
    content = _content(findings, source=source, slices=slices, equipment=equipment)
    put_in_template_order(content)
    document = sr.Comprehensive3DSR(
        evidence=_evidence(source, slices=slices, segmentation=segmentation),
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
        series_description=SERIES_DESCRIPTION,
        previous_versions=[_predecessor(earlier) for earlier in identity.supersedes] or None,
        contributing_equipment=[contributing_equipment(equipment, header=source.first)],
        coding_schemes=vocabulary.coding_schemes(),
        specific_character_set=None,
        transfer_syntax_uid=ExplicitVRLittleEndian,
    )
    stamp(document, header=source.first, identity=identity)
    return document


def _evidence(source: SourceSeries, *, slices: Sequence[int], segmentation: Dataset | None) -> list[Dataset]:
    """Annotated images first: 3D Slicer looks at the first item only. Patient and study are taken from it too."""
    annotated = [source.images[index].header for index in slices]
    others = [header for header in source.headers if all(header is not image for image in annotated)]
    first, *further = [*annotated, *others]
    return [inheritable(first), *further, *([] if segmentation is None else [segmentation])]


def _content(
    findings: Sequence[Findings], *, source: SourceSeries, slices: Sequence[int], equipment: Equipment
) -> sr.ContainerContentItem:
    root = sr.ContainerContentItem(name=vocabulary.REPORT_TITLE, template_id="1500")
    root.ContentSequence = sr.ContentSequence(_context(equipment, source=source))
    if slices:
        root.ContentSequence.append(image_library(source, slices=slices))
    groups = [
        group for one in findings for group in measurement_groups(one, source=source, institution=equipment.institution)
    ]
    if groups:
        root.ContentSequence.append(_container(vocabulary.IMAGING_MEASUREMENTS, groups))
    root.ContentSequence.append(_container(vocabulary.QUALITATIVE_EVALUATIONS, _statements(findings, source=source)))
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


def _statements(findings: Sequence[Findings], *, source: SourceSeries) -> list[sr.ContentItem]:
    """Intended use; doubt about the numbering with its reason; what was not analysed, and why."""
    doubts = dict.fromkeys(one.level_doubt for one in findings if one.level_doubt is not None)
    refusals = dict.fromkeys(refused_words(refusal) for one in findings for refusal in one.refusals)
    texts = [
        (vocabulary.INTENDED_USE, INTENDED_USE),
        *((vocabulary.LEVEL_DOUBT, doubt) for doubt in doubts),
        *((vocabulary.NOT_ANALYSED, refusal) for refusal in refusals),
    ]
    return [_text(name, writable(text, header=source.first)) for name, text in texts]


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
