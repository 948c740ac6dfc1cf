"""Signed distances of simple solids, negative inside, in millimetres. Pure."""

import numpy as np

from inference.phantom.grid import Field


def intersect(first: Field, second: Field, *, rounding: float) -> Field:
    """Both at once, the edge rounded over about that many millimetres."""
    near = np.clip(rounding - np.abs(first - second), 0, None)
    return np.asarray(np.maximum(first, second) + near * near * (0.25 / rounding))


def super_ellipse(a: Field, b: Field, *, half_a: Field | float, half_b: Field | float, power: float) -> Field:
    """About the distance to |a/half_a|^power + |b/half_b|^power = 1; exact along the axes of the smaller half."""
    reach = (np.abs(a / half_a) ** power + np.abs(b / half_b) ** power) ** (1 / power)
    return np.asarray((reach - 1) * np.minimum(half_a, half_b))


def ellipse(a: Field, b: Field, *, half_a: Field | float, half_b: Field | float) -> Field:
    reach = np.sqrt((a / half_a) ** 2 + (b / half_b) ** 2)
    return np.asarray((reach - 1) * np.minimum(half_a, half_b))


def inside(distance: Field, *, softness: float) -> Field:
    """Share of a pixel that lies inside: 1 within, 0 outside, linear over softness millimetres."""
    return np.asarray(np.clip(0.5 - distance / softness, 0, 1))


def bump(offset: Field, *, width: float | Field) -> Field:
    """exp(-(offset / width)^2)."""
    scaled = offset / width
    return np.asarray(np.exp(-scaled * scaled))
