"""`python -m inference.train t1rho_phase --data FOLDER` on a site's pairs, made from the phantom."""

import json
import shutil
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="training needs the train extra")
pytest.importorskip("imblearn", reason="the phases are learnt with the train extra")

from inference.phantom.series import sagittal_series  # noqa: E402 - after the skip
from inference.registry import weights_of  # noqa: E402 - after the skip
from inference.t1rho_phase import training  # noqa: E402 - after the skip
from inference.t1rho_phase.method import CARD, DETECTOR, PHASES, REGRESSION  # noqa: E402 - after the skip
from tests.unit.inference.t1rho_phase.site_folder import (  # noqa: E402 - after the skip
    person,
    put_series,
    put_table,
    true_rows,
)

PEOPLE = 14


def test_a_site_s_pairs_become_a_site_s_weights(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, weights = tmp_path / "pairs", tmp_path / "weights"
    data.mkdir()
    rows: list[list[object]] = []
    for number in range(PEOPLE):
        spine = person(number)
        put_series(data, sagittal_series(spine, contrast="T1", slices=1, matrix=192), f"P{number}")
        rows += true_rows(spine, f"P{number}")
    put_table(data, rows)
    shutil.copytree(weights_of(CARD)[0].path.parent, weights)
    shipped = json.loads((weights / "index.json").read_text())
    training.main(
        [
            *("--data", str(data), "--weights", str(weights), "--scratch", str(tmp_path / "scratch")),
            *("--minutes", "0.002", "--threads", "1", "--nice", "0"),
        ]
    )
    said = capsys.readouterr().out
    assert all(f"fold {number}: " in said for number in range(1, 6))
    assert "test: " in said
    assert "five folds: mean AUC" in said
    ours = json.loads((weights / "index.json").read_text())
    assert ours[DETECTOR] == shipped[DETECTOR]
    assert ours[REGRESSION] != shipped[REGRESSION]
    assert ours[PHASES] != shipped[PHASES]
