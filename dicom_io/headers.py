"""The only reader of DICOM tags: objects and series as plain values. Pure.

Classic single-frame and enhanced multi-frame objects give the same values.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.uid import EnhancedMRImageStorage, LegacyConvertedEnhancedMRImageStorage, MRImageStorage

from dicom_io.attributes import Attributes, frame_attributes
from dicom_io.errors import InconsistentSeries, InvalidInstance
from dicom_io.identity import Identity
from dicom_io.scan import Scan, echo_time, inversion_time, positive, read_scan
from dicom_io.uids import checked_uid

MR_SOP_CLASSES: Final = (
    str(MRImageStorage),
    str(EnhancedMRImageStorage),
    str(LegacyConvertedEnhancedMRImageStorage),
)
_COSINE_AXIAL: Final = 0.574  # of 55 degrees: axial slices follow the discs, L5/S1 by up to 50; no coronal leans so far
_COSINE_TOLERANCE: Final = 1e-3
_SAME_POSITION_MM: Final = 0.05

Vector = tuple[float, float, float]


class Plane(StrEnum):
    SAGITTAL = "sagittal"
    CORONAL = "coronal"
    AXIAL = "axial"
    MIXED = "mixed"  # slices of one series that point in different anatomical directions (three-plane localizers)


@dataclass(frozen=True, kw_only=True)
class Frame:
    """One image plane. Lengths in millimetres (LPS), times in milliseconds; None where the header says nothing.

    number: from 1. along_row: direction in which the column index grows; along_column: the row index.
    pixel_spacing: (between rows, between columns).
    """

    number: int
    position: Vector | None
    along_row: Vector | None
    along_column: Vector | None
    pixel_spacing: tuple[float, float] | None
    slice_thickness: float | None
    spacing_between_slices: float | None
    echo_time: float | None
    inversion_time: float | None
    b_value: float | None
    temporal_position: int | None
    kind: tuple[str, ...]

    @property
    def normal(self) -> NDArray[np.float64] | None:
        if self.along_row is None or self.along_column is None:
            return None
        return np.cross(self.along_row, self.along_column)


@dataclass(frozen=True, kw_only=True)
class InstanceHeader:
    """One object without its pixels."""

    identity: Identity
    modality: str
    frame_of_reference_uid: str | None
    instance_number: int | None
    images_in_acquisition: int | None
    rows: int
    columns: int
    frames: tuple[Frame, ...]
    scan: Scan


@dataclass(frozen=True, kw_only=True)
class SeriesTraits(Scan):
    """What the headers of one series say, None where they say nothing. The fields of Scan are the first image's.

    slice_count counts distinct positions; image_count counts images or frames.
    normal_tilt_degrees: largest angle between a slice normal and the anatomical axis of the plane.
    """

    study_uid: str
    series_uid: str
    frame_of_reference_uid: str | None
    sop_class_uid: str
    modality: str
    echo_times: tuple[float, ...]
    plane: Plane | None
    normal_tilt_degrees: float | None
    rows: int
    columns: int
    pixel_spacing: tuple[float, float] | None
    slice_thickness: float | None
    slice_count: int
    image_count: int
    field_of_view: tuple[float, float] | None


def read_header(dataset: Dataset) -> InstanceHeader:
    """Raises InvalidInstance for what is no MR image, is not named, or has no size; no text of the header is told."""
    top = Attributes(dataset)
    identity, modality = _identity(top), top.text("Modality").upper()
    if identity.sop_class_uid not in MR_SOP_CLASSES:
        raise InvalidInstance(
            f"SOP class {identity.sop_class_uid} is none of MR, Enhanced MR, Legacy Converted Enhanced MR"
        )
    if modality != "MR":
        raise InvalidInstance("Modality is not MR, though the SOP class is")
    rows, columns = top.integer("Rows") or 0, top.integer("Columns") or 0
    if rows <= 0 or columns <= 0:
        raise InvalidInstance("Rows or Columns is missing or no size")
    frames = list(frame_attributes(dataset))
    _check_frame_count(top, len(frames))
    return InstanceHeader(
        identity=identity,
        modality=modality,
        frame_of_reference_uid=top.text("FrameOfReferenceUID") or None,
        instance_number=top.integer("InstanceNumber"),
        images_in_acquisition=top.integer("ImagesInAcquisition"),
        rows=rows,
        columns=columns,
        frames=tuple(_frame(number, values) for number, values in enumerate(frames, start=1)),
        scan=read_scan(top, frames[0]),
    )


def series_traits(headers: Sequence[InstanceHeader]) -> SeriesTraits:
    """Headers of one series, in any order. Raises InconsistentSeries for none at all, or for several series."""
    if not headers:
        raise InconsistentSeries("a series without an object")
    if len({header.identity.series_uid for header in headers}) > 1:
        raise InconsistentSeries("objects of several series")
    first = min(headers, key=lambda header: (header.instance_number or 0, header.identity.sop_instance_uid))
    frames = [frame for header in headers for frame in header.frames]
    spacing = first.frames[0].pixel_spacing
    return SeriesTraits(
        **{field.name: getattr(first.scan, field.name) for field in fields(Scan)},
        study_uid=first.identity.study_uid,
        series_uid=first.identity.series_uid,
        frame_of_reference_uid=first.frame_of_reference_uid,
        sop_class_uid=first.identity.sop_class_uid,
        modality=first.modality,
        echo_times=tuple(sorted({frame.echo_time for frame in frames if frame.echo_time is not None})),
        plane=_plane(frames),
        normal_tilt_degrees=_tilt(frames),
        rows=first.rows,
        columns=first.columns,
        pixel_spacing=spacing,
        slice_thickness=first.frames[0].slice_thickness,
        slice_count=_count_positions(frames),
        image_count=len(frames),
        field_of_view=(first.rows * spacing[0], first.columns * spacing[1]) if spacing else None,
    )


def plane_of(normal: NDArray[np.float64]) -> Plane:
    """The anatomical plane of slices with this normal (LPS, of length 1)."""
    left, back, head = np.abs(normal)
    if left >= max(back, head):
        return Plane.SAGITTAL
    return Plane.AXIAL if head >= _COSINE_AXIAL else Plane.CORONAL


def _identity(top: Attributes) -> Identity:
    """Raises InvalidInstance with every fault at once."""
    faults: list[str] = []

    def uid(keyword: str) -> str:
        try:
            return checked_uid(top.text(keyword), name=keyword)
        except InvalidInstance as fault:
            faults.append(str(fault))
            return ""

    identity = Identity(
        sop_class_uid=uid("SOPClassUID"),
        sop_instance_uid=uid("SOPInstanceUID"),
        study_uid=uid("StudyInstanceUID"),
        series_uid=uid("SeriesInstanceUID"),
    )
    if not top.text("Modality"):
        faults.append("Modality is missing or empty")
    if faults:
        raise InvalidInstance("; ".join(faults))
    return identity


def _check_frame_count(top: Attributes, found: int) -> None:
    told = top.integer("NumberOfFrames")
    if told is not None and told != found:
        raise InvalidInstance(f"NumberOfFrames says {told}, the functional groups describe {found}")


def _frame(number: int, values: Attributes) -> Frame:
    orientation = values.numbers("ImageOrientationPatient")
    along_row, along_column = _axes(orientation) if len(orientation) == 6 else (None, None)
    return Frame(
        number=number,
        position=_vector(values.numbers("ImagePositionPatient")),
        along_row=along_row,
        along_column=along_column,
        pixel_spacing=_spacing(values.numbers("PixelSpacing")),
        slice_thickness=positive(values.number("SliceThickness")),
        spacing_between_slices=positive(values.number("SpacingBetweenSlices")),
        echo_time=echo_time(values),
        inversion_time=inversion_time(values),
        b_value=values.number("DiffusionBValue"),
        temporal_position=values.integer("TemporalPositionIdentifier") or values.integer("TemporalPositionIndex"),
        kind=tuple(text.upper() for text in (values.texts("FrameType") or values.texts("ImageType"))[2:]),
    )


def _axes(orientation: tuple[float, ...]) -> tuple[Vector | None, Vector | None]:
    """Two unit vectors at right angles, or nothing: other values are no orientation."""
    pair = np.asarray(orientation).reshape(2, 3)
    if np.abs(pair @ pair.T - np.eye(2)).max() > _COSINE_TOLERANCE:
        return None, None
    row = pair[0] / np.linalg.norm(pair[0])
    column = pair[1] - row * (row @ pair[1])
    return _vector(row), _vector(column / np.linalg.norm(column))


def _vector(numbers: Iterable[float]) -> Vector | None:
    values = tuple(float(number) for number in numbers)
    return (values[0], values[1], values[2]) if len(values) == 3 else None


def _spacing(numbers: tuple[float, ...]) -> tuple[float, float] | None:
    return (numbers[0], numbers[1]) if len(numbers) == 2 and min(numbers) > 0 else None


def _normals(frames: Sequence[Frame]) -> NDArray[np.float64]:
    """(frame, 3), of the frames that have an orientation."""
    return np.array([frame.normal for frame in frames if frame.normal is not None]).reshape(-1, 3)


def _plane(frames: Sequence[Frame]) -> Plane | None:
    planes = {plane_of(normal) for normal in _normals(frames)}
    if len(planes) > 1:
        return Plane.MIXED
    return next(iter(planes), None)


def _tilt(frames: Sequence[Frame]) -> float | None:
    """None for mixed planes: they have no common axis."""
    plane, normals = _plane(frames), _normals(frames)
    if plane is None or plane is Plane.MIXED:
        return None
    axis = (Plane.SAGITTAL, Plane.CORONAL, Plane.AXIAL).index(plane)
    return float(np.degrees(np.arccos(np.clip(np.abs(normals[:, axis]).min(), 0, 1))))


def _count_positions(frames: Sequence[Frame]) -> int:
    """Positions along each orientation; frames without geometry count one each."""
    placed = [frame for frame in frames if frame.position is not None and frame.normal is not None]
    keys = {
        (tuple(np.round(frame.normal, 2) + 0.0), round(float(np.dot(frame.normal, frame.position)) / _SAME_POSITION_MM))
        for frame in placed
        if frame.normal is not None and frame.position is not None
    }
    return len(keys) + len(frames) - len(placed)
