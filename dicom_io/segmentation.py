"""Label maps as binary Segmentation objects on the grid of their source images. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from highdicom import AlgorithmIdentificationSequence
from highdicom.coding_schemes import CodingSchemeIdentificationItem
from highdicom.color import CIELabColor
from highdicom.seg import SegmentAlgorithmTypeValues, SegmentationTypeValues, SegmentDescription
from highdicom.seg import Segmentation as SegmentationObject
from highdicom.sr import CodedConcept
from numpy.typing import NDArray
from pydicom.sr.codedict import codes
from pydicom.uid import ExplicitVRLittleEndian

from dicom_io.attributes import Attributes
from dicom_io.errors import ObjectUnwritable
from dicom_io.object_identity import ObjectIdentity, series_description
from dicom_io.source_planes import restore_frame_numbers, settle_dimension_uid, source_planes
from dicom_io.sources import SourceSeries
from dicom_io.stamp import contributing_equipment, stamp
from dicom_io.uids import derived_uid

_WHAT: Final = "AI SEG lumbar regions"
_CONTENT_LABEL: Final = "LSPINE_REGIONS"
_CONTENT_DESCRIPTION: Final = "AI lumbar regions (research use only)"
_CREATOR: Final = "LSpineNode^AI"


@dataclass(frozen=True, kw_only=True)
class Segment:
    """How the voxels of one value are named. colour: #rrggbb. The tracking UID is also that of the SR's groups."""

    value: int
    label: str
    category: CodedConcept
    type: CodedConcept
    anatomic_region: CodedConcept
    colour: str
    tracking_id: str
    tracking_uid: str


@dataclass(frozen=True, kw_only=True)
class Parameter:
    name: str
    value: str


@dataclass(frozen=True, kw_only=True)
class Algorithm:
    """What drew the segments. parameters: at least one per weights file, its sha256."""

    name: str
    version: str
    source: str
    parameters: tuple[Parameter, ...]


def segmentation(  # noqa: PLR0913 - what an object is made of; each is one thing already
    labels: NDArray[np.uint8],
    *,
    source: SourceSeries,
    segments: Sequence[Segment],
    algorithm: Algorithm,
    coding_schemes: Sequence[CodingSchemeIdentificationItem],
    identity: ObjectIdentity,
) -> SegmentationObject:
    """labels: (slice, row, column) on the slices of source, 0 where nothing is. A segment without a voxel is left out:
    viewers hang on one. `dicom_io.written.part10` turns the object into the bytes that may leave.

    Raises ObjectUnwritable.
    """
    present = _present(labels, segments)
    _check_shape(labels, source)
    try:
        document = _document(
            _numbered(labels, present),
            source=source,
            descriptions=[_description(number, segment, algorithm) for number, segment in enumerate(present, start=1)],
            coding_schemes=coding_schemes,
            identity=identity,
        )
    except (ValueError, TypeError, AttributeError, KeyError) as cause:
        raise ObjectUnwritable(f"no segmentation can be made of this series: {type(cause).__name__}") from cause
    restore_frame_numbers(document, source=source)
    settle_dimension_uid(document, uid=derived_uid("dimensions", identity.sop_instance_uid))
    document.SeriesDescription = series_description(_WHAT, of=algorithm.name)
    document.BodyPartExamined = "LSPINE"
    document.DeviceUID = identity.equipment.device_uid
    stamp(document, header=source.first, identity=identity)
    return document


def _present(labels: NDArray[np.uint8], segments: Sequence[Segment]) -> list[Segment]:
    found = {int(value) for value in np.unique(labels)} - {0}
    unnamed = found - {segment.value for segment in segments}
    if unnamed:
        raise ObjectUnwritable(f"label values that no segment names: {sorted(unnamed)}")
    if not found:
        raise ObjectUnwritable("a segmentation without a voxel")
    return [segment for segment in segments if segment.value in found]


def _check_shape(labels: NDArray[np.uint8], source: SourceSeries) -> None:
    first = Attributes(source.first)
    expected = (len(source.images), first.integer("Rows"), first.integer("Columns"))
    if labels.shape != expected:
        raise ObjectUnwritable(f"labels are {labels.shape}, the source images {expected}")


def _numbered(labels: NDArray[np.uint8], present: Sequence[Segment]) -> NDArray[np.uint8]:
    """Segment numbers run from 1 without a hole, whatever the values were."""
    number_of = np.zeros(256, dtype=np.uint8)
    for number, segment in enumerate(present, start=1):
        number_of[segment.value] = number
    return number_of[labels]


def _description(number: int, segment: Segment, algorithm: Algorithm) -> SegmentDescription:
    return SegmentDescription(
        segment_number=number,
        segment_label=segment.label,
        segmented_property_category=segment.category,
        segmented_property_type=segment.type,
        algorithm_type=SegmentAlgorithmTypeValues.AUTOMATIC,
        algorithm_identification=AlgorithmIdentificationSequence(
            name=algorithm.name,
            family=codes.DCM.ArtificialIntelligence,
            version=algorithm.version,
            source=algorithm.source,
            parameters={parameter.name: parameter.value for parameter in algorithm.parameters},
        ),
        tracking_id=segment.tracking_id,
        tracking_uid=segment.tracking_uid,
        anatomic_regions=[segment.anatomic_region],
        display_color=CIELabColor.from_string(segment.colour),
    )


def _document(
    numbered: NDArray[np.uint8],
    *,
    source: SourceSeries,
    descriptions: list[SegmentDescription],
    coding_schemes: Sequence[CodingSchemeIdentificationItem],
    identity: ObjectIdentity,
) -> SegmentationObject:
    equipment = identity.equipment
    planes = source_planes(source)
    return SegmentationObject(
        source_images=planes.headers,
        pixel_array=numbered,
        segmentation_type=SegmentationTypeValues.BINARY,
        segment_descriptions=descriptions,
        series_instance_uid=identity.series_uid,
        series_number=identity.series_number,
        sop_instance_uid=identity.sop_instance_uid,
        instance_number=1,
        manufacturer=equipment.manufacturer,
        manufacturer_model_name=equipment.model,
        software_versions=equipment.software_version,
        device_serial_number=equipment.serial,
        pixel_measures=planes.measures,
        omit_empty_frames=True,
        transfer_syntax_uid=ExplicitVRLittleEndian,
        content_label=_CONTENT_LABEL,
        content_description=_CONTENT_DESCRIPTION,
        content_creator_name=_CREATOR,
        coding_schemes=list(coding_schemes) or None,
        contributing_equipment=[contributing_equipment(equipment, header=source.first)],
    )
