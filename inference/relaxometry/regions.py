"""Parts of a disc by position along it, and what stands in their voxels. Pure.

Slices are (row, column), rows to the feet, columns to the back. The long axis of the disc in each slice runs from
front to back; a third of its length each are anterior annulus, nucleus and posterior annulus.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.results import DiscPart, Statistic

Mask = NDArray[np.bool_]
CENTRE_MM2 = 100.0
_REACH = 0.4  # half of the ellipse's height at most, of the disc's
_FEWEST = 3
THIRDS = (DiscPart.ANTERIOR_ANNULUS, DiscPart.NUCLEUS, DiscPart.POSTERIOR_ANNULUS)


@dataclass(frozen=True, kw_only=True, eq=False)
class Axes:
    """Of one disc in one slice, for each pixel of the slice: millimetres behind and above the middle of its length."""

    back: NDArray[np.float64]
    up: NDArray[np.float64]
    length: float
    height: float


def parts_of(disc: Mask, *, key_slice: int, spacing: tuple[float, float]) -> Mapping[DiscPart, Mask]:
    """disc: (slice, row, column); spacing: millimetres per (row, column). A part may be empty."""
    parts = {part: np.zeros_like(disc) for part in (*THIRDS, DiscPart.NUCLEUS_CENTRE)}
    for index, mask in enumerate(disc):
        axes = axes_of(mask, spacing)
        if axes is None:
            continue
        third = np.clip(np.floor((axes.back / axes.length + 0.5) * 3), 0, 2)
        for place, part in enumerate(THIRDS):
            parts[part][index] = mask & (third == place)
        if index == key_slice:
            parts[DiscPart.NUCLEUS_CENTRE][index] = mask & _centre(axes)
    return {DiscPart.WHOLE: disc, **parts}


def axes_of(mask: Mask, spacing: tuple[float, float]) -> Axes | None:
    """None for a mask of a few pixels."""
    if np.count_nonzero(mask) < _FEWEST:
        return None
    down, back = np.indices(mask.shape) * np.array(spacing)[:, None, None]
    points = np.stack([down[mask], back[mask]])
    middle = points.mean(axis=1)
    _, vectors = np.linalg.eigh(np.cov(points))
    axis = vectors[:, 1] * np.sign(vectors[1, 1] or 1.0)
    along = (down - middle[0]) * axis[0] + (back - middle[1]) * axis[1]
    across = (middle[0] - down) * axis[1] + (back - middle[1]) * axis[0]
    low, high = float(along[mask].min()), float(along[mask].max())
    pixel = float(np.mean(spacing))
    length = high - low + pixel
    area = np.count_nonzero(mask) * spacing[0] * spacing[1]
    return Axes(back=along - (low + high) / 2, up=across, length=length, height=area / length)


def _centre(axes: Axes) -> Mask:
    """One square centimetre: a circle, or an ellipse of the same area where the disc is too low for it."""
    half_height = min((CENTRE_MM2 / np.pi) ** 0.5, _REACH * axes.height)
    half_length = CENTRE_MM2 / (np.pi * half_height)
    return np.asarray((axes.back / half_length) ** 2 + (axes.up / half_height) ** 2 <= 1)


def statistics(values: NDArray[np.float32]) -> Mapping[Statistic, float]:
    """Of finite values, at least one."""
    return {
        Statistic.MEAN: float(values.mean(dtype=np.float64)),
        Statistic.SD: float(values.std(dtype=np.float64, ddof=1)) if values.size > 1 else 0.0,
        Statistic.MINIMUM: float(values.min()),
        Statistic.MAXIMUM: float(values.max()),
        Statistic.COUNT: float(values.size),
    }
