"""Figures of merit of detection, regression and phases, each a statistic of rows that patients can be drawn from. Pure.

Rows are float64 (items, columns); every function here takes such rows and answers one number.
"""

import numpy as np
from numpy.typing import NDArray

from inference.training.metrics import Rows, Statistic, auc

PHASES = (1, 2, 3)
THRESHOLDS = np.arange(0.5, 1.0, 0.05)
CONFIDENCE, OVERLAP, FOUND, TRUE, LEVEL = range(5)  # columns of detection rows: one per level and slice


def average_precision(rows: Rows, threshold: float) -> float:
    """Area under precision over recall, precision never rising with recall. NaN where nothing is true."""
    truths = rows[:, TRUE].sum()
    if truths == 0:
        return float("nan")
    found = rows[rows[:, FOUND] > 0]
    found = found[np.argsort(-found[:, CONFIDENCE], kind="stable")]
    right = (found[:, OVERLAP] >= threshold) & (found[:, TRUE] > 0)
    hits = np.cumsum(right)
    precision = hits / np.arange(1, len(hits) + 1)
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    return float((precision * right).sum() / truths)


def mean_average_precision(rows: Rows, thresholds: NDArray[np.float64] = THRESHOLDS) -> float:
    """Over the levels that are in the rows, and over the thresholds."""
    levels = [rows[rows[:, LEVEL] == level] for level in np.unique(rows[:, LEVEL])]
    return float(np.mean([average_precision(level, threshold) for level in levels for threshold in thresholds]))


def map50(rows: Rows) -> float:
    return mean_average_precision(rows, np.array([0.5]))


# Rows of phases: true phase, predicted phase, probability of 1, 2, 3.


def accuracy(rows: Rows) -> float:
    return float((rows[:, 0] == rows[:, 1]).mean())


def auc_of(phase: int) -> Statistic:
    return lambda rows: auc(rows[:, 0] == phase, rows[:, 1 + phase])


def mean_auc(rows: Rows) -> float:
    return float(np.mean([auc_of(phase)(rows) for phase in PHASES]))


def recall_of(phase: int) -> Statistic:
    return lambda rows: float((rows[rows[:, 0] == phase, 1] == phase).mean())


def precision_of(phase: int) -> Statistic:
    return lambda rows: float((rows[rows[:, 1] == phase, 0] == phase).mean())


def f1_of(phase: int) -> Statistic:
    def f1(rows: Rows) -> float:
        right = ((rows[:, 0] == phase) & (rows[:, 1] == phase)).sum()
        return float(2 * right / max(1, (rows[:, 0] == phase).sum() + (rows[:, 1] == phase).sum()))

    return f1


def confusion(rows: Rows) -> NDArray[np.int64]:
    """(true phase, predicted phase) counts."""
    return np.array([[int(((rows[:, 0] == t) & (rows[:, 1] == p)).sum()) for p in PHASES] for t in PHASES])


# Rows of times: true, predicted milliseconds.


def bias(rows: Rows) -> float:
    return float((rows[:, 1] - rows[:, 0]).mean())


def mean_absolute_error(rows: Rows) -> float:
    return float(np.abs(rows[:, 1] - rows[:, 0]).mean())
