"""One contract for finding and fetching the reports of a patient, against a real Orthanc by each of its doors."""

from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from pydicom import dcmread

from config.settings import DimsePeer, OrthancPeer, Peer, StowPeer
from dicom_io.archive import Archive, ReportSeries, archive
from dicom_io.errors import PeerRefused, PeerUnreachable
from dicom_io.uids import derived_uid
from dicom_io.written import part10
from sr_reports.change import prior_report
from sr_reports.report import sagittal_report
from tests import lumbar
from tests.orthanc import PASSWORD, USER, Orthanc, free_port, running_orthanc

pytestmark = pytest.mark.peer
OUR_AE = "LUMBARAI"
PATIENT = "P-1"


def _file(*, patient: str = PATIENT, study: str = "1", date: str = "20250301", description: str | None = None) -> bytes:
    source = lumbar.source(PatientID=patient, StudyInstanceUID=derived_uid("study", study), StudyDate=date)
    name = f"{patient} {study} {description}"
    report = sagittal_report([lumbar.findings()], source=source, identity=lumbar.identity(name, number=9902))
    if description is not None:
        report.SeriesDescription = description
    return part10(report, source=source.first)


FILES = {
    "first": _file(),
    "second": _file(study="2", date="20260301"),
    "of another patient": _file(patient="P-10", study="3"),
    "of another maker": _file(study="4", description="Dose report"),
}


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory: pytest.TempPathFactory, peer_program: Callable[[str], Path]) -> Iterator[Orthanc]:
    options = {"DicomAlwaysAllowGet": True}
    with running_orthanc(peer_program("Orthanc"), tmp_path_factory.mktemp("orthanc"), options=options) as running:
        for file in FILES.values():
            running.store(file)
        yield running


def _peer(orthanc: Orthanc, kind: str, folder: Path) -> Peer:
    password = folder / "password"
    password.write_text(f"{PASSWORD}\n")
    login = {"name": "pacs", "username": USER, "password_file": password}
    if kind == "dimse":
        return DimsePeer(kind="dimse", name="pacs", ae_title="ORTHANC", host="127.0.0.1", port=orthanc.dicom_port)
    if kind == "stow":
        return StowPeer.model_validate({"kind": "stow", "url": orthanc.dicomweb_url, **login})
    return OrthancPeer.model_validate({"kind": "orthanc", "url": orthanc.url, **login})


@pytest.fixture(params=["dimse", "stow", "orthanc"])
def reports(request: pytest.FixtureRequest, orthanc: Orthanc, tmp_path: Path) -> Archive:
    return archive(_peer(orthanc, request.param, tmp_path), calling_ae=OUR_AE, timeout=20)


def test_our_reports_of_the_patient_are_found_and_nobody_elses(reports: Archive) -> None:
    found = {(one.study_uid, one.study_date) for one in reports.reports_about(PATIENT)}
    assert found == {(derived_uid("study", "1"), "20250301"), (derived_uid("study", "2"), "20260301")}


def test_a_report_comes_as_it_was_sent(reports: Archive) -> None:
    series = next(one for one in reports.reports_about(PATIENT) if one.study_date == "20250301")
    (fetched,) = reports.fetch(series)
    assert prior_report(fetched) == prior_report(dcmread(BytesIO(FILES["first"])))


def test_a_patient_who_is_not_there_has_no_reports(reports: Archive) -> None:
    assert not reports.reports_about("nobody")


@pytest.mark.parametrize("patient", ["*", "P?1", "P-1\\P-10", "", "  "])
def test_a_number_that_asks_for_many_patients_asks_for_none(reports: Archive, patient: str) -> None:
    assert not reports.reports_about(patient)


def test_a_series_that_is_gone_has_no_objects_or_is_refused(reports: Archive) -> None:
    gone = ReportSeries(study_uid="2.25.1", series_uid="2.25.2", study_date="")
    try:
        fetched = reports.fetch(gone)
    except PeerRefused:
        fetched = []
    assert not fetched


@pytest.mark.parametrize("kind", ["dimse", "stow", "orthanc"])
def test_an_archive_that_is_away_is_said_to_be(kind: str, tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    peers: dict[str, Peer] = {
        "dimse": DimsePeer(kind="dimse", name="pacs", ae_title="X", host="127.0.0.1", port=port),
        "stow": StowPeer(kind="stow", name="pacs", url=url),
        "orthanc": OrthancPeer(kind="orthanc", name="pacs", url=url),
    }
    with pytest.raises(PeerUnreachable):
        archive(peers[kind], calling_ae=OUR_AE, timeout=5).reports_about(PATIENT)
