"""Figures of merit of predicted groups, over rows of the true Pfirrmann grade and five predicted probabilities. Pure.

A row is (grade 1 to 5, p(I), ..., p(V)); a group is 0 mild, 1 moderate, 2 serious.
"""

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from inference.degeneration_grade.grading import GROUPS, in_groups
from inference.training.metrics import Rows, auc

PAIRS = tuple(combinations(range(len(GROUPS)), 2))
BINS = 8


def true_groups(rows: Rows) -> NDArray[np.int64]:
    of_grade = np.zeros(6, np.int64)
    for group, grades in enumerate(GROUPS):
        of_grade[list(grades)] = group
    return np.asarray(of_grade[rows[:, 0].astype(int)])


def given_groups(rows: Rows) -> NDArray[np.int64]:
    return np.asarray(in_groups(rows[:, 1:]).argmax(axis=1))


def confusion(rows: Rows) -> NDArray[np.int64]:
    """(3, 3): true group down, given group across."""
    table = np.zeros((len(GROUPS), len(GROUPS)), np.int64)
    np.add.at(table, (true_groups(rows), given_groups(rows)), 1)
    return table


def accuracy(rows: Rows) -> float:
    return float(np.mean(true_groups(rows) == given_groups(rows)))


def two_apart(rows: Rows) -> float:
    """Share of mild taken for serious or the reverse."""
    return float(np.mean(np.abs(true_groups(rows) - given_groups(rows)) == 2))


def grade_accuracy(rows: Rows) -> float:
    return float(np.mean(rows[:, 1:].argmax(axis=1) + 1 == rows[:, 0]))


def grade_within_one(rows: Rows) -> float:
    return float(np.mean(np.abs(rows[:, 1:].argmax(axis=1) + 1 - rows[:, 0]) <= 1))


def one_against_rest(rows: Rows) -> float:
    """Mean over the groups of (TP + TN) / all: the accuracy that the paper's formulae give."""
    return 1 - 2 * (1 - accuracy(rows)) / len(GROUPS)


def sensitivity(rows: Rows) -> float:
    """Mean over the groups that occur."""
    table = confusion(rows)
    there = table.sum(axis=1) > 0
    return float(np.mean(table.diagonal()[there] / table.sum(axis=1)[there]))


def specificity(rows: Rows) -> float:
    """Mean over the groups, each against the rest."""
    table = confusion(rows)
    wrong = table.sum(axis=0) - table.diagonal()
    rest = table.sum() - table.sum(axis=1)
    return float(np.mean(1 - wrong / np.maximum(rest, 1)))


def macro_f1(rows: Rows) -> float:
    table = confusion(rows)
    both = table.sum(axis=0) + table.sum(axis=1)
    return float(np.mean((2 * table.diagonal() / np.maximum(both, 1))[both > 0]))


def pair_scores(rows: Rows, pair: tuple[int, int]) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Of the discs of these two groups: which are of the worse one, and how much the worse one is believed."""
    truth, groups = true_groups(rows), in_groups(rows[:, 1:])
    among = np.isin(truth, pair)
    better, worse = groups[among][:, pair[0]], groups[among][:, pair[1]]
    return truth[among] == pair[1], worse / np.maximum(better + worse, 1e-9)


def area_under_roc(rows: Rows, pair: tuple[int, int]) -> float:
    """Chance that a disc of the worse group gets the higher score; NaN where one group is missing."""
    return auc(*pair_scores(rows, pair))


def calibration_curve(rows: Rows) -> NDArray[np.float64]:
    """(bins, 3): mean probability of the given group, share that was right, count; bins of equal count."""
    sure, right = in_groups(rows[:, 1:]).max(axis=1), true_groups(rows) == given_groups(rows)
    order = np.array_split(np.argsort(sure), BINS)
    return np.array([[sure[part].mean(), right[part].mean(), len(part)] for part in order if len(part)])


def calibration_error(rows: Rows) -> float:
    """Mean distance of probability and share right, weighted by count."""
    curve = calibration_curve(rows)
    return float(np.average(np.abs(curve[:, 0] - curve[:, 1]), weights=curve[:, 2]))
