"""The image as the network sees it, for training and serving alike: 8 bit, fixed spacing, CLAHE, mean and SD. Pure.

Images are (row, column), rows cranial to caudal, columns anterior to posterior.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

WORKING_MM = 0.7
STRIDE = 64
MEAN, SD = 0.270, 0.249
FULL_SCALE_PERCENTILE = 99.5
CLAHE_CLIP, CLAHE_TILES = 2.0, (8, 8)


def eight_bit(slice_: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Linear from 0 to the 99.5th percentile; negative values count as 0."""
    top = float(np.percentile(slice_, FULL_SCALE_PERCENTILE))
    if top <= 0:
        return np.zeros(slice_.shape, np.uint8)
    scaled = np.clip(slice_ * np.float32(255.0 / top), 0, 255)
    return np.asarray(np.round(scaled), np.uint8)


def working_shape(
    shape: tuple[int, int], spacing: tuple[float, float], *, working_mm: float = WORKING_MM
) -> tuple[int, int]:
    """Rows and columns on the working grid of an image with these millimetres per (row, column)."""
    rows, columns = (max(1, round(n * mm / working_mm)) for n, mm in zip(shape, spacing, strict=True))
    return rows, columns


def to_working_grid(image: NDArray[np.uint8], spacing: tuple[float, float], *, working_mm: float) -> NDArray[np.uint8]:
    rows, columns = working_shape((image.shape[0], image.shape[1]), spacing, working_mm=working_mm)
    shrinks = rows * columns < image.size
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, (columns, rows), interpolation=method), np.uint8)


def normalised(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Contrast-limited adaptive equalisation, then the paper's mean and SD."""
    flat = cv2.createCLAHE(CLAHE_CLIP, CLAHE_TILES).apply(image)
    return ((np.asarray(flat, np.float32) / 255.0) - MEAN) / SD


def padded(image: NDArray[np.float32]) -> NDArray[np.float32]:
    """Black added below and behind until both sides divide by the network's stride."""
    rows, columns = (-n % STRIDE for n in image.shape)
    return np.pad(image, ((0, rows), (0, columns)), constant_values=-MEAN / SD)


def network_image(
    slice_: NDArray[np.float32], spacing: tuple[float, float], *, working_mm: float = WORKING_MM
) -> NDArray[np.float32]:
    """A slice of any size and scale -> (1, 1, rows, columns) for the network, on the working grid, padded."""
    image = padded(normalised(to_working_grid(eight_bit(slice_), spacing, working_mm=working_mm)))
    return image[None, None]
