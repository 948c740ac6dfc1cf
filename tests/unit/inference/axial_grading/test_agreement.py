"""Figures of agreement against hand-made tables."""

import numpy as np
import pytest

from inference.axial_grading.agreement import (
    accuracy,
    auc_of_severe,
    gwet_ac1,
    macro_f1,
    sensitivity,
    specificity,
)

ROWS = np.array(
    [  # true, given, score
        [0, 0, 0.1],
        [0, 1, 0.2],
        [1, 1, 0.3],
        [1, 2, 0.6],
        [2, 2, 0.7],
        [2, 1, 0.4],
        [3, 3, 0.9],
        [3, 3, 0.8],
    ]
)


def test_accuracy_and_macro_f1() -> None:
    assert accuracy(ROWS) == pytest.approx(5 / 8)
    assert macro_f1(ROWS) == pytest.approx((2 / 3 + 2 / 5 + 1 / 2 + 1) / 4)


def test_the_severe_and_the_others() -> None:
    assert sensitivity(ROWS) == pytest.approx(3 / 4)
    assert specificity(ROWS) == pytest.approx(3 / 4)
    assert np.isnan(sensitivity(ROWS[:2]))


def test_ac1_is_one_for_agreement_and_about_zero_for_chance() -> None:
    same = np.repeat(np.arange(4.0), 5)
    assert gwet_ac1(np.stack([same, same, same], axis=1)) == pytest.approx(1)
    every = np.array([[one, other, 0] for one in range(4) for other in range(4)], float)
    assert gwet_ac1(every) == pytest.approx(0)


def test_ac1_by_hand() -> None:
    rows = np.array([[0, 0, 0], [0, 0, 0], [0, 1, 0], [1, 1, 0]], float)  # shares 5/8, 3/8
    by_chance = 2 * (5 / 8) * (3 / 8) / 3
    assert gwet_ac1(rows) == pytest.approx((0.75 - by_chance) / (1 - by_chance))


def test_the_auc_parts_the_severe_from_the_others() -> None:
    assert auc_of_severe(ROWS) == pytest.approx(15 / 16)
