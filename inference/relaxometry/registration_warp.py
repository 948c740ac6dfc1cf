"""Series and maps of a study brought into the disc of the atlas. Pure."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from dicom_io.volume import Volume
from inference.contract import Echoes
from inference.errors import InputUnsuitable
from inference.relaxometry.registration import Registered

Values = NDArray[np.float32]
_HALF = 0.5 + 1e-6  # a voxel reaches half a step beyond its centre


def warped(values: Values, volume: Volume, registered: Registered) -> Values:
    """(pixel,) of the atlas's disc, linear between voxels; NaN outside the volume and where most of the weight is NaN.

    values: (slice, row, column) on the grid of volume. Raises InputUnsuitable where the volume's frame of reference
    is not the one that the disc was registered in.
    """
    if volume.frame_of_reference != registered.frame_of_reference:
        raise InputUnsuitable("the series has another frame of reference than the one that was registered")
    index = _index_of(registered.points, volume)
    known = np.isfinite(values)
    filled = np.where(known, values, 0).astype(np.float64)
    if known.all():
        return np.asarray(_at(filled, index), np.float32)
    weight = _at(known.astype(np.float64), index)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(weight >= 0.5, _at(filled, index) / weight, np.nan), np.float32)


def warped_echoes(echoes: Echoes, registered: Registered) -> Values:
    """(time, pixel): every echo, before any fit. Raises as warped does."""
    return np.stack([warped(one.voxels, one, registered) for one in echoes.volumes])


def _index_of(points: NDArray[np.float64], volume: Volume) -> NDArray[np.float64]:
    """(3, pixel) slice, row, column; NaN outside the volume, on its outermost centres within half a voxel of them."""
    index = (np.linalg.inv(volume.to_patient[:3, :3]) @ (points - volume.to_patient[:3, 3]).T).reshape(3, -1)
    last = np.array(volume.voxels.shape)[:, None] - 1.0
    outside = ((index < -_HALF) | (index > last + _HALF)).any(axis=0)
    return np.where(outside, np.nan, np.clip(index, 0, last))


def _at(values: NDArray[np.float64], index: NDArray[np.float64]) -> NDArray[np.float64]:
    inside = np.isfinite(index).all(axis=0)
    found = np.full(inside.shape, np.nan)
    found[inside] = ndimage.map_coordinates(values, index[:, inside], order=1, mode="nearest")
    return found
