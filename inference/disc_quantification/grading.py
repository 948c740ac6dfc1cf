"""Modified Pfirrmann grade 1 to 8 from dSI and loss of height. Pure.

The means and SDs of dSI per grade are the paper's. A probability here says how near a disc's dSI lies to each grade's
mean, in SDs, nothing else: it is not calibrated against readers.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MEANS = (121.97, 95.34, 72.34, 44.63, 20.60)
SDS = (9.96, 7.20, 7.81, 8.49, 9.28)
WORN = 5  # the paper's last group, grades 5 to 8, told apart by height


@dataclass(frozen=True, kw_only=True)
class Graded:
    """value 1 to 8; probabilities of 1 to 8."""

    value: int
    probabilities: tuple[float, ...]


def grade(signal_difference: float, height_loss: float | None) -> Graded:
    """height_loss: share of the reference height that is gone; None where there is no reference (then 5)."""
    groups = _group_probabilities(signal_difference)
    worn = worn_grade(height_loss)
    spread = [*groups[: WORN - 1], *(groups[WORN - 1] if number == worn else 0.0 for number in range(WORN, 9))]
    return Graded(value=int(np.argmax(spread)) + 1, probabilities=tuple(float(each) for each in spread))


def worn_grade(height_loss: float | None) -> int:
    """None 5, under 30 % 6, 30 to 60 % 7, over 60 % 8 (Griffith 2007)."""
    if height_loss is None or height_loss <= 0:
        return 5
    if height_loss < 0.30:
        return 6
    return 7 if height_loss <= 0.60 else 8


def _group_probabilities(signal_difference: float) -> NDArray[np.float64]:
    """exp(-z^2/2) without the 1/SD, so that the likeliest grade is the nearest in SDs, as the paper rules."""
    inside = float(np.clip(signal_difference, MEANS[-1], MEANS[0]))
    nearness = np.exp(-0.5 * ((inside - np.array(MEANS)) / np.array(SDS)) ** 2)
    return np.asarray(nearness / nearness.sum())
