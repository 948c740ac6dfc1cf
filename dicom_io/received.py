"""What the receiver tells the node: objects in the spool, associations that ended, and what it may answer. Pure.

The node gives the receiver an `Intake`. `receive` is called with every object that came since the last call (a group
commit: one transaction for all of them) and returns one answer per object, in their order. Success may only be answered
for an object whose ledger row is committed. The files are synced while `receive` runs; the answers go to the senders
when both are done. After a power cut a row may therefore lack its file: the node drops such rows when it starts
(spool.is_intact), for their senders had no answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from pathlib import Path
from typing import Protocol


class StoreStatus(IntEnum):
    """The answers to a C-STORE request that we give (PS3.4 B.2.3)."""

    SUCCESS = 0x0000
    OUT_OF_RESOURCES = 0xA700
    NOT_UNDERSTOOD = 0xC000
    CONFLICT = 0xC001  # another object with this SOP Instance UID came earlier; this one lies in quarantine
    NOT_RECORDED = 0xC002  # a defect of ours: the object could not be written down


class Arrival(StrEnum):
    """How the bytes of an object compare with what lies in the spool under its UID."""

    NEW = "new"
    IDENTICAL = "identical"  # sent again; the ledger row may still be missing after a crash, so write it if absent
    CONFLICT = "conflict"  # same SOP Instance UID, other bytes: path lies in the quarantine


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who called: AE titles as in the A-ASSOCIATE-RQ, address of the connection, one id per association."""

    association_id: str
    calling_ae: str
    called_ae: str
    address: str


@dataclass(frozen=True, kw_only=True)
class ReceivedObject:
    """A DICOM file at `path`; sha256 and size are of the dataset's bytes, without preamble and file meta."""

    path: Path
    arrival: Arrival
    study_uid: str
    series_uid: str
    sop_instance_uid: str
    sop_class_uid: str
    transfer_syntax_uid: str
    sha256: str
    size: int
    caller: Caller


class Ending(StrEnum):
    RELEASED = "released"
    ABORTED = "aborted"  # A-ABORT by either side, a connection that broke, or a peer that fell silent


@dataclass(frozen=True, kw_only=True)
class AssociationEnd:
    """How an association ended and what it brought.

    series_uids: every series that it stored an object of. refusals: the different reasons given, without patient data.
    """

    caller: Caller
    ending: Ending
    stored: int
    refused: int
    refusals: tuple[str, ...]
    series_uids: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Turned:
    """A caller that got no association, and why."""

    calling_ae: str
    address: str
    reason: str


class Intake(Protocol):
    """The node's side of the receiver. All are called from many threads, `receive` never from two at once."""

    def receive(self, objects: Sequence[ReceivedObject]) -> Sequence[StoreStatus]:
        """Commits one ledger row per object in one transaction, then answers. Raises: nothing by design."""
        ...

    def association_ended(self, end: AssociationEnd) -> None: ...

    def turned_away(self, caller: Turned) -> None: ...
