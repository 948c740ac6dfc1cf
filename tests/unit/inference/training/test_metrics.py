"""Figures of merit on numbers whose answer is known."""

import numpy as np
import pytest

from inference.training.metrics import auc, dice, intraclass, mean, over_patients, pearson, spearman, standard_error


def test_dice_of_half_overlap_is_a_half() -> None:
    one, other = np.array([True, True, False]), np.array([False, True, True])
    assert dice(one, other) == pytest.approx(0.5)


def test_auc_counts_pairs_in_order_and_halves_ties() -> None:
    positive = np.array([True, True, False, False])
    assert auc(positive, np.array([4.0, 2, 3, 1])) == 0.75
    assert auc(positive, np.ones(4)) == 0.5
    assert auc(np.array([False, True, True]), np.array([0.5, 0.5, 0.9])) == pytest.approx(0.75)


def test_where_one_side_is_missing_there_is_no_auc() -> None:
    assert np.isnan(auc(np.array([True]), np.array([0.5])))


def test_what_never_changes_correlates_with_nothing() -> None:
    assert np.isnan(pearson(np.array([[1.0, 1], [1, 2]])))
    assert pearson(np.array([[1.0, 3], [2, 5], [3, 7]])) == pytest.approx(1)


def test_the_standard_error_of_a_mean_is_about_sd_over_root_n() -> None:
    values = np.random.default_rng(1).normal(0, 10, 100)
    rows = {number: [[float(value)]] for number, value in enumerate(values)}
    assert standard_error(rows, mean) == pytest.approx(values.std() / 10, rel=0.1)


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
