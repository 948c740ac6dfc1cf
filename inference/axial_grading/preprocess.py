"""The axial image as the network sees it, for training and serving alike: cut to the spine, flat, scaled. Pure.

Images are (row, column) in radiological orientation: rows to the back, columns to the patient's left, so that the
patient's right side is at the left edge. The middle of a cut is the posterior border of the disc in the midline.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

SIDE = 192  # pixels of the cut, rows and columns
PIXEL_MM = 0.4  # of the cut: 76.8 mm hold the disc, both foramina and both facet joints
SHADE_MM = 18.0  # SD of the blur that stands for the sensitivity of the surface coil
DARKEST, BRIGHTEST = -2.5, 4.0  # in SDs
LEAST_SHADE = 0.15  # of the mean of the cut: noise in front of the coil's reach is not blown up

Point = tuple[float, float]


def network_image(slice_: NDArray[np.float32], spacing: Point, centre: Point) -> NDArray[np.float32]:
    """A slice of any size and scale -> (1, 1, SIDE, SIDE) for the network. centre: (row, column) of the slice."""
    return scaled(cut(slice_, spacing, centre))[None, None]


def cut(slice_: NDArray[np.float32], spacing: Point, centre: Point) -> NDArray[np.float32]:
    """(SIDE, SIDE) of PIXEL_MM round centre; what lies outside the slice repeats its edge."""
    steps = PIXEL_MM / spacing[0], PIXEL_MM / spacing[1]  # pixels of the slice per pixel of the cut
    middle = (SIDE - 1) / 2
    to_slice = np.array(
        [[steps[1], 0, centre[1] - middle * steps[1]], [0, steps[0], centre[0] - middle * steps[0]]], np.float64
    )
    found = cv2.warpAffine(
        _without_finer_detail(slice_, steps),
        to_slice,
        (SIDE, SIDE),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(found, np.float32)


def scaled(image: NDArray[np.float32]) -> NDArray[np.float32]:
    """The coil's shading taken out, then zero mean and unit SD, clipped; all zeros where nothing is seen."""
    positive = np.clip(image, 0, None)
    mean = float(positive.mean())
    if mean <= 0:
        return np.zeros(image.shape, np.float32)
    shade = cv2.GaussianBlur(positive, (0, 0), SHADE_MM / PIXEL_MM, borderType=cv2.BORDER_REFLECT)
    flat = positive / (np.asarray(shade, np.float32) + np.float32(LEAST_SHADE * mean))
    spread = float(flat.std())
    if spread <= 0:
        return np.zeros(image.shape, np.float32)
    return np.asarray(np.clip((flat - flat.mean()) / spread, DARKEST, BRIGHTEST), np.float32)


def _without_finer_detail(slice_: NDArray[np.float32], steps: Point) -> NDArray[np.float32]:
    """Blurred as far as the cut's pixels are larger than the slice's."""
    if max(steps) <= 1:
        return slice_
    sds = [0.5 * max(step**2 - 1, 1e-6) ** 0.5 for step in steps]
    return np.asarray(cv2.GaussianBlur(slice_, (0, 0), sigmaX=sds[1], sigmaY=sds[0]), np.float32)
