"""Delivery by STOW-RS: one request per object, so that each has its own answer. Talks to: disk, PACS."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import requests

from config.settings import StowPeer
from dicom_io.deliver.channel import Receipt, Verdict
from dicom_io.deliver.in_turn import in_turn
from dicom_io.deliver.outgoing import Outgoing, outgoing
from dicom_io.deliver.store_status import meaning, verdict
from dicom_io.http_peer import WebService, words
from dicom_io.query import WebQuery

_DICOM_JSON: Final = "application/dicom+json"
_REFERENCED_SOP_SEQUENCE: Final = "00081199"
_FAILED_SOP_SEQUENCE: Final = "00081198"
_REFERENCED_SOP_INSTANCE_UID: Final = "00081155"
_WARNING_REASON: Final = "00081196"
_FAILURE_REASON: Final = "00081197"
_STORE_RESPONSE: Final = frozenset({200, 202, 409})
_OF_THIS_OBJECT: Final = frozenset({400, 413, 415, 422})  # the body was read and not liked; another may be


class StowChannel:
    """An object is stored only if the Referenced SOP Sequence of the answer names it: HTTP 200 alone says nothing."""

    def __init__(self, peer: StowPeer, *, timeout: float) -> None:
        self._peer = peer
        self._service = WebService(peer, timeout=timeout)
        self._query = WebQuery(peer, timeout=timeout)

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
        file = each.path.read_bytes()
        boundary = hashlib.sha256(file).hexdigest()  # cannot stand in the file whose hash it is
        answer = self._service.post_unchecked(
            "studies",
            b"".join(
                [
                    f"--{boundary}\r\nContent-Type: application/dicom\r\n\r\n".encode(),
                    file,
                    f"\r\n--{boundary}--\r\n".encode(),
                ]
            ),
            content_type=f'multipart/related; type="application/dicom"; boundary={boundary}',
            accept=_DICOM_JSON,
        )
        if answer.status_code in _OF_THIS_OBJECT:
            return _receipt(each, answer, Verdict.REFUSED, words(answer))
        if answer.status_code not in _STORE_RESPONSE:
            raise self._service.refusal(answer)
        return self._from_store_response(each, answer)

    def _from_store_response(self, each: Outgoing, answer: requests.Response) -> Receipt:
        response = self._service.json(answer)
        stored = _item(response, _REFERENCED_SOP_SEQUENCE, each.uid)
        if stored is not None:
            return _receipt(each, answer, Verdict.STORED, meaning(_number(stored, _WARNING_REASON)))
        failed = _item(response, _FAILED_SOP_SEQUENCE, each.uid)
        if failed is None:
            return _receipt(each, answer, Verdict.UNANSWERED, "the answer does not name this object")
        reason = _number(failed, _FAILURE_REASON)
        refused = verdict(reason) if reason and verdict(reason) != Verdict.STORED else Verdict.REFUSED
        return _receipt(each, answer, refused, f"failure reason 0x{reason:04X}: {meaning(reason)}")


def _receipt(each: Outgoing, answer: requests.Response, judged: Verdict, said: str) -> Receipt:
    return Receipt(
        path=each.path,
        sop_instance_uid=each.uid,
        verdict=judged,
        status=f"HTTP {answer.status_code}",
        words=said,
    )


def _item(response: object, sequence: str, uid: str) -> Mapping[str, object] | None:
    """The item of a sequence, in the DICOM JSON model, that names this object."""
    for item in _values(response, sequence):
        if isinstance(item, dict) and _values(item, _REFERENCED_SOP_INSTANCE_UID)[:1] == [uid]:
            return item
    return None


def _number(item: object, tag: str) -> int:
    """0 where there is none."""
    values = _values(item, tag)
    return values[0] if values and isinstance(values[0], int) else 0


def _values(dataset: object, tag: str) -> list[object]:
    attribute = dataset.get(tag) if isinstance(dataset, dict) else None
    values = attribute.get("Value") if isinstance(attribute, dict) else None
    return values if isinstance(values, list) else []
