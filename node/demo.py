"""The whole way on loopback: a scanner sends a study, a node answers to archives. Talks to: PACS, disk, clock."""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydicom import dcmread
from pydicom.dataset import Dataset

from config.settings import (
    Assembly,
    Caller,
    Delivery,
    DimsePeer,
    OrthancPeer,
    Peer,
    Receiver,
    Rule,
    Settings,
    Site,
    StatusPage,
)
from dicom_io.deliver.channel import Verdict
from dicom_io.deliver.opened import channel
from dicom_io.deliver.outgoing import Outgoing
from dicom_io.embedded_pacs import EmbeddedPacs, PacsAddress
from dicom_io.errors import PeerRefused, PeerUnreachable
from inference.registry import CARDS
from node.app import Node, open_ledger
from node.demo_pacs import PACS_AE, OrthancPorts, embedded_peer, find_orthanc, running_orthanc
from node.documents import CAPTURE, KINDS, REPORT
from node.ledger import Ledger
from node.ledger.rows import StudyLine
from node.lifecycle import StudyState
from node.methods import open_methods
from node.phantom_study import PhantomStudy, TrueDisc
from sr_reports.read_back import Reported, read_report
from sr_reports.sheet.documents import capture_as_png

_HOST: Final = "127.0.0.1"
_SCANNER: Final = "DEMOSCANNER"
_PATIENCE: Final = 180.0
_ENDS: Final = (StudyState.DELIVERED, StudyState.FAILED, StudyState.REJECTED, StudyState.HELD)
_KINDS: Final = {of.series_number: kind for kind, of in KINDS.items()}


@dataclass(frozen=True, kw_only=True)
class DemoPorts:
    node: int
    pacs: int
    orthanc_dicom: int
    orthanc_http: int


@dataclass(frozen=True, kw_only=True)
class HeldObject:
    """kind: SEG, SR or another of config.settings.ObjectKind. held_by: names of the archives that have it."""

    kind: str
    sop_instance_uid: str
    held_by: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Demonstration:
    """line: the study at its end. seconds: from the last image to that end. reports: read from the embedded PACS."""

    images: int
    series: int
    line: StudyLine
    seconds: float
    truth: tuple[TrueDisc, ...]
    reports: tuple[Reported, ...]
    objects: tuple[HeldObject, ...]
    pictures: tuple[Path, ...]


def demonstrate(study: PhantomStudy, folder: Path, *, ports: DemoPorts, begin: Callable[[str], None]) -> Demonstration:
    """folder: empty. begin: told what is done next. Raises PeerError, WeightsUnusable, OSError."""
    with ExitStack() as house:
        begin("the archives open")
        address = PacsAddress(ae_title=PACS_AE, host=_HOST, port=ports.pacs)
        pacs = house.enter_context(EmbeddedPacs(folder / "pacs", address))
        orthanc = _open_orthanc(house, folder, ports)
        begin("the networks are loaded")
        settings = demo_settings(folder / "node", ports, orthanc=orthanc)
        methods = open_methods(CARDS, settings.inference)
        house.enter_context(Node(settings, methods))
        ledger = open_ledger(settings)
        house.callback(ledger.close)
        begin(f"{len(study.images)} images are sent by C-STORE")
        _send(study.images, folder / "study", port=ports.node)
        sent = time.monotonic()
        line = _wait_for_end(ledger, study.study_uid, pacs, begin)
        return Demonstration(
            images=len(study.images),
            series=study.series_count,
            line=line,
            seconds=time.monotonic() - sent,
            truth=study.truth,
            reports=tuple(_reports(pacs)),
            objects=_objects(pacs, orthanc),
            pictures=tuple(_pictures(pacs, folder)),
        )


def demo_settings(storage: Path, ports: DemoPorts, *, orthanc: OrthancPeer | None) -> Settings:
    """Waits are short: nobody else is sending."""
    pacs = embedded_peer(ports.pacs)
    peers: tuple[Peer, ...] = (pacs,) if orthanc is None else (pacs, orthanc)
    return Settings(
        site=Site(institution="Demonstration", device_serial="DEMO-1", storage=storage),
        receiver=Receiver(
            host=_HOST,
            port=ports.node,
            allowed_callers=(Caller(ae_title=_SCANNER, addresses=(_HOST,)),),
            free_space_watermark_mib=64,
        ),
        assembly=Assembly(quiet_seconds=1, study_quiet_seconds=10),
        rules=(Rule(name="demo", methods=tuple(CARDS), destinations=tuple(peer.name for peer in peers)),),
        peers=peers,
        delivery=Delivery(first_wait=0.5, longest_wait=2),
        status_page=StatusPage(port=0),
    )


def _open_orthanc(house: ExitStack, folder: Path, ports: DemoPorts) -> OrthancPeer | None:
    """None where it is not installed, or does not start: the embedded PACS is enough."""
    program = find_orthanc()
    if program is None:
        return None
    both = OrthancPorts(dicom=ports.orthanc_dicom, http=ports.orthanc_http)
    try:
        return house.enter_context(running_orthanc(program, folder / "orthanc", both))
    except PeerUnreachable:
        return None


def _send(images: Sequence[Dataset], folder: Path, *, port: int) -> None:
    """As files, and over one association. Raises PeerError."""
    folder.mkdir()
    files = []
    for index, image in enumerate(images, start=1):
        files.append(folder / f"{index:04d}.dcm")
        image.save_as(files[-1], enforce_file_format=True)
    node = DimsePeer(kind="dimse", name="the node", ae_title="LUMBARAI", host=_HOST, port=port)
    for receipt in channel(node, calling_ae=_SCANNER, timeout=30).send(files):
        if receipt.verdict is not Verdict.STORED:
            raise PeerRefused("the node did not take an image of the phantom", words=receipt.words)


def _wait_for_end(ledger: Ledger, study_uid: str, pacs: EmbeddedPacs, begin: Callable[[str], None]) -> StudyLine:
    """Looks whenever the PACS got something, and now and then for a study that comes to nothing."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        line = next(one for one in ledger.views.overview().studies if one.study_uid == study_uid)
        if line.state in _ENDS or time.monotonic() > deadline:
            return line
        begin(f"the study is {line.state}")
        pacs.wait_for(len(pacs.objects()) + 1, timeout=0.2)


def _reports(pacs: EmbeddedPacs) -> list[Reported]:
    found = [one for one in pacs.objects() if _kind_of(one) == REPORT]
    return [read_report(dcmread(one.path)) for one in found]


def _objects(pacs: EmbeddedPacs, orthanc: OrthancPeer | None) -> tuple[HeldObject, ...]:
    """What the embedded PACS has; Orthanc is asked whether it has that too."""
    objects = pacs.objects()
    known: frozenset[str] = frozenset()
    if orthanc is not None:
        known = channel(orthanc, calling_ae="", timeout=30).confirm([one.path for one in objects])
    return tuple(_held(one, in_orthanc=one.uid in known) for one in objects)


def _kind_of(one: Outgoing) -> str:
    """The sheet and maps in colour are of one SOP class."""
    return _KINDS[int(dcmread(one.path, stop_before_pixels=True).SeriesNumber)]


def _held(one: Outgoing, *, in_orthanc: bool) -> HeldObject:
    return HeldObject(
        kind=_kind_of(one),
        sop_instance_uid=one.uid,
        held_by=("embedded PACS", *(["Orthanc"] if in_orthanc else [])),
    )


def _pictures(pacs: EmbeddedPacs, folder: Path) -> list[Path]:
    """The picture sheet as it came back."""
    pictures = []
    for one in pacs.objects():
        if _kind_of(one) == CAPTURE:
            pictures.append(folder / "sheet.png")
            pictures[-1].write_bytes(capture_as_png(dcmread(one.path)))
    return pictures
