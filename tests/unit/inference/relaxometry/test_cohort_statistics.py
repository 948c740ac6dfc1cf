"""Tests at every voxel against statsmodels and SciPy, one voxel at a time; corrections; who takes part in what."""

import numpy as np
import pytest
import statsmodels.api as sm
from numpy.typing import NDArray
from scipy import stats

from inference.relaxometry.atlas import read_atlas
from inference.relaxometry.cohort.correction import Design, Permutations, adjusted, permuted
from inference.relaxometry.cohort.space import VoxelSpace
from inference.relaxometry.cohort.voxelwise import changed, compared, correlated

SPACE = VoxelSpace(atlas=read_atlas())


def _maps(rng: np.random.Generator, *, subjects: int = 20, voxels: int = 30) -> NDArray[np.float64]:
    """Two voxels in ten miss a subject or two."""
    maps = rng.normal(100, 15, (subjects, voxels))
    maps[0, ::5] = np.nan
    maps[[0, 1], ::10] = np.nan
    return maps


def test_correlation_is_scipys_at_each_voxel() -> None:
    rng = np.random.default_rng(0)
    maps, variable = _maps(rng), rng.normal(size=20)
    found = correlated(maps, variable)
    for voxel in range(30):
        known = np.isfinite(maps[:, voxel])
        expected = stats.pearsonr(maps[known, voxel], variable[known])
        assert (found.effect[voxel], found.p[voxel]) == pytest.approx((expected.statistic, expected.pvalue))
        assert found.count[voxel] == known.sum()


def test_partial_correlation_has_the_p_of_statsmodels_regression() -> None:
    rng = np.random.default_rng(1)
    maps, covariates = _maps(rng), rng.normal(size=(20, 3))
    variable = rng.normal(size=20) + covariates[:, 0]
    found = correlated(maps, variable, covariates)
    for voxel in (0, 5, 6):
        known = np.isfinite(maps[:, voxel])
        model = sm.OLS(maps[known, voxel], sm.add_constant(np.column_stack([variable, covariates])[known])).fit()
        assert (found.t[voxel], found.p[voxel]) == pytest.approx((model.tvalues[1], model.pvalues[1]))


def test_a_variable_that_the_covariates_explain_is_not_tested() -> None:
    rng = np.random.default_rng(2)
    covariates = rng.normal(size=(20, 2))
    assert np.isnan(correlated(_maps(rng), covariates @ [1.0, 2.0], covariates).p).all()


def test_a_covariate_given_twice_costs_one_degree_of_freedom() -> None:
    rng = np.random.default_rng(3)
    maps, variable, covariate = _maps(rng), rng.normal(size=20), rng.normal(size=(20, 1))
    once, twice = correlated(maps, variable, covariate), correlated(maps, variable, np.hstack([covariate, covariate]))
    assert twice.p == pytest.approx(once.p)


def test_groups_are_compared_as_scipy_does_it() -> None:
    rng = np.random.default_rng(4)
    maps, second = _maps(rng), np.arange(20) % 3 == 0
    found = compared(maps, second)
    for voxel in (0, 3, 5):
        one, two = (maps[chosen & np.isfinite(maps[:, voxel]), voxel] for chosen in (second, ~second))
        expected = stats.ttest_ind(one, two)
        assert (found.t[voxel], found.p[voxel]) == pytest.approx((expected.statistic, expected.pvalue))
        assert found.effect[voxel] == pytest.approx(one.mean() - two.mean())


def test_changes_are_compared_with_none() -> None:
    rng = np.random.default_rng(5)
    differences = _maps(rng) - 95
    found = changed(differences)
    expected = stats.ttest_1samp(differences[:, 1], 0)
    assert (found.effect[1], found.p[1]) == pytest.approx((differences[:, 1].mean(), expected.pvalue))


def test_two_maps_are_paired_voxel_by_voxel() -> None:
    rng = np.random.default_rng(6)
    one, other = _maps(rng), _maps(rng)
    other[5, 3] = np.nan
    found = correlated(one, other)
    known = np.isfinite(one[:, 3]) & np.isfinite(other[:, 3])
    assert found.effect[3] == pytest.approx(stats.pearsonr(one[known, 3], other[known, 3]).statistic)
    assert found.count[3] == 19


@pytest.mark.parametrize("missing", [5, 19, 20])
def test_a_voxel_that_too_few_have_is_not_tested(missing: int) -> None:
    rng = np.random.default_rng(7)
    maps = rng.normal(size=(20, 2))
    maps[:missing, 0] = np.nan
    found = correlated(maps, rng.normal(size=20))
    assert np.isnan(found.p[0])
    assert np.isfinite(found.p[1])


def test_a_voxel_without_any_spread_is_not_tested() -> None:
    rng = np.random.default_rng(8)
    maps = rng.normal(size=(20, 3))
    maps[:, 0] = 80.0
    for found in (correlated(maps, rng.normal(size=20)), compared(maps, np.arange(20) < 9), changed(maps)):
        assert np.isnan(found.p[0])
        assert np.isfinite(found.p[1:]).all()


def test_a_group_of_two_is_not_compared() -> None:
    maps = np.random.default_rng(9).normal(size=(20, 2))
    assert np.isnan(compared(maps, np.arange(20) < 2).p).all()


def test_adjusted_p_are_those_of_the_books() -> None:
    p = np.array([0.01, np.nan, 0.02, 0.03, 0.5])
    assert adjusted(p, "fdr_bh")[[0, 2, 3, 4]] == pytest.approx([0.04, 0.04, 0.04, 0.5])
    assert adjusted(p, "bonferroni")[[0, 2, 3, 4]] == pytest.approx([0.04, 0.08, 0.12, 1.0])
    assert np.isnan(adjusted(p, "fdr_bh")[1])


def test_permutation_finds_what_is_there_and_nothing_beside() -> None:
    rng = np.random.default_rng(10)
    maps, variable, covariates = rng.normal(100, 10, (25, SPACE.count)), rng.normal(size=25), rng.normal(size=(25, 1))
    changed_there = np.zeros(SPACE.count, bool)
    changed_there[3000:3300] = True
    maps[:, changed_there] += 25 * variable[:, None]
    maps[3, 10:20] = np.nan
    found = permuted(
        maps,
        Design(tested=variable, covariates=covariates),
        tested=SPACE.disc_numbers > 0,
        space=SPACE,
        permutations=Permutations(count=40),
    )
    assert (found.max_t[changed_there] < 0.05).mean() > 0.9
    assert (found.cluster[changed_there] < 0.05).mean() > 0.9
    elsewhere = ~changed_there & (SPACE.disc_numbers > 0)
    assert (found.max_t[elsewhere] < 0.05).sum() < 3
    assert np.isnan(found.max_t[SPACE.disc_numbers == 0]).all()


def test_no_permutations_give_no_p() -> None:
    maps, design = np.ones((3, SPACE.count)), Design(tested=np.arange(3.0), covariates=None)
    none = Permutations(count=0)
    found = permuted(maps, design, tested=np.ones(SPACE.count, bool), space=SPACE, permutations=none)
    assert np.isnan(found.max_t).all()
    assert np.isnan(found.cluster).all()
