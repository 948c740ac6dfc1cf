"""The demonstration: a phantom goes the whole way, and what is found can be compared with what is true."""

import json
from collections import Counter
from pathlib import Path

import pytest

from inference.results import Scale
from node.cli import main

DISCS = ["L1/L2", "L2/L3", "L3/L4", "L4/L5", "L5/S1"]


def test_a_phantom_goes_the_whole_way_and_comes_back_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "demo"
    assert main(["demo", "--folder", str(folder), "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["state"] == "delivered"
    kinds = Counter(one["kind"] for one in shown["objects"])
    assert kinds == {"SEG": 2, "PM": 2, "SR": 4, "SC": 1, "COLOR": 3}
    assert [[one["disc"] for one in report["discs"]] for report in shown["found"]] == [DISCS] * 4
    scales = {scale for report in shown["found"] for one in report["discs"] for scale in one["grades"]}
    assert {Scale.MODIFIED_PFIRRMANN, Scale.DEGENERATION_GROUP, Scale.PREDICTED_T1RHO_PHASE} <= scales
    assert {Scale.MEASURED_T1RHO_PHASE, Scale.DISC_HERNIATION} <= scales
    assert [one["disc"] for one in shown["true"]] == DISCS
    (picture,) = shown["pictures"]
    assert Path(picture).read_bytes().startswith(b"\x89PNG")
    assert len(list((folder / "pacs").glob("*.dcm"))) == kinds.total()
    assert "Phantom^Lumbar" not in (folder / "node.log").read_text()
