"""Segmentations and parametric maps of ours, read back as volumes. Talks to: disk."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import highdicom
import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.uid import ParametricMapStorage, SegmentationStorage

from dicom_io.errors import InconsistentSeries
from dicom_io.parametric_map import NO_VALUE
from dicom_io.volume import Volume


@dataclass(frozen=True, kw_only=True, eq=False)
class DrawnSegments:
    """volume: where the labels lie, its voxels are the labels. value_of: by the label of each segment.

    source_series: the series that it is drawn on; algorithm: its name.
    """

    volume: Volume
    value_of: Mapping[str, int]
    source_series: frozenset[str]
    algorithm: str


@dataclass(frozen=True, kw_only=True, eq=False)
class WrittenMap:
    """content_label: such as T1RHO. volume: its voxels are the values, NaN where there is none."""

    content_label: str
    volume: Volume
    source_series: frozenset[str]


def read_segments(path: Path) -> DrawnSegments:
    """Raises InconsistentSeries where its frames are no regular stack, OSError."""
    document = highdicom.seg.segread(path)
    try:
        drawn = document.get_volume(combine_segments=True, dtype=np.uint8)
    except (ValueError, RuntimeError) as cause:
        raise InconsistentSeries("the frames of a segmentation are no regular stack") from cause
    segments = document.SegmentSequence
    return DrawnSegments(
        volume=_volume(drawn.array, drawn, document),
        value_of={str(one.SegmentLabel): int(one.SegmentNumber) for one in segments},
        source_series=_sources(document),
        algorithm=str(segments[0].SegmentationAlgorithmIdentificationSequence[0].AlgorithmName),
    )


def read_map(path: Path) -> WrittenMap:
    """Raises InconsistentSeries where its frames are no regular stack, OSError."""
    document = highdicom.imread(path)
    try:
        found = document.get_volume(apply_real_world_transform=False, dtype=np.float32)
    except (ValueError, RuntimeError) as cause:
        raise InconsistentSeries("the frames of a parametric map are no regular stack") from cause
    values = np.where(found.array == NO_VALUE, np.nan, found.array)
    return WrittenMap(
        content_label=str(document.ContentLabel),
        volume=_volume(values, found, document),
        source_series=_sources(document),
    )


def is_segmentation(header: Dataset) -> bool:
    return bool(header.get("SOPClassUID") == SegmentationStorage)


def is_map(header: Dataset) -> bool:
    return bool(header.get("SOPClassUID") == ParametricMapStorage)


def _volume(values: NDArray[np.generic], geometry: highdicom.Volume, document: Dataset) -> Volume:
    return Volume(
        voxels=np.asarray(values, np.float32),
        to_patient=np.asarray(geometry.affine, np.float64),
        frame_of_reference=str(document.FrameOfReferenceUID),
    )


def _sources(document: Dataset) -> frozenset[str]:
    listed: Sequence[Dataset] = document.get("ReferencedSeriesSequence", [])
    return frozenset(str(one.SeriesInstanceUID) for one in listed)
