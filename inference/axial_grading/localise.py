"""Where the spine lies in an axial slice, by its likeness to mean cross-sections through lumbar discs. Pure.

The means (reference/cross_section.npz) were taken from T1 images by inference.axial_grading.cross_section; fat, muscle,
bone and ligaments look alike in T1 and T2 once contrast is made local, and the dural sac is a small part of the whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.axial_grading.preprocess import Point

GRID_MM, HALF = 1.0, 36  # the grid of the search; half the side of a mean cross-section
SMOOTH_MM, LOCAL_MM = 1.0, 10.0
STRONGEST = 2.5  # local SDs
SIZES = (0.88, 1.0, 1.13)
LEAST_LIKENESS = 0.36  # 98 % of the discs in T1 of training patients are liker to a mean than this
DOUBTFUL_LIKENESS = 0.30  # 95 % of places beside the spine are less like one, and under 1 % of discs in real T1
NEAR_MM = 8.0
PRIOR_WEIGHT, PRIOR_SDS_MM, PRIOR_ROW = 0.25, (60.0, 45.0), 0.54  # the spine lies behind the middle of the field

SECTIONS = Path(__file__).parent / "reference" / "cross_section.npz"

Image = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Sighting:
    """centre: (row, column) of the slice, posterior border of the disc in the midline. likeness: correlation, to 1."""

    centre: Point
    likeness: float


def sight(slice_: Image, spacing: Point, *, near: Point | None = None) -> Sighting:
    """The best place in a slice, whatever it shows: look at likeness. Radiological orientation, millimetres a pixel.

    near: (row, column) known from elsewhere; then the best place within NEAR_MM of it.
    """
    ground = local_contrast(slice_, spacing)
    likeness = likenesses(ground, sections())
    shape = ground.shape[0], ground.shape[1]
    prior = _prior(shape) if near is None else _close_to(shape, near, spacing)
    best = np.unravel_index(int((likeness + prior).argmax()), likeness.shape)
    row, column = (int(index) * GRID_MM / mm - 0.5 for index, mm in zip(best[1:], spacing, strict=True))
    return Sighting(centre=(row, column), likeness=float(likeness[best]))


def local_contrast(slice_: Image, spacing: Point) -> Image:
    """On the grid of the search: distance from the local mean in local SDs; coil and weighting matter little."""
    size = tuple(max(1, round(n * mm / GRID_MM)) for n, mm in zip(slice_.shape, spacing, strict=True))
    image = np.clip(slice_, 0, None).astype(np.float32)
    image = np.asarray(cv2.resize(image, (size[1], size[0]), interpolation=cv2.INTER_AREA), np.float32)
    image = _blurred(image, SMOOTH_MM)
    mean = _blurred(image, LOCAL_MM)
    spread = np.sqrt(np.maximum(_blurred(image * image, LOCAL_MM) - mean * mean, 0))
    found = (image - mean) / (spread + np.float32(0.08 * image.mean() + 1e-6))
    return np.asarray(np.clip(found, -STRONGEST, STRONGEST), np.float32)


def likenesses(ground: Image, patterns: Sequence[Image]) -> Image:
    """(pattern, row, column): the correlation of each pattern with its surroundings, its middle at that place."""
    edges = cv2.copyMakeBorder(ground, HALF, HALF, HALF, HALF, cv2.BORDER_CONSTANT, value=0)
    found = [cv2.matchTemplate(np.asarray(edges), each, cv2.TM_CCOEFF_NORMED) for each in patterns]
    return np.stack([np.asarray(each, np.float32)[: ground.shape[0], : ground.shape[1]] for each in found])


@cache
def sections() -> tuple[Image, ...]:
    """The mean cross-sections, each in several sizes of body."""
    with np.load(SECTIONS) as stored:
        means = [np.asarray(each, np.float32) for each in stored["means"]]
    return tuple(resized(mean, size) for size in SIZES for mean in means)


def resized(mean: Image, size: float) -> Image:
    """The same side, its content larger or smaller."""
    middle = (2 * HALF - 1) / 2
    matrix = np.array([[1 / size, 0, middle - middle / size], [0, 1 / size, middle - middle / size]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    found = cv2.warpAffine(mean, matrix, (2 * HALF, 2 * HALF), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found, np.float32)


def _prior(shape: tuple[int, int]) -> Image:
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    away = (rows - PRIOR_ROW * shape[0]) * GRID_MM / PRIOR_SDS_MM[0]
    aside = (columns - shape[1] / 2) * GRID_MM / PRIOR_SDS_MM[1]
    return np.asarray(-PRIOR_WEIGHT * (away**2 + aside**2), np.float32)


def _close_to(shape: tuple[int, int], near: Point, spacing: Point) -> Image:
    row, column = ((place + 0.5) * mm / GRID_MM for place, mm in zip(near, spacing, strict=True))
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    away = np.hypot(rows - row, columns - column) * GRID_MM
    return np.asarray(np.where(away <= NEAR_MM, 0.0, -away), np.float32)


def _blurred(image: Image, millimetres: float) -> Image:
    found = cv2.GaussianBlur(image, (0, 0), millimetres / GRID_MM, borderType=cv2.BORDER_REFLECT)
    return np.asarray(found, np.float32)
