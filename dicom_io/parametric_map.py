"""Scalar maps as float32 Parametric Map objects on the grid of their source images. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from highdicom import VOILUTTransformation
from highdicom.coding_schemes import CodingSchemeIdentificationItem
from highdicom.pm import ParametricMap, RealWorldValueMapping
from highdicom.sr import CodedConcept
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian

from dicom_io.attributes import Attributes
from dicom_io.errors import ObjectUnwritable
from dicom_io.object_identity import ObjectIdentity
from dicom_io.source_planes import restore_frame_numbers, settle_dimension_uid, source_planes
from dicom_io.sources import SourceSeries
from dicom_io.stamp import contributing_equipment, stamp
from dicom_io.uids import derived_uid

NO_VALUE: Final = 0.0
"""Stored where a map has no value: viewers reckon windows, means and histograms from NaN and then show nothing."""
_SMALLEST: Final = np.float32(1e-6)  # what a value of exactly zero becomes, so that it is not read as "no value"
_CREATOR: Final = "LSpineNode^AI"


@dataclass(frozen=True, kw_only=True)
class MapWords:
    """How a map is named. content_label: at most 16 characters, capitals; window: values that a viewer shows first."""

    label: str
    content_label: str
    explanation: str
    series_description: str
    quantity: CodedConcept
    unit: CodedConcept
    anatomic_region: CodedConcept
    window: tuple[float, float]


def parametric_map(
    values: NDArray[np.float32],
    *,
    source: SourceSeries,
    words: MapWords,
    coding_schemes: Sequence[CodingSchemeIdentificationItem],
    identity: ObjectIdentity,
) -> ParametricMap:
    """values: float32 (slice, row, column) on the slices of source, never negative, in words.unit; NaN where there is
    none. Stored as they are, without scaling, but for NO_VALUE. `dicom_io.written.part10` turns the object into the
    bytes that may leave.

    Raises ObjectUnwritable.
    """
    _check(values, source)
    try:
        document = _document(
            stored(values), source=source, words=words, coding_schemes=coding_schemes, identity=identity
        )
    except (ValueError, TypeError, AttributeError, KeyError) as cause:
        raise ObjectUnwritable(f"no parametric map can be made of this series: {type(cause).__name__}") from cause
    restore_frame_numbers(document, source=source)
    settle_dimension_uid(document, uid=derived_uid("dimensions", identity.sop_instance_uid))
    _add_anatomy(document, words.anatomic_region)
    document.FloatPixelPaddingValue = document.FloatPixelPaddingRangeLimit = NO_VALUE  # dciodvfy wants both
    document.DeviceUID = identity.equipment.device_uid
    stamp(document, header=source.first, identity=identity)
    return document


def stored(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """NO_VALUE for what is no finite number; every value above it."""
    usable = np.isfinite(values)
    return np.where(usable, np.maximum(values, _SMALLEST), np.float32(NO_VALUE)).astype(np.float32)


def _check(values: NDArray[np.float32], source: SourceSeries) -> None:
    first = Attributes(source.first)
    expected = (len(source.images), first.integer("Rows"), first.integer("Columns"))
    if values.shape != expected:
        raise ObjectUnwritable(f"the map is {values.shape}, the source images {expected}")
    if not np.isfinite(values).any():
        raise ObjectUnwritable("a parametric map without a value")
    if np.nanmin(values) < 0:
        raise ObjectUnwritable("a parametric map with values below zero")


def _document(
    frames: NDArray[np.float32],
    *,
    source: SourceSeries,
    words: MapWords,
    coding_schemes: Sequence[CodingSchemeIdentificationItem],
    identity: ObjectIdentity,
) -> ParametricMap:
    equipment = identity.equipment
    planes = source_planes(source)
    low, high = words.window
    return ParametricMap(
        source_images=planes.headers,
        pixel_array=frames,
        pixel_measures=planes.measures,
        series_instance_uid=identity.series_uid,
        series_number=identity.series_number,
        sop_instance_uid=identity.sop_instance_uid,
        instance_number=1,
        manufacturer=equipment.manufacturer,
        manufacturer_model_name=equipment.model,
        software_versions=equipment.software_version,
        device_serial_number=equipment.serial,
        contains_recognizable_visual_features=False,
        real_world_value_mappings=[_mapping(frames, words)],
        voi_lut_transformations=[VOILUTTransformation(window_center=(low + high) / 2, window_width=high - low)],
        image_flavor="VOLUME",
        derived_pixel_contrast="QUANTITY",
        content_qualification="RESEARCH",
        content_label=words.content_label,
        content_description=f"AI {words.label} (research use only)",
        content_creator_name=_CREATOR,
        series_description=words.series_description,
        coding_schemes=list(coding_schemes) or None,
        contributing_equipment=[contributing_equipment(equipment, header=source.first)],
        transfer_syntax_uid=ExplicitVRLittleEndian,
    )


def _mapping(frames: NDArray[np.float32], words: MapWords) -> RealWorldValueMapping:
    """One to one, over every value that is stored."""
    return RealWorldValueMapping(
        lut_label=words.content_label,
        lut_explanation=words.explanation,
        unit=words.unit,
        value_range=(NO_VALUE, float(max(frames.max(), words.window[1]))),
        slope=1.0,
        intercept=0.0,
        quantity_definition=words.quantity,
    )


def _add_anatomy(document: Dataset, region: CodedConcept) -> None:
    """highdicom leaves it out; dcmqi, and so 3D Slicer, crashes without."""
    anatomy = Dataset()
    anatomy.FrameLaterality = "U"
    anatomy.AnatomicRegionSequence = [region]
    document.SharedFunctionalGroupsSequence[0].FrameAnatomySequence = [anatomy]
    document.BodyPartExamined = "LSPINE"
