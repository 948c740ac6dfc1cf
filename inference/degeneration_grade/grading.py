"""From the classifier's logits to a group, a Pfirrmann grade and what speaks against trusting them. Pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.results import Scale

GROUPS: tuple[tuple[int, ...], ...] = ((1, 2), (3,), (4, 5))  # Pfirrmann grades of mild, moderate, serious
GROUP_NAMES = ("mild", "moderate", "serious")
LEAST_PROBABILITY = 0.6
Logits = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Graded:
    """group 1 to 3, pfirrmann 1 to 5, and their probabilities; pfirrmann is one of the group's grades."""

    group: int
    pfirrmann: int
    group_probabilities: tuple[float, ...]
    pfirrmann_probabilities: tuple[float, ...]
    doubt: str | None

    def of(self, scale: Scale) -> tuple[int, tuple[float, ...]]:
        if scale is Scale.DEGENERATION_GROUP:
            return self.group, self.group_probabilities
        return self.pfirrmann, self.pfirrmann_probabilities


def graded(views: Logits) -> Graded:
    """views: (views of one disc, 5), calibrated; their mean decides, and that they agree is asked for."""
    grades = probabilities(views.mean(axis=0))
    groups = in_groups(grades)
    group = int(np.argmax(groups))
    pfirrmann = max(GROUPS[group], key=lambda grade: float(grades[grade - 1]))
    return Graded(
        group=group + 1,
        pfirrmann=pfirrmann,
        group_probabilities=tuple(float(each) for each in groups),
        pfirrmann_probabilities=tuple(float(each) for each in grades),
        doubt=_doubt(groups, views),
    )


def probabilities(logits: Logits) -> NDArray[np.float64]:
    """Softmax over the last axis."""
    odds = np.exp(logits.astype(np.float64) - logits.max(axis=-1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=-1, keepdims=True))


def in_groups(grades: NDArray[np.float64]) -> NDArray[np.float64]:
    """(..., 5) Pfirrmann -> (..., 3) groups."""
    return np.stack([sum(grades[..., grade - 1] for grade in group) for group in GROUPS], axis=-1)


def _doubt(groups: NDArray[np.float64], views: Logits) -> str | None:
    first, second = np.argsort(-groups)[:2]
    if groups[first] < LEAST_PROBABILITY:
        return (
            f"{GROUP_NAMES[first]} ({groups[first]:.0%}) and {GROUP_NAMES[second]} ({groups[second]:.0%}) "
            "are nearly as likely"
        )
    if len({int(np.argmax(in_groups(probabilities(view)))) for view in views}) > 1:
        return "the disc seen upside down is graded otherwise"
    return None
