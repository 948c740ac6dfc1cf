"""Figures of merit on rows whose answer is known."""

import numpy as np
import pytest

from inference.t1rho_phase.scores import (
    accuracy,
    average_precision,
    bias,
    confusion,
    map50,
    mean_auc,
    mean_average_precision,
    precision_of,
    recall_of,
)

# confidence, overlap, found, true, level
PERFECT = np.array([[0.9, 1.0, 1, 1, 0], [0.8, 1.0, 1, 1, 1]])


def test_all_found_exactly_is_one_at_every_overlap() -> None:
    assert map50(PERFECT) == mean_average_precision(PERFECT) == 1


def test_a_disc_that_was_missed_costs_its_share() -> None:
    rows = np.array([[0.9, 0.9, 1, 1, 0], [0, 0, 0, 1, 0]])
    assert average_precision(rows, 0.5) == 0.5


def test_a_false_box_costs_only_if_it_is_more_confident_than_a_true_one() -> None:
    true, false = [0.5, 0.8, 1, 1, 0], [0.9, 0.1, 1, 1, 0]
    assert average_precision(np.array([true, false]), 0.5) == pytest.approx(0.25)
    assert average_precision(np.array([true, [0.1, *false[1:]]]), 0.5) == pytest.approx(0.5)


def test_a_box_that_overlaps_by_two_thirds_counts_at_half_of_the_ten_thresholds() -> None:
    rows = np.array([[0.9, 0.68, 1, 1, 0]])
    assert mean_average_precision(rows) == pytest.approx(0.4)


PHASES = np.array([[1, 1, 0.7, 0.2, 0.1], [2, 1, 0.5, 0.4, 0.1], [3, 3, 0.1, 0.2, 0.7], [2, 2, 0.2, 0.5, 0.3]])


def test_confusion_accuracy_precision_and_recall_agree() -> None:
    assert confusion(PHASES).tolist() == [[1, 0, 0], [1, 1, 0], [0, 0, 1]]
    assert accuracy(PHASES) == 0.75
    assert precision_of(1)(PHASES) == 0.5
    assert recall_of(2)(PHASES) == 0.5
    assert mean_auc(PHASES) == 1


def test_bias_is_predicted_less_true() -> None:
    assert bias(np.array([[100.0, 110], [90, 94]])) == 7
