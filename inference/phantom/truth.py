"""What is true of a spine, disc by disc: measured on its own anatomy, drawn finely, without noise. Pure.

The definitions are those of Zheng 2022: A80 is the disc's area between two cuts perpendicular to the line through
the middles of its neighbours' facing corners, 40 % of that line's length to either side of its centre; DH = A80 / w;
D is the disc's chord on that line; HV is a body's area over the mean width of its end plates.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.anatomy import Disc, Sex
from inference.phantom.body_parts import Spine, Transition
from inference.phantom.canvas import Canvas
from inference.phantom.column_scene import name_column
from inference.phantom.column_solids import cut_bodies, cut_discs
from inference.phantom.grid import ImageGrid, Point, sagittal_grid
from inference.phantom.labels import body_channel, disc_channel
from inference.phantom.morphology import L1, L5, S1
from inference.phantom.stage import set_stage
from inference.phantom.texture import Texture
from inference.phantom.tissues import palette

_FINE = 0.2  # millimetres
_HALF_CUT = 0.40  # of the line between the corners


@dataclass(frozen=True, kw_only=True)
class DiscTruth:
    """grade: continuous, 1 to 5; height is DH in millimetres, height_index DHI, height_to_diameter HDR."""

    disc: Disc
    grade: float
    height: float
    height_index: float
    height_to_diameter: float


@dataclass(frozen=True, kw_only=True)
class SpineTruth:
    """discs from L1/L2 to L5/S1, in the plane through the middle of every body."""

    sex: Sex
    age: float
    transition: Transition
    slipped_level: int | None
    slip: float
    discs: tuple[DiscTruth, ...]

    def of(self, disc: Disc) -> DiscTruth:
        return self.discs[list(Disc).index(disc)]


@dataclass(frozen=True, kw_only=True, eq=False)
class _Corners:
    """Points (y, z) of a body."""

    upper_front: Point
    upper_back: Point
    lower_front: Point
    lower_back: Point

    @property
    def mean_width(self) -> float:
        upper, lower = self.upper_back - self.upper_front, self.lower_back - self.lower_front
        return float(np.hypot(*upper) + np.hypot(*lower)) / 2


def truth_of(spine: Spine) -> SpineTruth:
    levels, grid = _fine_levels(spine)
    bodies = {level: levels == body_channel(level) for level in range(L1, S1 + 1)}
    corners = {level: _corners(_points(mask, grid), spine, level) for level, mask in bodies.items()}
    heights = {level: float(mask.sum()) * _FINE**2 / corners[level].mean_width for level, mask in bodies.items()}
    discs = tuple(
        _disc_truth(spine, level, _points(levels == disc_channel(level), grid), corners=corners, heights=heights)
        for level in range(L1, S1)
    )
    return SpineTruth(
        sex=spine.sex,
        age=spine.age,
        transition=spine.transition,
        slipped_level=spine.slipped_level,
        slip=spine.slip,
        discs=discs,
    )


def _fine_levels(spine: Spine) -> tuple[NDArray[np.uint8], ImageGrid]:
    """The named levels of the column in the mid-plane, scoliosis straightened out."""
    frames = [spine.vertebra(level).frame for level in range(L1, S1 + 1)]
    low = np.array([min(f.y for f in frames), min(f.z for f in frames)]) - 32
    high = np.array([max(f.y for f in frames), max(f.z for f in frames)]) + 32
    middle, extent = (low + high) / 2, (high - low) / _FINE
    grid = sagittal_grid(centre=np.array([0.0, *middle]), rows=int(extent[1]), columns=int(extent[0]), pixel_mm=_FINE)
    texture = Texture(rng=np.random.default_rng(0), pixel_mm=_FINE)
    canvas = Canvas(grid=grid, palette=palette(1.5), texture=texture)
    stage = set_stage(spine.straightened(), canvas)
    name_column(stage, cut_bodies(stage), list(cut_discs(stage)))
    return canvas.levels, grid


def _points(mask: NDArray[np.bool_], grid: ImageGrid) -> Point:
    """(n, 2) as (y, z) of the pixels of a mask."""
    rows, columns = np.nonzero(mask)
    places = grid.origin + rows[:, None] * grid.down + columns[:, None] * grid.right
    return np.asarray(places[:, 1:])


def _corners(points: Point, spine: Spine, level: int) -> _Corners:
    """The pixels of a body that lie farthest along its diagonals."""
    vertebra = spine.vertebra(level)
    middle, axes = points.mean(axis=0), vertebra.frame
    back, up = (points - middle) @ axes.back, (points - middle) @ axes.up
    back, up = back / np.abs(back).max(), up / np.abs(up).max()
    return _Corners(
        upper_front=points[np.argmax(up - back)],
        upper_back=points[np.argmax(up + back)],
        lower_front=points[np.argmin(up + back)],
        lower_back=points[np.argmin(up - back)],
    )


def _disc_truth(
    spine: Spine, level: int, points: Point, *, corners: Mapping[int, _Corners], heights: Mapping[int, float]
) -> DiscTruth:
    above, below = corners[level], corners[level + 1]
    front, back = (above.lower_front + below.upper_front) / 2, (above.lower_back + below.upper_back) / 2
    width = float(np.hypot(*(back - front)))
    direction = (back - front) / width
    offset = points - (front + back) / 2
    along, across = offset @ direction, offset @ np.array([-direction[1], direction[0]])
    height = float((np.abs(along) <= _HALF_CUT * width).sum()) * _FINE**2 / width
    chord = along[np.abs(across) <= _FINE]
    neighbours = heights[level] if level == L5 else (heights[level] + heights[level + 1]) / 2
    return DiscTruth(
        disc=list(Disc)[level - L1],
        grade=spine.disc(level).grade,
        height=height,
        height_index=height / neighbours,
        height_to_diameter=height / float(np.ptp(chord) + _FINE),
    )
