"""How well outlines and times agree with those that are true: the paper's figures of merit. Pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Mask = NDArray[np.bool_]
Pairs = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Outline:
    """One disc, found against true. surface_mm: mean distance of the two outlines; volume: per cent too large."""

    dice: float
    surface_mm: float
    volume: float
    sensitivity: float
    precision: float


def outline(found: Mask, true: Mask, *, spacing: tuple[float, float]) -> Outline:
    """Masks (slice, row, column), neither empty; distances are taken slice by slice, in millimetres."""
    both, ours, theirs = (int(np.count_nonzero(mask)) for mask in (found & true, found, true))
    distances = [
        _distances(one, other, spacing) for one, other in zip(found, true, strict=True) if one.any() and other.any()
    ]
    return Outline(
        dice=2 * both / (ours + theirs),
        surface_mm=float(np.concatenate(distances).mean()) if distances else float("nan"),
        volume=100 * (ours - theirs) / theirs,
        sensitivity=both / theirs,
        precision=both / ours,
    )


def _distances(one: Mask, other: Mask, spacing: tuple[float, float]) -> NDArray[np.float64]:
    """From each border pixel of either mask to the border of the other."""
    borders = [mask & ~ndimage.binary_erosion(mask) for mask in (one, other)]
    fields = [np.asarray(ndimage.distance_transform_edt(~border, sampling=spacing)) for border in borders]
    return np.concatenate([fields[1][borders[0]], fields[0][borders[1]]])


def bias(pairs: Pairs) -> float:
    """Bland-Altman: mean of first minus second."""
    return float((pairs[:, 0] - pairs[:, 1]).mean())


def limit(pairs: Pairs, *, upper: bool) -> float:
    """Bland-Altman: between the limits lie 95 % of the differences."""
    differences = pairs[:, 0] - pairs[:, 1]
    return float(differences.mean() + (1.96 if upper else -1.96) * differences.std(ddof=1))
