"""The regression of Table 5: coefficients in standard deviations, by level against L4/5 and by sex against male."""

import numpy as np
import pytest

from inference.disc_quantification.trends import LEVELS, QUANTITIES, VARIABLES, as_table, standardised


def _population(rng: np.random.Generator, *, effect: float) -> dict[int, list[list[float]]]:
    """Five discs each; L1/2 is lower than the others by `effect` SDs of the noise, in every quantity."""
    rows: dict[int, list[list[float]]] = {}
    for patient in range(80):
        for level in (None, *LEVELS):
            variables = [float(patient % 2), *(float(level is each) for each in LEVELS)]
            values = rng.normal(size=len(QUANTITIES)) - effect * (level is LEVELS[0])
            rows.setdefault(patient, []).append([*variables, *values])
    return rows


def test_a_level_that_is_lower_has_the_coefficient_that_its_spread_gives() -> None:
    rows = _population(np.random.default_rng(1), effect=3.0)
    everything = np.concatenate([np.asarray(each) for each in rows.values()])
    found = standardised(everything, variable=VARIABLES.index("L1/L2"), quantity=1)
    assert found == pytest.approx(-3 * 0.4 / np.sqrt(1 + (3 * 0.4) ** 2), abs=0.05)
    assert abs(standardised(everything, variable=VARIABLES.index("L3/L4"), quantity=1)) < 0.1


def test_what_never_changes_has_no_coefficient() -> None:
    rows = np.zeros((20, len(VARIABLES) + len(QUANTITIES)))
    assert np.isnan(standardised(rows, variable=0, quantity=0))


def test_the_table_has_a_line_for_each_variable_and_says_how_many_discs_it_rests_on() -> None:
    lines = as_table(_population(np.random.default_rng(2), effect=1.0)).splitlines()
    assert lines[0] == "80 patients, 400 discs."
    assert [line.split(" | ")[0] for line in lines[4:]] == [f"| {name}" for name in VARIABLES]
