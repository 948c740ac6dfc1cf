"""Real senders against the receiver: DCMTK in several transfer syntaxes, Orthanc."""

import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pydicom
import pytest
import requests
from pydicom.uid import JPEGLosslessSV1, JPEGLSLossless, RLELossless

from tests.orthanc import PASSWORD, USER, Modality, running_orthanc
from tests.receiving import RunningReceiver, mr_object, running_receiver

pytestmark = pytest.mark.peer

Find = Callable[[str], Path]


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[RunningReceiver]:
    with running_receiver(tmp_path / "spool") as running:
        yield running


def send(program: Path, receiver: RunningReceiver, *options: str | Path) -> subprocess.CompletedProcess[str]:
    host, port = receiver.address
    return subprocess.run(
        [program, *options[:-1], host, str(port), options[-1]],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def written(folder: Path, count: int = 3) -> Path:
    folder.mkdir()
    for number in range(1, count + 1):
        mr_object(number, rows=64).save_as(folder / f"{number}.dcm", enforce_file_format=True)
    return folder


def uids(paths: Sequence[Path]) -> set[str]:
    return {str(pydicom.dcmread(path, specific_tags=["SOPInstanceUID"]).SOPInstanceUID) for path in paths}


def test_echoscu_is_answered(receiver: RunningReceiver, peer_program: Find) -> None:
    host, port = receiver.address
    subprocess.run([peer_program("echoscu"), "-aec", "LUMBARAI", host, str(port)], check=True, timeout=30)


def test_storescu_stores_a_folder(receiver: RunningReceiver, peer_program: Find, tmp_path: Path) -> None:
    source = written(tmp_path / "source")
    sent = send(peer_program("storescu"), receiver, "-aec", "LUMBARAI", "+sd", source)
    assert sent.returncode == 0, sent.stderr
    assert uids(receiver.files()) == uids(sorted(source.iterdir()))


def test_storescu_calling_by_a_wrong_title_is_told_so(
    receiver: RunningReceiver, peer_program: Find, tmp_path: Path
) -> None:
    sent = send(peer_program("storescu"), receiver, "-aec", "WRONG", "+sd", written(tmp_path / "source"))
    assert sent.returncode != 0
    assert "Called AE Title Not Recognized" in sent.stderr


@dataclass(frozen=True, kw_only=True)
class Packing:
    """How DCMTK compresses, and how its sender proposes the result."""

    command: tuple[str, ...]
    proposal: str
    syntax: str


PACKINGS = [
    Packing(command=("dcmcrle",), proposal="-xr", syntax=RLELossless),
    Packing(command=("dcmcjpeg", "+e1"), proposal="-xs", syntax=JPEGLosslessSV1),
    Packing(command=("dcmcjpls",), proposal="-xt", syntax=JPEGLSLossless),
]


@pytest.mark.parametrize("packing", PACKINGS, ids=lambda packing: packing.command[0])
def test_compressed_images_arrive_as_they_were(
    receiver: RunningReceiver, peer_program: Find, tmp_path: Path, packing: Packing
) -> None:
    plain = next(written(tmp_path / "source", 1).iterdir())
    packed = tmp_path / "packed.dcm"
    program, *options = packing.command
    subprocess.run([peer_program(program), *options, plain, packed], check=True, timeout=60)
    sent = send(peer_program("storescu"), receiver, "-aec", "LUMBARAI", packing.proposal, packed)
    assert sent.returncode == 0, sent.stderr
    (kept,) = receiver.files()
    there, here = pydicom.dcmread(kept), pydicom.dcmread(packed)
    assert there.file_meta.TransferSyntaxUID == packing.syntax
    assert there.PixelData == here.PixelData


def test_orthanc_routes_to_the_receiver(receiver: RunningReceiver, peer_program: Find, tmp_path: Path) -> None:
    node = Modality(ae_title="LUMBARAI", port=receiver.settings.port)
    with running_orthanc(peer_program("Orthanc"), tmp_path / "orthanc", modalities={"node": node}) as orthanc:
        stored = [orthanc.store(path.read_bytes()) for path in sorted(written(tmp_path / "source").iterdir())]
        answer = requests.post(
            f"{orthanc.url}/modalities/node/store",
            json=[each["ID"] for each in stored],
            auth=(USER, PASSWORD),
            timeout=60,
        )
        assert answer.json()["FailedInstancesCount"] == 0
    assert len(receiver.files()) == 3


@pytest.mark.shared_data
def test_a_real_study_arrives_byte_for_byte(receiver: RunningReceiver, peer_program: Find, shared_data: Path) -> None:
    source = shared_data / "rsna_study" / "restored"
    sent = send(peer_program("storescu"), receiver, "-aec", "LUMBARAI", "-xr", "+sd", "+r", source)
    assert sent.returncode == 0, sent.stderr
    there = {path.stem: path for path in receiver.files()}
    for path in source.rglob("*.dcm"):
        here = pydicom.dcmread(path)
        assert here.PixelData in there[str(here.SOPInstanceUID)].read_bytes()
    assert len(there) == sum(1 for _ in source.rglob("*.dcm"))
