"""Random fields with a chosen grain, cut from a fixed bank so that they cost next to nothing. Pure."""

from dataclasses import dataclass
from enum import IntEnum
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, map_coordinates

from inference.phantom.grid import Field

_SIDE, _FIELDS, _STEP_MM = 512, 5, 0.5


class Grain(IntEnum):
    """Correlation length of a field in half millimetres times ten."""

    POWDER = 8
    FINE = 16
    MEDIUM = 35
    COARSE = 80
    BROAD = 200


@cache
def _bank(grain: Grain) -> NDArray[np.float32]:
    rng = np.random.default_rng(int(grain))
    fields = rng.standard_normal((_FIELDS, _SIDE, _SIDE)).astype(np.float32)
    smooth = np.stack([gaussian_filter(field, grain / 10, mode="wrap") for field in fields])
    return np.asarray(smooth / smooth.std(axis=(1, 2), keepdims=True), dtype=np.float32)


@dataclass(frozen=True, kw_only=True, eq=False)
class Texture:
    """Draws fields for one image; stretch > 1 shortens the grain along (rows, columns)."""

    rng: np.random.Generator
    pixel_mm: float

    def field(self, shape: tuple[int, int], grain: Grain, *, stretch: tuple[float, float] = (1.0, 1.0)) -> Field:
        """Zero mean, unit variance over the bank."""
        which, row, column, flip = self.rng.integers([_FIELDS, _SIDE, _SIDE, 2])
        scale = self.pixel_mm / _STEP_MM
        rows = (row + np.arange(shape[0]) * scale * stretch[0]).astype(np.int64) % _SIDE
        columns = (column + np.arange(shape[1]) * scale * stretch[1]).astype(np.int64) % _SIDE
        cut = _bank(grain)[which][np.ix_(rows, columns)]
        return np.asarray(cut[::-1] if flip else cut)

    def along(self, down: Field, across: Field, grain: Grain) -> Field:
        """A field at any places: millimetres in two directions, which may bend through the image."""
        which, row, column = self.rng.integers([_FIELDS, _SIDE, _SIDE])
        places = np.stack([row + down / _STEP_MM, column + across / _STEP_MM])
        return np.asarray(map_coordinates(_bank(grain)[which], places, order=1, mode="grid-wrap"))
