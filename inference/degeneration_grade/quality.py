"""Whether a slice, and a disc in it, can be graded at all: noise, motion, metal, the image's edge. Pure.

Slices are float32 and masks bool, (row, column), rows to the feet, columns to the back; lengths in millimetres.
The limits were set so that of the training patients' slices less than one in a hundred is refused; how artefacts below
them change grades was not measured.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.sagittal.preprocess import WORKING_MM, working_shape

Slice = NDArray[np.float32]
Mask = NDArray[np.bool_]

REACH_MM = 18.0  # of what is looked at round the discs: half a vertebra, and the dural sac
NOISIEST, SOFTEST_PER_MM = 0.07, 0.20
VOID_SHARE, VOID_RADIUS_MM, LARGEST_VOID_MM2 = 0.03, 3.5, 400.0
RIM_MM, LEAST_INSIDE = 4.0, 0.95


@dataclass(frozen=True, kw_only=True)
class SliceQuality:
    """noise: SD over contrast. sharpness: of the steepest edges, contrast per millimetre. void_mm2: largest black hole.

    Contrast is the distance of the 5th and 95th percentile round the discs.
    """

    noise: float
    sharpness: float
    void_mm2: float

    @property
    def refusal(self) -> str | None:
        """Why nothing in this slice should be graded; None where it may be."""
        if self.noise > NOISIEST:
            return f"the image is too noisy: {self.noise:.0%} of its contrast, at most {NOISIEST:.0%} will do"
        if self.sharpness < SOFTEST_PER_MM:
            return (
                "the image is blurred, as by motion: its steepest edges rise by "
                f"{self.sharpness:.0%} a millimetre, at least {SOFTEST_PER_MM:.0%} will do"
            )
        if self.void_mm2 > LARGEST_VOID_MM2:
            return f"no signal in {self.void_mm2 / 100:.0f} square centimetres beside the spine, as near metal"
        return None


def quality_of(slice_: Slice, discs: Mask, spacing: tuple[float, float]) -> SliceQuality:
    """discs: all of them, on the pixels of the slice; at least one pixel."""
    rows, columns = working_shape((slice_.shape[0], slice_.shape[1]), spacing)
    image = np.asarray(cv2.resize(slice_, (columns, rows), interpolation=cv2.INTER_AREA), np.float32)
    found = np.asarray(cv2.resize(discs.astype(np.uint8), (columns, rows), interpolation=cv2.INTER_NEAREST))
    near = np.asarray(cv2.dilate(found, _ball(REACH_MM))) > 0
    low, high = np.percentile(image[near], [5, 95])
    contrast = max(float(high - low), 1e-6)
    return SliceQuality(
        noise=_noise(image, near) / contrast,
        sharpness=_steepest(image, near) / contrast,
        void_mm2=_largest_void(image, near, dark=VOID_SHARE * float(high)),
    )


def _ball(radius_mm: float) -> NDArray[np.uint8]:
    size = 2 * round(radius_mm / WORKING_MM) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)), np.uint8)


def _noise(image: Slice, near: Mask) -> float:
    """SD of what is left of 2 x 2 pixels when mean and slopes are gone; edges are too few to move its median."""
    rest = (image[:-1, :-1] - image[1:, :-1] - image[:-1, 1:] + image[1:, 1:]) / 2
    return float(np.median(np.abs(rest[near[:-1, :-1]]))) / 0.6745


def _steepest(image: Slice, near: Mask) -> float:
    """98th percentile of the slope per millimetre."""
    smooth = np.asarray(cv2.GaussianBlur(image, (0, 0), 1.0))
    down, back = np.gradient(smooth, WORKING_MM)
    return float(np.percentile(np.hypot(down, back)[near], 98))


def _largest_void(image: Slice, near: Mask, *, dark: float) -> float:
    black = np.asarray((image <= dark) & near, np.uint8)
    opened = np.asarray(cv2.morphologyEx(black, cv2.MORPH_OPEN, _ball(VOID_RADIUS_MM)), np.uint8)
    count, _, stats, _ = cv2.connectedComponentsWithStats(opened)
    return float(max((stats[i, cv2.CC_STAT_AREA] for i in range(1, count)), default=0)) * WORKING_MM**2


def cropped(mask: Mask, spacing: tuple[float, float]) -> bool:
    """Whether the image's edge cuts this disc: too little of the disc and its rim of 4 mm lies inside."""
    radius = [max(1, round(RIM_MM / step)) for step in spacing]
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius[1] + 1, 2 * radius[0] + 1))
    wide = np.pad(mask.astype(np.uint8), ((radius[0],) * 2, (radius[1],) * 2))
    grown = np.asarray(cv2.dilate(wide, kernel)) > 0
    inside = grown[radius[0] : -radius[0], radius[1] : -radius[1]]
    return bool(np.count_nonzero(inside) < LEAST_INSIDE * np.count_nonzero(grown))
