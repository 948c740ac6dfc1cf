"""Signal equations and the tissue table."""

import numpy as np
import pytest

from inference.phantom.signal import FastSpinEcho, split_signal
from inference.phantom.tissues import Jitter, Matter, Substance, palette, strayed

T2 = FastSpinEcho(repetition_time=3500, echo_time=100)
T1 = FastSpinEcho(repetition_time=560, echo_time=11)


def test_one_echo_time_of_t2_leaves_one_over_e() -> None:
    sequence = FastSpinEcho(repetition_time=1e6, echo_time=80)
    assert float(sequence.brightness(1.0, 1000.0, 80.0)) == pytest.approx(np.exp(-1), rel=1e-5)


def test_short_repetition_saturates_what_relaxes_slowly() -> None:
    assert float(T1.brightness(1.0, 300.0, 1e6)) == pytest.approx(1 - np.exp(-549 / 300), rel=1e-4)
    assert T1.brightness(1.0, 4000.0, 80.0) < T1.brightness(1.0, 300.0, 80.0)


def test_inversion_recovery_nulls_at_t1_times_the_logarithm_of_two() -> None:
    sequence = FastSpinEcho(repetition_time=1e6, echo_time=30, inversion_time=300 * np.log(2))
    assert float(sequence.brightness(1.0, 300.0, 100.0)) == pytest.approx(0, abs=1e-6)


def test_fat_share_divides_the_signal_between_water_and_fat() -> None:
    fat = Matter(density=0.9, t1=300.0, t2=100.0)
    mixed = Matter(density=0.8, t1=1000.0, t2=50.0, fat=0.25)
    parts = split_signal(mixed, fat, T2)
    assert float(parts.water) == pytest.approx(0.75 * float(T2.brightness(0.8, 1000.0, 50.0)), rel=1e-5)
    assert float(parts.fat) == pytest.approx(0.25 * float(T2.brightness(0.9, 300.0, 100.0)), rel=1e-5)


@pytest.mark.parametrize("field_strength", [1.5, 3.0])
def test_the_nucleus_darkens_with_every_grade_and_the_annulus_is_darker(field_strength: float) -> None:
    colours = palette(field_strength)

    def shade(grade: float, nucleus: float) -> float:
        matter = colours.disc(grade=grade, nucleus=nucleus, scale=1.0)
        return float(T2.brightness(matter.density, matter.t1, matter.t2))

    nuclei = [shade(grade, 1.0) for grade in (1, 2, 3, 4, 5)]
    assert nuclei == sorted(nuclei, reverse=True)
    assert all(shade(grade, 0.0) < shade(grade, 1.0) for grade in (1, 2, 3, 4, 5))


def test_t1_is_longer_and_t2_no_longer_at_three_tesla() -> None:
    weak, strong = palette(1.5), palette(3.0)
    for substance in set(Substance) - {Substance.AIR}:
        assert strong.of(substance).t1 > weak.of(substance).t1, substance
        assert strong.of(substance).t2 <= weak.of(substance).t2, substance


def test_straying_moves_every_substance_and_no_jitter_moves_none() -> None:
    base = palette(1.5)
    moved = strayed(base, np.random.default_rng(0), Jitter(density=0.1, t1=0.1, t2=0.1))
    assert all(moved.of(s).t2 != base.of(s).t2 for s in Substance)
    still = strayed(base, np.random.default_rng(0), Jitter())
    assert all(still.of(s).t2 == base.of(s).t2 for s in Substance)
