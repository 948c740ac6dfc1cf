"""Answers about single discs, change and gaps, from maps made up in the space of the atlas."""

from dataclasses import replace

import numpy as np
import pytest

from inference.anatomy import Disc
from inference.relaxometry.atlas import read_atlas
from inference.relaxometry.cohort.answers import Registered, answer
from inference.relaxometry.cohort.correction import Permutations
from inference.relaxometry.cohort.questions import Comparison, Question
from inference.relaxometry.cohort.space import VoxelSpace
from inference.results import MapKind

SPACE = VoxelSpace(atlas=read_atlas())
NONE = Permutations(count=0)
COUNT = 20


def _registered(rng: np.random.Generator) -> Registered:
    maps = {kind: rng.normal(100, 8, (COUNT, SPACE.count)) for kind in (MapKind.T1RHO, MapKind.T2)}
    return _with_means(maps)


def _with_means(maps: dict[MapKind, np.ndarray]) -> Registered:
    whole = {
        kind: np.array([values[:, SPACE.of(disc)].mean(axis=1) for disc in Disc]).T for kind, values in maps.items()
    }
    return Registered(space=SPACE, maps=maps, whole_discs=whole)


def _question(variable: np.ndarray, **changes: object) -> Question:
    plain = Question(
        name="T1rho and x",
        test=Comparison.CORRELATION,
        kind=MapKind.T1RHO,
        rows=tuple(range(len(variable))),
        missing=0,
        variable=variable,
    )
    return replace(plain, **changes)


def test_a_variable_of_discs_is_held_against_its_own_disc() -> None:
    rng = np.random.default_rng(0)
    registered, grades = _registered(rng), rng.normal(size=(COUNT, 5))
    for number, disc in enumerate(Disc):
        registered.maps[MapKind.T1RHO][:, SPACE.of(disc)] -= 12 * grades[:, [number]]
    registered = _with_means(dict(registered.maps))
    found = answer(_question(grades, is_of_discs=True), registered, Permutations(count=120))
    assert all(found.voxels.effect[SPACE.of(disc)].mean() < -0.6 for disc in Disc)
    assert (found.whole_discs.effect < -0.9).all()
    assert np.nanmin(found.family_wise.max_t) == pytest.approx(5 / 121)


def test_a_disc_without_its_variable_leaves_out_that_disc_alone() -> None:
    rng = np.random.default_rng(1)
    grades = rng.normal(size=(COUNT, 5))
    grades[:2, 3] = np.nan
    found = answer(_question(grades, is_of_discs=True), _registered(rng), NONE)
    assert set(found.voxels.count[SPACE.of(Disc.L4_L5)]) == {COUNT - 2}
    assert set(found.voxels.count[SPACE.of(Disc.L3_L4)]) == {COUNT}


def test_a_disc_that_most_have_not_is_tested_in_those_who_have_it() -> None:
    rng = np.random.default_rng(2)
    registered = _registered(rng)
    registered.maps[MapKind.T1RHO][:8, SPACE.of(Disc.L5_S1)] = np.nan
    found = answer(_question(np.tile(rng.normal(size=(COUNT, 1)), 5)), registered, NONE)
    assert set(found.voxels.count[SPACE.of(Disc.L5_S1)]) == {COUNT - 8}


def test_a_subject_without_any_map_takes_no_part() -> None:
    rng = np.random.default_rng(3)
    registered = _registered(rng)
    registered.maps[MapKind.T1RHO][4] = np.nan
    found = answer(_question(np.tile(rng.normal(size=(COUNT, 1)), 5)), registered, NONE)
    assert 4 not in found.question.rows
    assert set(found.voxels.count) == {COUNT - 1}


def test_change_is_later_less_first() -> None:
    rng = np.random.default_rng(4)
    registered = _registered(rng)
    registered.maps[MapKind.T1RHO][10:, SPACE.of(Disc.L2_L3)] -= 30
    question = _question(np.ones((10, 5)), test=Comparison.CHANGE, rows=tuple(range(10, 20)), baseline=tuple(range(10)))
    found = answer(question, _with_means(dict(registered.maps)), Permutations(count=60))
    inside = SPACE.of(Disc.L2_L3)
    assert found.voxels.effect[inside].mean() == pytest.approx(-30, abs=2)
    assert (found.family_wise.max_t[inside] < 0.05).mean() > 0.3
    assert (found.fdr[~inside] < 0.05).mean() < 0.05
    assert found.whole_disc_fdr[1] < 0.001


def test_t1rho_and_t2_are_held_against_each_other() -> None:
    rng = np.random.default_rng(5)
    registered = _registered(rng)
    own = SPACE.of(Disc.L1_L2)
    registered.maps[MapKind.T2][:, own] = registered.maps[MapKind.T1RHO][:, own] * 0.7
    nothing = np.full((COUNT, 5), np.nan)
    found = answer(_question(nothing, test=Comparison.TWO_MAPS), _with_means(dict(registered.maps)), NONE)
    assert found.voxels.effect[own].min() == pytest.approx(1)
    assert abs(found.voxels.effect[~own].mean()) < 0.1
    assert np.isnan(found.family_wise.max_t).all()


def test_one_seed_gives_one_answer() -> None:
    rng = np.random.default_rng(6)
    registered, question = _registered(rng), _question(np.tile(rng.normal(size=(COUNT, 1)), 5))
    one, again = (answer(question, registered, Permutations(count=20, seed=3)) for _ in range(2))
    assert np.array_equal(one.family_wise.max_t, again.family_wise.max_t)
    assert np.array_equal(one.family_wise.cluster, again.family_wise.cluster)
