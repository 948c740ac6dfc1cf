"""Source headers as highdicom takes them: texts readable, geometry complete, only the frames meant. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from highdicom import CoordinateSystemNames, PixelMeasuresSequence, PlaneOrientationSequence
from pydicom.dataset import Dataset

from dicom_io.attributes import Attributes, frame_attributes, items
from dicom_io.errors import ObjectUnwritable
from dicom_io.inherited import inheritable
from dicom_io.scan import positive
from dicom_io.sources import SourceSeries


@dataclass(frozen=True, kw_only=True, eq=False)
class SourcePlanes:
    """One frame per slice of the series, in the order of its slices, whether headers is one object or many."""

    headers: tuple[Dataset, ...]
    measures: PixelMeasuresSequence


def source_planes(source: SourceSeries) -> SourcePlanes:
    """Copies. A multi-frame object keeps the frames of this stack alone: others may be another echo of the same place.

    Raises ObjectUnwritable.
    """
    headers = tuple(inheritable(header) for header in source.headers)
    first_two = _first_two(source, headers)
    measures = _pixel_measures(first_two)
    for header in headers:
        _complete_geometry(header, measures=measures, cosines=first_two[0].numbers("ImageOrientationPatient"))
    if source.images[0].frame is not None:
        _keep_frames(headers, source)
    return SourcePlanes(headers=headers, measures=measures)


def restore_frame_numbers(document: Dataset, *, source: SourceSeries) -> None:
    """Changes document: what was made of source_planes numbers the frames of the stack, not those of the object."""
    for groups in document.PerFrameFunctionalGroupsSequence:
        for derivation in items(groups, "DerivationImageSequence"):
            for image in items(derivation, "SourceImageSequence"):
                if "ReferencedFrameNumber" in image:
                    image.ReferencedFrameNumber = source.images[int(image.ReferencedFrameNumber) - 1].frame


def settle_dimension_uid(document: Dataset, *, uid: str) -> None:
    """highdicom draws one by chance; the same job must give the same bytes."""
    for item in (*document.DimensionOrganizationSequence, *document.DimensionIndexSequence):
        item.DimensionOrganizationUID = uid


def _keep_frames(headers: Sequence[Dataset], source: SourceSeries) -> None:
    if len(headers) > 1:
        raise ObjectUnwritable("a stack out of several multi-frame objects")
    (header,) = headers
    groups = items(header, "PerFrameFunctionalGroupsSequence")
    header.PerFrameFunctionalGroupsSequence = [groups[(image.frame or 1) - 1] for image in source.images]
    header.NumberOfFrames = len(source.images)


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
