"""T1rho of the phantom's discs: what is published, and what is measured in the nuclei."""

import numpy as np
import pytest

from inference.anatomy import Disc
from inference.phantom.spine import sample_spine
from inference.phantom.t1rho import disc_t1rho, mean_annulus, mean_nucleus, phase_of
from inference.phantom.t1rho_truth import nuclei_of

GRADES = np.linspace(1, 5, 9)


def test_the_nucleus_lies_over_the_annulus_and_both_fall_with_the_grade() -> None:
    nucleus, annulus = (np.array([mean(grade) for grade in GRADES]) for mean in (mean_nucleus, mean_annulus))
    assert (nucleus > annulus).all()
    assert (np.diff(nucleus) < 0).all()
    assert (np.diff(annulus) < 0).all()


def test_110_ms_parts_grades_two_and_three_and_80_ms_three_and_four() -> None:
    assert mean_nucleus(2.5) == pytest.approx(110, abs=2)
    assert mean_nucleus(3.5) == pytest.approx(80, abs=2)


@pytest.mark.parametrize(("mean", "phase"), [(110.1, 1), (110.0, 2), (80.0, 2), (79.9, 3)])
def test_phases_part_at_110_and_80_ms(mean: float, phase: int) -> None:
    assert phase_of(mean) == phase


def test_a_disc_of_one_person_is_always_the_same_and_another_person_s_is_another() -> None:
    once, again = (disc_t1rho(2.0, person=7, level=3) for _ in range(2))
    assert once == again
    assert disc_t1rho(2.0, person=8, level=3).nucleus != once.nucleus


def test_discs_with_long_t1rho_have_long_t1_but_not_always() -> None:
    drawn = [disc_t1rho(3.0, person=person, level=4) for person in range(600)]
    tie = np.corrcoef([each.nucleus for each in drawn], [each.t1_gain for each in drawn])[0, 1]
    assert 0.5 < tie < 0.7


def test_every_lumbar_nucleus_has_a_minimum_under_its_mean_under_its_maximum() -> None:
    found = nuclei_of(sample_spine(np.random.default_rng(1)))
    assert list(found) == list(Disc)
    assert all(each.minimum < each.mean < each.maximum for each in found.values())


def test_a_worn_nucleus_is_measured_as_worn() -> None:
    spine = sample_spine(np.random.default_rng(2), grades={1: 1.0, 2: 2.0, 3: 3.0, 4: 4.0, 5: 5.0}, findings=False)
    means = [each.mean for each in nuclei_of(spine).values()]
    assert means[0] > means[2] > means[4]
