"""From a table to files: who takes part in which question, what is written, and that nothing is done twice."""

import csv
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import nibabel
import numpy as np
import pytest
from numpy.typing import NDArray

from inference.anatomy import Disc, Structure
from inference.errors import InputUnsuitable
from inference.relaxometry.atlas import read_atlas
from inference.relaxometry.cohort.correction import Permutations
from inference.relaxometry.cohort.measuring import study_of
from inference.relaxometry.cohort.phantom import phantom_study
from inference.relaxometry.cohort.questions import Comparison, Question, first_visits, questions_of
from inference.relaxometry.cohort.space import VoxelSpace
from inference.relaxometry.cohort.study import Study, StudyInAtlas
from inference.relaxometry.cohort.table import Row, Table, Variable
from inference.relaxometry.cohort.work import Gathered, Plan, gather, work
from inference.relaxometry.registration import Quality
from inference.results import LabelMap, MapKind

SPACE = VoxelSpace(atlas=read_atlas())
NAN = float("nan")


def _row(number: int, **changes: object) -> Row:
    row = Row(
        number=number,
        study=Path(f"study-{number}"),
        subject=f"s{number}",
        time_point="",
        group="",
        age=NAN,
        sex=NAN,
        bmi=NAN,
    )
    return replace(row, **changes)


def _variable(name: str, values: list[float]) -> Variable:
    return Variable(name=name, values=np.tile(np.array(values)[:, None], 5), is_of_discs=False)


def _question(table: Table, name: str) -> Question:
    return next(one for one in questions_of(table) if one.name == name)


def test_a_missing_value_leaves_the_subject_out_of_that_variable_alone() -> None:
    rows = tuple(_row(number) for number in range(4))
    table = Table(rows=rows, variables=(_variable("odi", [1, NAN, 3, 4]), _variable("pain", [1, 2, 3, 4])))
    assert _question(table, "T1rho and odi").rows == (0, 2, 3)
    assert _question(table, "T1rho and odi").missing == 1
    assert _question(table, "T2 and pain").rows == (0, 1, 2, 3)


def test_covariates_are_those_that_are_given_and_vary() -> None:
    rows = (
        _row(0, age=30, sex=1.0, group="A"),
        _row(1, age=40, sex=1.0, group="B"),
        _row(2, age=NAN, sex=1.0, group="B"),
        _row(3, age=50, sex=1.0, group="A"),
    )
    found = _question(Table(rows=rows, variables=(_variable("odi", [1, 2, 3, 4]),)), "T1rho and odi without age, group")
    assert found.test is Comparison.PARTIAL
    assert found.rows == (0, 1, 3)
    assert found.covariates is not None
    assert found.covariates.tolist() == [[30, 0], [40, 1], [50, 0]]


def test_every_two_groups_are_compared() -> None:
    table = Table(rows=tuple(_row(at, group=group) for at, group in enumerate(["A", "B", "C", ""])), variables=())
    compared = [one for one in questions_of(table) if one.test is Comparison.GROUPS and one.kind is MapKind.T1RHO]
    assert [(one.groups, one.rows) for one in compared] == [
        (("A", "B"), (0, 1)),
        (("A", "C"), (0, 2)),
        (("B", "C"), (1, 2)),
    ]


def test_one_visit_of_each_subject_takes_part_in_what_is_not_about_time() -> None:
    rows = (_row(0, subject="x", time_point="12"), _row(1, subject="x", time_point="2"), _row(2, time_point="2"))
    assert first_visits(Table(rows=rows, variables=())) == (1, 2)


def test_changes_are_later_less_first_with_the_change_of_each_variable() -> None:
    rows = tuple(_row(at, subject=f"s{at // 2}", time_point=str(at % 2)) for at in range(6))
    table = Table(rows=rows, variables=(_variable("odi", [1, 5, 2, 2, 3, NAN]),))
    change = _question(table, "T1rho difference 1 less 0")
    assert (change.rows, change.baseline) == ((1, 3, 5), (0, 2, 4))
    with_odi = _question(table, "T1rho difference 1 less 0 and change of odi")
    assert with_odi.rows == (1, 3)
    assert with_odi.variable[:, 0].tolist() == [4, 0]


def test_names_make_folders() -> None:
    table = Table(rows=(_row(0),), variables=(_variable("ODI 2.1", [1]),))
    assert _question(table, "T1rho and ODI 2.1").slug == "T1rho-and-ODI-2-1"


# What is written, from maps made up in the space of the atlas.


def _cohort(count: int = 12) -> tuple[Table, Gathered]:
    rng = np.random.default_rng(0)
    odi = rng.normal(size=count)
    rows = tuple(_row(at + 2, group="low" if at % 2 else "high", age=30 + at) for at in range(count))
    studies = {at: _study(rng, shift=float(odi[at])) for at in range(count - 1)}
    gathered = Gathered(studies=studies, left_out={count - 1: "no spin-lock series"})
    return Table(rows=rows, variables=(_variable("odi", odi.tolist()),)), gathered


def _study(rng: np.random.Generator, *, shift: float) -> StudyInAtlas:
    t1rho = rng.normal(100, 8, SPACE.count).astype(np.float32)
    t1rho[SPACE.of(Disc.L4_L5)] += 20 * shift
    t1rho[SPACE.of(Disc.L1_L2)] = np.nan
    whole = np.array([NAN, *(t1rho[SPACE.of(disc)].mean() for disc in list(Disc)[1:])])
    quality = Quality(dice=0.97, jacobian_sd=0.05, jacobian_min=0.8, affine_determinant=1.1)
    return StudyInAtlas(
        maps={MapKind.T1RHO: t1rho, MapKind.T2: t1rho * np.float32(0.7)},
        whole_discs={MapKind.T1RHO: whole, MapKind.T2: whole * 0.7},
        qualities=dict.fromkeys(list(Disc)[1:], quality),
        left_out={Disc.L1_L2: "the field folds"},
    )


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    table, gathered = _cohort()
    folder = tmp_path_factory.mktemp("cohort")
    plan = Plan(folder=folder, atlas=SPACE.atlas, permutations=Permutations(count=20), wanted=("odi",))
    work(table, gathered, plan)
    return folder


def _rows(path: Path) -> list[Mapping[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _picture(path: Path) -> NDArray[np.float64]:
    """(row, column) of the atlas."""
    return np.asarray(nibabel.load(path).get_fdata()[0].T)


def test_the_effect_stands_in_its_disc_and_not_beside(written: Path) -> None:
    rows = {row["disc"]: row for row in _rows(written / "statistics.csv") if row["question"] == "T1rho and odi"}
    assert int(rows["L4/L5"]["voxels significant, FDR"]) > 0.9 * int(rows["L4/L5"]["voxels tested"])
    assert int(rows["L2/L3"]["voxels significant, Bonferroni"]) == 0
    assert rows["L1/L2"]["voxels tested"] == "0"
    assert float(rows["L4/L5"]["whole disc p"]) < 0.001
    assert rows["L4/L5"]["subjects"] == "11"


def test_maps_lie_on_the_atlas(written: Path) -> None:
    r = _picture(written / "T1rho-and-odi" / "r.nii.gz")
    assert r.shape == SPACE.atlas.labels.shape
    assert r[SPACE.atlas.mask(Disc.L4_L5)].mean() > 0.8
    assert np.isnan(r[SPACE.atlas.labels == 0]).all()
    assert (_picture(written / "atlas.nii.gz") == SPACE.atlas.labels).all()


def test_nifti_runs_from_front_to_back_and_from_head_to_feet(written: Path) -> None:
    image = nibabel.load(written / "atlas.nii.gz")
    assert nibabel.aff2axcodes(image.affine) == ("R", "P", "I")
    assert image.header.get_zooms() == pytest.approx((1, 0.5, 0.5))


def test_every_answer_has_its_files(written: Path) -> None:
    summary = json.loads((written / "cohort.json").read_text())
    for one in summary["questions"]:
        names = {path.name for path in (written / one["folder"]).iterdir()}
        assert {"t.nii.gz", "p.nii.gz", "p-fdr.nii.gz", "count.nii.gz", "figure.png"} <= names
    assert {one["name"] for one in summary["questions"]} >= {
        "T1rho and odi",
        "T1rho and odi without age, group",
        "T2 of low against high",
        "T1rho and T2",
    }


def test_means_of_groups_are_named_after_them(written: Path) -> None:
    names = {path.name for path in (written / "T1rho-of-low-against-high").iterdir()}
    assert {"mean-1-high.nii.gz", "mean-2-low.nii.gz", "difference-ms.nii.gz"} <= names


def test_what_was_left_out_is_told(written: Path) -> None:
    summary = json.loads((written / "cohort.json").read_text())
    assert summary["left out"] == [{"line": 13, "reason": "no spin-lock series"}]
    rows = _rows(written / "registration.csv")
    assert {row["left out"] for row in rows if row["disc"] == "L1/L2"} == {"the field folds"}
    assert rows[-1]["left out"] == "no spin-lock series"
    assert {row["dice"] for row in rows if row["disc"] == "L3/L4"} == {"0.9700"}


def test_means_of_whole_discs_are_listed(written: Path) -> None:
    first = _rows(written / "whole-discs.csv")[1]
    assert (first["line"], first["disc"]) == ("2", "L2/L3")
    assert float(first["mean T2 ms"]) == pytest.approx(0.7 * float(first["mean T1rho ms"]), abs=0.02)


def test_questions_of_too_few_are_named_and_not_answered(tmp_path: Path) -> None:
    table, gathered = _cohort(6)
    outcome = work(table, gathered, Plan(folder=tmp_path, atlas=SPACE.atlas, permutations=Permutations(count=0)))
    assert outcome.answered == ()
    assert "T1rho and odi" in json.loads((tmp_path / "cohort.json").read_text())["too few subjects"]


def _redrawn(study: Study, label_map: LabelMap) -> Study:
    drawing = replace(study.drawings[MapKind.T1RHO], label_map=label_map)
    return replace(study, drawings=dict.fromkeys(study.drawings, drawing))


class _Phantoms:
    """Maps of one phantom with one disc; how often they were asked for."""

    def __init__(self, *, mark: str = "", refusal: str = "") -> None:
        self.asked = 0
        self._mark, self._refusal = mark, refusal

    def fingerprint(self, row: Row) -> str:
        return f"{row.subject}{self._mark}"

    def study(self, row: Row) -> Study:
        self.asked += 1
        if self._refusal:
            raise InputUnsuitable(self._refusal)
        study = study_of(phantom_study(row.number))
        drawn = study.drawings[MapKind.T1RHO].label_map
        labels = drawn.labels * (drawn.labels == Structure.L3_L4.channel)
        return _redrawn(study, replace(drawn, labels=labels.astype(np.uint8)))


def test_a_second_run_takes_everything_from_the_cache(tmp_path: Path) -> None:
    table, plan = Table(rows=(_row(2),), variables=()), Plan(folder=tmp_path, atlas=SPACE.atlas)
    first, second, changed = _Phantoms(), _Phantoms(), _Phantoms(mark="other bytes")
    before, after = gather(table, first, plan), gather(table, second, plan)
    gather(table, changed, plan)
    assert (first.asked, second.asked, changed.asked) == (1, 0, 1)
    one, again = before.studies[0], after.studies[0]
    assert np.array_equal(one.maps[MapKind.T2], again.maps[MapKind.T2], equal_nan=True)
    assert np.array_equal(one.whole_discs[MapKind.T1RHO], again.whole_discs[MapKind.T1RHO], equal_nan=True)
    assert (one.qualities, one.left_out) == (again.qualities, again.left_out)
    assert set(one.qualities) == {Disc.L3_L4}


def test_a_study_without_maps_is_left_out_and_asked_again_next_time(tmp_path: Path) -> None:
    table, plan = Table(rows=(_row(2),), variables=()), Plan(folder=tmp_path, atlas=SPACE.atlas)
    source = _Phantoms(refusal="no spin-lock series")
    assert gather(table, source, plan).left_out == {0: "no spin-lock series"}
    gather(table, source, plan)
    assert source.asked == 2


def test_a_study_with_levels_in_doubt_is_left_out(tmp_path: Path) -> None:
    class Doubtful(_Phantoms):
        def study(self, row: Row) -> Study:
            study = super().study(row)
            drawn = study.drawings[MapKind.T1RHO].label_map
            return _redrawn(study, replace(drawn, level_doubt="six lumbar discs"))

    table, plan = Table(rows=(_row(2),), variables=()), Plan(folder=tmp_path, atlas=SPACE.atlas)
    assert "six lumbar discs" in gather(table, Doubtful(), plan).left_out[0]


def test_a_damaged_cache_is_told(tmp_path: Path) -> None:
    table, plan = Table(rows=(_row(2),), variables=()), Plan(folder=tmp_path, atlas=SPACE.atlas)
    gather(table, _Phantoms(), plan)
    (cached,) = (tmp_path / "cache").iterdir()
    cached.write_bytes(b"half a file")
    assert "damaged" in gather(table, _Phantoms(), plan).left_out[0]
