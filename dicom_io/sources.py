"""The images that findings come from, as far as a report has to name them. Pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from dicom_io.volume import Volume


@dataclass(frozen=True, kw_only=True, eq=False)
class SourceImage:
    """One slice of a volume: the object that holds it, and its frame there (1-based) if the object is multi-frame.

    header needs no pixel data. Slices of one enhanced object share one header.
    """

    header: Dataset
    frame: int | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class PlacedSlice:
    """A slice as the slice of this index of a volume."""

    volume: Volume
    index: int


@dataclass(frozen=True, kw_only=True, eq=False)
class SourceSeries:
    """One series, its slices in the order of its volume, or of its stacks one after the other.

    volume: None where none could be read, and where there are several stacks. stacks: empty where there is a volume.
    """

    images: tuple[SourceImage, ...]
    volume: Volume | None
    stacks: tuple[Volume, ...] = ()

    @property
    def volumes(self) -> tuple[Volume, ...]:
        """All that was read, in the order of the slices."""
        return (self.volume,) if self.volume is not None else self.stacks

    def placed(self, index: int) -> PlacedSlice | None:
        """Where the slice of this index in the series lies; None where no volume could be read."""
        first = 0
        for volume in self.volumes:
            if index < first + len(volume.voxels):
                return PlacedSlice(volume=volume, index=index - first)
            first += len(volume.voxels)
        return None

    @property
    def headers(self) -> tuple[Dataset, ...]:
        """Each object once, in the order of the slices."""
        return tuple({str(image.header.SOPInstanceUID): image.header for image in self.images}.values())

    @property
    def first(self) -> Dataset:
        """The object that patient and study are taken from."""
        return self.images[0].header


def slice_position(volume: Volume, index: int) -> NDArray[np.float64]:
    """LPS millimetres of the centre of the slice's first voxel, as in Image Position (Patient)."""
    return np.asarray(volume.to_patient @ np.array([index, 0.0, 0.0, 1.0]))[:3]


def row_and_column_cosines(volume: Volume) -> NDArray[np.float64]:
    """The six numbers of Image Orientation (Patient): along a row (growing column), then along a column."""
    along_row, along_column = volume.to_patient[:3, 2], volume.to_patient[:3, 1]
    return np.concatenate([along_row / np.linalg.norm(along_row), along_column / np.linalg.norm(along_column)])
