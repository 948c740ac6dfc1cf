"""The spool on a real disk; only the free space is told to it."""

import errno
import os
from pathlib import Path

import pytest
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage

from dicom_io.errors import InvalidInstance, SpoolFull
from dicom_io.received import Arrival
from dicom_io.spool import Draft, Expected, Kept, Spool, is_intact, sweep
from tests.receiving import encoded, mr_object


def begin(spool: Spool, number: int = 1) -> Draft:
    return spool.begin(
        Expected(
            sop_class_uid=MRImageStorage,
            sop_instance_uid=f"1.2.3.1.{number}",
            transfer_syntax_uid=ExplicitVRLittleEndian,
            source_ae="PACS",
        )
    )


def receive(spool: Spool, dataset: bytes) -> Kept:
    draft = begin(spool)
    draft.write(memoryview(dataset))
    return draft.keep()


def test_what_a_crash_left_half_received_is_swept_away(tmp_path: Path) -> None:
    begin(Spool(tmp_path, watermark=0)).write(memoryview(b"half"))
    assert len(list((tmp_path / "incoming").iterdir())) == 1
    Spool(tmp_path, watermark=0)
    assert list((tmp_path / "incoming").iterdir()) == []


def test_the_sha256_is_of_the_dataset_alone(tmp_path: Path) -> None:
    draft = begin(Spool(tmp_path, watermark=0))
    draft.write(memoryview(encoded(mr_object())))
    kept = draft.keep()
    assert is_intact(kept.path, kept.sha256)


def test_a_conflict_that_comes_twice_is_kept_once(tmp_path: Path) -> None:
    spool = Spool(tmp_path, watermark=0)
    arrivals = []
    for name in ("First^One", "Second^One", "Second^One"):
        draft = begin(spool)
        draft.write(memoryview(encoded(mr_object(patient_name=name))))
        arrivals.append(draft.keep().arrival)
    assert arrivals == [Arrival.NEW, Arrival.CONFLICT, Arrival.CONFLICT]
    assert len(list((tmp_path / "quarantine").iterdir())) == 1


def test_a_full_disk_in_the_middle_of_an_object_is_said_as_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int, content: object) -> int:
        raise OSError(errno.ENOSPC, "no space")

    draft = begin(Spool(tmp_path, watermark=0))
    monkeypatch.setattr(os, "write", full)
    with pytest.raises(SpoolFull):
        draft.write(memoryview(b"more"))


def test_under_the_watermark_nothing_is_begun(tmp_path: Path) -> None:
    spool = Spool(tmp_path, watermark=100, free=lambda _: 99)
    with pytest.raises(SpoolFull):
        begin(spool)


def test_a_directory_that_retention_took_away_is_made_again(tmp_path: Path) -> None:
    spool = Spool(tmp_path, watermark=0)
    draft = begin(spool)
    draft.write(memoryview(encoded(mr_object())))
    first = draft.keep().path
    first.unlink()
    first.parent.rmdir()
    first.parent.parent.rmdir()
    draft = begin(spool)
    draft.write(memoryview(encoded(mr_object())))
    assert draft.keep().path == first


def test_an_object_that_is_refused_leaves_no_draft(tmp_path: Path) -> None:
    draft = begin(Spool(tmp_path, watermark=0), number=2)
    draft.write(memoryview(encoded(mr_object(1))))
    with pytest.raises(InvalidInstance):
        draft.keep()
    assert list((tmp_path / "incoming").iterdir()) == []


@pytest.mark.parametrize("left", [0, 100, 500])
def test_what_a_power_cut_left_of_an_object_makes_room_for_the_whole_one(tmp_path: Path, left: int) -> None:
    spool = Spool(tmp_path, watermark=0)
    whole = encoded(mr_object())
    kept = receive(spool, whole)
    os.truncate(kept.path, left)
    assert not is_intact(kept.path, kept.sha256)
    again = receive(spool, whole)
    assert (again.path, again.arrival) == (kept.path, Arrival.NEW)
    assert is_intact(kept.path, kept.sha256)
    assert list((tmp_path / "incoming").iterdir()) == []


def test_a_file_that_is_not_there_is_not_intact(tmp_path: Path) -> None:
    assert not is_intact(tmp_path / "gone.dcm", "0" * 64)


def test_the_sweep_takes_what_no_row_knows_and_only_if_it_is_old(tmp_path: Path) -> None:
    spool = Spool(tmp_path, watermark=0)
    known = receive(spool, encoded(mr_object())).path
    conflict = receive(spool, encoded(mr_object(patient_name="Another^One"))).path
    arrived = conflict.stat().st_mtime
    assert sweep(tmp_path, before=arrived - 1, known={known}) == 0
    assert sweep(tmp_path, before=arrived + 1, known={known}) == 1
    assert (known.exists(), conflict.exists()) == (True, False)
    assert sweep(tmp_path, before=arrived + 1, known=()) == 1
    assert list((tmp_path / "objects").iterdir()) == []
    assert receive(spool, encoded(mr_object())).path == known
