"""One contract for every way out, against a real Orthanc and against the embedded PACS."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pydicom
import pytest
from pydicom.uid import SegmentationStorage

from config.settings import DimsePeer, OrthancPeer, Peer, StowPeer
from dicom_io.deliver.channel import Channel, Verdict
from dicom_io.deliver.opened import channel
from dicom_io.embedded_pacs import EmbeddedPacs, PacsAddress
from dicom_io.errors import PeerRefused, PeerUnreachable
from dicom_io.query import Query, query
from dicom_io.uids import derived_uid
from tests.orthanc import PASSWORD, USER, Orthanc, free_port, running_orthanc
from tests.receiving import mr_object

OUR_AE = "LUMBARAI"


@dataclass(frozen=True, kw_only=True)
class Setting:
    """A peer of one kind, and what it really has."""

    peer: Peer
    stored: Callable[[], set[str]]

    @property
    def channel(self) -> Channel:
        return channel(self.peer, calling_ae=OUR_AE, timeout=20)

    @property
    def query(self) -> Query:
        return query(self.peer, calling_ae=OUR_AE, timeout=20)


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory: pytest.TempPathFactory, peer_program: Callable[[str], Path]) -> Iterator[Orthanc]:
    with running_orthanc(peer_program("Orthanc"), tmp_path_factory.mktemp("orthanc")) as running:
        yield running


def sop_instance_uid(instance: dict[str, object]) -> str:
    tags = instance["MainDicomTags"]
    assert isinstance(tags, dict)
    return str(tags["SOPInstanceUID"])


def of_orthanc(orthanc: Orthanc, kind: str, folder: Path) -> Peer:
    password = folder / "password"
    password.write_text(f"{PASSWORD}\n")
    login = {"name": "pacs", "username": USER, "password_file": password}
    if kind == "dimse":
        host = "127.0.0.1"
        return DimsePeer(
            kind="dimse", name="pacs", ae_title="ORTHANC", host=host, port=orthanc.dicom_port, confirm="query"
        )
    if kind == "stow":
        return StowPeer.model_validate({"kind": "stow", "url": orthanc.dicomweb_url, **login})
    return OrthancPeer.model_validate({"kind": "orthanc", "url": f"{orthanc.url}/", **login})


@pytest.fixture(
    params=[
        pytest.param("dimse", marks=pytest.mark.peer),
        pytest.param("stow", marks=pytest.mark.peer),
        pytest.param("orthanc", marks=pytest.mark.peer),
        "embedded",
    ]
)
def setting(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Setting]:
    if request.param != "embedded":
        orthanc: Orthanc = request.getfixturevalue("orthanc")

        yield Setting(
            peer=of_orthanc(orthanc, request.param, tmp_path),
            stored=lambda: {sop_instance_uid(each) for each in orthanc.instances()},
        )
        return
    address = PacsAddress(ae_title="PACS", host="127.0.0.1", port=free_port())
    with EmbeddedPacs(tmp_path / "pacs", address) as pacs:
        peer = DimsePeer(
            kind="dimse", name="pacs", ae_title="PACS", host=address.host, port=address.port, confirm="query"
        )
        yield Setting(peer=peer, stored=lambda: {each.uid for each in pacs.objects()})


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Two objects of different classes, with UIDs of this test's own."""
    study = derived_uid("channel test", str(tmp_path))
    return [
        write(tmp_path / "mr.dcm", study=study, series=f"{study}.1", patient_name="김^철수"),
        write(tmp_path / "seg.dcm", study=study, series=f"{study}.2", sop_class=SegmentationStorage),
    ]


def write(path: Path, number: int = 1, **traits: str) -> Path:
    mr_object(number, **traits).save_as(path, enforce_file_format=True)  # type: ignore[arg-type] # texts all
    return path


def uids(files: list[Path]) -> list[str]:
    return [str(read.SOPInstanceUID) for read in map(pydicom.dcmread, files)]


def test_each_object_has_a_receipt_and_is_there(setting: Setting, files: list[Path]) -> None:
    receipts = setting.channel.send(files)
    assert [(receipt.path, receipt.sop_instance_uid) for receipt in receipts] == list(
        zip(files, uids(files), strict=True)
    )
    assert {receipt.verdict for receipt in receipts} == {Verdict.STORED}
    assert set(uids(files)) <= setting.stored()


def test_sent_again_is_stored_still(setting: Setting, files: list[Path]) -> None:
    setting.channel.send(files)
    assert {receipt.verdict for receipt in setting.channel.send(files)} == {Verdict.STORED}


def test_what_is_there_is_confirmed_and_what_is_not_is_not(setting: Setting, files: list[Path]) -> None:
    setting.channel.send(files[:1])
    assert setting.channel.confirm(files) == frozenset(uids(files[:1]))


def test_the_instances_of_a_series_are_counted(setting: Setting, tmp_path: Path) -> None:
    study = derived_uid("count test", str(tmp_path))
    images = [write(tmp_path / f"{at}.dcm", number=at, study=study, series=f"{study}.1") for at in (1, 2, 3)]
    setting.channel.send(images)
    assert setting.query.count_instances(study_uid=study, series_uid=f"{study}.1") == 3
    assert setting.query.count_instances(study_uid=study, series_uid=f"{study}.2") == 0


def test_check_says_something_of_the_peer(setting: Setting) -> None:
    assert setting.channel.check()


def test_a_peer_that_is_not_there_is_unreachable(setting: Setting, files: list[Path]) -> None:
    port = free_port()
    nowhere = {"port": port} if isinstance(setting.peer, DimsePeer) else {"url": f"http://127.0.0.1:{port}"}
    lost = Setting(peer=setting.peer.model_copy(update=nowhere), stored=setting.stored)
    for attempt in (lambda: lost.channel.send(files), lost.channel.check, lambda: lost.channel.confirm(files)):
        with pytest.raises(PeerUnreachable):
            attempt()


@pytest.mark.peer
@pytest.mark.parametrize("kind", ["stow", "orthanc"])
def test_a_wrong_password_is_a_refusal(orthanc: Orthanc, kind: str, tmp_path: Path, files: list[Path]) -> None:
    peer = of_orthanc(orthanc, kind, tmp_path).model_copy(update={"username": "nobody"})
    wrong = channel(peer, calling_ae=OUR_AE, timeout=20)
    for attempt in (lambda: wrong.send(files), wrong.check):
        with pytest.raises(PeerRefused, match="401"):
            attempt()


@pytest.mark.peer
def test_orthanc_has_another_object_under_this_uid_and_we_notice(
    orthanc: Orthanc, tmp_path: Path, files: list[Path]
) -> None:
    peer = of_orthanc(orthanc, "orthanc", tmp_path)
    pacs = channel(peer, calling_ae=OUR_AE, timeout=20)
    pacs.send(files)
    other = pydicom.dcmread(files[0])
    other.PatientComments = "not the same"
    other.save_as(files[0])
    first, second = pacs.send(files)
    assert (first.verdict, first.words) == (Verdict.REFUSED, "another object with this SOP Instance UID is there")
    assert second.verdict == Verdict.STORED


@pytest.mark.peer
def test_a_stow_body_of_many_megabytes_arrives_whole(orthanc: Orthanc, tmp_path: Path) -> None:
    image = mr_object(rows=2000, study="1.2.77", series="1.2.77.1")
    image.save_as(tmp_path / "large.dcm", enforce_file_format=True)
    (receipt,) = channel(of_orthanc(orthanc, "stow", tmp_path), calling_ae=OUR_AE, timeout=60).send(
        [tmp_path / "large.dcm"]
    )
    assert receipt.verdict == Verdict.STORED
    (there,) = [each for each in orthanc.instances() if sop_instance_uid(each) == receipt.sop_instance_uid]
    assert orthanc.file(str(there["ID"])) == (tmp_path / "large.dcm").read_bytes()
