"""A site's folder of DICOM T1 and measured T1rho: read, refused where it must be, learnt by the paper's protocol."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs the train extra")
pytest.importorskip("imblearn", reason="the phases are learnt with the train extra")

from config.settings import Inference  # noqa: E402 - after the skip
from inference.anatomy import Disc  # noqa: E402 - after the skip
from inference.phantom.series import sagittal_series  # noqa: E402 - after the skip
from inference.phantom.t1rho_truth import nuclei_of  # noqa: E402 - after the skip
from inference.registry import weights_of  # noqa: E402 - after the skip
from inference.runtime import Network, open_network  # noqa: E402 - after the skip
from inference.t1rho_phase.folds import TooFewPeople, cross_validated, five_folds  # noqa: E402 - after the skip
from inference.t1rho_phase.method import CARD  # noqa: E402 - after the skip
from inference.t1rho_phase.nuclei import Nucleus  # noqa: E402 - after the skip
from inference.t1rho_phase.regression_training import compact_regression  # noqa: E402 - after the skip
from inference.t1rho_phase.site_pairs import (  # noqa: E402 - after the skip
    COLUMNS,
    PairsUnusable,
    is_site_folder,
    read_pairs,
    read_table,
)
from tests.unit.inference.t1rho_phase.site_folder import (  # noqa: E402 - after the skip
    person,
    put_series,
    put_table,
    true_rows,
)


@pytest.fixture(scope="module")
def detector() -> Network:
    return open_network(weights_of(CARD)[0], Inference(device="cpu", threads=1))


def test_every_disc_of_the_table_becomes_a_pair(tmp_path: Path, detector: Network) -> None:
    spine = person(1)
    put_series(tmp_path, sagittal_series(spine, contrast="T1", slices=3, matrix=256), "A")
    put_table(tmp_path, true_rows(spine, "A"))
    assert is_site_folder(tmp_path)
    pairs = read_pairs(tmp_path, detector)
    assert pairs.refused == ()
    assert [each.disc for each in pairs.nuclei] == list(Disc)
    assert [each.t1rho[2] for each in pairs.nuclei] == pytest.approx([t.mean for t in nuclei_of(spine).values()])
    assert all(each.cut.shape == (1, 64, 128) for each in pairs.nuclei)


def test_a_series_that_is_not_there_is_left_out_and_named(tmp_path: Path, detector: Network) -> None:
    put_table(tmp_path, [["B", "L4/L5", 60, 70, 80]])
    pairs = read_pairs(tmp_path, detector)
    assert pairs.nuclei == ()
    assert pairs.refused == ("series B: no files",)


@pytest.mark.parametrize(
    ("row", "word"),
    [
        (["A", "L6/S1", 60, 70, 80], "no level"),
        (["A", "L4/L5", 60, "?", 80], "no number"),
        (["A", "L4/L5", 90, 70, 80], "do not ascend"),
        (["A", "L4/L5", 0, 70, 80], "do not ascend"),
    ],
)
def test_a_line_that_cannot_be_is_named_by_its_number(tmp_path: Path, row: list[object], word: str) -> None:
    with pytest.raises(PairsUnusable, match=f"line 3.*{word}"):
        read_table(put_table(tmp_path, [["A", "L4/L5", 60, 70, 80], row]))


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(PairsUnusable, match="t1rho_mean"):
        read_table(put_table(tmp_path, [], columns=[name for name in COLUMNS if name != "t1rho_mean"]))


def drawn_nuclei(people: int) -> list[Nucleus]:
    """Small pictures whose brightness tells T1rho."""
    rng = np.random.default_rng(1)
    found = []
    for number in range(people):
        for disc in Disc:
            mean = float(rng.uniform(50, 150))
            image = np.full((40, 80), mean / 200, np.float32)
            box = np.array([10.0, 10, 70, 30])
            t1rho = np.array([mean - 10, mean + 10, mean])
            found.append(Nucleus(person=number, disc=disc, image=image, spacing=(1, 1), box=box, t1rho=t1rho))
    return found


def test_every_person_is_tested_in_one_fold_and_never_parted() -> None:
    tested = []
    for split in five_folds(drawn_nuclei(12), seed=1):
        people = {each.person for each in split.test}
        assert not people & {each.person for each in split.training}
        tested += sorted(people)
    assert sorted(tested) == list(range(12))


def test_the_protocol_is_five_folds_and_a_test_that_no_fold_has_seen() -> None:
    seen: list[tuple[str, set[int]]] = []

    def learn(nuclei: Sequence[Nucleus], name: str) -> torch.nn.Module:
        seen.append((name, {each.person for each in nuclei}))
        torch.manual_seed(1)
        return compact_regression().eval()

    outcomes = list(cross_validated(drawn_nuclei(18), learn))
    assert [each.name for each in outcomes] == ["fold 1", "fold 2", "fold 3", "fold 4", "fold 5", "test"]
    assert len(outcomes[-1].phases) == 3 * len(Disc)
    rest = seen[-1][1]
    assert all(people < rest for _, people in seen[:-1])
    assert set.union(*(people for _, people in seen[:-1])) == rest


def test_too_few_people_are_refused() -> None:
    with pytest.raises(TooFewPeople, match="at least 12"):
        next(cross_validated(drawn_nuclei(11), lambda *_: compact_regression()))
