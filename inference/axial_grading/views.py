"""Random views of a graded cut: turned, shifted, scaled, mirrored with its sides, blurred, shaded, noisy. Pure."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.axial_grading.preprocess import PIXEL_MM, SIDE, scaled
from inference.axial_grading.samples import WIDE, Graded

_MIRRORED_HEADS = [0, 1, 3, 2]
_MIRRORED_FACTS = [0, 1, 2, 3, 4, 6, 5, 8, 7]
_SIDED_FACT = 1  # changes its sign in the mirror


@dataclass(frozen=True, kw_only=True, eq=False)
class View:
    """image: float32 (SIDE, SIDE) as the network takes it; bits and facts as in Graded."""

    image: NDArray[np.float32]
    bits: NDArray[np.uint8]
    facts: NDArray[np.float32]


def random_view(sample: Graded, rng: np.random.Generator) -> View:
    image = _placed(sample.image.astype(np.float32), rng)
    image = _degraded(image, rng)
    if rng.random() < 0.5:
        return mirrored(View(image=scaled(image), bits=sample.bits, facts=sample.facts))
    return View(image=scaled(image), bits=sample.bits, facts=sample.facts)


def plain_view(sample: Graded) -> View:
    """The middle of the cut as it is."""
    edge = (WIDE - SIDE) // 2
    image = sample.image[edge : edge + SIDE, edge : edge + SIDE].astype(np.float32)
    return View(image=scaled(image), bits=sample.bits, facts=sample.facts)


def mirrored(view: View) -> View:
    """Left and right exchanged, in the image and in what is said of it."""
    facts = view.facts[_MIRRORED_FACTS].copy()
    facts[_SIDED_FACT] = -facts[_SIDED_FACT]
    return View(image=np.ascontiguousarray(view.image[:, ::-1]), bits=view.bits[_MIRRORED_HEADS], facts=facts)


def _placed(image: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Turned to 12 degrees, scaled to 12 %, shifted by some 3 mm."""
    middle = (WIDE - 1) / 2
    turn = cv2.getRotationMatrix2D((middle, middle), rng.normal(0, 5.0), float(np.exp(rng.normal(0, 0.06))))
    shift = rng.normal(0, 2.6 / PIXEL_MM, 2) * np.array([0.8, 1.0])
    turn[:, 2] += shift - (WIDE - SIDE) / 2
    return np.asarray(
        cv2.warpAffine(image, turn, (SIDE, SIDE), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32
    )


def _degraded(image: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    top = max(float(image.max()), 1.0)
    image = top * np.power(np.clip(image / top, 0, 1), float(np.exp(rng.normal(0, 0.25))))
    if rng.random() < 0.4:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 1.5)).astype(np.float32)
    if rng.random() < 0.4:
        coarse = rng.normal(0, 0.35, (3, 3)).astype(np.float32)
        image = image * np.exp(cv2.resize(coarse, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC))
    if rng.random() < 0.6:
        sd = float(image.mean()) * rng.uniform(0.01, 0.14)
        image = np.hypot(image + rng.normal(0, sd, image.shape), rng.normal(0, sd, image.shape))
    return np.asarray(image, np.float32)
