"""Delivery through Orthanc's own REST API, one request per object. Talks to: disk, PACS."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from config.settings import OrthancPeer
from dicom_io.deliver.channel import Receipt, Verdict
from dicom_io.deliver.in_turn import in_turn
from dicom_io.deliver.outgoing import Outgoing, dataset_bytes, outgoing
from dicom_io.errors import InvalidInstance
from dicom_io.http_peer import WebService, words
from dicom_io.query import OrthancQuery

_OF_THIS_OBJECT: Final = frozenset({400, 413, 415, 422})


class OrthancChannel:
    """Orthanc says AlreadyStored for any object with a known UID, whatever its content: then we compare."""

    def __init__(self, peer: OrthancPeer, *, timeout: float) -> None:
        self._peer = peer
        self._service = WebService(peer, timeout=timeout)
        self._query = OrthancQuery(peer, timeout=timeout)

    def check(self) -> str:
        return self._query.check()

    def send(self, files: Sequence[Path]) -> Sequence[Receipt]:
        return in_turn([outgoing(path) for path in files], self._store)

    def confirm(self, files: Sequence[Path]) -> frozenset[str]:
        identities = [outgoing(path).identity for path in files]
        if self._peer.confirm == "none":
            return frozenset(each.sop_instance_uid for each in identities)
        return self._query.known(identities)

    def _store(self, each: Outgoing) -> Receipt:
        answer = self._service.post_unchecked(
            "instances", each.path.read_bytes(), content_type="application/dicom", accept="application/json"
        )
        if answer.status_code in _OF_THIS_OBJECT:
            return _receipt(each, Verdict.REFUSED, f"HTTP {answer.status_code}", words(answer))
        if answer.status_code != 200:
            raise self._service.refusal(answer)
        response = self._service.json(answer)
        status, identifier = _field(response, "Status"), _field(response, "ID")
        if status == "Success":
            return _receipt(each, Verdict.STORED, status)
        if status == "AlreadyStored":
            return self._compared(each, identifier)
        return _receipt(each, Verdict.REFUSED, status or "no status", words(answer))

    def _compared(self, each: Outgoing, identifier: str) -> Receipt:
        there = self._service.get(f"instances/{identifier}/file").content
        try:
            is_same = dataset_bytes(there) == dataset_bytes(each.path.read_bytes())
        except InvalidInstance:
            is_same = False
        if is_same:
            return _receipt(each, Verdict.STORED, "AlreadyStored")
        return _receipt(each, Verdict.REFUSED, "AlreadyStored", "another object with this SOP Instance UID is there")


def _field(response: object, name: str) -> str:
    return str(response.get(name, "")) if isinstance(response, dict) else ""


def _receipt(each: Outgoing, judged: Verdict, status: str, said: str = "") -> Receipt:
    return Receipt(path=each.path, sop_instance_uid=each.uid, verdict=judged, status=status, words=said)
