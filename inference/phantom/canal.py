"""The spinal canal as a curve along the posterior walls, and what it holds at each level. Pure."""

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.ndimage import gaussian_filter1d, map_coordinates
from scipy.spatial import cKDTree

from inference.phantom.grid import Field, Point

_STEP = 0.5  # millimetres between points of the curve
_SMOOTH = 10.0  # the canal runs straighter than the bodies that bound it (millimetres)
_CELL = 2.0  # millimetres between nodes of the look-up
_FRONT, _BACK, _ENDS = 95.0, 115.0, 30.0


@dataclass(frozen=True, kw_only=True, eq=False)
class CanalCoordinates:
    """behind: millimetres behind the curve (negative in front); level: continuous, x.5 lies in a disc."""

    behind: Field
    level: Field


@dataclass(frozen=True, kw_only=True, eq=False)
class Canal:
    """points (n, 2) as (y, z), head to feet, and per point: level, gap in front of the sac, sac, gap behind it.

    conus_end and sac_end are level coordinates; stenosis narrows depth and half_width already.
    """

    points: Point
    level: Point
    gap: Point
    depth: Point
    half_width: Point
    gap_behind: Point
    conus_end: float
    sac_end: float
    lookup: "Lookup"

    def locate(self, y: Field, z: Field) -> CanalCoordinates:
        return self.lookup.locate(y, z)

    def at(self, values: Point, level: Field | float) -> Field:
        """One of the per-point tables at level coordinates."""
        return np.asarray(np.interp(level, self.level, values), dtype=np.float32)


@dataclass(frozen=True, kw_only=True, eq=False)
class Lookup:
    """Curve coordinates on a coarse (y, z) lattice."""

    y0: float
    z0: float
    behind: Field
    level: Field

    def locate(self, y: Field, z: Field) -> CanalCoordinates:
        where = np.stack([(y - np.float32(self.y0)) / _CELL, (z - np.float32(self.z0)) / _CELL])
        behind, level = (
            map_coordinates(table, where, order=1, mode="nearest", output=np.float32)
            for table in (self.behind, self.level)
        )
        return CanalCoordinates(behind=behind, level=level)


def smooth_curve(anchors: Point, levels: Point) -> tuple[Point, Point]:
    """Points every half millimetre along anchors (n, 2), and the level coordinate at each."""
    steps = np.hypot(*np.diff(anchors, axis=0).T)
    length = np.concatenate([[0.0], np.cumsum(steps)])
    dense = np.arange(0, length[-1], _STEP)
    points = gaussian_filter1d(CubicSpline(length, anchors)(dense), _SMOOTH / _STEP, axis=0, mode="nearest")
    return points, np.interp(dense, length, levels)


def build_lookup(points: Point, levels: Point) -> Lookup:
    low, high = points.min(0) - np.array([_FRONT, _ENDS]), points.max(0) + np.array([_BACK, _ENDS])
    y, z = np.meshgrid(np.arange(low[0], high[0], _CELL), np.arange(low[1], high[1], _CELL), indexing="ij")
    nodes = np.stack([y.ravel(), z.ravel()], axis=1)
    distance, nearest = cKDTree(points).query(nodes)
    tangent = np.gradient(points, axis=0)
    normal = np.stack([-tangent[:, 1], tangent[:, 0]], axis=1)
    normal *= np.where(normal[:, :1] < 0, -1.0, 1.0)
    side = np.sign(((nodes - points[nearest]) * normal[nearest]).sum(1))
    return Lookup(
        y0=float(low[0]),
        z0=float(low[1]),
        behind=(distance * side).reshape(y.shape).astype(np.float32),
        level=levels[nearest].reshape(y.shape).astype(np.float32),
    )
