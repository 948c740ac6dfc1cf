"""Figures of merit of outlines and times, on shapes whose answer is known."""

import numpy as np
import pytest

from inference.relaxometry.agreement import bias, limit, outline
from inference.training.metrics import pearson


def square(top: int, size: int) -> np.ndarray:
    mask = np.zeros((1, 40, 40), bool)
    mask[0, top : top + size, 10 : 10 + size] = True
    return mask


def test_equal_outlines_agree_fully() -> None:
    found = outline(square(5, 10), square(5, 10), spacing=(0.8, 0.8))
    assert (found.dice, found.surface_mm, found.volume, found.sensitivity, found.precision) == (1, 0, 0, 1, 1)


def test_a_shifted_outline_is_as_far_off_as_it_was_shifted() -> None:
    found = outline(square(7, 10), square(5, 10), spacing=(1.0, 1.0))
    assert found.dice == pytest.approx(0.8)
    assert (found.sensitivity, found.precision, found.volume) == pytest.approx((0.8, 0.8, 0))
    assert 0.5 < found.surface_mm < 2


def test_a_larger_outline_has_all_of_the_disc_and_more() -> None:
    found = outline(square(4, 12), square(5, 10), spacing=(1.0, 1.0))
    assert found.sensitivity == pytest.approx(1, abs=0.11)
    assert found.volume == pytest.approx(44)
    assert found.precision < 0.75


def test_bland_and_altman_find_a_constant_difference() -> None:
    true = np.linspace(40, 140, 50)
    pairs = np.stack([true + 2 + 0.5 * np.resize([-1, 1], 50), true], axis=1)
    assert bias(pairs) == pytest.approx(2)
    assert limit(pairs, upper=True) - limit(pairs, upper=False) == pytest.approx(2 * 1.96 * 0.505, rel=0.01)
    assert pearson(pairs) > 0.999
