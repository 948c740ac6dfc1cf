"""What the detector learns from: slices with boxes round their discs, real and rendered; and views of them. Pure.

Boxes are (x0, y0, x1, y1) in pixels of the slice, (n, 4), from the disc on the sacrum upwards.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.t1rho_phase.phantom_pairs import PhantomPair
from inference.t1rho_phase.postprocess import Seen
from inference.t1rho_phase.preprocess import SIDE, WORKING_MM, Boxes, Frame, Grey, Spacing, grey, seen_in
from inference.training.sudirman import PIXEL_MM, BoxedSlice

# Readers draw boxes that hold a rim of bone; drawn masks are grown to medians of Sudirman's by level, in mm.
RIM_BACK_MM = 8.0
RIM_DOWN_MM = (5.0, 6.0, 6.0, 9.0, 11.0)  # L1/L2 to L5/S1
HALF_SEEN = 0.5


@dataclass(frozen=True, kw_only=True, eq=False)
class Boxed:
    """image: grey of 0 to 1."""

    patient: int
    image: Grey
    spacing: Spacing
    boxes: Boxes

    @property
    def extent(self) -> NDArray[np.float64]:
        """Millimetres (down, back)."""
        return np.array(self.image.shape) * self.spacing


@dataclass(frozen=True, kw_only=True, eq=False)
class View:
    """image (SIDE, SIDE) grey; targets (n, 5): class and box in its pixels."""

    image: Grey
    targets: NDArray[np.float64]


def from_readers(slices: Iterable[BoxedSlice]) -> Iterator[Boxed]:
    for each in slices:
        if len(each.boxes) >= 5:
            image = grey(each.image.astype(np.float32))
            yield Boxed(patient=each.patient, image=image, spacing=(PIXEL_MM, PIXEL_MM), boxes=each.boxes)


def from_phantom(pair: PhantomPair) -> Boxed:
    rims = np.array([[RIM_BACK_MM, rim] for rim in RIM_DOWN_MM]) / pair.pixel_mm / 2
    lumbar = pair.boxes + np.concatenate([-rims, rims], axis=1)
    upper = pair.upper + np.concatenate([-rims[:1], rims[:1]], axis=1)
    ordered = np.concatenate([lumbar[::-1], upper[np.argsort(-upper[:, 1])]])
    size = np.array([pair.image.shape[1], pair.image.shape[0]] * 2)
    return Boxed(
        patient=-1,
        image=grey(pair.image),
        spacing=(pair.pixel_mm, pair.pixel_mm),
        boxes=np.clip(ordered[np.isfinite(ordered).all(axis=1)], 0, size),
    )


def has_all_lumbar(pair: PhantomPair) -> bool:
    return bool(np.isfinite(pair.boxes).all())


def random_view(sample: Boxed, rng: np.random.Generator) -> View:
    """Another scale, turn, cut and contrast of a slice; boxes keep their sides, scaled."""
    mm = WORKING_MM * float(np.exp(rng.uniform(-0.22, 0.28)))
    slack = np.maximum(sample.extent - SIDE * mm, 0.12 * SIDE * mm) / 2
    middle = sample.extent / 2 + rng.uniform(-1, 1, 2) * slack
    frame = Frame(
        rows=SIDE,
        columns=SIDE,
        mm=mm,
        down=float(middle[0]),
        back=float(middle[1]),
        degrees=float(np.clip(rng.normal(0, 4), -10, 10)),
    )
    image = _other_contrast(seen_in(frame, sample.image, sample.spacing), rng)
    return View(image=image, targets=_targets(frame.from_slice(sample.boxes, sample.spacing)))


def _targets(boxes: Boxes) -> NDArray[np.float64]:
    """Boxes at least half in view, cut at the border; the first of all is the lumbosacral one."""
    inside = np.clip(boxes, 0, SIDE)
    area, whole = ((each[:, 2:] - each[:, :2]).clip(0).prod(axis=1) for each in (inside, boxes))
    kinds = np.where(np.arange(len(boxes)) == 0, Seen.LUMBOSACRAL, Seen.DISC)
    return np.asarray(np.column_stack([kinds, inside])[area > HALF_SEEN * whole], np.float64)


def _other_contrast(image: Grey, rng: np.random.Generator) -> Grey:
    if rng.random() < 0.7:
        image = np.power(image, np.float32(np.exp(rng.normal(0, 0.3))))
    if rng.random() < 0.5:
        bumps = rng.normal(0, rng.uniform(0.1, 0.4), (3, 3)).astype(np.float32)
        image = image * np.exp(cv2.resize(bumps, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC))
    if rng.random() < 0.25:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), rng.uniform(0.5, 1.2)), np.float32)
    if rng.random() < 0.4:
        noise = rng.standard_normal(image.shape, dtype=np.float32)
        image = np.abs(image + noise * np.float32(rng.uniform(0.005, 0.05)))
    return np.asarray(np.clip(image * np.float32(np.exp(rng.uniform(-0.6, 0.3))), 0, 1), np.float32)
