"""The images as the two networks see them, for training and serving alike: grey by window, squares, disc cuts. Pure.

Images are (row, column), rows cranial to caudal, columns anterior to posterior. Places in a slice are millimetres from
the upper left corner of its first pixel, (down, back); boxes are (x0, y0, x1, y1), edges at the borders of pixels.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.float32]
Boxes = NDArray[np.float64]
Spacing = tuple[float, float]

WINDOW_TOP = 2000.0  # width 2000 about level 1000, Li 2024
FULL_SCALE_PERCENTILE = 99.5
WINDOW_FITS = (1000.0, 2600.0)  # where the 99.5th percentile lies on a scanner that scales as the paper's
MEAN, SD = 0.20, 0.22
SIDE, WORKING_MM, COARSEST_MM = 320, 0.85, 1.06
CUT_ROWS, CUT_COLUMNS, CUT_MM = 64, 128, 0.5


def grey(slice_: NDArray[np.float32]) -> Grey:
    """0 to 1: the paper's window, or from 0 to the 99.5th percentile where the scanner's scale is another."""
    top = float(np.percentile(slice_, FULL_SCALE_PERCENTILE))
    if top <= 0:
        return np.zeros(slice_.shape, np.float32)
    if WINDOW_FITS[0] <= top <= WINDOW_FITS[1]:
        top = WINDOW_TOP
    return np.asarray(np.clip(slice_ / np.float32(top), 0, 1), np.float32)


@dataclass(frozen=True, kw_only=True)
class Frame:
    """A square or cut of rows x columns pixels of mm each: its middle in the slice, turned by degrees about it."""

    rows: int
    columns: int
    mm: float
    down: float
    back: float
    degrees: float = 0.0

    def matrix(self, spacing: Spacing) -> NDArray[np.float64]:
        """(2, 3): positions of pixels (x, y; centres are whole numbers) of the frame to those of the slice."""
        turn = np.deg2rad(self.degrees)
        axes = self.mm * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        middle = np.array([(self.columns - 1) / 2, (self.rows - 1) / 2])
        to_pixels = np.array([1 / spacing[1], 1 / spacing[0]])
        shift = np.array([self.back, self.down]) - axes @ middle
        return np.asarray(np.column_stack([axes * to_pixels[:, None], shift * to_pixels - 0.5]), np.float64)

    def to_slice(self, boxes: Boxes, spacing: Spacing) -> Boxes:
        """Boxes of this frame (not turned) in pixels of the slice."""
        corner = np.array([self.back - self.columns / 2 * self.mm, self.down - self.rows / 2 * self.mm] * 2)
        return np.asarray((boxes * self.mm + corner) / np.array([spacing[1], spacing[0]] * 2), np.float64)

    def from_slice(self, boxes: Boxes, spacing: Spacing) -> Boxes:
        """Boxes of the slice in pixels of this frame; where it is turned, their middles are, not their sides."""
        matrix = self.matrix(spacing)
        inverse = np.linalg.inv(matrix[:, :2])
        middle = (boxes[:, :2] + boxes[:, 2:]) / 2 - 0.5 - matrix[:, 2]
        half = (boxes[:, 2:] - boxes[:, :2]) / 2 * np.array([spacing[1], spacing[0]]) / self.mm
        middle = middle @ inverse.T + 0.5
        return np.concatenate([middle - half, middle + half], axis=1)


def seen_in(frame: Frame, image: Grey, spacing: Spacing) -> Grey:
    """The image in a frame, black outside; smoothed first where the frame's pixels are coarser."""
    coarser = frame.mm / min(spacing)
    if coarser > 1.2:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), 0.35 * coarser), np.float32)
    size = (frame.columns, frame.rows)
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(image, frame.matrix(spacing), size, flags=how, borderValue=0), np.float32)


def normalised(image: Grey) -> Grey:
    return np.asarray((image - MEAN) / SD, np.float32)


def squares(shape: tuple[int, ...], spacing: Spacing) -> Iterator[Frame]:
    """One square that holds the whole slice, or several that overlap by half where it is larger."""
    extent = [shape[0] * spacing[0], shape[1] * spacing[1]]
    mm = float(np.clip(max(extent) / SIDE, WORKING_MM, COARSEST_MM))
    for down in _middles(extent[0], SIDE * mm):
        for back in _middles(extent[1], SIDE * mm):
            yield Frame(rows=SIDE, columns=SIDE, mm=mm, down=down, back=back)


def _middles(extent: float, span: float) -> NDArray[np.float64]:
    if extent <= span:
        return np.array([extent / 2])
    count = 1 + int(np.ceil((extent - span) / (span / 2)))
    return np.linspace(span / 2, extent - span / 2, count)


def disc_cut(box: NDArray[np.float64], spacing: Spacing) -> Frame:
    """64 x 128 pixels of 0.5 mm about the middle of a disc's box: the scale is kept, so that height can tell."""
    down, back = (box[1] + box[3]) / 2 * spacing[0], (box[0] + box[2]) / 2 * spacing[1]
    return Frame(rows=CUT_ROWS, columns=CUT_COLUMNS, mm=CUT_MM, down=float(down), back=float(back))


def cut_image(image: Grey, box: NDArray[np.float64], spacing: Spacing) -> Grey:
    """(1, 64, 128) for the regression network."""
    return normalised(seen_in(disc_cut(box, spacing), image, spacing))[None]
