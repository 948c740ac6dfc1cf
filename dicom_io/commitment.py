"""Storage commitments that were asked for, and the reports that come back (PS3.4 J). Talks to: waiting threads.

A peer reports over the association that asked, or later over one that it opens to our receiver: both end here.
"""

import threading
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset
from pydicom.uid import UID

from dicom_io.attributes import UNREADABLE
from dicom_io.errors import InvalidInstance

WELL_KNOWN_INSTANCE: Final = "1.2.840.10008.1.20.1.1"
REQUEST_ACTION: Final = 1

_LONGEST_MEMORY: Final = 1000  # transactions that no peer ever reported


@dataclass(frozen=True, kw_only=True)
class CommitmentReport:
    """committed: the SOP Instance UIDs that the peer answers for; those that it does not are simply not among them."""

    transaction_uid: str
    committed: frozenset[str]


def decoded_report(encoded: bytes, transfer_syntax_uid: str) -> CommitmentReport:
    """Of an N-EVENT-REPORT's dataset. Raises InvalidInstance."""
    syntax = UID(transfer_syntax_uid)
    try:
        return report_of(read_dataset(BytesIO(encoded), syntax.is_implicit_VR, syntax.is_little_endian))
    except UNREADABLE as error:
        raise InvalidInstance("the commitment report does not parse") from error


def report_of(dataset: Dataset) -> CommitmentReport:
    return CommitmentReport(
        transaction_uid=str(dataset.get("TransactionUID", "")),
        committed=frozenset(
            str(item.get("ReferencedSOPInstanceUID", "")) for item in dataset.get("ReferencedSOPSequence") or []
        ),
    )


class Commitments:
    """What was asked and is not reported yet, and what was committed and not asked about since. For many threads."""

    def __init__(self) -> None:
        self._open: dict[str, frozenset[str]] = {}  # the objects asked for, by transaction
        self._committed: set[str] = set()
        self._changed = threading.Condition()

    def ask(self, sop_instance_uids: Collection[str]) -> str:
        """A new transaction UID, under which a peer is asked for these."""
        transaction_uid = f"2.25.{uuid.uuid4().int}"
        with self._changed:
            self._open[transaction_uid] = frozenset(sop_instance_uids)
            if len(self._open) > _LONGEST_MEMORY:
                del self._open[next(iter(self._open))]
        return transaction_uid

    def report(self, report: CommitmentReport) -> bool:
        """False for a transaction that nobody asked for, or that was reported before."""
        with self._changed:
            asked = self._open.pop(report.transaction_uid, None)
            if asked is None:
                return False
            self._committed |= asked & report.committed
            self._changed.notify_all()
        return True

    def wait(self, transaction_uid: str, *, timeout: float) -> bool:
        """Whether the transaction is reported within timeout seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: transaction_uid not in self._open, timeout=timeout)

    def known(self, sop_instance_uids: Collection[str]) -> frozenset[str]:
        """Those among them that a peer committed to, in whichever transaction."""
        with self._changed:
            return frozenset(self._committed.intersection(sop_instance_uids))

    def take(self, sop_instance_uids: Collection[str]) -> frozenset[str]:
        """What is known of them; forgotten now."""
        with self._changed:
            found = self._committed.intersection(sop_instance_uids)
            self._committed -= found
        return frozenset(found)
