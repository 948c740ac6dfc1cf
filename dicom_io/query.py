"""Questions to a peer: is it there, how many images has this series, has it these objects. Talks to: PACS."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Protocol

from pydicom.dataset import Dataset
from pynetdicom.association import Association

from config.settings import DimsePeer, OrthancPeer, Peer, StowPeer
from dicom_io.dimse_peer import Proposal, answered_status, association, echo
from dicom_io.errors import PeerBusy, PeerRefused
from dicom_io.http_peer import WebService
from dicom_io.identity import Identity

STUDY_ROOT_FIND: Final = "1.2.840.10008.5.1.4.1.2.2.1"

_DICOM_JSON: Final = "application/dicom+json"
_SOP_INSTANCE_UID: Final = "00080018"
_PENDING: Final = (0xFF00, 0xFF01)
_OUT_OF_RESOURCES: Final = 0xA700


class Query(Protocol):
    """One peer, asked. Every method raises PeerUnreachable, PeerBusy, PeerRefused."""

    def check(self) -> str:
        """That the peer is there and lets us in, in a few words."""
        ...

    def count_instances(self, *, study_uid: str, series_uid: str) -> int:
        """How many objects of this series the peer has; 0 if it does not know the series."""
        ...

    def known(self, objects: Sequence[Identity]) -> frozenset[str]:
        """The SOP Instance UIDs among these that the peer has, in the study and series that they belong to."""
        ...


def query(peer: Peer, *, calling_ae: str, timeout: float) -> Query:
    """timeout: for each answer, seconds."""
    if isinstance(peer, DimsePeer):
        return DimseQuery(peer, calling_ae=calling_ae, timeout=timeout)
    if isinstance(peer, StowPeer):
        return WebQuery(peer, timeout=timeout)
    return OrthancQuery(peer, timeout=timeout)


class DimseQuery:
    """C-FIND in the study root model; one match per object, so that nothing depends on what a peer counts for us."""

    def __init__(self, peer: DimsePeer, *, calling_ae: str, timeout: float) -> None:
        self._peer = peer
        self._calling_ae = calling_ae
        self._timeout = timeout

    def check(self) -> str:
        echo(self._peer, calling_ae=self._calling_ae, timeout=self._timeout)
        return f"{self._peer.ae_title} answers C-ECHO"

    def count_instances(self, *, study_uid: str, series_uid: str) -> int:
        return len(self._find(study_uid=study_uid, series_uid=series_uid))

    def known(self, objects: Sequence[Identity]) -> frozenset[str]:
        found: set[str] = set()
        for study_uid, series_uid in dict.fromkeys((each.study_uid, each.series_uid) for each in objects):
            found |= self._find(study_uid=study_uid, series_uid=series_uid)
        return frozenset(each.sop_instance_uid for each in objects) & found

    def _find(self, *, study_uid: str, series_uid: str) -> set[str]:
        """The SOP Instance UIDs of a series."""
        wanted = Dataset()
        wanted.QueryRetrieveLevel = "IMAGE"
        wanted.StudyInstanceUID = study_uid
        wanted.SeriesInstanceUID = series_uid
        wanted.SOPInstanceUID = ""
        found: set[str] = set()
        with association(
            self._peer,
            calling_ae=self._calling_ae,
            proposals=[Proposal(abstract_syntax=STUDY_ROOT_FIND)],
            timeout=self._timeout,
        ) as open_association:
            for match in find(open_association, wanted, peer=self._peer):
                found.add(str(match.get("SOPInstanceUID", "")))
        return found - {""}


def find(open_association: Association, wanted: Dataset, *, peer: DimsePeer) -> Iterator[Dataset]:
    """The matches of a C-FIND in the study root model. Raises PeerUnreachable, PeerBusy, PeerRefused."""
    for response, match in open_association.send_c_find(wanted, STUDY_ROOT_FIND):
        status = answered_status(peer, response)
        if status in _PENDING and match is not None:
            yield match
        elif status:
            raise _failure(peer, status, response)


def _failure(peer: DimsePeer, status: int, response: Dataset) -> PeerBusy | PeerRefused:
    if status == _OUT_OF_RESOURCES:
        return PeerBusy(f"{peer.name} answered the C-FIND with 0x{status:04X}, out of resources")
    words = str(response.get("ErrorComment", ""))
    return PeerRefused(f"{peer.name} answered the C-FIND with 0x{status:04X}", words=words)


class WebQuery:
    """QIDO-RS."""

    def __init__(self, peer: StowPeer, *, timeout: float) -> None:
        self._peer = peer
        self._service = WebService(peer, timeout=timeout)

    def check(self) -> str:
        self._matches("studies", {"limit": "1"})
        return "answers QIDO-RS"

    def count_instances(self, *, study_uid: str, series_uid: str) -> int:
        return len(self._series(study_uid=study_uid, series_uid=series_uid))

    def known(self, objects: Sequence[Identity]) -> frozenset[str]:
        found: set[str] = set()
        for study_uid, series_uid in dict.fromkeys((each.study_uid, each.series_uid) for each in objects):
            found |= self._series(study_uid=study_uid, series_uid=series_uid)
        return frozenset(each.sop_instance_uid for each in objects) & found

    def _series(self, *, study_uid: str, series_uid: str) -> set[str]:
        """The SOP Instance UIDs of a series; asked page by page, for a server may answer with fewer than all."""
        found: set[str] = set()
        while True:
            matches = self._matches(f"studies/{study_uid}/series/{series_uid}/instances", {"offset": str(len(found))})
            page = {first_value(match, _SOP_INSTANCE_UID) for match in matches} - found
            if not page:
                return found - {""}
            found |= page

    def _matches(self, path: str, query: Mapping[str, str]) -> Sequence[object]:
        answer = self._service.get(path, query, accept=_DICOM_JSON)
        if answer.status_code == 204:
            return []
        matches = self._service.json(answer)
        return matches if isinstance(matches, list) else []


def first_value(match: object, tag: str) -> str:
    """The first value of an attribute in the DICOM JSON model, "" if it has none."""
    attribute = match.get(tag) if isinstance(match, dict) else None
    values = attribute.get("Value") if isinstance(attribute, dict) else None
    return str(values[0]) if isinstance(values, list) and values else ""


class OrthancQuery:
    """Orthanc's own REST API."""

    def __init__(self, peer: OrthancPeer, *, timeout: float) -> None:
        self._peer = peer
        self._service = WebService(peer, timeout=timeout)

    def check(self) -> str:
        system = self._service.json(self._service.get("system"))
        version = system.get("Version", "of unknown version") if isinstance(system, dict) else "?"
        return f"Orthanc {version}"

    def count_instances(self, *, study_uid: str, series_uid: str) -> int:
        return len(self._find({"StudyInstanceUID": study_uid, "SeriesInstanceUID": series_uid}))

    def known(self, objects: Sequence[Identity]) -> frozenset[str]:
        return frozenset(
            each.sop_instance_uid
            for each in objects
            if self._find(
                {
                    "StudyInstanceUID": each.study_uid,
                    "SeriesInstanceUID": each.series_uid,
                    "SOPInstanceUID": each.sop_instance_uid,
                }
            )
        )

    def _find(self, tags: Mapping[str, str]) -> Sequence[object]:
        found = self._service.json(
            self._service.post_json("tools/find", {"Level": "Instance", "Query": dict(tags), "Expand": False})
        )
        return found if isinstance(found, list) else []
