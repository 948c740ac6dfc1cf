"""Objects in the spool become rows of the ledger; only then may the receiver answer Success. Talks to: disk."""

import contextlib
import logging
import sqlite3
from collections.abc import Callable, Sequence
from typing import Final

from dicom_io.received import AssociationEnd, ReceivedObject, StoreStatus, Turned
from node.ledger import Ledger
from node.log import tell

LOG: Final = logging.getLogger(__name__)
_FULL: Final = ("SQLITE_FULL", "SQLITE_IOERR_WRITE")


class LedgerIntake:
    """The node's side of the receiver. arrived: called after each commit, from the receiver's threads."""

    def __init__(self, ledger: Ledger, *, arrived: Callable[[], None]) -> None:
        self._ledger = ledger
        self._arrived = arrived

    def receive(self, objects: Sequence[ReceivedObject]) -> Sequence[StoreStatus]:
        try:
            kept = self._ledger.receiving.record(objects)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname not in _FULL:
                raise
            return [StoreStatus.OUT_OF_RESOURCES] * len(objects)
        self._arrived()
        return [_answer(received, is_kept=is_kept) for received, is_kept in zip(objects, kept, strict=True)]

    def association_ended(self, end: AssociationEnd) -> None:
        self._ledger.receiving.end_association(end)
        self._arrived()

    def turned_away(self, caller: Turned) -> None:
        """What the page would say of it is lost where the disk is full: the page says that already."""
        with contextlib.suppress(sqlite3.OperationalError):
            self._ledger.receiving.note_turned_away(caller)


def _answer(received: ReceivedObject, *, is_kept: bool) -> StoreStatus:
    if is_kept:
        return StoreStatus.SUCCESS
    tell(LOG, "kept apart: its UID is taken", level=logging.WARNING, object=received.sop_instance_uid)
    return StoreStatus.CONFLICT
