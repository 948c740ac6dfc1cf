"""What tests of the receiver share: small MR objects, a receiver with a list for a ledger, and senders."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage
from pynetdicom import AE
from pynetdicom.association import Association

from config.settings import Receiver
from dicom_io.received import AssociationEnd, ReceivedObject, StoreStatus, Turned
from dicom_io.scp import StorageScp
from dicom_io.spool import Spool, free_bytes
from tests.orthanc import free_port

VERIFICATION = "1.2.840.10008.1.1"


def mr_object(
    number: int = 1,
    *,
    study: str = "1.2.3",
    series: str = "1.2.3.1",
    sop_class: str = MRImageStorage,
    transfer_syntax: str = ExplicitVRLittleEndian,
    rows: int = 16,
    patient_name: str = "Kim^Test",
    character_set: str = "ISO_IR 192",
) -> Dataset:
    """A small MR image; the pixels are rows x rows zeros. Not valid for a viewer, enough for the network."""
    image = Dataset()
    image.SpecificCharacterSet = character_set
    image.SOPClassUID = sop_class
    image.SOPInstanceUID = f"{series}.{number}"
    image.StudyInstanceUID = study
    image.SeriesInstanceUID = series
    image.Modality = "MR"
    image.PatientName = patient_name
    image.PatientID = "SECRET-ID-4711"
    image.InstanceNumber = number
    image.Rows = image.Columns = rows
    image.BitsAllocated = image.BitsStored = 16
    image.HighBit, image.PixelRepresentation, image.SamplesPerPixel = 15, 0, 1
    image.PhotometricInterpretation = "MONOCHROME2"
    image.PixelData = bytes(rows * rows * 2)
    image["PixelData"].VR = "OW"
    image.file_meta = FileMetaDataset()
    image.file_meta.MediaStorageSOPClassUID = sop_class
    image.file_meta.MediaStorageSOPInstanceUID = image.SOPInstanceUID
    image.file_meta.TransferSyntaxUID = transfer_syntax
    return image


def encoded(image: Dataset) -> bytes:
    """The dataset's bytes as they go over the line, in explicit VR little endian."""
    buffer = BytesIO()
    image.save_as(buffer, enforce_file_format=False, implicit_vr=False, little_endian=True)
    whole = buffer.getvalue()
    start = whole.find(struct.pack("<HH", 0x0008, 0x0005))
    return whole[start:]


@dataclass
class ListLedger:
    """An intake that keeps what it is told in lists; `answer` decides on the status."""

    answer: Callable[[ReceivedObject], StoreStatus] = lambda _: StoreStatus.SUCCESS
    objects: list[ReceivedObject] = field(default_factory=list)
    ends: list[AssociationEnd] = field(default_factory=list)
    turned: list[Turned] = field(default_factory=list)
    ended: threading.Condition = field(default_factory=threading.Condition)

    def receive(self, objects: Sequence[ReceivedObject]) -> Sequence[StoreStatus]:
        self.objects.extend(objects)
        return [self.answer(received) for received in objects]

    def turned_away(self, caller: Turned) -> None:
        self.turned.append(caller)

    def association_ended(self, end: AssociationEnd) -> None:
        with self.ended:
            self.ends.append(end)
            self.ended.notify_all()

    def wait_for_ends(self, count: int) -> list[AssociationEnd]:
        with self.ended:
            assert self.ended.wait_for(lambda: len(self.ends) >= count, timeout=20), "an association did not end"
            return list(self.ends)


@dataclass(frozen=True, kw_only=True)
class RunningReceiver:
    settings: Receiver
    ledger: ListLedger
    spool: Path

    @property
    def address(self) -> tuple[str, int]:
        return self.settings.host, self.settings.port

    def files(self) -> list[Path]:
        return sorted((self.spool / "objects").rglob("*.dcm"))


@contextmanager
def running_receiver(
    root: Path,
    *,
    ledger: ListLedger | None = None,
    free: Callable[[Path], int] = free_bytes,
    watermark: int = 0,
    **settings: object,
) -> Iterator[RunningReceiver]:
    receiver = Receiver.model_validate(
        {"host": "127.0.0.1", "port": free_port(), "allow_any_caller": True, "acse_timeout": 5, **settings}
    )
    intake = ledger or ListLedger()
    with StorageScp(receiver, spool=Spool(root, watermark=watermark, free=free), intake=intake):
        yield RunningReceiver(settings=receiver, ledger=intake, spool=root)


def associate(
    receiver: RunningReceiver,
    contexts: Sequence[tuple[str, Sequence[str]]] = ((MRImageStorage, (ExplicitVRLittleEndian,)),),
    *,
    calling_ae: str = "STORESCU",
    called_ae: str | None = None,
) -> Association:
    """An association by pynetdicom, a second implementation of the protocol; look at is_established."""
    ae = AE(ae_title=calling_ae)
    ae.acse_timeout = ae.dimse_timeout = ae.network_timeout = 20
    for abstract_syntax, transfer_syntaxes in contexts:
        ae.add_requested_context(abstract_syntax, list(transfer_syntaxes))
    host, port = receiver.address
    return ae.associate(host, port, ae_title=called_ae or receiver.settings.ae_title)


def send(receiver: RunningReceiver, *images: Dataset) -> list[int]:
    """The status of each, sent over one association."""
    syntaxes = tuple(dict.fromkeys((str(i.SOPClassUID), str(i.file_meta.TransferSyntaxUID)) for i in images))
    association = associate(receiver, [(sop_class, (syntax,)) for sop_class, syntax in syntaxes])
    assert association.is_established
    statuses = [int(association.send_c_store(image).Status) for image in images]
    association.release()
    return statuses


class RawSender:
    """A sender that says exactly the bytes it is told, for what no library would say."""

    def __init__(self, receiver: RunningReceiver, *, over: socket.socket | None = None) -> None:
        """over: a connection that is there already, such as one by TLS."""
        self.socket = over or socket.create_connection(receiver.address, timeout=20)

    def __enter__(self) -> "RawSender":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def associate(
        self, abstract_syntax: str = MRImageStorage, transfer_syntax: str = ExplicitVRLittleEndian
    ) -> tuple[int, bytes]:
        context = b"\1\0\0\0" + _item(0x30, abstract_syntax.encode()) + _item(0x40, transfer_syntax.encode())
        body = struct.pack(">HH16s16s32s", 1, 0, b"LUMBARAI".ljust(16), b"RAW".ljust(16), b"")
        body += _item(0x10, b"1.2.840.10008.3.1.1.1") + _item(0x20, context)
        body += _item(0x50, _item(0x51, struct.pack(">I", 16384)))
        return self.say(0x01, body)

    def say(self, kind: int, body: bytes) -> tuple[int, bytes]:
        """Sends a PDU and waits for one; (0, b"") if the connection ended instead."""
        self.tell(kind, body)
        return self.listen()

    def tell(self, kind: int, body: bytes) -> None:
        self.socket.sendall(struct.pack(">BxI", kind, len(body)) + body)

    def command(self, elements: bytes, *, context: int = 1) -> None:
        self.tell(0x04, value(elements, control=0b11, context=context))

    def listen(self) -> tuple[int, bytes]:
        header = self._read(6)
        if len(header) < 6:
            return 0, b""
        kind, length = struct.unpack(">BxI", header)
        return kind, self._read(length)

    def status(self) -> int:
        """Of the C-STORE or C-ECHO response that comes next."""
        kind, body = self.listen()
        assert kind == 0x04
        at = body.index(struct.pack("<HHI", 0, 0x0900, 2))
        return int(struct.unpack_from("<H", body, at + 8)[0])

    def _read(self, count: int) -> bytes:
        got = b""
        while len(got) < count:
            more = self.socket.recv(count - len(got))
            if not more:
                break
            got += more
        return got


def value(content: bytes, *, control: int, context: int = 1) -> bytes:
    """One presentation data value; control: 1 command, 2 last fragment."""
    return struct.pack(">IBB", len(content) + 2, context, control) + content


def store_request(sop_instance: str, *, sop_class: str = MRImageStorage, has_dataset: bool = True) -> bytes:
    """The command set of a C-STORE-RQ."""
    return command(
        {0x0002: _uid(sop_class), 0x0100: 1, 0x0110: 7, 0x0700: 0, 0x0800: 0 if has_dataset else 0x0101}
        | {0x1000: _uid(sop_instance)}
    )


def command(elements: dict[int, int | bytes]) -> bytes:
    encoded = b""
    for number, content in sorted(elements.items()):
        raw = struct.pack("<H", content) if isinstance(content, int) else content
        encoded += struct.pack("<HHI", 0, number, len(raw)) + raw
    return struct.pack("<HHII", 0, 0, 4, len(encoded)) + encoded


def _uid(text: str) -> bytes:
    return text.encode() + b"\0" * (len(text) % 2)


def _item(kind: int, content: bytes) -> bytes:
    return struct.pack(">BxH", kind, len(content)) + content
