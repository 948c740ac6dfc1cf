"""The receiver as its callers see it: pynetdicom as the sender, or raw bytes where no library would say them."""

import errno
import hashlib
import logging
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pydicom
import pytest
from pydicom.uid import CTImageStorage, EnhancedMRImageStorage, ExplicitVRLittleEndian, MRImageStorage
from pynetdicom.association import Association

from dicom_io.dimse_peer import answer_to
from dicom_io.received import Arrival, Ending, StoreStatus
from dicom_io.upper_layer.negotiation import STORAGE_CLASSES, TRANSFER_SYNTAXES
from tests.orthanc import wait_until
from tests.receiving import (
    VERIFICATION,
    ListLedger,
    RawSender,
    RunningReceiver,
    associate,
    command,
    encoded,
    mr_object,
    running_receiver,
    send,
    store_request,
    value,
)

ABORT = 0x07


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[RunningReceiver]:
    with running_receiver(tmp_path) as running:
        yield running


def test_an_object_is_on_the_disk_as_it_was_sent_when_success_is_answered(receiver: RunningReceiver) -> None:
    image = mr_object()
    assert send(receiver, image) == [0]
    (kept,) = receiver.ledger.objects
    assert kept.path == receiver.spool / "objects/1.2.3/1.2.3.1/1.2.3.1.1.dcm"
    assert kept.path.read_bytes().endswith(encoded(image))
    assert kept.sha256 == hashlib.sha256(encoded(image)).hexdigest()
    assert (kept.size, kept.arrival, kept.caller.calling_ae) == (len(encoded(image)), Arrival.NEW, "STORESCU")


def test_a_stored_file_opens_with_its_transfer_syntax_and_sender(receiver: RunningReceiver) -> None:
    send(receiver, mr_object())
    meta = pydicom.dcmread(receiver.files()[0]).file_meta
    assert meta.TransferSyntaxUID == ExplicitVRLittleEndian
    assert meta.SourceApplicationEntityTitle == "STORESCU"
    assert meta.MediaStorageSOPInstanceUID == "1.2.3.1.1"


def test_a_release_is_told_to_the_node_with_what_came(receiver: RunningReceiver) -> None:
    send(receiver, mr_object(1), mr_object(2))
    (end,) = receiver.ledger.wait_for_ends(1)
    assert (end.ending, end.stored, end.refused) == (Ending.RELEASED, 2, 0)
    assert end.series_uids == {"1.2.3.1"}


def test_echo_is_answered(receiver: RunningReceiver) -> None:
    association = associate(receiver, [(VERIFICATION, ("1.2.840.10008.1.2",))])
    assert association.send_c_echo().Status == 0
    association.release()


def test_every_storage_class_is_taken_in_every_transfer_syntax(receiver: RunningReceiver) -> None:
    for sop_class in STORAGE_CLASSES:
        association = associate(receiver, [(sop_class, (syntax,)) for syntax in TRANSFER_SYNTAXES])
        taken = {str(context.transfer_syntax[0]) for context in association.accepted_contexts}
        association.release()
        assert taken == set(TRANSFER_SYNTAXES)


NOT_EXPLICIT_LITTLE_ENDIAN = ("1.2.840.10008.1.2", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99")


@pytest.mark.parametrize("syntax", [syntax for syntax in TRANSFER_SYNTAXES if syntax not in NOT_EXPLICIT_LITTLE_ENDIAN])
def test_a_compressed_object_is_stored_without_being_decoded(receiver: RunningReceiver, syntax: str) -> None:
    dataset = encoded(mr_object())
    with RawSender(receiver) as sender:
        sender.associate(transfer_syntax=syntax)
        sender.command(store_request("1.2.3.1.1"))
        sender.tell(0x04, value(dataset, control=0b10))
        assert sender.status() == 0
    (kept,) = receiver.ledger.objects
    assert kept.transfer_syntax_uid == syntax
    assert kept.path.read_bytes().endswith(dataset)


def test_ct_is_not_accepted_at_negotiation(receiver: RunningReceiver) -> None:
    association = associate(
        receiver, [(CTImageStorage, (ExplicitVRLittleEndian,)), (MRImageStorage, (ExplicitVRLittleEndian,))]
    )
    assert [str(context.abstract_syntax) for context in association.rejected_contexts] == [CTImageStorage]
    assert association.rejected_contexts[0].result == 3  # abstract syntax not supported
    association.release()


def test_a_ct_object_in_an_mr_context_is_refused(receiver: RunningReceiver) -> None:
    with RawSender(receiver) as sender:
        sender.associate()
        sender.command(store_request("1.2.3.1.1", sop_class=CTImageStorage))
        sender.tell(0x04, value(encoded(mr_object(sop_class=CTImageStorage)), control=0b10))
        assert sender.status() == 0x0122
    assert receiver.files() == []


def test_the_plainest_of_several_proposed_syntaxes_is_taken(receiver: RunningReceiver) -> None:
    lossy, lossless, plain = "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.70", ExplicitVRLittleEndian
    association = associate(receiver, [(MRImageStorage, (lossy, lossless, plain))])
    assert association.accepted_contexts[0].transfer_syntax == [plain]
    association.release()


def rejection(association: Association) -> tuple[int, int, int]:
    answer = answer_to(association)
    assert answer is not None
    return answer.result, answer.result_source, answer.diagnostic


def test_a_wrong_called_title_is_rejected(receiver: RunningReceiver) -> None:
    association = associate(receiver, called_ae="SOMEONE")
    assert rejection(association) == (1, 1, 7)


def test_an_unknown_caller_is_rejected(tmp_path: Path) -> None:
    callers = [{"ae_title": "PACS"}]
    with running_receiver(tmp_path, allow_any_caller=False, allowed_callers=callers) as receiver:
        stranger, known = associate(receiver), associate(receiver, calling_ae="PACS")
        assert rejection(stranger) == (1, 1, 3)
        assert known.is_established
        known.release()
        wait_until(lambda: receiver.ledger.turned, what="the note of who was turned away")
    (turned,) = receiver.ledger.turned
    assert (turned.address, turned.reason) == ("127.0.0.1", "calling AE title or its address is not allowed here")


@pytest.mark.parametrize(("addresses", "is_welcome"), [(["192.0.2.0/24"], False), (["192.0.2.1", "127.0.0.1"], True)])
def test_a_known_title_from_another_address_is_rejected(tmp_path: Path, addresses: list[str], is_welcome: bool) -> None:
    callers = [{"ae_title": "PACS", "addresses": addresses}]
    with running_receiver(tmp_path, allow_any_caller=False, allowed_callers=callers) as receiver:
        association = associate(receiver, calling_ae="PACS")
        assert association.is_established == is_welcome
        association.release() if is_welcome else None


def test_one_association_more_than_allowed_is_rejected_for_now(tmp_path: Path) -> None:
    with running_receiver(tmp_path, maximum_associations=2) as receiver:
        first, second = associate(receiver), associate(receiver)
        third = associate(receiver)
        assert rejection(third) == (2, 3, 2)
        first.release()
        receiver.ledger.wait_for_ends(1)
        second.release()


def test_under_the_watermark_a_store_is_refused_and_no_association_is_taken(tmp_path: Path) -> None:
    free = [10_000]
    with running_receiver(tmp_path, watermark=5_000, free=lambda _: free[0]) as receiver:
        association = associate(receiver)
        free[0] = 4_999
        assert association.send_c_store(mr_object()).Status == 0xA700
        association.release()
        assert rejection(associate(receiver)) == (2, 3, 1)
        free[0] = 10_000
        assert send(receiver, mr_object()) == [0]
    assert len(receiver.files()) == 1


@pytest.mark.parametrize(
    ("request_uid", "dataset"),
    [
        ("1.2.3.1.1", b"this is a text and no dataset at all."),
        ("1.2.3.1.1", encoded(mr_object())[:-100]),
        ("1.2.3.1.1", b""),
        ("1.2.3.1.2", encoded(mr_object(1))),
        ("../../../etc/x", encoded(mr_object(series="../../../etc"))),
        ("1.2.3.1.1", encoded(mr_object(study="../../outside"))),
        ("1.2.3.1.1", encoded(mr_object(study="1.2." + "3" * 64))),
        ("", encoded(mr_object())),
    ],
    ids=["text", "truncated", "empty", "other UID", "path in SOP UID", "path in study UID", "long UID", "no UID"],
)
def test_a_broken_object_is_not_understood_and_leaves_nothing(
    receiver: RunningReceiver, request_uid: str, dataset: bytes
) -> None:
    with RawSender(receiver) as sender:
        sender.associate()
        sender.command(store_request(request_uid))
        sender.tell(0x04, value(dataset, control=0b10))
        assert 0xC000 <= sender.status() <= 0xCFFF
        sender.command(store_request("1.2.3.1.9"))
        sender.tell(0x04, value(encoded(mr_object(9)), control=0b10))
        assert sender.status() == 0  # and the association goes on
    assert [kept.sop_instance_uid for kept in receiver.ledger.objects] == ["1.2.3.1.9"]
    assert [path for path in receiver.spool.rglob("*") if path.is_file()] == receiver.files()


@pytest.mark.parametrize("keyword", ["SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID"])
def test_an_object_without_one_of_its_uids_is_not_understood(receiver: RunningReceiver, keyword: str) -> None:
    image = mr_object()
    delattr(image, keyword)
    with RawSender(receiver) as sender:
        sender.associate()
        sender.command(store_request("1.2.3.1.1"))
        sender.tell(0x04, value(encoded(image), control=0b10))
        assert sender.status() == StoreStatus.NOT_UNDERSTOOD
    assert receiver.ledger.wait_for_ends(1)[0].refusals == (f"{keyword} is missing or empty",)


def test_a_store_without_a_dataset_is_not_understood(receiver: RunningReceiver) -> None:
    with RawSender(receiver) as sender:
        sender.associate()
        sender.command(store_request("1.2.3.1.1", has_dataset=False))
        assert sender.status() == StoreStatus.NOT_UNDERSTOOD


def test_the_same_object_again_is_success_and_nothing_new(receiver: RunningReceiver) -> None:
    assert send(receiver, mr_object()) == [0]
    assert send(receiver, mr_object()) == [0]
    assert [kept.arrival for kept in receiver.ledger.objects] == [Arrival.NEW, Arrival.IDENTICAL]
    assert len(receiver.files()) == 1


def test_another_object_under_the_same_uid_goes_to_quarantine(receiver: RunningReceiver) -> None:
    first, second = mr_object(), mr_object(patient_name="Another^One")
    send(receiver, first)
    send(receiver, second)
    (kept,) = [path.read_bytes() for path in receiver.files()]
    assert kept.endswith(encoded(first))
    assert receiver.ledger.objects[1].arrival == Arrival.CONFLICT
    assert receiver.ledger.objects[1].path.parent == receiver.spool / "quarantine"
    assert receiver.ledger.objects[1].path.read_bytes().endswith(encoded(second))


def test_what_the_ledger_answers_is_what_the_sender_hears(tmp_path: Path) -> None:
    with running_receiver(tmp_path, ledger=ListLedger(answer=lambda _: StoreStatus.CONFLICT)) as receiver:
        association = associate(receiver)
        response = association.send_c_store(mr_object())
        association.release()
    assert response.Status == StoreStatus.CONFLICT
    assert response.ErrorComment == "another object with this SOP Instance UID is here already"


def test_an_association_aborted_in_the_middle_of_an_object_leaves_nothing(receiver: RunningReceiver) -> None:
    with RawSender(receiver) as sender:
        sender.associate()
        sender.command(store_request("1.2.3.1.1"))
        sender.tell(0x04, value(encoded(mr_object())[:200], control=0b00))
        sender.tell(ABORT, b"\0\0\0\0")
    (end,) = receiver.ledger.wait_for_ends(1)
    assert (end.ending, end.stored) == (Ending.ABORTED, 0)
    assert [path for path in receiver.spool.rglob("*") if path.is_file()] == []


def test_a_connection_that_breaks_in_the_middle_of_a_pdu_is_an_abort(receiver: RunningReceiver) -> None:
    with RawSender(receiver) as sender:
        sender.associate()
        sender.command(store_request("1.2.3.1.1"))
        sender.socket.sendall(b"\x04\x00\x00\x00\x10\x00" + b"half of a PDU")
    assert receiver.ledger.wait_for_ends(1)[0].ending == Ending.ABORTED
    assert send(receiver, mr_object()) == [0]


def test_a_peer_that_falls_silent_is_an_abort(tmp_path: Path) -> None:
    with running_receiver(tmp_path, dimse_timeout=0.2) as receiver, RawSender(receiver) as sender:
        sender.associate()
        sender.command(store_request("1.2.3.1.1"))
        assert receiver.ledger.wait_for_ends(1)[0].ending == Ending.ABORTED


@pytest.mark.parametrize(
    "garbage",
    [
        b"GET / HTTP/1.1\r\nHost: here\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64),
        b"\x01\x00\x00\x00\x00\x03abc",
        b"\x01\x00\xff\xff\xff\xff" + bytes(100),
        b"\x05\x00\x00\x00\x00\x04\x00\x00\x00\x00",
        b"\x01\x00\x00\x00\x00\x50\x00\x01" + bytes(66) + b"\x20\x00\xff\xff" + bytes(8),
    ],
    ids=["HTTP", "TLS", "short request", "endless PDU", "release first", "item too long"],
)
def test_garbage_is_answered_with_an_abort_and_harms_nobody(receiver: RunningReceiver, garbage: bytes) -> None:
    with RawSender(receiver) as sender:
        sender.socket.sendall(garbage)
        assert sender.listen()[0] == ABORT
        assert sender.listen() == (0, b"")
    assert send(receiver, mr_object()) == [0]


@pytest.mark.parametrize(
    "body",
    [
        value(store_request("1.2.3"), control=0b11, context=9),
        value(b"a dataset before its command", control=0b10),
        value(b"not a command set", control=0b11),
        value(command({0x0100: 0x8001, 0x0120: 1, 0x0800: 0x0101}), control=0b11),
        b"\x00\x00\x00\x00\x01\x03",
        b"\x00\x00\xff\xff\x01\x03abc",
    ],
    ids=["context", "order", "no command", "response", "PDV too short", "PDV too long"],
)
def test_a_broken_message_is_answered_with_an_abort(receiver: RunningReceiver, body: bytes) -> None:
    with RawSender(receiver) as sender:
        sender.associate()
        assert sender.say(0x04, body)[0] == ABORT
    assert receiver.ledger.wait_for_ends(1)[0].ending == Ending.ABORTED


def test_an_operation_that_we_do_not_know_is_said_so(receiver: RunningReceiver) -> None:
    with RawSender(receiver) as sender:
        sender.associate()
        sender.command(command({0x0100: 0x0020, 0x0110: 3, 0x0800: 0x0101}))
        assert sender.status() == 0x0211


def test_a_command_and_a_dataset_in_many_small_fragments_are_put_together(receiver: RunningReceiver) -> None:
    request, dataset = store_request("1.2.3.1.1"), encoded(mr_object())
    with RawSender(receiver) as sender:
        sender.associate()
        for at in range(0, len(request), 10):
            sender.tell(0x04, value(request[at : at + 10], control=0b11 if at + 10 >= len(request) else 0b01))
        fragments = [dataset[at : at + 100] for at in range(0, len(dataset), 100)]
        body = b"".join(value(fragment, control=0b00) for fragment in fragments) + value(b"", control=0b10)
        sender.tell(0x04, body)
        assert sender.status() == 0
    assert receiver.files()[0].read_bytes().endswith(dataset)


def test_four_associations_at_once_lose_nothing(receiver: RunningReceiver) -> None:
    def work(number: int) -> None:
        images = [mr_object(at, series=f"1.2.3.{number}") for at in range(1, 11)]
        assert send(receiver, *images) == [0] * 10

    threads = [threading.Thread(target=work, args=(number,)) for number in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ends = receiver.ledger.wait_for_ends(4)
    assert sorted(end.stored for end in ends) == [10] * 4
    assert len(receiver.files()) == len({kept.sop_instance_uid for kept in receiver.ledger.objects}) == 40


@pytest.mark.parametrize(
    ("character_set", "name"),
    [("ISO_IR 192", "김^철수"), ("ISO 2022 IR 149", "Kim^Chulsoo=金^哲洙=김^철수"), ("GB18030", "王^小明")],
)
def test_a_name_in_another_script_keeps_its_bytes(receiver: RunningReceiver, character_set: str, name: str) -> None:
    image = mr_object(patient_name=name, character_set=character_set)
    send(receiver, image)
    assert receiver.files()[0].read_bytes().endswith(encoded(image))
    assert str(pydicom.dcmread(receiver.files()[0]).PatientName) == name


def test_nothing_of_the_patient_is_logged(receiver: RunningReceiver, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="dicom_io"):
        send(receiver, mr_object(patient_name="Kim^Test"), mr_object(patient_name="Kim^Other"))
        with RawSender(receiver) as sender:
            sender.associate()
            sender.command(store_request("1.2.3.1.1"))
            sender.tell(0x04, value(encoded(mr_object(study="SECRET-ID-4711")), control=0b10))
            sender.status()
        receiver.ledger.wait_for_ends(2)
    assert "2 stored" in caplog.text
    for secret in ("Kim", "SECRET", "1.2.3.1"):
        assert secret not in caplog.text


def test_text_in_an_ae_title_reaches_the_log_as_printable_ascii(
    receiver: RunningReceiver, caplog: pytest.LogCaptureFixture
) -> None:
    body = b"\0\1\0\0" + b"SOMEONE\nroot: ok" + b"M\xfcller\nx".ljust(16) + bytes(32)
    body += b"\x10\0\0\x15" + b"1.2.840.10008.3.1.1.1"
    with caplog.at_level(logging.DEBUG, logger="dicom_io"), RawSender(receiver) as sender:
        assert sender.say(0x01, body)[0] == 0x03
    assert "M?ller?x at 127.0.0.1 rejected: called AE title is not ours" in caplog.text


def test_an_enhanced_object_larger_than_many_pdus_comes_through(receiver: RunningReceiver) -> None:
    image = mr_object(sop_class=EnhancedMRImageStorage, rows=1024)
    assert send(receiver, image) == [0]
    assert receiver.files()[0].read_bytes().endswith(encoded(image))


def test_stop_ends_open_associations_and_frees_the_port(tmp_path: Path) -> None:
    with running_receiver(tmp_path) as receiver:
        sender = RawSender(receiver)
        sender.associate()
    assert receiver.ledger.wait_for_ends(1)[0].ending == Ending.ABORTED
    with sender, running_receiver(tmp_path, port=receiver.settings.port) as again:
        assert send(again, mr_object()) == [0]


def test_a_connection_that_cannot_be_accepted_does_not_end_the_listening(
    receiver: RunningReceiver, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    accept = socket.socket.accept
    failures = [OSError(errno.EMFILE, "Too many open files")]

    def once(listener: socket.socket) -> object:
        if failures:
            raise failures.pop()
        return accept(listener)

    monkeypatch.setattr(socket.socket, "accept", once)
    assert send(receiver, mr_object(1)) == [0]  # accepted by the call that was under way
    assert send(receiver, mr_object(2)) == [0]
    assert failures == []
    assert "could not be accepted: Too many open files" in caplog.text
