"""Where each disc lies in the patient, and which axial slices pass through it. Pure.

The sagittal result tells the disc in one plane; all places are LPS millimetres, directions unit vectors.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dicom_io.volume import Volume
from inference.anatomy import Disc, Structure
from inference.axial_grading.axial_stack import LPS_HEAD, LPS_POSTERIOR, AxialStack
from inference.results import LabelMap

LEAST_PIXELS = 12
LARGEST_TILT = 35.0  # degrees; beyond, a slice shows two levels and no cross-section of either
BORDER_SHARE = 97  # percentile of the disc's pixels, to the back
LEAST_HALF_HEIGHT_MM = 3.0  # of a disc that has lost its height

Vector = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class DiscPlace:
    """border: the posterior border in the midline. up, back: along the disc's axis to the head, and to the back."""

    disc: Disc
    border: Vector
    up: Vector
    back: Vector
    half_height: float


@dataclass(frozen=True, kw_only=True, eq=False)
class DiscSlice:
    """A slice of a stack that passes through a disc. distance: mm from the slice up to the disc's mid-plane.

    tilt: degrees between the slice and the mid-plane.
    """

    stack: AxialStack
    index: int
    place: DiscPlace
    distance: float
    tilt: float


def disc_places(found: LabelMap, volume: Volume) -> Mapping[Disc, DiscPlace]:
    """Of every disc on the key slice of the label map; volume is the one it was drawn on."""
    places = {}
    for disc in Disc:
        rows, columns = np.nonzero(found.labels[found.key_slice] == Structure(disc.value).channel)
        if len(rows) >= LEAST_PIXELS:
            indices = np.stack([np.full(len(rows), found.key_slice), rows, columns, np.ones(len(rows))])
            places[disc] = _place(disc, np.asarray(volume.to_patient @ indices, np.float64)[:3].T)
    return places


def _place(disc: Disc, points: NDArray[np.float64]) -> DiscPlace:
    """points: (n, 3) LPS mm in one sagittal plane; the disc is longer than high."""
    centre = points.mean(axis=0)
    _, spreads, directions = np.linalg.svd(points - centre, full_matrices=False)
    back, up = directions[0], directions[1]
    back = back if back[LPS_POSTERIOR] > 0 else -back
    up = up if up[LPS_HEAD] > 0 else -up
    deep = float(np.percentile((points - centre) @ back, BORDER_SHARE))
    half_height = 3**0.5 * float(spreads[1]) / len(points) ** 0.5  # of a slab whose pixels have this SD
    return DiscPlace(disc=disc, border=centre + deep * back, up=up, back=back, half_height=half_height)


def slices_of(place: DiscPlace, stacks: Sequence[AxialStack]) -> tuple[DiscSlice, ...]:
    """Slices through the posterior part of the disc, the nearest to its mid-plane first.

    Where slices are farther apart than the disc is high, the one that it lies nearest to.
    """
    found = [
        DiscSlice(stack=stack, index=index, place=place, distance=stack.height_over(index, place.border), tilt=tilt)
        for stack in stacks
        if (tilt := tilt_of(place, stack)) <= LARGEST_TILT
        for index in range(len(stack.voxels))
    ]
    found.sort(key=lambda each: abs(each.distance))
    half = max(place.half_height, LEAST_HALF_HEIGHT_MM)
    through = [each for each in found if abs(each.distance) <= half]
    nearest = [each for each in found[:1] if abs(each.distance) <= half + each.stack.slice_mm / 2]
    return tuple(through or nearest)


def tilt_of(place: DiscPlace, stack: AxialStack) -> float:
    """Degrees between slices and mid-plane, seen from the side: scoliosis does not count."""
    across = np.cross(place.up, place.back)
    normal = stack.normal - (stack.normal @ across) * across
    cosine = abs(float(normal @ place.up)) / float(np.linalg.norm(normal))
    return float(np.degrees(np.arccos(min(1.0, cosine))))
