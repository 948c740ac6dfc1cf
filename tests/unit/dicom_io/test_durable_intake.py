"""What is on the disk when an object is answered; real files, the syncs are only listened to."""

import os
from pathlib import Path

import pytest

from dicom_io.durable_intake import DurableIntake
from dicom_io.received import Arrival, Caller, ReceivedObject, StoreStatus
from tests.receiving import ListLedger, mr_object, running_receiver, send

CALLER = Caller(association_id="1", calling_ae="PACS", called_ae="NODE", address="192.0.2.1")


def received(path: Path) -> ReceivedObject:
    return ReceivedObject(
        path=path,
        arrival=Arrival.NEW,
        study_uid="1",
        series_uid="2",
        sop_instance_uid="3",
        sop_class_uid="4",
        transfer_syntax_uid="5",
        sha256="6",
        size=7,
        caller=CALLER,
    )


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of what is fsynced, as it happens."""
    names: list[str] = []
    fsync = os.fsync

    def noted(descriptor: int) -> None:
        fsync(descriptor)
        names.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)

    monkeypatch.setattr(os, "fsync", noted)
    return names


def test_file_and_directory_are_synced_when_the_answer_is_there(tmp_path: Path, synced: list[str]) -> None:
    path = tmp_path / "object.dcm"
    path.write_bytes(b"bytes")
    durable = DurableIntake(ListLedger())
    assert durable.record(received(path)) == StoreStatus.SUCCESS
    durable.close()
    assert sorted(synced) == sorted(["object.dcm", tmp_path.name])


def test_every_directory_above_a_first_object_is_synced_before_its_answer(tmp_path: Path, synced: list[str]) -> None:
    root = tmp_path / "spool"
    with running_receiver(root) as receiver:
        assert send(receiver, mr_object()) == [0]
    assert {"spool", "objects", "1.2.3", "1.2.3.1", "1.2.3.1.1.dcm"} <= set(synced)


def test_a_sync_that_fails_is_no_success(tmp_path: Path) -> None:
    durable = DurableIntake(ListLedger())
    with pytest.raises(FileNotFoundError):
        durable.record(received(tmp_path / "gone.dcm"))
    durable.close()


def test_a_row_that_fails_is_no_success(tmp_path: Path) -> None:
    def broken(_: ReceivedObject) -> StoreStatus:
        raise OSError("the ledger's disk is gone")

    path = tmp_path / "object.dcm"
    path.write_bytes(b"bytes")
    durable = DurableIntake(ListLedger(answer=broken))
    with pytest.raises(OSError, match="the ledger's disk"):
        durable.record(received(path))
    durable.close()
