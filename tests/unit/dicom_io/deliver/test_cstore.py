"""C-STORE against pynetdicom as the receiver, which answers what a test wants."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import (
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    MRImageStorage,
    SegmentationStorage,
)
from pynetdicom import AE, evt
from pynetdicom.acse import ACSE

from config.settings import DimsePeer
from dicom_io.deliver.channel import Verdict
from dicom_io.deliver.cstore import CStoreChannel
from dicom_io.errors import PeerBusy, PeerRefused, PeerUnreachable
from tests.orthanc import free_port, wait_until
from tests.receiving import mr_object, running_receiver


@contextmanager
def receiving(
    store: Callable[[evt.Event], int | Dataset],
    contexts: Sequence[tuple[str, str]] = ((MRImageStorage, ExplicitVRLittleEndian),),
) -> Iterator[CStoreChannel]:
    ae = AE(ae_title="PACS")
    for sop_class, syntax in contexts:
        ae.add_supported_context(sop_class, syntax)
    port = free_port()
    server = ae.start_server(("127.0.0.1", port), block=False, evt_handlers=[(evt.EVT_C_STORE, store)])
    try:
        yield channel(port)
    finally:
        server.shutdown()


def channel(port: int, ae_title: str = "PACS") -> CStoreChannel:
    peer = DimsePeer(kind="dimse", name="pacs", ae_title=ae_title, host="127.0.0.1", port=port)
    return CStoreChannel(peer, calling_ae="LUMBARAI", timeout=10)


def files(folder: Path, *images: Dataset) -> list[Path]:
    paths = [folder / f"{at}.dcm" for at in range(len(images))]
    for path, image in zip(paths, images, strict=True):
        image.save_as(path, enforce_file_format=True)
    return paths


def refusal(comment: str) -> Dataset:
    status = Dataset()
    status.Status = 0xC123
    status.ErrorComment = comment
    return status


@pytest.mark.parametrize(
    ("answer", "verdict", "words"),
    [
        (0x0000, Verdict.STORED, ""),
        (0xB000, Verdict.STORED, "coercion of data elements"),
        (0xB006, Verdict.STORED, "elements discarded"),
        (0xA700, Verdict.BUSY, "out of resources"),
        (0xA7FF, Verdict.BUSY, "out of resources"),
        (0x0110, Verdict.BUSY, "processing failure"),
        (0xA900, Verdict.REFUSED, "data set does not match SOP class"),
        (0x0124, Verdict.REFUSED, "not authorized"),
        (refusal("no such patient here"), Verdict.REFUSED, "cannot understand: no such patient here"),
    ],
)
def test_each_status_has_its_verdict_and_words(
    tmp_path: Path, answer: int | Dataset, verdict: Verdict, words: str
) -> None:
    with receiving(lambda _: answer) as pacs:
        (receipt,) = pacs.send(files(tmp_path, mr_object()))
    status = answer if isinstance(answer, int) else int(answer.Status)
    assert (receipt.verdict, receipt.status, receipt.words) == (verdict, f"0x{status:04X}", words)


def test_only_the_refused_class_is_refused(tmp_path: Path) -> None:
    with receiving(lambda _: 0) as pacs:
        mr, seg = pacs.send(files(tmp_path, mr_object(1), mr_object(2, sop_class=SegmentationStorage)))
    assert mr.verdict == Verdict.STORED
    assert (seg.verdict, seg.status) == (Verdict.REFUSED, "no presentation context")


def test_a_peer_that_knows_only_implicit_gets_implicit(tmp_path: Path) -> None:
    got: list[str] = []

    def store(event: evt.Event) -> int:
        got.append(str(event.dataset.PatientName))
        return 0

    with receiving(store, [(MRImageStorage, ImplicitVRLittleEndian)]) as pacs:
        (receipt,) = pacs.send(files(tmp_path, mr_object(patient_name="김^철수")))
    assert receipt.verdict == Verdict.STORED
    assert got == ["김^철수"]


def test_a_compressed_object_is_never_sent_as_another_syntax(tmp_path: Path) -> None:
    image = mr_object(transfer_syntax=JPEG2000Lossless)
    image["PixelData"].VR = "OB"
    image["PixelData"].is_undefined_length = True
    image.PixelData = b"\xfe\xff\x00\xe0\x00\x00\x00\x00\xfe\xff\x00\xe0\x04\x00\x00\x00abcd"
    both = [(MRImageStorage, ExplicitVRLittleEndian), (SegmentationStorage, ExplicitVRLittleEndian)]
    with receiving(lambda _: 0, both) as pacs:
        seg, mr = pacs.send(files(tmp_path, mr_object(2, sop_class=SegmentationStorage), image))
    assert seg.verdict == Verdict.STORED
    assert mr.status == "no presentation context"


def test_an_association_that_breaks_leaves_the_rest_unanswered(tmp_path: Path) -> None:
    count = 0

    def store(event: evt.Event) -> int:
        nonlocal count
        count += 1
        if count == 2:
            event.assoc.abort()
        return 0

    with receiving(store) as pacs:
        receipts = pacs.send(files(tmp_path, mr_object(1), mr_object(2), mr_object(3)))
    assert [receipt.verdict for receipt in receipts] == [Verdict.STORED, Verdict.UNANSWERED, Verdict.UNANSWERED]


def test_nobody_there_is_unreachable(tmp_path: Path) -> None:
    with pytest.raises(PeerUnreachable):
        channel(free_port()).send(files(tmp_path, mr_object()))


def test_a_permanent_rejection_is_a_refusal_and_a_transient_one_is_busy(tmp_path: Path) -> None:
    images = files(tmp_path, mr_object())
    with running_receiver(tmp_path / "spool", watermark=1000, free=lambda _: 0) as receiver:
        with pytest.raises(PeerRefused, match="called AE title not recognized"):
            channel(receiver.settings.port, "WRONG").send(images)
        with pytest.raises(PeerBusy, match="temporary congestion"):
            channel(receiver.settings.port, receiver.settings.ae_title).send(images)


def test_a_rejection_quicker_than_the_calling_thread_is_a_refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    send_request = ACSE.send_request

    def until_it_is_over(acse: ACSE) -> None:
        send_request(acse)
        wait_until(lambda: acse.dul.to_user_queue.qsize() and not acse.socket._is_connected)

    monkeypatch.setattr(ACSE, "send_request", until_it_is_over)
    with running_receiver(tmp_path / "spool") as receiver, pytest.raises(PeerRefused, match="called AE title"):
        channel(receiver.settings.port, "WRONG").send(files(tmp_path, mr_object()))


def test_no_context_accepted_at_all_is_a_refusal(tmp_path: Path) -> None:
    with receiving(lambda _: 0) as pacs, pytest.raises(PeerRefused, match="none of the presentation contexts"):
        pacs.send(files(tmp_path, mr_object(sop_class=SegmentationStorage)))
