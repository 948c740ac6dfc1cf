"""A small PACS: takes every storage class, answers C-ECHO and C-FIND, lists what it got. Talks to: PACS, disk.

It is the destination of `lumbar-node demo`, where there is no Orthanc; it makes no promise of durability.
"""

import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from pydicom.dataset import Dataset
from pynetdicom import AE, AllStoragePresentationContexts, evt
from pynetdicom.transport import ThreadedAssociationServer

from dicom_io.deliver.outgoing import Outgoing, outgoing
from dicom_io.errors import InvalidInstance
from dicom_io.query import STUDY_ROOT_FIND
from dicom_io.upper_layer.negotiation import TRANSFER_SYNTAXES, VERIFICATION

_SUCCESS: Final = 0x0000
_PENDING: Final = 0xFF00
_NOT_UNDERSTOOD: Final = 0xC000
_LEVELS: Final = ("STUDY", "SERIES", "IMAGE")


@dataclass(frozen=True, kw_only=True)
class PacsAddress:
    ae_title: str
    host: str
    port: int


class EmbeddedPacs:
    """Listens between start() and stop(); keeps each object as <SOP Instance UID>.dcm, the last one of that UID."""

    def __init__(self, folder: Path, address: PacsAddress) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._address = address
        self._changed = threading.Condition()
        self._objects = {each.uid: each for each in map(outgoing, sorted(folder.glob("*.dcm")))}
        self._server: ThreadedAssociationServer | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Listens once this returns. Raises OSError if the address cannot be bound."""
        logging.getLogger("pynetdicom").setLevel(logging.CRITICAL)  # it logs identifiers
        ae = AE(ae_title=self._address.ae_title)
        for context in AllStoragePresentationContexts:
            ae.add_supported_context(context.abstract_syntax or "", list(TRANSFER_SYNTAXES))
        ae.add_supported_context(VERIFICATION)
        ae.add_supported_context(STUDY_ROOT_FIND)
        self._server = ae.start_server(
            (self._address.host, self._address.port),
            block=False,
            evt_handlers=[(evt.EVT_C_STORE, self._store), (evt.EVT_C_FIND, self._find)],
        )

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server = None

    def objects(self) -> list[Outgoing]:
        """What it has, in the order in which it came."""
        with self._changed:
            return list(self._objects.values())

    def wait_for(self, count: int, *, timeout: float) -> list[Outgoing]:
        """What it has, once that is at least count objects, or after timeout seconds what there is by then."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._objects) >= count, timeout=timeout)
            return list(self._objects.values())

    def _store(self, event: evt.Event) -> int:
        try:
            kept = self._keep(event)
        except InvalidInstance:
            return _NOT_UNDERSTOOD
        with self._changed:
            self._objects[kept.uid] = kept
            self._changed.notify_all()
        return _SUCCESS

    def _keep(self, event: evt.Event) -> Outgoing:
        draft = self._folder / f"{threading.get_ident()}.part"
        draft.write_bytes(event.encoded_dataset())
        try:
            uid = outgoing(draft).uid
        except InvalidInstance:
            draft.unlink()
            raise
        return outgoing(draft.replace(self._folder / f"{uid}.dcm"))

    def _find(self, event: evt.Event) -> Iterator[tuple[int, Dataset | None]]:
        wanted = event.identifier
        level = str(wanted.get("QueryRetrieveLevel", ""))
        if level not in _LEVELS:
            yield _NOT_UNDERSTOOD, None
            return
        for match in _matches(self.objects(), wanted, level):
            yield _PENDING, match


def _matches(objects: list[Outgoing], wanted: Dataset, level: str) -> list[Dataset]:
    """One answer per study, series or image among the objects; UIDs that the query leaves empty match all."""
    answers: dict[tuple[str, ...], Dataset] = {}
    for each in objects:
        uids = _uids(each)
        if all(str(wanted.get(keyword) or uid) == uid for keyword, uid in uids.items()):
            key = tuple(uids.values())[: _LEVELS.index(level) + 1]
            answer = answers.setdefault(key, Dataset())
            answer.QueryRetrieveLevel = level
            for keyword, uid in zip(uids, key, strict=False):
                setattr(answer, keyword, uid)
            if level == "SERIES":
                answer.NumberOfSeriesRelatedInstances = (answer.get("NumberOfSeriesRelatedInstances") or 0) + 1
    return list(answers.values())


def _uids(each: Outgoing) -> dict[str, str]:
    """By keyword, from the study down."""
    return {
        "StudyInstanceUID": each.identity.study_uid,
        "SeriesInstanceUID": each.identity.series_uid,
        "SOPInstanceUID": each.identity.sop_instance_uid,
    }
