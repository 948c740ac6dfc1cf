"""A message under way: a C-STORE's fragments into the spool, a report's to who waits for it. Talks to: disk.

Nothing of a dataset is decoded, kept in memory or logged here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from dicom_io.commitment import Commitments, decoded_report
from dicom_io.errors import InvalidInstance, SpoolFull
from dicom_io.group_commit import CommitFailed
from dicom_io.received import Caller, ReceivedObject, StoreStatus
from dicom_io.spool import Draft, Expected, Kept, Spool
from dicom_io.upper_layer.dimse import INVALID_ARGUMENT

_LONGEST_REPORT: Final = 4 * 1024 * 1024

Record = Callable[[ReceivedObject], StoreStatus]

_COMMENTS: Final = {
    StoreStatus.SUCCESS: "",
    StoreStatus.OUT_OF_RESOURCES: "no space for this object",
    StoreStatus.NOT_UNDERSTOOD: "not a usable object",
    StoreStatus.CONFLICT: "another object with this SOP Instance UID is here already",
    StoreStatus.NOT_RECORDED: "the object could not be recorded",
}


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The answer to a request, why (empty for success), and what is kept of its dataset."""

    status: int
    comment: str = ""
    series_uid: str | None = None
    size: int = 0


class Unread:
    """A request whose answer does not depend on its dataset: the fragments go nowhere."""

    def __init__(self, status: int, comment: str) -> None:
        self._outcome = Outcome(status=status, comment=comment)

    def take(self, fragment: memoryview) -> None: ...

    def finish(self) -> Outcome:
        return self._outcome

    def drop(self) -> None: ...


class IncomingReport:
    """An N-EVENT-REPORT of storage commitment."""

    def __init__(self, commitments: Commitments, transfer_syntax_uid: str) -> None:
        self._commitments = commitments
        self._transfer_syntax_uid = transfer_syntax_uid
        self._encoded = bytearray()

    def take(self, fragment: memoryview) -> None:
        if len(self._encoded) < _LONGEST_REPORT:
            self._encoded += fragment

    def finish(self) -> Outcome:
        try:
            report = decoded_report(bytes(self._encoded), self._transfer_syntax_uid)
        except InvalidInstance as error:
            return Outcome(status=INVALID_ARGUMENT, comment=str(error))
        if not self._commitments.report(report):
            return Outcome(status=INVALID_ARGUMENT, comment="no such transaction is open")
        return Outcome(status=StoreStatus.SUCCESS)

    def drop(self) -> None: ...


class Incoming:
    """A dataset on its way into the spool; after a refusal the rest is drained, and the answer says why."""

    def __init__(self, spool: Spool, *, expected: Expected, caller: Caller, record: Record) -> None:
        self._expected = expected
        self._caller = caller
        self._record = record
        self._refusal: Outcome | None = None
        self._draft: Draft | None = None
        try:
            self._draft = spool.begin(expected)
        except (InvalidInstance, SpoolFull) as error:
            self._refusal = _refusal(error)

    def take(self, fragment: memoryview) -> None:
        if self._draft is None:
            return
        try:
            self._draft.write(fragment)
        except SpoolFull as error:
            self.drop()
            self._refusal = _refusal(error)

    def finish(self) -> Outcome:
        """Success means: the file is durable and its ledger row is committed."""
        if self._draft is None:
            return self._refusal or _outcome(StoreStatus.NOT_UNDERSTOOD)
        draft, self._draft = self._draft, None
        try:
            kept = draft.keep()
        except (InvalidInstance, SpoolFull) as error:
            return _refusal(error)
        try:
            status = self._record(self._received(kept))
        except CommitFailed:
            status = StoreStatus.NOT_RECORDED
        return _outcome(status, kept)

    def drop(self) -> None:
        """Forgets what came: the association ended before the last fragment."""
        if self._draft is not None:
            self._draft.discard()
            self._draft = None

    def _received(self, kept: Kept) -> ReceivedObject:
        return ReceivedObject(
            path=kept.path,
            arrival=kept.arrival,
            study_uid=kept.identity.study_uid,
            series_uid=kept.identity.series_uid,
            sop_instance_uid=kept.identity.sop_instance_uid,
            sop_class_uid=kept.identity.sop_class_uid,
            transfer_syntax_uid=self._expected.transfer_syntax_uid,
            sha256=kept.sha256,
            size=kept.size,
            caller=self._caller,
        )


def _refusal(error: InvalidInstance | SpoolFull) -> Outcome:
    status = StoreStatus.OUT_OF_RESOURCES if isinstance(error, SpoolFull) else StoreStatus.NOT_UNDERSTOOD
    return Outcome(status=status, comment=str(error))


def _outcome(status: StoreStatus, kept: Kept | None = None) -> Outcome:
    return Outcome(
        status=status,
        comment=_COMMENTS[status],
        series_uid=kept.identity.series_uid if kept else None,
        size=kept.size if kept else 0,
    )
