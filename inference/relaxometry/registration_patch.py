"""A disc cut out of its picture: signed distances around its centroid. Pure."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from dicom_io.volume import Volume
from inference.anatomy import Disc
from inference.errors import InputUnsuitable
from inference.relaxometry.atlas import MARGIN_MM, Atlas

_STUDY_MARGIN_MM = 12.0  # so that a disc that lies askew stays inside
_SMALLEST_PIXELS = 20
_STEEPEST: Final = 0.5  # cosine: a plane 60 degrees off the sagittal is none
_BACKWARDS, _DOWNWARDS = np.array([0.0, 1.0, 0.0]), np.array([0.0, 0.0, -1.0])  # LPS

Points = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Patch:
    """distance: mm, negative inside, (row, column); rows run downwards, columns backwards; square pixels.

    centre: (row, column) of the disc's centroid.
    """

    distance: NDArray[np.float32]
    centre: Points
    pixel_mm: float

    @property
    def mask(self) -> NDArray[np.bool_]:
        return np.asarray(self.distance < 0)

    def millimetres(self) -> Points:
        """(2, row, column): how far down and back of the centroid each pixel lies."""
        return np.asarray((np.indices(self.distance.shape) - self.centre[:, None, None]) * self.pixel_mm)

    def pixels(self, millimetres: Points) -> Points:
        """(2, ...) row and column of points given as millimetres down and back of the centroid."""
        centre = self.centre.reshape(2, *([1] * (millimetres.ndim - 1)))
        return np.asarray(millimetres / self.pixel_mm + centre)


@dataclass(frozen=True, kw_only=True, eq=False)
class Plane:
    """A disc's centroid, and the unit vectors downwards and backwards in its sagittal plane; LPS millimetres."""

    centroid: Points
    down: Points
    back: Points

    def patient(self, millimetres: Points) -> Points:
        """(..., 3) LPS mm of (2, ...) millimetres down and back of the centroid."""
        offset = millimetres[0, ..., None] * self.down + millimetres[1, ..., None] * self.back
        return np.asarray(self.centroid + offset)


def plane_of(mask: NDArray[np.bool_], volume: Volume, *, key_slice: int, disc: Disc) -> Plane:
    """mask: (row, column) on the key slice. Raises InputUnsuitable where there is no disc, or no sagittal plane."""
    if mask.sum() < _SMALLEST_PIXELS:
        raise InputUnsuitable(f"{disc.value} has fewer than {_SMALLEST_PIXELS} pixels on the key slice")
    axes = volume.to_patient[:3, 1:3] / volume.spacing[1:]
    back = axes @ (axes.T @ _BACKWARDS)
    if np.linalg.norm(back) < _STEEPEST:
        raise InputUnsuitable("the slices are not sagittal")
    back = back / np.linalg.norm(back)
    down = np.cross(np.cross(axes[:, 0], axes[:, 1]), back)
    down = down * np.sign(down @ _DOWNWARDS)
    row, column = (float(index.mean()) for index in np.nonzero(mask))
    centroid = (volume.to_patient @ np.array([key_slice, row, column, 1.0]))[:3]
    return Plane(centroid=centroid, down=down, back=back)


def study_patch(mask: NDArray[np.bool_], volume: Volume, *, plane: Plane, key_slice: int, pixel_mm: float) -> Patch:
    """mask: (row, column) on the key slice; its border is smoothed by half a pixel before it is drawn finer."""
    corners = np.array([volume.to_patient @ [key_slice, *place, 1.0] for place in np.argwhere(mask)])[:, :3]
    offset = corners - plane.centroid
    reach = np.abs(np.stack([offset @ plane.down, offset @ plane.back])).max(axis=1) + _STUDY_MARGIN_MM
    half = np.ceil(reach / pixel_mm).astype(int)
    down, back = np.indices(2 * half + 1) - half[:, None, None]
    places = plane.patient(np.stack([down, back]) * pixel_mm)
    index = (places - volume.to_patient[:3, 3]) @ np.linalg.inv(volume.to_patient[:3, :3]).T
    soft = ndimage.gaussian_filter(mask.astype(np.float32), 0.5)
    drawn = ndimage.map_coordinates(soft, [index[..., 1], index[..., 2]], order=1) > 0.5
    distance = signed_distance(drawn, pixel_mm=pixel_mm)
    return Patch(distance=distance, centre=half.astype(float), pixel_mm=pixel_mm)


def atlas_patch(atlas: Atlas, disc: Disc) -> Patch:
    window = atlas_window(atlas, disc)
    mask = atlas.mask(disc)[window]
    centre = np.array([float(index.mean()) for index in np.nonzero(mask)])
    return Patch(distance=signed_distance(mask, pixel_mm=atlas.pixel_mm), centre=centre, pixel_mm=atlas.pixel_mm)


def atlas_window(atlas: Atlas, disc: Disc) -> tuple[slice, slice]:
    """The disc of the atlas with a margin around it."""
    margin = int(MARGIN_MM / atlas.pixel_mm)
    (window,) = ndimage.find_objects(atlas.mask(disc).astype(np.int8))
    rows, columns = (slice(max(one.start - margin, 0), one.stop + margin) for one in window)
    return rows, columns


def signed_distance(mask: NDArray[np.bool_], *, pixel_mm: float) -> NDArray[np.float32]:
    """Millimetres to the border between pixels, negative inside."""
    outside, inside = ndimage.distance_transform_edt(~mask), ndimage.distance_transform_edt(mask)
    return np.asarray(pixel_mm * np.where(mask, 0.5 - inside, outside - 0.5), np.float32)
