"""From named structures to numbers: DH, DHI, HDR and dSI as Zheng 2022 defines them. Pure.

Both geometry and signal are taken on an isotropic measuring grid, so that the matrix does not matter.
Maps are (row, column), rows to the feet, columns to the back; lengths are millimetres.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from inference.anatomy import DISC_STRUCTURES, LUMBAR_VERTEBRAE, Disc, Structure
from inference.disc_quantification.corners import Corners, find_corners
from inference.sagittal.segment import MEASURING_MM

CENTRAL_SHARE = 0.40  # of the width, to either side of the centre: the A80
SMALLEST_BODY_MM2, SMALLEST_DISC_MM2, SMALLEST_CORE_MM2 = 250.0, 30.0, 12.5
SHORTEST_CHORD = 0.7  # of the disc: a curved disc whose line runs beside it is measured from end to end
RIM_MM = 1.0
KERNEL_SD = 3.0  # of 256 levels
DARKEST_CSF = 60  # of 255: below, the CSF is not bright and this is no T2

Labels = NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True)
class DiscShape:
    """height DH and width w, diameter D in millimetres; DHI and HDR are ratios."""

    height: float
    width: float
    diameter: float
    height_index: float

    @property
    def height_to_diameter(self) -> float:
        return self.height / self.diameter


@dataclass(frozen=True, kw_only=True, eq=False)
class Bone:
    corners: Corners
    height: float


def above(disc: Disc) -> Structure:
    return LUMBAR_VERTEBRAE[list(Disc).index(disc)]


def below(disc: Disc) -> Structure:
    return (*LUMBAR_VERTEBRAE, Structure.S1)[list(Disc).index(disc) + 1]


def measure_shapes(labels: Labels, *, millimetres: float = MEASURING_MM) -> dict[Disc, DiscShape | str]:
    """Each disc's shape, or the reason why it has none. labels on an isotropic grid."""
    bones = _bones(labels, millimetres)
    found: dict[Disc, DiscShape | str] = {}
    for disc, structure in zip(Disc, DISC_STRUCTURES, strict=True):
        mask = labels == structure.channel
        if np.count_nonzero(mask) * millimetres**2 < SMALLEST_DISC_MM2:
            found[disc] = "the disc was not found"
        elif above(disc) not in bones or below(disc) not in bones:
            found[disc] = "a vertebra beside the disc was not found whole"
        else:
            found[disc] = _shape(mask, bones[above(disc)], bones[below(disc)], disc=disc, millimetres=millimetres)
    return found


def _bones(labels: Labels, millimetres: float) -> dict[Structure, Bone]:
    """Vertebrae that lie whole inside the image, with their corners and heights HV."""
    middles = {
        structure: np.argwhere(labels == structure.channel).mean(axis=0)
        for structure in (*LUMBAR_VERTEBRAE, Structure.S1)
        if np.count_nonzero(labels == structure.channel) * millimetres**2 >= SMALLEST_BODY_MM2
    }
    found = {}
    for structure in middles:
        mask = labels == structure.channel
        corners = find_corners(mask, _upwards(structure, middles, labels), millimetres=millimetres)
        height = np.count_nonzero(mask) / corners.mean_width * millimetres
        found[structure] = Bone(corners=corners, height=float(height))
    return found


def _upwards(
    structure: Structure, middles: Mapping[Structure, NDArray[np.float64]], labels: Labels
) -> NDArray[np.float64]:
    """The direction to the head inside a body: from the middle of the disc below to that of the disc above."""
    order = list(Structure)
    place = order.index(structure)
    ends = []
    for neighbour in (order[place + 1], order[place - 1]):
        mask = labels == neighbour.channel
        is_disc = neighbour in DISC_STRUCTURES
        ends.append(np.argwhere(mask).mean(axis=0) if is_disc and mask.any() else middles[structure])
    way = np.asarray(ends[1] - ends[0])
    length = float(np.linalg.norm(way))
    return way / length if length > 1 else np.array([-1.0, 0.0])


def _shape(mask: NDArray[np.bool_], upper: Bone, lower: Bone, *, disc: Disc, millimetres: float) -> DiscShape | str:
    front = (upper.corners.lower_anterior + lower.corners.upper_anterior) / 2
    rear = (upper.corners.lower_posterior + lower.corners.upper_posterior) / 2
    width = float(np.linalg.norm(rear - front))
    along = (rear - front) / max(width, 1e-6)
    points = np.argwhere(mask) - (front + rear) / 2
    lengthwise = points @ along
    on_line = np.abs(points @ np.array([-along[1], along[0]])) <= 0.75
    if width * millimetres < 10 or not on_line.any():
        return "the end plates beside the disc do not fit it"
    diameter = float(np.ptp(lengthwise[on_line])) + 1
    if diameter < SHORTEST_CHORD * np.ptp(lengthwise):
        diameter = float(np.ptp(lengthwise)) + 1
    central = np.count_nonzero(np.abs(lengthwise) <= CENTRAL_SHARE * width)
    height = central / width * millimetres
    bones = lower.height + upper.height
    index = height / upper.height if disc is Disc.L5_S1 else 2 * height / bones
    return DiscShape(
        height=height, width=width * millimetres, diameter=diameter * millimetres, height_index=float(index)
    )


def eight_bit_for_signal(slice_: NDArray[np.float32], csf: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Linear from 0 to the 99.5th percentile of the slice, or of the CSF if that is brighter: CSF never saturates."""
    top = float(np.percentile(slice_, 99.5))
    if csf.any():
        top = max(top, float(np.percentile(slice_[csf], 99.5)))
    return np.asarray(np.round(np.clip(slice_ * (255.0 / max(top, 1e-6)), 0, 255)), np.uint8)


def measure_signals(
    slice_: NDArray[np.float32], labels: Labels, *, millimetres: float = MEASURING_MM
) -> dict[Disc, float | None]:
    """dSI of each disc, None without disc or bright CSF. The slice is brought to the grid of the labels."""
    size = (labels.shape[1], labels.shape[0])
    fine = np.asarray(cv2.resize(slice_, size, interpolation=cv2.INTER_LINEAR), np.float32)
    csf = labels == Structure.CSF.channel
    image = eight_bit_for_signal(fine, csf)
    return {
        disc: signal_difference(image, _without_rim(labels == structure.channel, millimetres), csf)
        for disc, structure in zip(Disc, DISC_STRUCTURES, strict=True)
    }


def _without_rim(mask: NDArray[np.bool_], millimetres: float) -> NDArray[np.bool_]:
    """The outermost millimetre is shared with bone and fat; a disc too thin to lose it keeps it."""
    reach = round(RIM_MM / millimetres)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    inner = np.asarray(cv2.erode(mask.astype(np.uint8), kernel)) > 0
    return inner if np.count_nonzero(inner) * millimetres**2 >= SMALLEST_CORE_MM2 else mask


def signal_difference(image: NDArray[np.uint8], disc: NDArray[np.bool_], csf: NDArray[np.bool_]) -> float | None:
    """dSI: distance of the two peaks of the disc's histogram, as if the CSF's mode were 255. None where CSF is dark."""
    if not disc.any() or not csf.any():
        return None
    histogram = _histogram(image[disc])
    levels = np.arange(256)
    first = int(np.argmax(histogram))
    second = int(np.argmax(np.abs(levels - 0.95 * first) * histogram))
    fluid = int(np.argmax(_histogram(image[csf])[1:])) + 1
    return abs(first - second) * 255.0 / fluid if fluid >= DARKEST_CSF else None


def _histogram(values: NDArray[np.uint8]) -> NDArray[np.float64]:
    """256 bins, each value spread over its neighbours: a few hundred pixels in 256 bins have no mode but chance."""
    counts = np.bincount(values, minlength=256).astype(np.float64)
    return np.asarray(gaussian_filter1d(counts, KERNEL_SD))
