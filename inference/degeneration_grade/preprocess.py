"""The cut of one disc as the classifier sees it, for training and serving alike: 128 x 256 pixels and the mask. Pure.

Slices and masks are (row, column), rows to the feet, columns to the back. A cut lies along the disc: its columns run
from front to back, its middle is the middle of the disc, and a pixel is 0.35 mm, so that 45 x 90 mm hold the disc, half
of either vertebra and the dural sac behind, whose fluid is the measure of what is bright.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

CUT_ROWS, CUT_COLUMNS, CUT_MM = 128, 256, 0.35
LEAST_SPREAD, LARGEST_SD = 2.0, 4.0
LEAST_ELONGATION = 2.5  # ratio of variances: below, a disc has no axis of its own and lies as the image does
STEEPEST_DEGREES = 60.0

Mask = NDArray[np.bool_]


def onto_cut(mask: Mask, spacing: tuple[float, float], *, shape: tuple[int, int]) -> NDArray[np.float64]:
    """2 x 3, from (column, row) of the slice to (column, row) of a cut of this shape round the mask's middle."""
    millimetres = np.argwhere(mask)[:, ::-1] * np.array([spacing[1], spacing[0]])
    middle = millimetres.mean(axis=0)
    along = _long_axis(millimetres - middle)
    turn = np.array([along, [-along[1], along[0]]]) / CUT_MM
    matrix = turn @ np.diag([spacing[1], spacing[0]])
    shift = np.array([(shape[1] - 1) / 2, (shape[0] - 1) / 2]) - turn @ middle
    return np.column_stack([matrix, shift])


def _long_axis(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Unit vector along the disc, towards the back; (column, row) components."""
    level = np.array([1.0, 0.0])
    if len(points) < 3:
        return level
    spread, axes = np.linalg.eigh(np.cov(points.T))
    if spread[1] < LEAST_ELONGATION * spread[0]:
        return level
    along = axes[:, 1] * np.sign(axes[0, 1] or 1.0)
    return along if along[0] > np.cos(np.deg2rad(STEEPEST_DEGREES)) else level


def cut_image(image: NDArray[np.uint8], onto: NDArray[np.float64], *, shape: tuple[int, int]) -> NDArray[np.uint8]:
    return np.asarray(cv2.warpAffine(image, onto, (shape[1], shape[0]), flags=cv2.INTER_LINEAR), np.uint8)


def cut_mask(mask: Mask, onto: NDArray[np.float64], *, shape: tuple[int, int]) -> NDArray[np.uint8]:
    """0 to 255: the share of the disc in each pixel."""
    return cut_image(np.asarray(mask, np.uint8) * np.uint8(255), onto, shape=shape)


def network_cut(images: Sequence[NDArray[np.uint8]], mask: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Cuts of one slice (or of three, the middle one first) and of the mask -> (channels, rows, columns).

    Brightness is told in SDs of the middle cut about its mean: the paper's automatic window, per disc.
    """
    seen = np.stack(images).astype(np.float32)
    spread = max(float(seen[0].std()), LEAST_SPREAD)
    seen = np.clip((seen - seen[0].mean()) / np.float32(spread), -LARGEST_SD, LARGEST_SD)
    return np.concatenate([seen, mask[None].astype(np.float32) / np.float32(255)]).astype(np.float32)


def disc_cut(images: Sequence[NDArray[np.uint8]], mask: Mask, spacing: tuple[float, float]) -> NDArray[np.float32]:
    """What the classifier gets of the disc under this mask; images are whole slices in 8 bit, the middle one first."""
    shape = CUT_ROWS, CUT_COLUMNS
    onto = onto_cut(mask, spacing, shape=shape)
    return network_cut([cut_image(each, onto, shape=shape) for each in images], cut_mask(mask, onto, shape=shape))
