"""The shipped weights on a phantom and on the real study: both ways of finding the discs."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from config.settings import Inference
from dicom_io.read_volume import read_volume
from dicom_io.roles import Role
from inference.anatomy import DISC_STRUCTURES, Disc, Structure
from inference.contract import Case, Method
from inference.degeneration_grade.method import CARD, DISCS_FROM
from inference.phantom.series import PhantomSeries, sagittal_series
from inference.phantom.spine import sample_spine
from inference.registry import open_method
from inference.results import Grade, LabelMap, Result, Scale

T2 = Role.SAGITTAL_T2


@pytest.fixture(scope="module")
def method() -> Method:
    return open_method(CARD.name, Inference(device="cpu", threads=1))


@pytest.fixture(scope="module")
def phantom() -> PhantomSeries:
    return sagittal_series(sample_spine(np.random.default_rng(1_000_003)), slices=3, matrix=320, seed=3)


@pytest.fixture(scope="module")
def alone(method: Method, phantom: PhantomSeries) -> Sequence[Result]:
    return method.run(Case(volumes={T2: phantom.volume}))


def true_discs(phantom: PhantomSeries) -> LabelMap:
    labels = np.zeros_like(phantom.levels)
    discs = np.isin(phantom.levels, [each.channel for each in DISC_STRUCTURES])
    labels[phantom.mid_slice] = np.where(discs, phantom.levels, 0)[phantom.mid_slice]
    return LabelMap(role=T2, labels=labels, structures=DISC_STRUCTURES, key_slice=phantom.mid_slice, level_doubt=None)


def groups(results: Sequence[Result]) -> dict[Disc, Grade]:
    found = (each for each in results if isinstance(each, Grade) and each.scale is Scale.DEGENERATION_GROUP)
    return {each.disc: each for each in found}


def test_alone_it_draws_the_discs_that_it_grades(alone: Sequence[Result], phantom: PhantomSeries) -> None:
    (drawn,) = [each for each in alone if isinstance(each, LabelMap)]
    truth = phantom.levels[drawn.key_slice]
    assert set(drawn.structures) <= set(DISC_STRUCTURES)
    for disc in groups(alone):
        channel = Structure(disc.value).channel
        ours = drawn.labels[drawn.key_slice] == channel
        assert 2 * np.count_nonzero(ours & (truth == channel)) > 0.6 * (ours.sum() + (truth == channel).sum())


def test_handed_the_discs_it_grades_all_five(method: Method, phantom: PhantomSeries) -> None:
    results = method.run(Case(volumes={T2: phantom.volume}, earlier={DISCS_FROM: [true_discs(phantom)]}))
    assert set(groups(results)) == set(Disc)
    assert not any(isinstance(each, LabelMap) for each in results)


def test_probabilities_sum_to_one(alone: Sequence[Result]) -> None:
    graded = [each for each in alone if isinstance(each, Grade)]
    assert graded
    assert {len(each.probabilities) for each in graded} == {3, 5}
    assert [sum(each.probabilities) for each in graded] == pytest.approx([1.0] * len(graded))


@pytest.mark.shared_data
def test_the_real_study_gets_five_grades_from_its_own_discs_all_doubted(method: Method, shared_data: Path) -> None:
    (folder,) = (shared_data / "rsna_study" / "restored").rglob("1792451510")
    volume = read_volume(sorted(folder.iterdir())).volume
    found = groups(method.run(Case(volumes={T2: volume})))
    assert set(found) == set(Disc)
    assert all("fat-suppressed" in str(each.doubt) for each in found.values())
