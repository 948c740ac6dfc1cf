"""Storage commitment: asked by C-STORE channels, answered on the same association or, by Orthanc, on one of its own."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pydicom.dataset import Dataset
from pynetdicom import AE, AllStoragePresentationContexts, build_role, evt

from config.settings import DimsePeer, Receiver
from dicom_io.commitment import Commitments
from dicom_io.deliver.channel import Channel
from dicom_io.deliver.opened import channel
from dicom_io.errors import PeerBusy, PeerRefused
from dicom_io.scp import StorageScp
from dicom_io.spool import Spool
from dicom_io.upper_layer.negotiation import STORAGE_COMMITMENT
from tests.orthanc import Modality, free_port, running_orthanc
from tests.receiving import ListLedger, mr_object

WELL_KNOWN = "1.2.840.10008.1.20.1.1"


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Objects 1.2.3.1.1 and 1.2.3.1.2."""
    for number in (1, 2):
        mr_object(number).save_as(tmp_path / f"{number}.dcm", enforce_file_format=True)
    return [tmp_path / "1.dcm", tmp_path / "2.dcm"]


def committing(port: int, ae_title: str, commitments: Commitments, timeout: float = 20) -> Channel:
    peer = DimsePeer(kind="dimse", name="pacs", ae_title=ae_title, host="127.0.0.1", port=port, confirm="commitment")
    return channel(peer, calling_ae="LUMBARAI", timeout=timeout, commitments=commitments)


@contextmanager
def listening(folder: Path, port: int, commitments: Commitments) -> Iterator[None]:
    """Our receiver, to which a peer reports."""
    settings = Receiver(host="127.0.0.1", port=port, allow_any_caller=True)
    spool = Spool(folder / "spool", watermark=0)
    with StorageScp(settings, spool=spool, intake=ListLedger(), commitments=commitments):
        yield


def report_to(request: Dataset, *, leave_out: str = "") -> Dataset:
    """What a PACS reports on a request: all committed, but one."""
    report = Dataset()
    report.TransactionUID = request.TransactionUID
    report.ReferencedSOPSequence = [
        item for item in request.ReferencedSOPSequence if item.ReferencedSOPInstanceUID != leave_out
    ]
    return report


@contextmanager
def pacs(answer: Callable[[evt.Event], tuple[int, None]]) -> Iterator[int]:
    """A peer that takes everything and leaves the commitment to answer."""
    ae = AE(ae_title="PACS")
    ae.supported_contexts = AllStoragePresentationContexts
    ae.add_supported_context(STORAGE_COMMITMENT)
    port = free_port()
    server = ae.start_server(
        ("127.0.0.1", port),
        block=False,
        evt_handlers=[(evt.EVT_C_STORE, lambda _: 0), (evt.EVT_N_ACTION, answer)],
    )
    try:
        yield port
    finally:
        server.shutdown()


@pytest.mark.peer
def test_orthanc_commits_to_what_it_has_and_reports_to_the_receiver(
    tmp_path: Path, files: list[Path], peer_program: Callable[[str], Path]
) -> None:
    ours, commitments = free_port(), Commitments()
    node = Modality(ae_title="LUMBARAI", port=ours)
    program = peer_program("Orthanc")
    with (
        listening(tmp_path, ours, commitments),
        running_orthanc(program, tmp_path / "orthanc", modalities={"node": node}) as orthanc,
    ):
        out = committing(orthanc.dicom_port, orthanc.ae_title, commitments)
        out.send(files[:1])
        assert out.confirm(files) == {"1.2.3.1.1"}
        out.send(files[1:])
        assert out.confirm(files) == {"1.2.3.1.1", "1.2.3.1.2"}


def test_a_report_on_the_association_that_asked_is_heard(files: list[Path]) -> None:
    reporters: list[threading.Thread] = []

    def answer(event: evt.Event) -> tuple[int, None]:
        report = report_to(event.action_information, leave_out="1.2.3.1.2")
        arguments = (report, 1, STORAGE_COMMITMENT, WELL_KNOWN)
        reporters.append(threading.Thread(target=event.assoc.send_n_event_report, args=arguments))
        reporters[-1].start()
        return 0, None

    with pacs(answer) as port:
        assert committing(port, "PACS", Commitments()).confirm(files) == {"1.2.3.1.1"}
        for reporter in reporters:
            reporter.join()


def test_a_report_that_comes_too_late_counts_at_the_next_question(tmp_path: Path, files: list[Path]) -> None:
    asked: list[Dataset] = []

    def answer(event: evt.Event) -> tuple[int, None]:
        asked.append(event.action_information)
        return 0, None

    ours, commitments = free_port(), Commitments()
    with listening(tmp_path, ours, commitments), pacs(answer) as port:
        out = committing(port, "PACS", commitments, timeout=0.5)
        with pytest.raises(PeerBusy, match="not reported"):
            out.confirm(files)
        assert report(ours, report_to(asked[0])) == 0
        assert out.confirm(files) == {"1.2.3.1.1", "1.2.3.1.2"}
        assert len(asked) == 1


def report(port: int, dataset: Dataset) -> int:
    """The status with which our receiver answers a peer's report, over an association that the peer opens."""
    ae = AE(ae_title="PACS")
    ae.add_requested_context(STORAGE_COMMITMENT)
    role = build_role(STORAGE_COMMITMENT, scp_role=True)
    association = ae.associate("127.0.0.1", port, ae_title="LUMBARAI", ext_neg=[role])
    assert association.is_established
    status, _ = association.send_n_event_report(dataset, 1, STORAGE_COMMITMENT, WELL_KNOWN)
    association.release()
    return int(status.Status)


def test_a_report_that_nobody_asked_for_is_refused(tmp_path: Path) -> None:
    stranger = Dataset()
    stranger.TransactionUID = "1.2.3"
    ours = free_port()
    with listening(tmp_path, ours, Commitments()):
        assert report(ours, stranger) == 0x0115


def test_a_peer_that_refuses_to_commit_says_so(files: list[Path]) -> None:
    with pacs(lambda _: (0x0110, None)) as port, pytest.raises(PeerRefused, match="0x0110"):
        committing(port, "PACS", Commitments()).confirm(files)
