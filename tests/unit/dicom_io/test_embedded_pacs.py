"""The embedded PACS as its users see it; tests/contract has it beside Orthanc."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import SegmentationStorage
from pynetdicom import AE

from config.settings import DimsePeer
from dicom_io.deliver.channel import Channel, Verdict
from dicom_io.deliver.opened import channel
from dicom_io.embedded_pacs import EmbeddedPacs, PacsAddress
from dicom_io.query import STUDY_ROOT_FIND
from tests.orthanc import free_port
from tests.receiving import mr_object


@pytest.fixture
def address() -> PacsAddress:
    return PacsAddress(ae_title="PACS", host="127.0.0.1", port=free_port())


@pytest.fixture
def pacs(tmp_path: Path, address: PacsAddress) -> Iterator[EmbeddedPacs]:
    with EmbeddedPacs(tmp_path / "pacs", address) as running:
        yield running


def sender(address: PacsAddress) -> Channel:
    peer = DimsePeer(kind="dimse", name="pacs", ae_title="PACS", host=address.host, port=address.port)
    return channel(peer, calling_ae="NODE", timeout=10)


def written(path: Path, image: Dataset) -> Path:
    image.save_as(path, enforce_file_format=True)
    return path


def test_it_lists_what_it_got_and_knows_it_after_a_restart(
    pacs: EmbeddedPacs, address: PacsAddress, tmp_path: Path
) -> None:
    files = [
        written(tmp_path / "mr.dcm", mr_object(1)),
        written(tmp_path / "seg.dcm", mr_object(2, sop_class=SegmentationStorage)),
    ]
    sender(address).send(files)
    assert [each.uid for each in pacs.wait_for(2, timeout=10)] == ["1.2.3.1.1", "1.2.3.1.2"]
    assert [each.uid for each in EmbeddedPacs(tmp_path / "pacs", address).objects()] == ["1.2.3.1.1", "1.2.3.1.2"]


def test_waiting_for_more_than_comes_ends_with_what_there_is(pacs: EmbeddedPacs) -> None:
    assert pacs.wait_for(1, timeout=0.01) == []


def test_an_object_without_a_study_is_refused_and_not_kept(
    pacs: EmbeddedPacs, address: PacsAddress, tmp_path: Path
) -> None:
    ae = AE(ae_title="NODE")
    broken = mr_object()
    del broken.StudyInstanceUID
    ae.add_requested_context(broken.SOPClassUID)
    association = ae.associate(address.host, address.port, ae_title="PACS")
    assert association.send_c_store(broken).Status == 0xC000
    association.release()
    assert pacs.objects() == []
    assert list((tmp_path / "pacs").iterdir()) == []


def test_it_counts_the_images_of_a_series(pacs: EmbeddedPacs, address: PacsAddress, tmp_path: Path) -> None:
    sender(address).send([written(tmp_path / f"{at}.dcm", mr_object(at)) for at in (1, 2, 3)])
    ae = AE(ae_title="NODE")
    ae.add_requested_context(STUDY_ROOT_FIND)
    association = ae.associate(address.host, address.port, ae_title="PACS")
    wanted = Dataset()
    wanted.QueryRetrieveLevel = "SERIES"
    wanted.StudyInstanceUID = "1.2.3"
    wanted.SeriesInstanceUID = ""
    matches = [match for _, match in association.send_c_find(wanted, STUDY_ROOT_FIND) if match is not None]
    association.release()
    assert [(match.SeriesInstanceUID, match.NumberOfSeriesRelatedInstances) for match in matches] == [("1.2.3.1", 3)]


def test_neither_side_logs_anything_of_the_patient(
    pacs: EmbeddedPacs, address: PacsAddress, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    image = mr_object(patient_name="Kim^Test")
    with caplog.at_level(logging.DEBUG):
        (receipt,) = sender(address).send([written(tmp_path / "mr.dcm", image)])
        sender(address).confirm([tmp_path / "mr.dcm"])
        sender(address).check()
    assert receipt.verdict == Verdict.STORED
    for secret in ("Kim", "SECRET", "1.2.3.1"):
        assert secret not in caplog.text
