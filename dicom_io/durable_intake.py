"""Received objects become durable at the same time as their ledger rows; only then they are answered. Talks to: disk.

The file, its directory and the row are synced side by side, not one after the other: on a busy machine each sync alone
waits for the disk's flush and for its turn, and together they wait once (deploy/decisions/0005-receiver.md). Should the
power fail in between, a row may be there without its file, or a file without its row. Neither was answered, so its
sender has it still; the node looks after such rows when it starts (Spool.is_intact).
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from dicom_io.durable import fsync_path
from dicom_io.group_commit import GroupCommit
from dicom_io.received import Intake, ReceivedObject, StoreStatus

_SYNCS_AT_ONCE: Final = 8


class DurableIntake:
    """May be used from many threads at once: what waits for the same disk is committed together."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._syncs = ThreadPoolExecutor(_SYNCS_AT_ONCE, thread_name_prefix="scp-sync")
        self._group: GroupCommit[ReceivedObject, StoreStatus] = GroupCommit(self._commit)

    def record(self, received: ReceivedObject) -> StoreStatus:
        """The node's answer, once file, directory and row are on the disk. Raises OSError, CommitFailed."""
        return self._group.submit(received)

    def close(self) -> None:
        self._syncs.shutdown()

    def _commit(self, objects: Sequence[ReceivedObject]) -> Sequence[StoreStatus]:
        paths = {each.path for each in objects}
        paths |= {path.parent for path in paths}
        syncs = [self._syncs.submit(fsync_path, path) for path in paths]
        answers = self._intake.receive(objects)
        for sync in syncs:
            sync.result()
        return answers
