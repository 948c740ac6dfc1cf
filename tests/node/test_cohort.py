"""`lumbar-node cohort` on DICOM folders: a phantom's relaxation times arrive in the atlas, and refusals are told."""

import csv
import json
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from inference.anatomy import Disc
from node.cli import main
from tests.relaxation_study import true_means, write_relaxation_study

SEED = 41


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One study that is good, and one folder without any images."""
    folder = tmp_path_factory.mktemp("cohort")
    write_relaxation_study(folder / "good", seed=SEED)
    (folder / "empty").mkdir()
    (folder / "studies.csv").write_text("study,subject,age\ngood,p1,40\nempty,p2,50\n")
    return folder


@pytest.fixture(scope="module")
def first_run(folder: Path) -> int:
    return main(["cohort", str(folder / "studies.csv"), "--out", str(folder / "out"), "--permutations", "0"])


def _rows(path: Path) -> list[Mapping[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_one_study_answers_no_question_and_says_so(folder: Path, first_run: int) -> None:
    summary = json.loads((folder / "out" / "cohort.json").read_text())
    assert first_run == 1
    assert summary["questions"] == []
    assert "T1rho and age" in summary["too few subjects"]


def test_every_disc_is_registered_and_a_folder_without_images_is_told(folder: Path, first_run: int) -> None:
    rows = _rows(folder / "out" / "registration.csv")
    assert [row["disc"] for row in rows] == [*(disc.value for disc in Disc), "all"]
    assert all(float(row["dice"]) > 0.9 and float(row["jacobian_min"]) > 0.3 for row in rows[:5])
    assert rows[5]["left out"] == "the folder holds neither MR images nor a T1rho or T2 map"


def test_relaxation_times_in_the_atlas_are_the_phantoms(folder: Path, first_run: int) -> None:
    truth = true_means(SEED)
    for row in _rows(folder / "out" / "whole-discs.csv")[:5]:
        for kind in ("T1rho", "T2"):
            assert float(row[f"mean {kind} ms"]) == pytest.approx(truth[kind][Disc(row["disc"])], rel=0.12)


def test_a_second_run_needs_no_image_to_be_analysed(folder: Path, first_run: int) -> None:
    (cached,) = (folder / "out" / "cache").iterdir()
    before = cached.stat().st_mtime_ns
    main(["cohort", str(folder / "studies.csv"), "--out", str(folder / "out"), "--permutations", "0"])
    assert cached.stat().st_mtime_ns == before
    assert np.load(cached)["map T1rho"].size > 5000


def test_objects_that_were_written_before_give_nearly_the_same_maps(folder: Path, first_run: int) -> None:
    main(["analyze", str(folder / "good"), "--out", str(folder / "objects")])
    (folder / "objects.csv").write_text("study,subject\nobjects,p1\n")
    main(["cohort", str(folder / "objects.csv"), "--out", str(folder / "again"), "--permutations", "0"])
    (of_images,) = (folder / "out" / "cache").iterdir()
    (of_objects,) = (folder / "again" / "cache").iterdir()
    for name in ("map T1rho", "map T2"):
        before, after = np.load(of_images)[name], np.load(of_objects)[name]
        assert np.nanmedian(np.abs(after - before) / before) < 0.03
    assert np.load(of_objects)["whole T2"] == pytest.approx(np.load(of_images)["whole T2"], rel=0.01)


def test_json_is_the_summary(folder: Path, first_run: int, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["cohort", str(folder / "studies.csv"), "--out", str(folder / "out"), "--permutations", "0", "--json"]
    main(arguments)
    assert json.loads(capsys.readouterr().out)["studies in the atlas"] == 1


def test_faults_of_the_table_end_with_2(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "bad.csv").write_text("study,subject,age\nnowhere,p1,old\n")
    assert main(["cohort", str(folder / "bad.csv"), "--out", str(folder / "unused")]) == 2
    told = capsys.readouterr().err
    assert "line 2, study: is no folder" in told
    assert "line 2, age: is no number" in told
    assert not (folder / "unused").exists()


def test_a_variable_that_is_not_there_ends_with_2(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["cohort", str(folder / "studies.csv"), "--out", str(folder / "unused"), "--variables", "odi"]
    assert main(arguments) == 2
    assert "no column 'odi'" in capsys.readouterr().err


def test_numbers_out_of_range_end_with_2(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["cohort", str(folder / "studies.csv"), "--out", str(folder / "unused")]
    assert main([*arguments, "--alpha", "5", "--permutations", "-1"]) == 2
    told = capsys.readouterr().err
    assert "--alpha: lies between 0 and 1" in told
    assert "--permutations" in told


def test_an_atlas_that_is_none_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["cohort", str(folder / "studies.csv"), "--out", str(folder / "unused")]
    assert main([*arguments, "--atlas", str(folder / "studies.csv")]) == 1
    assert "atlas" in capsys.readouterr().err


def test_an_install_without_the_extra_says_what_is_missing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "SimpleITK", None)
    assert main(["cohort", str(folder / "studies.csv"), "--out", str(folder / "unused")]) == 2
    assert "SimpleITK not installed: pip install 'lumbar-node[cohort]'" in capsys.readouterr().err
