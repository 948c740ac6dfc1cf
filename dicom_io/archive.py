"""Reports of ours about one patient in a peer's archive: found, and fetched. Talks to: PACS."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Final, Protocol

from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.errors import InvalidDicomError
from pynetdicom import evt

from config.settings import DimsePeer, OrthancPeer, Peer, StowPeer
from dicom_io.dimse_peer import Proposal, answered_status, association
from dicom_io.errors import PeerRefused
from dicom_io.http_peer import WebService
from dicom_io.query import STUDY_ROOT_FIND, find, first_value

REPORT_CLASS: Final = "1.2.840.10008.5.1.4.1.1.88.34"  # Comprehensive 3D SR
OUR_DESCRIPTION: Final = "AI SR"  # how the description of every report series of ours begins
STUDY_ROOT_GET: Final = "1.2.840.10008.5.1.4.1.2.2.3"

_DICOM_JSON: Final = "application/dicom+json"
_PENDING: Final = (0xFF00, 0xFF01)
_STUDY_DATE, _STUDY_UID, _SERIES_UID, _DESCRIPTION = "00080020", "0020000D", "0020000E", "0008103E"
_NO_SINGLE_VALUE: Final = frozenset("*?\\")  # wildcards and the separator of values: a question about many patients


@dataclass(frozen=True, kw_only=True)
class ReportSeries:
    """A series that holds a report of ours. study_date: as the peer gave it, "" if it gave none."""

    study_uid: str
    series_uid: str
    study_date: str


class Archive(Protocol):
    """One peer's reports. Every method raises PeerUnreachable, PeerBusy, PeerRefused."""

    def reports_about(self, patient_id: str) -> Sequence[ReportSeries]:
        """Those of this patient number, whatever its issuer; none for a number that a query cannot ask for."""
        ...

    def fetch(self, series: ReportSeries) -> Sequence[Dataset]:
        """The objects of the series."""
        ...


def archive(peer: Peer, *, calling_ae: str, timeout: float) -> Archive:
    """timeout: for each answer, seconds."""
    if isinstance(peer, DimsePeer):
        return DimseArchive(peer, calling_ae=calling_ae, timeout=timeout)
    if isinstance(peer, StowPeer):
        return WebArchive(peer, timeout=timeout)
    return OrthancArchive(peer, timeout=timeout)


def can_be_asked_for(patient_id: str) -> bool:
    return bool(patient_id.strip()) and not _NO_SINGLE_VALUE & set(patient_id)


class DimseArchive:
    """C-FIND and C-GET in the study root model (PS3.4 C.4.3): no store association back to us is needed."""

    def __init__(self, peer: DimsePeer, *, calling_ae: str, timeout: float) -> None:
        self._peer, self._calling_ae, self._timeout = peer, calling_ae, timeout

    def reports_about(self, patient_id: str) -> Sequence[ReportSeries]:
        if not can_be_asked_for(patient_id):
            return ()
        studies = self._find("STUDY", PatientID=patient_id, StudyInstanceUID="", StudyDate="")
        return [
            ReportSeries(
                study_uid=str(study.StudyInstanceUID),
                series_uid=str(series.SeriesInstanceUID),
                study_date=str(study.get("StudyDate") or ""),
            )
            for study in studies
            for series in self._find(
                "SERIES",
                StudyInstanceUID=str(study.StudyInstanceUID),
                Modality="SR",
                SeriesInstanceUID="",
                SeriesDescription="",
            )
            if str(series.get("SeriesDescription") or "").startswith(OUR_DESCRIPTION)
        ]

    def fetch(self, series: ReportSeries) -> Sequence[Dataset]:
        came: list[Dataset] = []
        wanted = Dataset()
        wanted.QueryRetrieveLevel = "SERIES"
        wanted.StudyInstanceUID, wanted.SeriesInstanceUID = series.study_uid, series.series_uid
        with association(
            self._peer,
            calling_ae=self._calling_ae,
            proposals=[Proposal(abstract_syntax=STUDY_ROOT_GET), Proposal(abstract_syntax=REPORT_CLASS)],
            timeout=self._timeout,
            taking=[REPORT_CLASS],
        ) as open_association:
            open_association.bind(evt.EVT_C_STORE, _take, [came])
            for response, _ in open_association.send_c_get(wanted, STUDY_ROOT_GET):
                status = answered_status(self._peer, response)
                if status and status not in _PENDING:
                    words = str(response.get("ErrorComment", ""))
                    raise PeerRefused(f"{self._peer.name} answered the C-GET with 0x{status:04X}", words=words)
        return came

    def _find(self, level: str, **keys: str) -> list[Dataset]:
        wanted = Dataset()
        wanted.QueryRetrieveLevel = level
        for keyword, value in keys.items():
            setattr(wanted, keyword, value)
        with association(
            self._peer,
            calling_ae=self._calling_ae,
            proposals=[Proposal(abstract_syntax=STUDY_ROOT_FIND)],
            timeout=self._timeout,
        ) as open_association:
            return list(find(open_association, wanted, peer=self._peer))


def _take(event: evt.Event, came: list[Dataset]) -> int:
    came.append(event.dataset)
    return 0


class WebArchive:
    """QIDO-RS and WADO-RS."""

    def __init__(self, peer: StowPeer, *, timeout: float) -> None:
        self._peer = peer
        self._service = WebService(peer, timeout=timeout)

    def reports_about(self, patient_id: str) -> Sequence[ReportSeries]:
        if not can_be_asked_for(patient_id):
            return ()
        wanted = {"PatientID": patient_id, "Modality": "SR", "includefield": f"{_STUDY_DATE},{_DESCRIPTION}"}
        answer = self._service.get("series", wanted, accept=_DICOM_JSON)
        matches = [] if answer.status_code == 204 else self._service.json(answer)
        return [
            ReportSeries(
                study_uid=first_value(match, _STUDY_UID),
                series_uid=first_value(match, _SERIES_UID),
                study_date=first_value(match, _STUDY_DATE),
            )
            for match in (matches if isinstance(matches, list) else [])
            if first_value(match, _DESCRIPTION).startswith(OUR_DESCRIPTION)
        ]

    def fetch(self, series: ReportSeries) -> Sequence[Dataset]:
        """As metadata in the DICOM JSON model (PS3.18 10.4): bulk data could only be the points of outlines."""
        path = f"studies/{series.study_uid}/series/{series.series_uid}/metadata"
        found = self._service.json(self._service.get(path, accept=_DICOM_JSON))
        try:
            return [Dataset.from_json(each, _left_out) for each in found] if isinstance(found, list) else []
        except (ValueError, TypeError, KeyError) as fault:
            raise PeerRefused(f"{self._peer.name} answered a retrieval with something that is no DICOM JSON") from fault


def _left_out(tag: str, vr: str, uri: str) -> None:
    """Bulk data stays where it is."""


class OrthancArchive:
    """Orthanc's own REST API."""

    def __init__(self, peer: OrthancPeer, *, timeout: float) -> None:
        self._peer = peer
        self._service = WebService(peer, timeout=timeout)

    def reports_about(self, patient_id: str) -> Sequence[ReportSeries]:
        if not can_be_asked_for(patient_id):
            return ()
        wanted = {"PatientID": patient_id, "Modality": "SR"}
        found = self._service.json(
            self._service.post_json("tools/find", {"Level": "Series", "Query": wanted, "Expand": True})
        )
        return [
            self._series(each)
            for each in (found if isinstance(found, list) else [])
            if _tags(each).get("SeriesDescription", "").startswith(OUR_DESCRIPTION)
        ]

    def _series(self, entry: Mapping[str, object]) -> ReportSeries:
        study = _tags(self._service.json(self._service.get(f"studies/{entry['ParentStudy']}")))
        return ReportSeries(
            study_uid=study.get("StudyInstanceUID", ""),
            series_uid=_tags(entry).get("SeriesInstanceUID", ""),
            study_date=study.get("StudyDate", ""),
        )

    def fetch(self, series: ReportSeries) -> Sequence[Dataset]:
        question = {
            "Level": "Instance",
            "Query": {"StudyInstanceUID": series.study_uid, "SeriesInstanceUID": series.series_uid},
            "Expand": False,
        }
        found = self._service.json(self._service.post_json("tools/find", question))
        names = [each for each in found if isinstance(each, str)] if isinstance(found, list) else []
        files = (self._service.get(f"instances/{name}/file").content for name in names)
        return [_object(file, peer=self._peer.name) for file in files]


def _tags(entry: object) -> Mapping[str, str]:
    tags = entry.get("MainDicomTags") if isinstance(entry, dict) else None
    return {str(name): str(value) for name, value in tags.items()} if isinstance(tags, dict) else {}


def _object(file: bytes, *, peer: str) -> Dataset:
    try:
        return dcmread(BytesIO(file))
    except InvalidDicomError as fault:
        raise PeerRefused(f"{peer} answered a retrieval with something that is no DICOM file") from fault
