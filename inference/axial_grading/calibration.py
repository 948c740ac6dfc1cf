"""Temperatures: how sure the network may be, head by head, on samples that it did not learn from. Pure.

Of real images only validation patients count (training patients whose number leaves 5 when divided by 7).
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from inference.axial_grading.network import GRADES, HEADS, GradingNet
from inference.axial_grading.samples import Graded
from inference.axial_grading.views import plain_view

CALIBRATION_SEEDS = range(500_000, 500_300)  # phantoms between those that were learnt from and the unseen ones
_TRIED = np.exp(np.linspace(np.log(0.4), np.log(3.0), 61))


@dataclass(frozen=True, kw_only=True, eq=False)
class Answers:
    """logits (count, HEADS, GRADES); allowed: bool of that shape, all True where nothing is known."""

    logits: NDArray[np.float64]
    allowed: NDArray[np.bool_]


def answers(network: nn.Module, samples: Iterable[Graded]) -> Answers:
    """What a network says of the middle of each cut."""
    logits, bits = [], []
    network.eval()
    for sample in samples:
        with torch.inference_mode():
            found = network(torch.from_numpy(plain_view(sample).image)[None, None])
        logits.append(found.numpy().reshape(HEADS, GRADES))
        bits.append(sample.bits)
    allowed = (np.stack(bits)[..., None] >> np.arange(GRADES)) & 1
    return Answers(logits=np.stack(logits).astype(np.float64), allowed=allowed.astype(bool))


def temperatures(found: Answers) -> tuple[float, ...]:
    """Per head the temperature under which what is known is least surprising."""
    return tuple(
        float(_TRIED[int(np.argmin([surprise(found, head, temperature) for temperature in _TRIED]))])
        for head in range(HEADS)
    )


def surprise(found: Answers, head: int, temperature: float) -> float:
    """Mean of minus the log of the probability given to the possible grades."""
    scaled = found.logits[:, head] / temperature
    allowed = found.allowed[:, head]
    telling = ~allowed.all(axis=1)
    if not telling.any():
        return 0.0
    every = np.logaddexp.reduce(scaled, axis=1)
    possible = np.logaddexp.reduce(np.where(allowed, scaled, -1e9), axis=1)
    return float((every - possible)[telling].mean())


def cooled(network: GradingNet, by: Iterable[float]) -> GradingNet:
    """The network with its heads divided by their temperatures, in place."""
    with torch.no_grad():
        for head, temperature in zip(network.heads, by, strict=True):
            if not isinstance(head, nn.Linear):
                raise TypeError(type(head))
            head.weight.div_(temperature)
            head.bias.div_(temperature)
    return network
