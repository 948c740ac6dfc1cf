"""results.json says everything that was found and everything that was not."""

import json
from dataclasses import replace
from typing import Any

import pytest

from inference.anatomy import Disc
from inference.results import MapKind, Measurement
from sr_reports.findings import Findings
from sr_reports.results_json import AnalysedSeries, Analysis, RefusedFile, RefusedSeries, WrittenObject, results_json
from tests.every_finding import CAVEAT, axial, phases, relaxation
from tests.lumbar import CREATED, findings, header, source


def document(**changes: Any) -> dict[str, Any]:
    analysis = Analysis(
        software_version="0.1.0",
        created=CREATED,
        analysed=(AnalysedSeries(source=source(), findings=(findings(without=[Disc.L1_L2], level_doubt="why"),)),),
        refused=(RefusedSeries(study_uid="1.2", series_uid="1.2.3", role=None, reason="a localizer"),),
        objects=(WrittenObject(kind="PNG", file="overlay.png"),),
    )
    found: dict[str, Any] = json.loads(results_json(replace(analysis, **changes)))
    return found


def test_the_document_says_which_schema_it_follows() -> None:
    assert (document()["schema"], document()["schema_version"]) == ("lumbar-node results", 2)


def test_a_measurement_is_told_whole() -> None:
    (found,) = [one for one in document()["findings"] if one["level"] == "L4/L5" and one["name"] == "dSI"]
    assert found == {
        "study_uid": header(0).StudyInstanceUID,
        "series_uid": header(0).SeriesInstanceUID,
        "role": "sagittal T2w",
        "level": "L4/L5",
        "kind": "measurement",
        "name": "dSI",
        "value": 72.345,
        "unit": "[arb'U]",
        "statistic": None,
        "part": None,
        "side": None,
        "inferred_from": None,
        "probability": None,
        "probabilities": None,
        "reference": {
            "group": "L4/L5, female, 50-60",
            "count": 84,
            "mean": 80.0,
            "sd": 10.0,
            "z_score": -0.77,
            "percentile": 22.1,
        },
        "repeatability": None,
        "box": None,
        "level_doubt": "why",
        "doubt": None,
        "image": {"sop_instance_uid": header(2).SOPInstanceUID, "frame": None},
        "method": {
            "name": "disc_quantification",
            "version": "1.2.3",
            "paper": "Zheng 2022",
            "weights": [{"name": "spine", "sha256": "ab" * 32}],
            "caveat": None,
        },
    }


def test_a_grade_carries_all_its_probabilities() -> None:
    (found,) = [one for one in document()["findings"] if one["level"] == "L5/S1" and one["kind"] == "grade"]
    assert (found["name"], found["value"], found["unit"]) == ("modified Pfirrmann", 4, None)
    assert found["probability"] == 0.79
    assert found["probabilities"] == [0.03, 0.03, 0.03, 0.79, 0.03, 0.03, 0.03, 0.03]


def test_refusals_of_discs_and_of_series_stand_together() -> None:
    refusals = [(one["level"], one["reason"]) for one in document()["refusals"]]
    assert refusals == [("L1/L2", "outside the field of view"), (None, "a localizer")]


def test_measurements_and_grades_have_the_same_keys() -> None:
    assert len({tuple(one) for one in document()["findings"]}) == 1
    assert len({tuple(one) for one in document()["refusals"]}) == 1


def test_no_patient_data_is_told() -> None:
    text = json.dumps(document(), ensure_ascii=False)
    assert "Müller" not in text
    assert "T-1" not in text


def test_a_value_that_is_no_number_is_not_written() -> None:
    found = findings()
    broken = tuple(replace(one, value=float("nan")) if isinstance(one, Measurement) else one for one in found.results)
    with pytest.raises(ValueError, match="Out of range float"):
        document(analysed=(AnalysedSeries(source=source(), findings=(replace(found, results=broken),)),))


def test_files_that_are_no_usable_object_are_told_with_their_reason() -> None:
    refused = document(refused_files=(RefusedFile(file="a/notes.txt", reason="no DICOM file"),))["refused_files"]
    assert refused == [{"file": "a/notes.txt", "reason": "no DICOM file"}]


def told(*found: Findings) -> dict[str, Any]:
    return document(analysed=(AnalysedSeries(source=source(), findings=found),))


def test_an_axial_grade_says_where_it_was_read_and_of_which_root() -> None:
    (one,) = [each for each in told(axial([Disc.L4_L5]))["findings"] if each["side"] == "left"]
    assert (one["level"], one["name"], one["value"]) == ("L4/L5", "nerve root compression (Pfirrmann 2004)", 2)
    assert one["box"] == {"top": 70, "left": 60, "bottom": 186, "right": 190}
    assert one["image"]["sop_instance_uid"] == header(0).SOPInstanceUID


def test_a_level_that_is_not_known_is_null() -> None:
    assert {one["level"] for one in told(axial([None]))["findings"]} == {None}


def test_a_detected_disc_is_told_with_its_box_and_confidence() -> None:
    seen = [one for one in told(phases())["findings"] if one["kind"] == "detection"]
    assert [one["level"] for one in seen] == [disc.value for disc in Disc]
    assert seen[0]["probability"] == 0.97
    assert seen[0]["method"]["caveat"] == CAVEAT


def test_numbers_of_maps_name_statistic_part_and_map() -> None:
    found = told(relaxation(MapKind.T2))
    (one,) = [
        each
        for each in found["findings"]
        if (each["level"], each["statistic"], each["part"]) == ("L1/L2", "SD", "nucleus")
    ]
    assert (one["name"], one["inferred_from"], one["unit"]) == ("T2", "T2", "ms")
    assert [one["name"] for one in found["maps"]] == ["T2", "T2 fit residual"]
    assert "moved by 1.2 mm" in found["remarks"][0]["text"]


def test_every_finding_of_every_method_has_the_same_keys() -> None:
    findings_ = told(findings(), phases(), relaxation(MapKind.T1RHO), axial())["findings"]
    assert len({tuple(one) for one in findings_}) == 1
