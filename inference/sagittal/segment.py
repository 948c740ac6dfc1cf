"""One sagittal slice to tissues and named structures. Talks to: the network it is given.

Slices are float32 (row, column), rows to the feet, columns to the back.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.runtime import Network
from inference.sagittal.levels import LevelMap, name_levels
from inference.sagittal.preprocess import WORKING_MM, network_image, working_shape

FINER_MM = 0.55
MEASURING_MM = 0.5
VIEWS_MM = (WORKING_MM, FINER_MM)


@dataclass(frozen=True, kw_only=True, eq=False)
class Segmentation:
    """levels on the measuring grid; native: Structure.channel on the pixels of the slice."""

    levels: LevelMap
    native: NDArray[np.uint8]


def logits_of(
    network: Network, slice_: NDArray[np.float32], spacing: tuple[float, float], *, working_mm: float = WORKING_MM
) -> NDArray[np.float32]:
    """(classes, rows, columns) on the working grid, padding cut off."""
    rows, columns = working_shape((slice_.shape[0], slice_.shape[1]), spacing, working_mm=working_mm)
    return network(network_image(slice_, spacing, working_mm=working_mm))[0, :, :rows, :columns]


def views_of(network: Network, slice_: NDArray[np.float32], spacing: tuple[float, float]) -> list[NDArray[np.float32]]:
    """Logits on two working grids; their mean outlines better than either."""
    return [logits_of(network, slice_, spacing, working_mm=millimetres) for millimetres in VIEWS_MM]


def brought_to(shape: tuple[int, int], views: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """The mean of some logits on one grid of this shape, (classes, rows, columns)."""
    size = (shape[1], shape[0])
    larger = [np.stack([cv2.resize(each, size, interpolation=cv2.INTER_LINEAR) for each in view]) for view in views]
    return np.asarray(np.mean(larger, axis=0), np.float32)


def tissues_of(logits: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.asarray(logits.argmax(axis=0), np.uint8)


def segment(
    views: Sequence[NDArray[np.float32]], shape: tuple[int, int], spacing: tuple[float, float]
) -> Segmentation | None:
    """Structures of a slice of this shape and these millimetres per pixel; None where no chain of levels was found."""
    fine = round(shape[0] * spacing[0] / MEASURING_MM), round(shape[1] * spacing[1] / MEASURING_MM)
    levels = name_levels(tissues_of(brought_to(fine, views)), millimetres=MEASURING_MM)
    if levels is None:
        return None
    return Segmentation(levels=levels, native=on_grid(levels.labels, shape))


def on_grid(labels: NDArray[np.uint8], shape: tuple[int, int]) -> NDArray[np.uint8]:
    """A label map brought to another number of rows and columns: each structure by linear shares, the largest wins."""
    best = np.full(shape, 0.5, np.float32)
    result = np.zeros(shape, np.uint8)
    for value in np.unique(labels[labels > 0]):
        mask = (labels == value).astype(np.float32)
        share = np.asarray(cv2.resize(mask, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR))
        result[share > best] = value
        best = np.maximum(best, share)
    return result
