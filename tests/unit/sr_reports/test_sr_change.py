"""What a report says of change is what two measurements, and their error, allow to be said."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import cast

import pytest
from pydicom.dataset import Dataset

from dicom_io.written import part10
from inference.anatomy import Disc
from inference.results import Measurement, Quantity, Result
from sr_reports.change import DiscChange, Priors, changes, prior_report
from sr_reports.content_tree import children, evidence_uids, measurement_groups_of, name_of, walk
from sr_reports.findings import Findings
from sr_reports.report import Companions, sagittal_report
from sr_reports.tracking import followed
from sr_reports.validate import faults
from sr_reports.vocabulary import DISC
from tests import lumbar

INSTITUTION = lumbar.EQUIPMENT.institution
_SITE = "363698007"
THEN, NOW = "20250301", "20260301"


def _report(found: Findings | None = None, **header: object) -> Dataset:
    header = {"StudyInstanceUID": "2.25.7", "StudyDate": THEN, **header}
    return sagittal_report(
        [found or lumbar.findings()], source=lumbar.source(**header), identity=lumbar.identity("SR", number=9902)
    )


def _shifted(by: float, *, repeatability: float | None) -> Findings:
    found = lumbar.findings()
    results = [
        replace(one, value=one.value + by, repeatability=repeatability) if isinstance(one, Measurement) else one
        for one in found.results
    ]
    return replace(found, results=tuple(cast(Sequence[Result], results)))


def _changes(found: Findings, prior: Dataset, **header: object) -> tuple[DiscChange, ...]:
    of = followed(lumbar.source(**header).first, institution=INSTITUTION)
    return changes([found], [prior_report(prior)], of=of)


def _height(found: tuple[DiscChange, ...]) -> DiscChange:
    return next(one for one in found if one.disc is Disc.L4_L5 and one.quantity is Quantity.DISC_HEIGHT)


def test_every_number_of_every_disc_is_compared() -> None:
    found = _changes(_shifted(1.5, repeatability=0.5), _report())
    assert {(one.disc, one.quantity) for one in found} == {
        (one.disc, one.quantity) for one in lumbar.findings().results if isinstance(one, Measurement)
    }
    assert _height(found).difference == pytest.approx(1.5, abs=0.006)
    assert _height(found).performed == date(2025, 3, 1)


@pytest.mark.parametrize(("by", "beyond"), [(1.3, False), (1.5, True), (-1.5, True)])
def test_a_change_counts_beyond_the_smallest_that_is_more_than_error(by: float, *, beyond: bool) -> None:
    assert _height(_changes(_shifted(by, repeatability=0.5), _report())).is_beyond_error is beyond


def test_where_the_error_is_not_known_nobody_can_tell() -> None:
    assert _height(_changes(_shifted(5, repeatability=None), _report())).is_beyond_error is None


def test_another_version_of_the_method_can_not_tell_either() -> None:
    found = lumbar.findings()
    older = replace(found, method=replace(found.method, version="0.9.0"))
    change = _height(_changes(_shifted(5, repeatability=0.5), _report(older)))
    assert not change.same_method
    assert change.is_beyond_error is None


def test_other_weights_are_another_method() -> None:
    found = lumbar.findings()
    weights = (replace(found.method.weights[0], sha256="cd" * 32),)
    older = replace(found, method=replace(found.method, weights=weights))
    assert not _height(_changes(_shifted(5, repeatability=0.5), _report(older))).same_method


def test_discs_of_another_patient_are_never_compared() -> None:
    assert not _changes(lumbar.findings(), _report(PatientID="somebody else"))


def test_a_disc_whose_level_is_in_doubt_is_never_compared() -> None:
    assert not _changes(lumbar.findings(level_doubt="six discs"), _report())
    assert not _changes(lumbar.findings(), _report(lumbar.findings(level_doubt="six discs")))


def test_a_disc_that_was_not_measured_then_is_left_out() -> None:
    found = _changes(lumbar.findings(), _report(lumbar.findings(without=[Disc.L5_S1])))
    assert {one.disc for one in found} == set(Disc) - {Disc.L5_S1}


@pytest.mark.parametrize("stored", ["", None, "not a date"])
def test_a_report_without_a_readable_date_is_read_all_the_same(stored: str | None) -> None:
    document = _report()
    document.add_new("StudyDate", "LO", stored)
    assert prior_report(document).performed is None


def _compared(found: Findings, prior: Dataset) -> Dataset:
    companions = Companions(priors=Priors(reports=(prior_report(prior),)))
    source = lumbar.source(StudyDate=NOW, StudyInstanceUID="2.25.8")
    return sagittal_report([found], source=source, identity=lumbar.identity("new", number=9902), companions=companions)


def _said(document: Dataset) -> dict[str, str]:
    """The first value of each name of L4/L5, and the statements."""
    found: dict[str, str] = {}
    for group in measurement_groups_of(document):
        if any(item.ConceptCodeSequence[0].CodeValue == DISC[Disc.L4_L5].value for item in children(group, name=_SITE)):
            for item in children(group):
                if item.ValueType == "NUM":
                    found.setdefault(name_of(item), str(item.MeasuredValueSequence[0].NumericValue))
                elif item.ValueType == "CODE":
                    found.setdefault(name_of(item), item.ConceptCodeSequence[0].CodeMeaning)
    texts = (item for item in walk(document) if item.get("ValueType") == "TEXT")
    return {**{name_of(item): item.TextValue for item in texts}, **found}


def test_the_report_tells_the_change_its_error_and_with_which_study_it_compared() -> None:
    said = _said(_compared(_shifted(1.5, repeatability=0.5), _report()))
    assert float(said["DH_CHG"]) == pytest.approx(1.5, abs=0.01)
    assert float(said["DH_SDC"]) == pytest.approx(1.39, abs=0.01)
    assert said["DH_CHGSIG"] == "Yes"
    assert "2025-03-01" in said["COMPARED_WITH"]


def test_without_a_known_error_the_report_judges_no_change() -> None:
    said = _said(_compared(_shifted(1.5, repeatability=None), _report()))
    assert "DH_CHG" in said
    assert not {"DH_SDC", "DH_CHGSIG"} & set(said)


def test_the_earlier_report_is_evidence_of_its_own_study_and_the_report_passes_the_gate() -> None:
    prior = _report()
    document = _compared(_shifted(1.5, repeatability=0.5), prior)
    assert prior.SOPInstanceUID in evidence_uids(document)
    source = lumbar.source(StudyDate=NOW, StudyInstanceUID="2.25.8")
    assert not faults(part10(document, source=source.first), sources=source.headers)


def test_a_change_read_back_is_no_number_of_the_disc() -> None:
    document = _compared(_shifted(1.5, repeatability=0.5), _report())
    now = next(one for one in prior_report(document).discs.values() if one.disc is Disc.L4_L5)
    then = next(one for one in prior_report(_report()).discs.values() if one.disc is Disc.L4_L5)
    assert now.values[Quantity.DISC_HEIGHT] == pytest.approx(then.values[Quantity.DISC_HEIGHT] + 1.5)


def test_an_archive_that_could_not_be_asked_is_named_in_the_report() -> None:
    companions = Companions(priors=Priors(trouble="pacs did not answer"))
    document = sagittal_report(
        [lumbar.findings()],
        source=lumbar.source(),
        identity=lumbar.identity("new", number=9902),
        companions=companions,
    )
    assert "pacs did not answer" in _said(document)["COMPARED_WITH"]
