"""Logits become a group, a grade and a doubt that never contradict each other."""

import numpy as np
import pytest

from inference.degeneration_grade.grading import graded, in_groups, probabilities


def logits(*shares: float) -> np.ndarray:
    return np.log(np.array([shares, shares], np.float32))


def test_a_group_is_as_likely_as_its_grades_together() -> None:
    found = graded(logits(0.3, 0.25, 0.35, 0.05, 0.05))
    assert found.group_probabilities == pytest.approx((0.55, 0.35, 0.10))
    assert sum(found.pfirrmann_probabilities) == pytest.approx(1)


def test_the_grade_is_one_of_the_group_even_where_another_is_likelier() -> None:
    found = graded(logits(0.3, 0.25, 0.35, 0.05, 0.05))
    assert (found.group, found.pfirrmann) == (1, 1)


def test_a_clear_grade_is_not_doubted() -> None:
    assert graded(logits(0.01, 0.01, 0.03, 0.9, 0.05)).doubt is None


def test_a_narrow_choice_is_said_with_both_groups() -> None:
    doubt = graded(logits(0.01, 0.09, 0.48, 0.4, 0.02)).doubt
    assert doubt is not None
    assert "moderate (48%)" in doubt
    assert "serious (42%)" in doubt


def test_a_disc_graded_otherwise_upside_down_is_doubted() -> None:
    views = np.log(np.array([[0.9, 0.04, 0.03, 0.02, 0.01], [0.05, 0.2, 0.7, 0.03, 0.02]], np.float32))
    views[0] *= 3
    assert "upside down" in str(graded(views).doubt)


def test_probabilities_of_large_logits_are_numbers() -> None:
    assert in_groups(probabilities(np.array([1e4, 0, 0, 0, 0], np.float32))).tolist() == [1, 0, 0]
