"""The only reader of DICOM tags: objects and series as plain values. Pure.

Classic single-frame and enhanced multi-frame objects give the same values.
"""

from dataclasses import dataclass
from enum import StrEnum


class Plane(StrEnum):
    SAGITTAL = "sagittal"
    CORONAL = "coronal"
    AXIAL = "axial"
    MIXED = "mixed"  # slices of one series that point in different anatomical directions (three-plane localizers)


@dataclass(frozen=True, kw_only=True)
class SeriesTraits:
    """What the headers of one series say, None where they say nothing.

    Times in milliseconds, lengths in millimetres, field strength in tesla.
    slice_count counts distinct positions; image_count counts images or frames.
    normal_tilt_degrees: largest angle between a slice normal and the anatomical axis of the plane.
    """

    study_uid: str
    series_uid: str
    frame_of_reference_uid: str | None
    sop_class_uid: str
    modality: str
    body_part: str | None
    manufacturer: str | None
    model: str | None
    field_strength: float | None
    description: str
    protocol: str
    sequence_name: str
    image_type: tuple[str, ...]
    scanning_sequence: tuple[str, ...]
    sequence_variant: tuple[str, ...]
    scan_options: tuple[str, ...]
    acquisition_type: str | None
    contrast_agent: str | None
    repetition_time: float | None
    echo_times: tuple[float, ...]
    inversion_time: float | None
    flip_angle: float | None
    echo_train_length: int | None
    plane: Plane | None
    normal_tilt_degrees: float | None
    rows: int
    columns: int
    pixel_spacing: tuple[float, float] | None
    slice_thickness: float | None
    slice_count: int
    image_count: int
    field_of_view: tuple[float, float] | None
    patient_sex: str | None
    patient_age_years: float | None
