"""What the network's sixteen outputs are, and how a cut is looked at: as it is and in the mirror. Pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.results import Scale, Side
from inference.runtime import Network

GRADES = 4


@dataclass(frozen=True, kw_only=True)
class Head:
    """Four of the network's outputs, in their order."""

    scale: Scale
    side: Side | None


HEADS = (
    Head(scale=Scale.DISC_HERNIATION, side=None),
    Head(scale=Scale.CANAL_STENOSIS, side=None),
    Head(scale=Scale.ROOT_COMPRESSION, side=Side.LEFT),
    Head(scale=Scale.ROOT_COMPRESSION, side=Side.RIGHT),
)
_IN_THE_MIRROR = [0, 1, 3, 2]  # the roots change sides


def look(network: Network, images: NDArray[np.float32]) -> NDArray[np.float32]:
    """(batch, head, grade) probabilities of (batch, 1, SIDE, SIDE): the mean of both looks' logits, head by head."""
    mirrored = np.ascontiguousarray(images[..., ::-1])
    logits = (_by_head(network(images)) + _by_head(network(mirrored))[:, _IN_THE_MIRROR]) / 2
    powers = np.exp(logits - logits.max(axis=2, keepdims=True))
    return np.asarray(powers / powers.sum(axis=2, keepdims=True), np.float32)


def _by_head(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    return logits.reshape(len(logits), len(HEADS), GRADES)
