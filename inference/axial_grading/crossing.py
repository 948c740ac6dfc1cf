"""Whether axial slices and sagittal slices lie in one space, by what both show along the lines where they cross. Pure.

For series whose frames of reference have different names, as de-identified studies often have: coordinates are taken
over only where the pictures prove them, and the result says so.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from dicom_io.volume import Volume
from inference.axial_grading.axial_stack import AxialStack
from inference.axial_grading.localise import GRID_MM, Image, local_contrast

NEIGHBOURS = (-1, 0, 1)  # sagittal slices beside the key slice
STEP_MM, HALF_LENGTH_MM = 1.0, 70.0  # along the line where two slices cross
SHIFTS_MM = np.arange(-45.0, 45.1, 3.0)  # to the head: further than the next disc
LEAST_AGREEMENT, LEAST_LEAD = 0.40, 0.10  # correlation; how much worse all that is far must be
NEAR_MM, FAR_MM = 4.0, 12.0  # shifts that no level depends on; shifts that could mistake one
FEWEST_POINTS = 500

Points = NDArray[np.float64]


def pictures_agree(stacks: Sequence[AxialStack], volume: Volume, *, key_slice: int) -> bool:
    """True where the best of all shifts along the body is none, clearly."""
    agreement, away = agreements(stacks, volume, key_slice=key_slice), np.abs(SHIFTS_MM)
    best = float(agreement[away <= NEAR_MM].max())
    is_best = best >= agreement.max() and best >= LEAST_AGREEMENT
    return bool(is_best and best - float(agreement[away >= FAR_MM].max()) >= LEAST_LEAD)


def agreements(stacks: Sequence[AxialStack], volume: Volume, *, key_slice: int) -> NDArray[np.float64]:
    """Correlation of both series where they cross, for each of SHIFTS_MM; -1 where they hardly cross."""
    slices = [key_slice + step for step in NEIGHBOURS if 0 <= key_slice + step < len(volume.voxels)]
    grounds = {index: _ground(volume.voxels[index], volume.spacing[1:]) for index in slices}
    pairs = [_crossing(stack, index, volume, grounds=grounds) for stack in stacks for index in range(len(stack.voxels))]
    axial = np.concatenate([pair[0] for pair in pairs], axis=1)
    sagittal = np.concatenate([pair[1] for pair in pairs], axis=1)
    return np.array([_correlation(one, other) for one, other in zip(axial, sagittal, strict=True)])


def _crossing(
    stack: AxialStack, index: int, volume: Volume, *, grounds: dict[int, Image]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(shift, point) seen by both, NaN outside either; points along the lines on which the slices cross."""
    ground = _ground(stack.voxels[index], stack.spacing)
    seen: list[NDArray[np.float64]] = []
    other: list[NDArray[np.float64]] = []
    for slice_, sagittal in grounds.items():
        points = _line(stack, index, volume, slice_)
        seen.append(np.tile(_sampled(ground, stack.to_patient, stack.spacing, points), (len(SHIFTS_MM), 1)))
        moved = (points + np.array([0.0, 0.0, shift]) for shift in SHIFTS_MM)
        other.append(np.stack([_sampled(sagittal, volume.to_patient, volume.spacing[1:], place) for place in moved]))
    return np.concatenate(seen, axis=1), np.concatenate(other, axis=1)


def _line(stack: AxialStack, index: int, volume: Volume, slice_: int) -> Points:
    """Points (n, 3) LPS mm common to an axial and a sagittal slice, about the middle of the axial one."""
    rows, columns = stack.voxels.shape[1:]
    middle = (stack.to_patient @ np.array([index, (rows - 1) / 2, (columns - 1) / 2, 1.0]))[:3]
    across = np.cross(volume.to_patient[:3, 1], volume.to_patient[:3, 2])
    across = across / np.linalg.norm(across)
    on_slice = (volume.to_patient @ np.array([slice_, 0.0, 0.0, 1.0]))[:3]
    along = np.cross(stack.normal, across)
    along = along / np.linalg.norm(along)
    aside = np.cross(along, stack.normal)
    start = middle + aside * float((on_slice - middle) @ across) / float(aside @ across)
    steps = np.arange(-HALF_LENGTH_MM, HALF_LENGTH_MM + STEP_MM, STEP_MM)
    return np.asarray(start + steps[:, None] * along)


def _ground(slice_: NDArray[np.float32], spacing: Sequence[float] | NDArray[np.float64]) -> Image:
    return local_contrast(np.ascontiguousarray(slice_), (float(spacing[0]), float(spacing[1])))


def _sampled(
    ground: Image, to_patient: Points, spacing: Sequence[float] | NDArray[np.float64], points: Points
) -> NDArray[np.float64]:
    indices = np.linalg.solve(to_patient, np.column_stack([points, np.ones(len(points))]).T)
    places = [(indices[1 + axis] + 0.5) * float(spacing[axis]) / GRID_MM - 0.5 for axis in (0, 1)]
    return np.asarray(map_coordinates(ground.astype(np.float64), places, order=1, mode="constant", cval=np.nan))


def _correlation(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    both = np.isfinite(one) & np.isfinite(other)
    if np.count_nonzero(both) < FEWEST_POINTS or min(one[both].std(), other[both].std()) == 0:
        return -1.0
    return float(np.corrcoef(one[both], other[both])[0, 1])
