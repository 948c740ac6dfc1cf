"""The mean healthy disc of each level, made from the digital phantom. Pure.

`python -m inference.relaxometry.cohort atlas` writes it. Of each level the signed distances of many healthy discs
are averaged in the disc's own frame, and the mean is set down where and as tilted as such discs are on average.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from inference.anatomy import DISC_STRUCTURES
from inference.phantom.body_parts import Frame, Spine
from inference.phantom.canvas import Canvas
from inference.phantom.column_solids import DiscCut, cut_discs
from inference.phantom.grid import ImageGrid, sagittal_grid
from inference.phantom.morphology import L1, S1
from inference.phantom.spine import sample_spine
from inference.phantom.stage import set_stage
from inference.phantom.texture import Texture
from inference.phantom.tissues import palette
from inference.relaxometry.atlas import MARGIN_MM, Atlas, checked
from inference.relaxometry.registration_patch import signed_distance

PIXEL_MM: Final = 0.5
_REACH_MM = (16.0, 30.0)  # of a disc from its middle: up or down, to front or back
_HEALTHY = 1.5  # Pfirrmann's grade, continuous
_AGE = 30.0


@dataclass(frozen=True, kw_only=True, eq=False)
class _Disc:
    """distance: mm, negative inside, (row, column) in the disc's own frame."""

    frame: Frame
    distance: NDArray[np.float32]


def phantom_atlas(count: int = 60, *, seed: int = 0) -> Atlas:
    """From that many healthy phantoms of 30 years, of both sexes. Same arguments, same atlas."""
    spines = [_healthy_spine(np.random.default_rng([seed, number])) for number in range(count)]
    means = [_mean_disc(spines, level) for level in range(L1, S1)]
    name = f"mean of {count} healthy discs a level of the digital phantom, seed {seed}"
    return checked(Atlas(labels=_set_down(means), pixel_mm=PIXEL_MM, name=name))


def discs_of(spine: Spine, grid: ImageGrid) -> Sequence[DiscCut]:
    """The five lumbar discs that the plane meets, cranial to caudal."""
    canvas = Canvas(
        grid=grid,
        palette=palette(3.0),
        texture=Texture(rng=np.random.default_rng(spine.texture_seed), pixel_mm=grid.pixel_mm),
    )
    return [cut for cut in cut_discs(set_stage(spine, canvas)) if L1 <= cut.disc.level < S1]


def _healthy_spine(rng: np.random.Generator) -> Spine:
    grades = {level: float(rng.normal(_HEALTHY, 0.2)) for level in range(L1, S1)}
    return sample_spine(rng, grades=grades, age=_AGE, findings=False).straightened()


def _mean_disc(spines: Sequence[Spine], level: int) -> _Disc:
    discs = [_one_disc(spine, level) for spine in spines]
    y, z, tilt = np.mean([[one.frame.y, one.frame.z, one.frame.tilt] for one in discs], axis=0)
    distance = np.mean([one.distance for one in discs], axis=0)
    return _Disc(frame=Frame(y=float(y), z=float(z), tilt=float(tilt)), distance=distance)


def _one_disc(spine: Spine, level: int) -> _Disc:
    """Drawn in its own frame, so that discs lie on each other without any registration."""
    frame = spine.disc(level).frame
    rows, columns = (2 * int(reach / PIXEL_MM) + 1 for reach in _REACH_MM)
    grid = sagittal_grid(
        centre=np.array([0.0, frame.y, frame.z]),
        rows=rows,
        columns=columns,
        pixel_mm=PIXEL_MM,
        rotation_degrees=float(np.rad2deg(frame.tilt)),
    )
    cut = next(cut for cut in discs_of(spine, grid) if cut.disc.level == level)
    mask = np.zeros((rows, columns), bool)
    mask[cut.local.window.index] = cut.distance < 0
    return _Disc(frame=frame, distance=signed_distance(mask, pixel_mm=PIXEL_MM))


def _set_down(means: Sequence[_Disc]) -> NDArray[np.uint8]:
    """Each mean in its place on a picture just large enough."""
    places = np.array([[one.frame.y, one.frame.z] for one in means])
    reach = max(_REACH_MM) + MARGIN_MM
    low, high = places.min(axis=0) - reach, places.max(axis=0) + reach
    columns, rows = (int(np.ceil(extent / PIXEL_MM)) for extent in high - low)
    y = low[0] + PIXEL_MM * np.arange(columns)[None, :]
    z = high[1] - PIXEL_MM * np.arange(rows)[:, None]
    labels = np.zeros((rows, columns), np.uint8)
    for structure, one in zip(DISC_STRUCTURES, means, strict=True):
        labels[_distance_at(one)(y, z) < 0] = structure.channel
    return _trimmed(labels)


def _distance_at(one: _Disc) -> Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float32]]:
    def at(y: NDArray[np.float64], z: NDArray[np.float64]) -> NDArray[np.float32]:
        rows, columns = one.distance.shape
        row = (rows - 1) / 2 - one.frame.local_up(y, z) / PIXEL_MM
        column = (columns - 1) / 2 + one.frame.local_back(y, z) / PIXEL_MM
        return np.asarray(ndimage.map_coordinates(one.distance, [row, column], order=1, mode="nearest"))

    return at


def _trimmed(labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    margin = int(np.ceil(MARGIN_MM / PIXEL_MM)) + 1
    rows, columns = np.nonzero(labels.any(axis=1))[0], np.nonzero(labels.any(axis=0))[0]
    inner = labels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return np.pad(inner, margin)
