"""Figures of merit on numbers whose answer is known."""

import numpy as np
import pytest

from inference.training.metrics import dice, intraclass, mean, over_patients, spearman


def test_dice_of_half_overlap_is_a_half() -> None:
    one, other = np.array([True, True, False]), np.array([False, True, True])
    assert dice(one, other) == pytest.approx(0.5)


def test_spearman_shares_ranks_of_ties() -> None:
    rows = np.array([[1, 10], [2, 20], [2, 20], [3, 40]], np.float64)
    assert spearman(rows) == pytest.approx(1)
    assert spearman(rows * [1, -1]) == pytest.approx(-1)


def test_intraclass_correlation_sees_an_offset_that_rank_correlation_does_not() -> None:
    one = np.arange(20, dtype=np.float64)
    assert intraclass(np.stack([one, one], axis=1)) == pytest.approx(1)
    assert intraclass(np.stack([one, one + 6], axis=1)) < 0.75


def test_intervals_come_from_whole_patients() -> None:
    rows = {patient: [[float(patient % 2)]] * 50 for patient in range(8)}
    figure = over_patients(rows, mean)
    assert figure.value == pytest.approx(0.5)
    assert (figure.patients, figure.items) == (8, 400)
    assert figure.high - figure.low > 0.4
