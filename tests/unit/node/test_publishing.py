"""Nothing gets a name among the results before it passed every check."""

from dataclasses import replace
from pathlib import Path

import pytest
from pydicom.dataset import Dataset

from dicom_io.equipment import Equipment
from node.documents import Job, drafts
from node.errors import ObjectInvalid
from node.publishing import Gate, Publisher
from sr_reports.errors import FindingsContradict
from sr_reports.results_json import AnalysedSeries
from tests import lumbar

EQUIPMENT = Equipment(manufacturer="M", model="N", software_version="1", serial="2", institution="I", station="S")
JOB = Job(key="key", created=lumbar.CREATED, equipment=EQUIPMENT, kinds=frozenset({"SEG", "SR"}))
SHEETS = replace(JOB, kinds=frozenset({"SC", "PDF"}))


def analysed(*findings: lumbar.Findings) -> AnalysedSeries:
    return AnalysedSeries(source=lumbar.source(), findings=findings or (lumbar.findings(),))


def publish(
    folder: Path, series: AnalysedSeries, *, gate: Path | None = None, report_refusals: bool = True, job: Job = JOB
) -> list[str]:
    publisher = Publisher(folder, gate=Gate(dciodvfy=gate))
    image = folder.parent / "image.dcm"
    objects = publisher.publish([series], job, files_of=lambda _: [image], report_refusals=report_refusals)
    assert all(one.path.is_file() for one in objects)
    return [one.kind for one in objects]


def validator(folder: Path, says: str) -> Path:
    """A program that says this of drafts of ours, and nothing bad of images."""
    program = folder / "validator"
    program.write_text(f"#!/bin/sh\ncase \"$2\" in *.part) echo '{says}' ;; *) echo MRImage ;; esac\n")
    program.chmod(0o755)
    return program


def test_a_series_gives_its_segmentation_before_its_report(tmp_path: Path) -> None:
    assert publish(tmp_path / "results", analysed()) == ["SEG", "SR"]


def test_a_study_gives_one_page_in_each_form_that_somebody_takes(tmp_path: Path) -> None:
    assert publish(tmp_path / "both", analysed(), job=SHEETS) == ["SC", "PDF"]
    capture = replace(JOB, kinds=frozenset({"SEG", "SC"}))
    assert publish(tmp_path / "one", analysed(), job=capture) == ["SEG", "SC"]


def test_refusals_alone_make_a_page_where_the_rule_wants_them_told(tmp_path: Path) -> None:
    refused = analysed(lumbar.refused())
    assert publish(tmp_path / "a", refused, job=SHEETS) == ["SC", "PDF"]
    assert publish(tmp_path / "b", refused, job=SHEETS, report_refusals=False) == []


def test_the_same_job_gives_the_same_bytes_of_a_page(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        publish(tmp_path / folder, analysed(lumbar.refused()), job=SHEETS)
    first, second = (
        {path.name: path.read_bytes() for path in (tmp_path / folder).rglob("*.dcm")} for folder in ("a", "b")
    )
    assert len(first) == 2
    assert first == second


def test_refusals_alone_give_a_report_where_the_rule_wants_one(tmp_path: Path) -> None:
    refused = analysed(lumbar.refused())
    assert publish(tmp_path / "a", refused) == ["SR"]
    assert publish(tmp_path / "b", refused, report_refusals=False) == []


def test_what_the_validator_holds_against_an_object_keeps_it_back(tmp_path: Path) -> None:
    with pytest.raises(ObjectInvalid, match="something is wrong"):
        publish(tmp_path / "results", analysed(), gate=validator(tmp_path, "Error - something is wrong"))
    assert not list((tmp_path / "results").rglob("*.dcm"))


def test_what_the_validator_finds_nothing_against_may_leave(tmp_path: Path) -> None:
    assert publish(tmp_path / "results", analysed(), gate=validator(tmp_path, "Segmentation")) == ["SEG", "SR"]


def test_findings_that_contradict_each_other_are_kept_back(tmp_path: Path) -> None:
    one = lumbar.findings()
    with pytest.raises(FindingsContradict):
        publish(tmp_path / "results", analysed(replace(one, results=(*one.results, lumbar.label_map()))))


def test_only_kinds_that_somebody_takes_are_made() -> None:
    job = replace(JOB, kinds=frozenset({"SR"}))
    assert [draft.kind for draft in drafts([analysed()], job, report_refusals=True)] == ["SR"]


def predecessors(document: Dataset) -> list[str]:
    return [
        str(instance.ReferencedSOPInstanceUID)
        for study in document.get("PredecessorDocumentsSequence", ())
        for series in study.ReferencedSeriesSequence
        for instance in series.ReferencedSOPSequence
    ]


def test_a_report_replaces_the_earlier_one_of_its_own_series_alone(tmp_path: Path) -> None:
    other = AnalysedSeries(source=lumbar.source(SeriesInstanceUID="1.2.3.4"), findings=(lumbar.findings(),))
    publisher = Publisher(tmp_path / "results", gate=Gate(dciodvfy=None))
    earlier = publisher.publish([analysed(), other], JOB, files_of=lambda _: [tmp_path], report_refusals=True)
    again = replace(JOB, key="later", supersedes=tuple(one for one in earlier if one.kind == "SR"))
    made = drafts([analysed(), other], again, report_refusals=True)
    named = [predecessors(draft.document) for draft in made if draft.kind == "SR"]
    assert named == [[one.sop_instance_uid] for one in earlier if one.kind == "SR"]


def test_what_an_earlier_edition_got_is_not_made_again(tmp_path: Path) -> None:
    other = AnalysedSeries(source=lumbar.source(SeriesInstanceUID="1.2.3.4"), findings=(lumbar.findings(),))
    uid = str(analysed().source.first.SeriesInstanceUID)
    job = replace(JOB, kinds=frozenset({"SEG", "SR", "SC"}), series_keys={uid: "part", "1.2.3.4": "other part"})
    assert [draft.job for draft in drafts([analysed(), other], job, report_refusals=True)] == [
        *("part", "part", "other part", "other part", "key")
    ]
    late = replace(job, key="later", made=frozenset({"part"}))
    made = [(draft.kind, draft.job) for draft in drafts([analysed(), other], late, report_refusals=True)]
    assert made == [("SEG", "other part"), ("SR", "other part"), ("SC", "later")]
