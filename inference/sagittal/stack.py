"""A sagittal stack turned so that rows run to the feet and columns to the back, and labels turned back. Pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dicom_io.volume import Volume
from inference.errors import InputUnsuitable

LPS_LEFT, LPS_POSTERIOR, LPS_HEAD = 0, 1, 2
LARGEST_TILT_COSINE = 0.7


@dataclass(frozen=True, kw_only=True, eq=False)
class SagittalStack:
    """voxels float32 (slice, row, column), rows to the feet, columns to the back; a view on the volume.

    row_mm, column_mm, slice_mm: distances of neighbouring centres. turned, flipped: what was done to each slice.
    """

    voxels: NDArray[np.float32]
    row_mm: float
    column_mm: float
    slice_mm: float
    turned: bool
    flips: tuple[int, ...]

    @property
    def spacing(self) -> tuple[float, float]:
        return self.row_mm, self.column_mm

    def back(self, labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """One slice of labels in the orientation of the volume it came from."""
        original = np.flip(labels, self.flips) if self.flips else labels
        return np.ascontiguousarray(original.T if self.turned else original)


def sagittal_stack(volume: Volume) -> SagittalStack:
    """Raises InputUnsuitable if the slices are not sagittal."""
    axes = volume.to_patient[:3, :3] / np.linalg.norm(volume.to_patient[:3, :3], axis=0)
    if abs(axes[LPS_LEFT, 0]) < LARGEST_TILT_COSINE:
        raise InputUnsuitable("the slices are not sagittal")
    turned = bool(abs(axes[LPS_HEAD, 1]) < abs(axes[LPS_HEAD, 2]))
    down, back = (axes[:, 2], axes[:, 1]) if turned else (axes[:, 1], axes[:, 2])
    flips = tuple(place for place, wrong in ((0, down[LPS_HEAD] > 0), (1, back[LPS_POSTERIOR] < 0)) if wrong)
    voxels = volume.voxels.transpose(0, 2, 1) if turned else volume.voxels
    spacing = volume.spacing
    return SagittalStack(
        voxels=np.flip(voxels, tuple(1 + place for place in flips)) if flips else voxels,
        row_mm=float(spacing[2] if turned else spacing[1]),
        column_mm=float(spacing[1] if turned else spacing[2]),
        slice_mm=float(spacing[0]),
        turned=turned,
        flips=flips,
    )
