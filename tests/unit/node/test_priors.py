"""Which earlier report a new one is compared with, and what is said where nobody can tell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pytest
from pydicom.dataset import Dataset

from dicom_io.archive import ReportSeries
from dicom_io.errors import PeerUnreachable
from dicom_io.object_identity import Superseded
from node.priors import look_up, not_superseded, of_latest_earlier_study
from sr_reports.report import sagittal_report
from tests import lumbar

HEADER = lumbar.source(StudyDate="20260301", StudyInstanceUID="2.25.9").first


def _series(study: str, date: str, *, number: int = 1) -> ReportSeries:
    return ReportSeries(study_uid=study, series_uid=f"{study}.{number}", study_date=date)


def _report(name: str, *, supersedes: Sequence[Superseded] = (), **header: object) -> Dataset:
    identity = lumbar.identity(name, number=9902)
    identity = type(identity)(**{**vars(identity), "supersedes": tuple(supersedes)})
    header = {"StudyInstanceUID": "2.25.1", "StudyDate": "20250301", **header}
    return sagittal_report([lumbar.findings()], source=lumbar.source(**header), identity=identity)


@dataclass(frozen=True)
class Shelf:
    """An archive that holds these documents, by series."""

    documents: Mapping[ReportSeries, Sequence[Dataset]]

    def reports_about(self, patient_id: str) -> Sequence[ReportSeries]:
        return list(self.documents) if patient_id == str(HEADER.PatientID) else []

    def fetch(self, series: ReportSeries) -> Sequence[Dataset]:
        return self.documents[series]


class Away:
    """It never answers."""

    def reports_about(self, patient_id: str) -> Sequence[ReportSeries]:  # noqa: ARG002 - nobody answers
        raise PeerUnreachable("pacs did not answer")

    def fetch(self, series: ReportSeries) -> Sequence[Dataset]:  # noqa: ARG002 - nobody answers
        raise PeerUnreachable("pacs did not answer")


def test_all_series_of_the_latest_earlier_study_are_taken() -> None:
    found = [_series("1", "20240101"), _series("2", "20250101"), _series("2", "20250101", number=2)]
    assert of_latest_earlier_study(found, study_uid="9", study_date="20260101") == tuple(found[1:])


@pytest.mark.parametrize(
    "one", [_series("9", "20240101"), _series("1", ""), _series("1", "20260101"), _series("1", "20270101")]
)
def test_the_same_study_one_without_date_one_of_the_day_and_a_later_one_are_none(one: ReportSeries) -> None:
    assert not of_latest_earlier_study([one], study_uid="9", study_date="20260101")


def test_a_study_without_a_date_is_compared_with_nothing() -> None:
    assert not of_latest_earlier_study([_series("1", "20240101")], study_uid="9", study_date="")


def test_the_report_of_the_earlier_study_is_read() -> None:
    report = _report("then")
    priors = look_up(Shelf({_series("2.25.1", "20250301"): [report]}), HEADER)
    assert [one.sop_instance_uid for one in priors.reports] == [report.SOPInstanceUID]
    assert priors.trouble is None


def test_a_report_that_the_archive_has_under_the_wrong_patient_is_left_out() -> None:
    report = _report("then", PatientID="somebody else")
    assert not look_up(Shelf({_series("2.25.1", "20250301"): [report]}), HEADER).reports


def test_a_report_that_was_replaced_is_left_out() -> None:
    first = _report("first")
    replaced = Superseded(
        study_uid=first.StudyInstanceUID,
        series_uid=first.SeriesInstanceUID,
        sop_class_uid=first.SOPClassUID,
        sop_instance_uid=first.SOPInstanceUID,
    )
    second = _report("second", supersedes=[replaced])
    assert not_superseded([first, second]) == [second]


def test_an_archive_that_is_away_is_said_and_delays_nothing() -> None:
    priors = look_up(Away(), HEADER)
    assert not priors.reports
    assert priors.trouble is not None
    assert "pacs did not answer" in priors.trouble
