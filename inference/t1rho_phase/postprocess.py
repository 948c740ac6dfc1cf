"""Logits of the detector to candidates: decoded against anchors, thinned by overlap. Pure.

Boxes are (x0, y0, x1, y1) in pixels of the square, float64 (n, 4).
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from inference.t1rho_phase.anchors import ANCHORS, STRIDES

Boxes = NDArray[np.float64]
FAINTEST, MOST_OVERLAP = 0.02, 0.45


class Seen(IntEnum):
    """The detector's classes: levels are counted afterwards, from the disc on the sacrum upwards (levels.py)."""

    DISC = 0
    LUMBOSACRAL = 1


@dataclass(frozen=True, kw_only=True, eq=False)
class Candidates:
    """boxes (n, 4); confidence (n,) that there is a disc; lumbosacral (n,): that it is the one on the sacrum."""

    boxes: Boxes
    confidence: NDArray[np.float64]
    lumbosacral: NDArray[np.float64]

    def of(self, chosen: NDArray[np.int64]) -> "Candidates":
        return Candidates(
            boxes=self.boxes[chosen], confidence=self.confidence[chosen], lumbosacral=self.lumbosacral[chosen]
        )


def grid_of(side: int) -> NDArray[np.float64]:
    """(cells, 5): x and y of the cell, its stride, width and height of its anchor, as the network orders them."""
    parts = []
    for stride, anchors in zip(STRIDES, ANCHORS, strict=True):
        y, x = np.mgrid[: side // stride, : side // stride]
        for width, height in anchors:
            columns = [x.ravel(), y.ravel(), *(np.full(x.size, value) for value in (stride, width, height))]
            parts.append(np.stack(columns, axis=1))
    return np.concatenate(parts).astype(np.float64)


def decode(logits: NDArray[np.float32], side: int) -> Candidates:
    """logits (cells, 7) of one image: x, y, width, height, objectness, two classes. All cells over the faintest."""
    odds = 1 / (1 + np.exp(-np.clip(logits.astype(np.float64), -30, 30)))
    confidence = odds[:, 4] * odds[:, 5:].max(axis=1)
    kept = np.flatnonzero(confidence > FAINTEST)
    odds, grid = odds[kept], grid_of(side)[kept]
    middle = (odds[:, :2] * 2 - 0.5 + grid[:, :2]) * grid[:, 2:3]
    half = (odds[:, 2:4] * 2) ** 2 * grid[:, 3:5] / 2
    classes = odds[:, 5:]
    return Candidates(
        boxes=np.concatenate([middle - half, middle + half], axis=1),
        confidence=confidence[kept],
        lumbosacral=classes[:, Seen.LUMBOSACRAL] / classes.sum(axis=1),
    )


def joined(parts: list[Candidates]) -> Candidates:
    return Candidates(
        boxes=np.concatenate([each.boxes for each in parts]),
        confidence=np.concatenate([each.confidence for each in parts]),
        lumbosacral=np.concatenate([each.lumbosacral for each in parts]),
    )


def thinned(found: Candidates) -> Candidates:
    """Of boxes that overlap, the most confident, whatever their class; in falling order of confidence."""
    order = np.argsort(-found.confidence, kind="stable")
    kept: list[int] = []
    while len(order):
        best, order = order[0], order[1:]
        kept.append(int(best))
        order = order[overlaps(found.boxes[best], found.boxes[order]) <= MOST_OVERLAP]
    return found.of(np.array(kept, np.int64))


def overlaps(box: NDArray[np.float64], others: Boxes) -> NDArray[np.float64]:
    """Intersection over union of one box with each of others."""
    low, high = np.maximum(box[:2], others[:, :2]), np.minimum(box[2:], others[:, 2:])
    both = np.clip(high - low, 0, None).prod(axis=1)
    either = (box[2:] - box[:2]).prod() + (others[:, 2:] - others[:, :2]).prod(axis=1) - both
    return np.asarray(both / np.maximum(either, 1e-9))
