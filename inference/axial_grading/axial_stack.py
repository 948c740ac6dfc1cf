"""An axial stack turned so that rows run to the back and columns to the left, and boxes turned back. Pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dicom_io.volume import Volume
from inference.axial_grading.preprocess import Point
from inference.errors import InputUnsuitable
from inference.results import Box

LPS_LEFT, LPS_POSTERIOR, LPS_HEAD = 0, 1, 2
LEAST_AXIAL_COSINE = 0.6  # stacks along L5/S1 are tilted by up to 50 degrees

Vector = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class AxialStack:
    """voxels float32 (slice, row, column), radiological orientation; a view on the volume. first: see slices.

    to_patient: 4 x 4, (slice, row, column, 1) of this view to LPS mm. first: index of its first slice in the series.
    turned, flips: what was done to each slice.
    """

    voxels: NDArray[np.float32]
    to_patient: NDArray[np.float64]
    frame_of_reference: str
    first: int
    turned: bool
    flips: tuple[int, ...]

    @property
    def spacing(self) -> Point:
        """Millimetres per (row, column)."""
        row, column = np.linalg.norm(self.to_patient[:3, 1:3], axis=0)
        return float(row), float(column)

    @property
    def slice_mm(self) -> float:
        return float(np.linalg.norm(self.to_patient[:3, 0]))

    @property
    def normal(self) -> Vector:
        """Unit vector to the head."""
        across = np.cross(self.to_patient[:3, 1], self.to_patient[:3, 2])
        across = across / np.linalg.norm(across)
        return np.asarray(across if across[LPS_HEAD] > 0 else -across)

    def height_over(self, index: int, place: Vector) -> float:
        """Millimetres from a slice of this view up to a place (LPS mm) along the normal."""
        return float((place - (self.to_patient @ np.array([index, 0.0, 0.0, 1.0]))[:3]) @ self.normal)

    def pixel_of(self, index: int, place: Vector) -> Point:
        """(row, column) on a slice of this view that is nearest to a place (LPS mm)."""
        way = place - (self.to_patient @ np.array([index, 0.0, 0.0, 1.0]))[:3]
        row, column = np.linalg.lstsq(self.to_patient[:3, 1:3], way, rcond=None)[0]
        return float(row), float(column)

    def back(self, box: Box) -> Box:
        """A box of this view on the pixels of the volume it came from."""
        rows, columns = self.voxels.shape[1:]
        if 0 in self.flips:
            box = Box(top=rows - box.bottom, left=box.left, bottom=rows - box.top, right=box.right)
        if 1 in self.flips:
            box = Box(top=box.top, left=columns - box.right, bottom=box.bottom, right=columns - box.left)
        if self.turned:
            box = Box(top=box.left, left=box.top, bottom=box.right, right=box.bottom)
        return box


def axial_stack(volume: Volume, *, first: int) -> AxialStack:
    """Raises InputUnsuitable if the slices are not axial."""
    affine = volume.to_patient.astype(np.float64)
    normal = np.cross(affine[:3, 1], affine[:3, 2])
    if abs(normal[LPS_HEAD]) < LEAST_AXIAL_COSINE * np.linalg.norm(normal):
        raise InputUnsuitable("the slices are not axial")
    voxels = volume.voxels
    turned = bool(abs(affine[LPS_POSTERIOR, 1]) < abs(affine[LPS_LEFT, 1]))
    if turned:
        voxels, affine = voxels.transpose(0, 2, 1), affine[:, [0, 2, 1, 3]]
    wrong = (affine[LPS_POSTERIOR, 1] < 0, affine[LPS_LEFT, 2] < 0)
    flips = tuple(place for place in (0, 1) if wrong[place])
    for place in flips:
        voxels = np.flip(voxels, 1 + place)
        affine[:3, 3] += affine[:3, 1 + place] * (voxels.shape[1 + place] - 1)
        affine[:3, 1 + place] *= -1
    return AxialStack(
        voxels=voxels,
        to_patient=affine,
        frame_of_reference=volume.frame_of_reference,
        first=first,
        turned=turned,
        flips=flips,
    )
