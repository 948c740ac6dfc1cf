"""One graded disc seen otherwise: turned, shifted, flipped, of another contrast, its mask less exact. Pure.

Randomness comes in as a generator.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.degeneration_grade.graded import GradedSlice
from inference.degeneration_grade.preprocess import CUT_COLUMNS, CUT_ROWS, cut_image, cut_mask, network_cut, onto_cut

SHAPE = CUT_ROWS, CUT_COLUMNS
MASKLESS_SHARE = 0.1
Cut = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, eq=False)
class GradedDisc:
    """One disc of a graded slice; grade is Pfirrmann 1-5."""

    of: GradedSlice
    rank: int
    grade: int

    @property
    def mask(self) -> NDArray[np.bool_]:
        return np.asarray(self.of.ranks == self.rank)


def discs_of(each: GradedSlice, *, smallest_mm2: float = 30.0) -> list[GradedDisc]:
    """The graded discs of a slice that have a mask of some size."""
    pixel = each.spacing[0] * each.spacing[1]
    return [
        GradedDisc(of=each, rank=rank, grade=grade)
        for rank, grade in each.grades.items()
        if rank > 0 and np.count_nonzero(each.ranks == rank) * pixel >= smallest_mm2
    ]


def random_cut(disc: GradedDisc, rng: np.random.Generator) -> Cut:
    """(2, 128, 256): a new view of the disc each time."""
    onto = _moved(onto_cut(disc.mask, disc.of.spacing, shape=SHAPE), rng)
    image = _other_appearance(cut_image(disc.of.image, onto, shape=SHAPE), rng)
    mask = _less_exact(cut_mask(disc.mask, onto, shape=SHAPE), rng)
    return network_cut([image], mask)


def _moved(onto: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Turned by some degrees, scaled, shifted by a few millimetres, perhaps flipped, about the middle of the cut."""
    angle = np.clip(rng.normal(0, 6), -18, 18)
    zoom = float(np.exp(rng.normal(0, 0.07)))
    centre = (CUT_COLUMNS - 1) / 2, (CUT_ROWS - 1) / 2
    move = np.vstack([cv2.getRotationMatrix2D(centre, angle, zoom), [0, 0, 1]])
    move[:2, 2] += rng.normal(0, 4, 2)
    if rng.random() < 0.5:
        move = _flip(0, CUT_ROWS) @ move
    if rng.random() < 0.25:
        move = _flip(1, CUT_COLUMNS) @ move
    return np.asarray((move @ np.vstack([onto, [0, 0, 1]]))[:2])


def _flip(axis: int, length: int) -> NDArray[np.float64]:
    """axis 0 turns the cut upside down, axis 1 back to front."""
    place = 1 - axis
    matrix = np.eye(3)
    matrix[place, place], matrix[place, 2] = -1, length - 1
    return matrix


def _other_appearance(image: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    seen = image.astype(np.float32) / np.float32(255)
    if rng.random() < 0.7:
        seen = np.power(seen, np.float32(np.exp(rng.normal(0, 0.2))))
    if rng.random() < 0.5:
        coarse = rng.normal(0, 0.15, (2, 3)).astype(np.float32)
        seen = seen * np.exp(cv2.resize(coarse, (CUT_COLUMNS, CUT_ROWS), interpolation=cv2.INTER_CUBIC))
    if rng.random() < 0.4:
        seen = np.asarray(cv2.GaussianBlur(seen, (0, 0), rng.uniform(0.5, 2.2)))
    if rng.random() < 0.6:
        grain = rng.standard_normal((CUT_ROWS // 2, CUT_COLUMNS // 2), dtype=np.float32)
        noise = cv2.resize(grain, (CUT_COLUMNS, CUT_ROWS), interpolation=cv2.INTER_LINEAR)
        seen = seen + np.asarray(noise) * np.float32(rng.uniform(0.01, 0.06))
    gain = np.float32(np.exp(rng.normal(0, 0.12)))
    return np.asarray(np.clip(np.abs(seen) * gain * 255, 0, 255), np.uint8)


def _less_exact(mask: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Grown or shrunk by up to a millimetre, or left out: the next finder draws otherwise."""
    if rng.random() < MASKLESS_SHARE:
        return np.zeros_like(mask)
    reach = int(rng.integers(-3, 4))
    if reach == 0:
        return mask
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * abs(reach) + 1,) * 2)
    return np.asarray(cv2.dilate(mask, kernel) if reach > 0 else cv2.erode(mask, kernel), np.uint8)
