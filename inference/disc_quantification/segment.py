"""One sagittal slice to tissues and named structures. Talks to: the network it is given.

Slices are float32 (row, column), rows to the feet, columns to the back.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.disc_quantification.levels import LevelMap, name_levels
from inference.disc_quantification.postprocess import MEASURING_MM, on_grid
from inference.disc_quantification.preprocess import WORKING_MM, network_image, working_shape
from inference.runtime import Network

FINER_MM = 0.6
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
