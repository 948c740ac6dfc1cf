"""Label maps as binary Segmentation objects on the grid of their source images. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from highdicom import (
    AlgorithmIdentificationSequence,
    CoordinateSystemNames,
    PixelMeasuresSequence,
    PlaneOrientationSequence,
)
from highdicom.coding_schemes import CodingSchemeIdentificationItem
from highdicom.color import CIELabColor
from highdicom.seg import SegmentAlgorithmTypeValues, SegmentationTypeValues, SegmentDescription
from highdicom.seg import Segmentation as SegmentationObject
from highdicom.sr import CodedConcept
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes
from pydicom.uid import ExplicitVRLittleEndian

from dicom_io.attributes import Attributes, frame_attributes
from dicom_io.errors import ObjectUnwritable
from dicom_io.inherited import inheritable
from dicom_io.object_identity import ObjectIdentity
from dicom_io.scan import positive
from dicom_io.sources import SourceSeries
from dicom_io.stamp import contributing_equipment, stamp
from dicom_io.uids import derived_uid

SERIES_DESCRIPTION: Final = "AI SEG lumbar regions (research use only)"
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
    _settle_dimension_uid(document, uid=derived_uid("dimensions", identity.sop_instance_uid))
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
    headers = [inheritable(header) for header in source.headers]
    first_two = _first_two(source, headers)
    measures = _pixel_measures(first_two)
    for header in headers:
        _complete_geometry(header, measures=measures, cosines=first_two[0].numbers("ImageOrientationPatient"))
    return SegmentationObject(
        source_images=headers,
        pixel_array=_as_frames(numbered, source),
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
        pixel_measures=measures,
        omit_empty_frames=True,
        transfer_syntax_uid=ExplicitVRLittleEndian,
        content_label=_CONTENT_LABEL,
        content_description=_CONTENT_DESCRIPTION,
        content_creator_name=_CREATOR,
        series_description=SERIES_DESCRIPTION,
        coding_schemes=list(coding_schemes) or None,
        contributing_equipment=[contributing_equipment(equipment, header=source.first)],
    )


def _settle_dimension_uid(document: Dataset, *, uid: str) -> None:
    """highdicom draws one by chance; the same job must give the same bytes."""
    for item in (*document.DimensionOrganizationSequence, *document.DimensionIndexSequence):
        item.DimensionOrganizationUID = uid


def _as_frames(numbered: NDArray[np.uint8], source: SourceSeries) -> NDArray[np.uint8]:
    """highdicom takes the planes of a multi-frame source in the order of its frames, not of its positions."""
    first = source.images[0]
    if first.frame is None:
        return numbered
    if len(source.headers) > 1:
        raise ObjectUnwritable("a stack out of several multi-frame objects")
    frames = np.zeros((int(first.header.NumberOfFrames), *numbered.shape[1:]), dtype=np.uint8)
    for plane, image in zip(numbered, source.images, strict=True):
        frames[(image.frame or 1) - 1] = plane
    return frames


def _pixel_measures(first_two: Sequence[Attributes]) -> PixelMeasuresSequence:
    """Measured between the first two slices: what headers say of spacing may be missing, or of the acquisition only."""
    first = first_two[0]
    thickness = positive(first.number("SliceThickness"))
    between = _distance(first_two) or positive(first.number("SpacingBetweenSlices")) or thickness or 1.0
    return PixelMeasuresSequence(
        pixel_spacing=first.numbers("PixelSpacing"),
        slice_thickness=thickness or between,
        spacing_between_slices=between,
    )


def _complete_geometry(header: Dataset, *, measures: PixelMeasuresSequence, cosines: tuple[float, ...]) -> None:
    """Changes header, a copy: highdicom wants readable spacings, and shared groups where some vendors
    write one per frame of an enhanced object. The frames of one stack agree in both.
    """
    if "SharedFunctionalGroupsSequence" not in header:
        header.SliceThickness = measures[0].SliceThickness
        header.SpacingBetweenSlices = measures[0].SpacingBetweenSlices
        return
    shared = header.SharedFunctionalGroupsSequence[0]
    if "PixelMeasuresSequence" not in shared:
        shared.PixelMeasuresSequence = measures
    if "PlaneOrientationSequence" not in shared:
        shared.PlaneOrientationSequence = PlaneOrientationSequence(CoordinateSystemNames.PATIENT, cosines)


def _first_two(source: SourceSeries, headers: Sequence[Dataset]) -> list[Attributes]:
    frames = {str(header.SOPInstanceUID): list(frame_attributes(header)) for header in headers}
    return [frames[str(image.header.SOPInstanceUID)][(image.frame or 1) - 1] for image in source.images[:2]]


def _distance(frames: Sequence[Attributes]) -> float | None:
    """Millimetres from the first to the last of them; None if it is one."""
    if len(frames) < 2:
        return None
    first, last = (np.array(frame.numbers("ImagePositionPatient")) for frame in (frames[0], frames[-1]))
    return round(float(np.linalg.norm(last - first)), 6)
