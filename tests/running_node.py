"""A whole node on loopback with a method of its own, an archive to deliver to, and a study to send."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from pydicom.dataset import Dataset
from pynetdicom import AE

from config.settings import Settings
from dicom_io.embedded_pacs import EmbeddedPacs, PacsAddress
from dicom_io.mr_image import StudyCard
from dicom_io.roles import Role
from inference.contract import Card, Case, Need
from inference.results import Result
from node.app import Node, open_ledger
from node.execution import ReadyMethod
from node.ledger.rows import Refusal, StudyLine
from node.lifecycle import StudyState
from sr_reports.findings import WeightsUsed, method_used
from tests import builders, lumbar
from tests.orthanc import free_port, wait_until

CARD = Card(
    name="disc_quantification",
    version="1.2.3",
    paper="a method of the tests: draws what tests.lumbar drew into the image",
    needs=(Need(role=Role.SAGITTAL_T2, refuse=lambda traits: "too few slices" if traits.slice_count < 3 else None),),
    weights=("blocks.onnx",),
)


class Blocks:
    """Finds the blocks that tests.lumbar.volume holds."""

    card = CARD

    def run(self, case: Case) -> Sequence[Result]:
        slices = case.volumes[Role.SAGITTAL_T2].voxels.shape[0]
        return lumbar.findings(slices=slices).results


RARE_CARD = Card(
    name="relaxometry",
    version="1.2.3",
    paper="a method of the tests whose series few studies have",
    needs=(Need(role=Role.MULTI_ECHO, refuse=lambda _: None, gathers=True),),
    weights=("blocks.onnx",),
    is_rare=True,
)


class RareBlocks:
    """The same in the first echo."""

    card = RARE_CARD

    def run(self, case: Case) -> Sequence[Result]:
        slices = case.volumes[Role.MULTI_ECHO].voxels.shape[0]
        return [replace(result, role=Role.MULTI_ECHO) for result in lumbar.findings(slices=slices).results]


WEIGHTS = (WeightsUsed(name="blocks.onnx", sha256="0" * 64),)
USED = method_used(CARD, weights=WEIGHTS)
METHODS: Mapping[str, ReadyMethod] = {
    CARD.name: ReadyMethod(method=Blocks(), used=USED),
    RARE_CARD.name: ReadyMethod(method=RareBlocks(), used=method_used(RARE_CARD, weights=WEIGHTS)),
}
BOTH = {"rules": [{"name": "all", "methods": list(METHODS), "destinations": ["archive"]}]}


@dataclass(frozen=True, kw_only=True)
class Ports:
    """Of the node and of its archive."""

    node: int
    archive: int


def settings(storage: Path, ports: Ports, **changes: object) -> Settings:
    """Short waits; sections in changes replace those here."""
    document: dict[str, object] = {
        "site": {"institution": "Loopback Hospital", "device_serial": "T-1", "storage": storage},
        "receiver": {
            "host": "127.0.0.1",
            "port": ports.node,
            "allowed_callers": [{"ae_title": "MODALITY"}],
            "free_space_watermark_mib": 0,
        },
        "assembly": {"quiet_seconds": 0.3, "study_quiet_seconds": 3},
        "delivery": {"first_wait": 0.2, "longest_wait": 1},
        "status_page": {"port": 0},
        "peers": [
            {
                "kind": "dimse",
                "name": "archive",
                "ae_title": "ARCHIVE",
                "host": "127.0.0.1",
                "port": ports.archive,
                "query": True,
                "confirm": "query",
                "objects": ["SEG", "SR"],
            }
        ],
        "rules": [{"name": "all", "methods": [CARD.name], "destinations": ["archive"]}],
        **changes,
    }
    return Settings.model_validate(document)


def new_ports() -> Ports:
    return Ports(node=free_port(), archive=free_port())


def archive(folder: Path, ports: Ports) -> EmbeddedPacs:
    return EmbeddedPacs(folder, PacsAddress(ae_title="ARCHIVE", host="127.0.0.1", port=ports.archive))


def card_of(of: str, *, name: str = "Test^Spine") -> StudyCard:
    return replace(builders.STUDY, study_uid=builders.uid(of), patient_name=name)


def study(*, slices: int = 5, name: str = "Test^Spine", of: str = "study") -> list[Dataset]:
    """One sagittal T2 series that Blocks can read."""
    card = builders.series_card(study=card_of(of, name=name), name=f"{of} T2")
    return builders.classic(lumbar.volume(slices), card=card)


def echoes(*, slices: int = 5, of: str = "study") -> list[Dataset]:
    """A multi-echo series of the same study, that RareBlocks can read."""
    card = builders.series_card(study=card_of(of), name=f"{of} echoes", number=3)
    return builders.multi_echo([10.0, 40.0, 80.0], of=lumbar.volume(slices), card=card)


def send(ports: Ports, images: Sequence[Dataset], *, release: bool = True, calling_ae: str = "MODALITY") -> list[int]:
    """The status of each; release False: the association breaks off after the last."""
    ae = AE(ae_title=calling_ae)
    for image in images:
        ae.add_requested_context(image.SOPClassUID, image.file_meta.TransferSyntaxUID)
        break
    association = ae.associate("127.0.0.1", ports.node, ae_title="LUMBARAI")
    assert association.is_established
    statuses = [int(association.send_c_store(image).Status) for image in images]
    if release:
        association.release()
    else:
        association.abort()
    return statuses


@contextmanager
def running_node(site: Settings) -> Iterator[Node]:
    with Node(site, METHODS) as node:
        yield node


def lines(site: Settings) -> Mapping[str, StudyLine]:
    """The studies of the ledger, by UID."""
    ledger = open_ledger(site)
    try:
        return {line.study_uid: line for line in ledger.views.overview().studies}
    finally:
        ledger.close()


def refusals(site: Settings) -> tuple[Refusal, ...]:
    ledger = open_ledger(site)
    try:
        return ledger.views.overview().refusals
    finally:
        ledger.close()


def retry(site: Settings, study_uid: str) -> bool:
    """As `lumbar-node retry` does, from outside the node."""
    ledger = open_ledger(site)
    try:
        return ledger.studies.retry(study_uid)
    finally:
        ledger.close()


def wait_for_state(site: Settings, study_uid: str, state: StudyState) -> StudyLine:
    return wait_for(site, study_uid, lambda line: line.state is state)


def wait_for(site: Settings, study_uid: str, condition: Callable[[StudyLine], bool]) -> StudyLine:
    """The study once it is so. The machine may be busy: what takes a second alone has a minute."""

    def reached() -> bool:
        line = lines(site).get(study_uid)
        return line is not None and condition(line)

    try:
        wait_until(reached, seconds=60, what="the state")
    except TimeoutError:
        raise AssertionError(f"not reached: {lines(site).get(study_uid)}") from None
    return lines(site)[study_uid]
