"""Figures of merit on rows whose answer is plain."""

import numpy as np
import pytest

from inference.degeneration_grade import scores


def row(grade: int, *shares: float) -> list[float]:
    return [float(grade), *shares]


ROWS = np.array(
    [
        row(1, 0.7, 0.2, 0.1, 0.0, 0.0),
        row(2, 0.1, 0.3, 0.5, 0.1, 0.0),  # mild, taken for moderate
        row(3, 0.1, 0.1, 0.6, 0.1, 0.1),
        row(4, 0.0, 0.0, 0.2, 0.5, 0.3),
        row(5, 0.0, 0.0, 0.1, 0.2, 0.7),
        row(5, 0.6, 0.2, 0.1, 0.1, 0.0),  # serious, taken for mild
    ]
)


def test_groups_are_read_from_grades_and_given_by_summed_probabilities() -> None:
    assert scores.confusion(ROWS).tolist() == [[1, 1, 0], [0, 1, 0], [1, 0, 2]]


def test_accuracies_count_what_they_say() -> None:
    assert scores.accuracy(ROWS) == pytest.approx(4 / 6)
    assert scores.two_apart(ROWS) == pytest.approx(1 / 6)
    assert scores.grade_accuracy(ROWS) == pytest.approx(4 / 6)
    assert scores.grade_within_one(ROWS) == pytest.approx(5 / 6)


def test_sensitivity_specificity_and_f1_are_means_over_groups() -> None:
    assert scores.sensitivity(ROWS) == pytest.approx(np.mean([1 / 2, 1, 2 / 3]))
    assert scores.specificity(ROWS) == pytest.approx(np.mean([1 - 1 / 4, 1 - 1 / 5, 1]))
    assert scores.macro_f1(ROWS) == pytest.approx(np.mean([2 / 4, 2 / 3, 4 / 5]))


def test_each_group_against_the_rest_counts_true_negatives_too() -> None:
    assert scores.one_against_rest(ROWS) == pytest.approx(np.mean([4 / 6, 5 / 6, 5 / 6]))


def test_the_area_under_roc_is_the_chance_of_the_right_order() -> None:
    assert scores.area_under_roc(ROWS, (0, 2)) == pytest.approx(5 / 6)
    assert scores.area_under_roc(ROWS, (1, 2)) == pytest.approx(1)


def test_without_one_of_the_groups_there_is_no_area() -> None:
    assert np.isnan(scores.area_under_roc(ROWS[:1], (0, 2)))


def test_certainty_that_is_always_right_is_calibrated() -> None:
    sure = np.array([row(3, 0, 0, 1, 0, 0)] * 20)
    assert scores.calibration_error(sure) == pytest.approx(0)
    assert scores.calibration_error(np.array([row(1, 0, 0, 1, 0, 0)] * 20)) == pytest.approx(1)
