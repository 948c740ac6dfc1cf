"""Where a value stands in the population, and in which one."""

from pathlib import Path

import pytest

from inference.anatomy import Disc, Sex
from inference.contract import Subject
from inference.disc_quantification.method import UNITS
from inference.disc_quantification.reference import read_population, read_repeatability
from inference.results import Quantity, ReferencePosition

WOMAN = Subject(sex=Sex.FEMALE, age_years=35)


def position(value: float, subject: Subject, quantity: Quantity = Quantity.DISC_HEIGHT_INDEX) -> ReferencePosition:
    found = read_population().position(quantity, Disc.L4_L5, value=value, subject=subject)
    assert found is not None
    return found


def test_the_group_is_that_of_level_sex_and_age() -> None:
    found = position(0.3786, WOMAN)
    assert found.group == "L4/L5, female, 30-40 years"
    assert (found.count, found.mean, found.sd) == (68, 0.3786, 0.0546)
    assert found.z_score == pytest.approx(0)


def test_the_published_percentiles_are_met_and_lines_lie_between() -> None:
    population = read_population()
    group = population.group(Quantity.DISC_HEIGHT_INDEX, Disc.L4_L5, WOMAN)
    assert group is not None
    assert position(group.percentiles[1], WOMAN).percentile == pytest.approx(25)
    assert position(sum(group.percentiles[1:3]) / 2, WOMAN).percentile == pytest.approx(37.5)


@pytest.mark.parametrize(("value", "low", "high"), [(0.01, 0, 5), (2.0, 95, 100)])
def test_beyond_the_published_percentiles_it_stays_beyond(value: float, low: float, high: float) -> None:
    assert low <= position(value, WOMAN).percentile <= high


def test_what_is_not_in_the_header_is_pooled_over_and_said() -> None:
    found = position(0.38, Subject())
    assert "sex and age not in header" in found.group
    assert found.count > 500


def test_signal_is_compared_by_age_alone() -> None:
    found = position(70, Subject(age_years=35), Quantity.SIGNAL_INTENSITY_DIFFERENCE)
    assert found.group == "L4/L5, both sexes, 30-40 years"


def test_an_age_outside_the_reference_takes_the_nearest_band_and_says_so() -> None:
    assert "nearest band" in position(0.38, Subject(sex=Sex.MALE, age_years=14)).group


def test_disc_height_in_millimetres_has_no_reference() -> None:
    found = read_population().position(Quantity.DISC_HEIGHT, Disc.L4_L5, value=9.0, subject=WOMAN)
    assert found is None


def test_every_quantity_of_the_method_has_a_measured_repeatability() -> None:
    found = read_repeatability()
    assert set(found) == set(UNITS)
    assert all(sd > 0 for sd in found.values())


def test_a_table_that_lacks_a_number_is_not_read_as_zero(tmp_path: Path) -> None:
    path = tmp_path / "repeatability.csv"
    path.write_text("quantity,within_subject_sd,pairs\nDH,,3\n")
    with pytest.raises(ValueError, match="could not convert"):
        read_repeatability(path)
