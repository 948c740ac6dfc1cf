"""Success only for what the ledger has on the disk."""

import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from dicom_io.received import Arrival, Caller, ReceivedObject, StoreStatus
from node.intake import LedgerIntake
from node.ledger import Ledger


def received(number: int, *, arrival: Arrival = Arrival.NEW) -> ReceivedObject:
    return ReceivedObject(
        path=Path(f"/spool/{number}.dcm"),
        arrival=arrival,
        study_uid="1.2",
        series_uid="1.2.3",
        sop_instance_uid=f"9.{number}",
        sop_class_uid="1.1",
        transfer_syntax_uid="1.1",
        sha256="aa",
        size=10,
        caller=Caller(association_id="1", calling_ae="MR1", called_ae="LUMBARAI", address="127.0.0.1"),
    )


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger(tmp_path / "ledger.sqlite3")
    yield opened
    opened.close()


def test_each_object_of_a_group_has_its_own_answer(ledger: Ledger) -> None:
    arrivals = []
    intake = LedgerIntake(ledger, arrived=lambda: arrivals.append(1))
    answers = intake.receive([received(1), received(2, arrival=Arrival.CONFLICT), received(1)])
    assert answers == [StoreStatus.SUCCESS, StoreStatus.CONFLICT, StoreStatus.SUCCESS]
    assert len(arrivals) == 1


def test_a_disk_that_is_full_is_told_to_the_sender_and_nothing_is_recorded(ledger: Ledger, tmp_path: Path) -> None:
    intake = LedgerIntake(ledger, arrived=lambda: None)
    intake.receive([received(1)])
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, ((tmp_path / "ledger.sqlite3-wal").stat().st_size, hard))
    try:
        answers = intake.receive([received(number) for number in range(2, 5)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert set(answers) == {StoreStatus.OUT_OF_RESOURCES}
    assert [one.sop_instance_uid for one in ledger.receiving.instances("1.2.3")] == ["9.1"]
    assert intake.receive([received(2)]) == [StoreStatus.SUCCESS]
