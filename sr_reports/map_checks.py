"""Checks of a parametric map read back. Pure."""

from collections.abc import Iterator, Sequence

import numpy as np
from pydicom.dataset import Dataset

from dicom_io.attributes import items


def map_faults(document: Dataset, *, sources: Sequence[Dataset]) -> list[str]:
    return [
        *_grid_faults(document, source=sources[0]),
        *_reference_faults(document, sources=sources),
        *_value_faults(document),
        *_viewer_faults(document),
    ]


def _grid_faults(document: Dataset, *, source: Dataset) -> list[str]:
    """Viewers lay a map over its source only if grid and frame of reference are the same."""
    names = ("Rows", "Columns", "FrameOfReferenceUID")
    return [f"{name} differs from the source's" for name in names if document.get(name) != source.get(name)]


def _reference_faults(document: Dataset, *, sources: Sequence[Dataset]) -> list[str]:
    known = {str(source.SOPInstanceUID) for source in sources}
    derived = [set(_derived_from(frame)) for frame in document.PerFrameFunctionalGroupsSequence]
    faults = [] if all(derived) else ["a frame of the map names no source image"]
    if set().union(*derived) - known:
        faults.append("the map points at objects that are no source")
    return faults


def _derived_from(frame: Dataset) -> Iterator[str]:
    for derivation in items(frame, "DerivationImageSequence"):
        for image in items(derivation, "SourceImageSequence"):
            yield str(image.ReferencedSOPInstanceUID)


def _value_faults(document: Dataset) -> list[str]:
    """A viewer reckons its window from all values: one that is no number leaves it with none."""
    if "FloatPixelData" not in document:
        return ["the map has no float pixels"]
    values = np.frombuffer(document.FloatPixelData, dtype="<f4")
    faults = [] if np.isfinite(values).all() else ["the map holds values that are no numbers"]
    if values.size != int(document.NumberOfFrames) * int(document.Rows) * int(document.Columns):
        faults.append("the map has more or fewer values than its frames have pixels")
    return faults


def _viewer_faults(document: Dataset) -> list[str]:
    shared = document.SharedFunctionalGroupsSequence[0]
    faults = [] if items(shared, "FrameAnatomySequence") else ["no frame anatomy: dcmqi and 3D Slicer crash"]
    for mapping in items(shared, "RealWorldValueMappingSequence"):
        if (mapping.get("RealWorldValueSlope"), mapping.get("RealWorldValueIntercept")) != (1, 0):
            faults.append("the map's values do not stand for themselves")
    if not items(shared, "RealWorldValueMappingSequence"):
        faults.append("nothing says what the map's values mean")
    if document.get("ContentQualification") != "RESEARCH":
        faults.append("the map is not marked as research")
    return faults
