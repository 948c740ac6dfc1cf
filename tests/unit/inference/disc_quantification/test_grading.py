"""Grades follow the paper's means, SDs and loss of height."""

import pytest

from inference.disc_quantification.grading import MEANS, grade, worn_grade


@pytest.mark.parametrize(("signal", "expected"), [(150, 1), (121.97, 1), (95.34, 2), (72.34, 3), (44.63, 4), (3, 5)])
def test_a_disc_at_the_mean_of_a_grade_or_beyond_the_outer_ones_has_that_grade(signal: float, expected: int) -> None:
    assert grade(signal, None).value == expected


def test_between_two_means_the_nearer_in_sds_wins() -> None:
    assert grade(108.0, None).value == 1  # 1.40 SD from grade 1, 1.76 from grade 2
    assert grade(106.0, None).value == 2


@pytest.mark.parametrize(("loss", "expected"), [(None, 5), (0.0, 5), (0.1, 6), (0.30, 7), (0.60, 7), (0.61, 8)])
def test_grades_five_to_eight_are_told_apart_by_loss_of_height(loss: float | None, expected: int) -> None:
    assert worn_grade(loss) == expected
    assert grade(MEANS[-1], loss).value == expected


def test_probabilities_are_of_eight_grades_and_sum_to_one() -> None:
    graded = grade(60.0, 0.4)
    assert len(graded.probabilities) == 8
    assert sum(graded.probabilities) == pytest.approx(1)
    assert graded.probabilities[graded.value - 1] == max(graded.probabilities)
