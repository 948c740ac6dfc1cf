"""One sagittal slice to tissues and named structures. Talks to: the network it is given.

Slices are float32 (row, column), rows to the feet, columns to the back.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.disc_quantification.levels import LevelMap, name_levels
from inference.disc_quantification.postprocess import MEASURING_MM, on_grid
from inference.disc_quantification.preprocess import network_image, working_shape
from inference.runtime import Network


@dataclass(frozen=True, kw_only=True, eq=False)
class Segmentation:
    """levels on the measuring grid; native: Structure.channel on the pixels of the slice."""

    levels: LevelMap
    native: NDArray[np.uint8]


def logits_of(network: Network, slice_: NDArray[np.float32], spacing: tuple[float, float]) -> NDArray[np.float32]:
    """(classes, rows, columns) on the working grid, padding cut off."""
    rows, columns = working_shape((slice_.shape[0], slice_.shape[1]), spacing)
    return network(network_image(slice_, spacing))[0, :, :rows, :columns]


def tissues_of(logits: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.asarray(logits.argmax(axis=0), np.uint8)


def segment(logits: NDArray[np.float32], shape: tuple[int, int], spacing: tuple[float, float]) -> Segmentation | None:
    """Structures of a slice of this shape and these millimetres per pixel; None where no chain of levels was found."""
    fine = round(shape[0] * spacing[0] / MEASURING_MM), round(shape[1] * spacing[1] / MEASURING_MM)
    larger = np.stack([cv2.resize(each, (fine[1], fine[0]), interpolation=cv2.INTER_LINEAR) for each in logits])
    levels = name_levels(tissues_of(larger), millimetres=MEASURING_MM)
    if levels is None:
        return None
    return Segmentation(levels=levels, native=on_grid(levels.labels, shape))
