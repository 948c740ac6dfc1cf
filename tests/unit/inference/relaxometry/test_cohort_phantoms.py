"""A small phantom cohort: an effect is found where it was planted, and none where there is none."""

import numpy as np
import pytest

from inference.anatomy import Disc
from inference.relaxometry.atlas import read_atlas
from inference.relaxometry.cohort.answers import Registered, answer
from inference.relaxometry.cohort.correction import Permutations
from inference.relaxometry.cohort.measuring import (
    NullCohorts,
    Pool,
    Recruits,
    corrected,
    false_positives,
    findings_of,
    planted_question,
    pool_of,
)
from inference.relaxometry.cohort.phantom import Effect
from inference.relaxometry.cohort.questions import KINDS, Comparison
from inference.relaxometry.cohort.space import VoxelSpace

STRONG = Effect(disc=Disc.L4_L5, along=0.35, across=0.0, reach=0.3, slope_ms=-40.0)


@pytest.fixture(scope="module")
def planted() -> Pool:
    return pool_of(Recruits(count=12, seed=5, effect=STRONG, discs=(Disc.L4_L5,)), atlas=read_atlas())


def test_the_effect_is_found_where_it_was_planted_and_not_beside(planted: Pool) -> None:
    one = answer(planted_question(planted), planted.registered, Permutations(count=99))
    found = {finding.method: finding for finding in findings_of(one, planted, effect=STRONG)}
    assert found["max-T"].found > 0.5
    assert found["FDR"].found > 0.8
    assert found["max-T"].astray < 0.01
    assert found["cluster"].astray < 0.1


def test_the_planted_place_is_a_spot_in_one_disc(planted: Pool) -> None:
    share = planted.share.mean(axis=0)
    inside = planted.registered.space.of(Disc.L4_L5)
    assert share[~inside].max() == 0
    assert 0.05 < (share[inside] > 0.5).mean() < 0.4


def test_the_sign_of_the_effect_is_the_planted_one(planted: Pool) -> None:
    one = answer(planted_question(planted), planted.registered, Permutations(count=0))
    assert one.voxels.effect[planted.share.mean(axis=0) > 0.8].max() < -0.5
    assert set(corrected(one)) == {"uncorrected", "FDR", "Bonferroni", "max-T", "cluster"}


def test_null_cohorts_are_counted(planted: Pool) -> None:
    null = NullCohorts(subjects=10, repetitions=2, permutations=0)
    found = false_positives(planted, null)
    assert {(one.test, one.repetitions) for one in found} == {
        (Comparison.CORRELATION, 2),
        (Comparison.PARTIAL, 2),
        (Comparison.GROUPS, 2),
    }
    assert all(0 <= one.by_voxel <= 1 and one.in_any <= 2 for one in found)


def test_uncorrected_tests_err_as_often_as_they_say() -> None:
    rng = np.random.default_rng(0)
    from_noise = _noise_pool(rng)
    null = NullCohorts(subjects=20, repetitions=12, permutations=0)
    rates = {one.test: one.by_voxel for one in false_positives(from_noise, null) if one.method == "uncorrected"}
    assert all(rate == pytest.approx(0.05, abs=0.01) for rate in rates.values())


def _noise_pool(rng: np.random.Generator) -> Pool:
    space = VoxelSpace(atlas=read_atlas())
    maps = {kind: rng.normal(100, 10, (30, space.count)) for kind in KINDS}
    whole = {kind: rng.normal(100, 10, (30, 5)) for kind in KINDS}
    registered = Registered(space=space, maps=maps, whole_discs=whole)
    return Pool(registered=registered, studies=(), share=np.zeros((30, space.count)), dose=np.zeros(30))
