"""The whole way through a real Orthanc: in by storescu or its routing, out by each kind of peer, nothing doubled."""

import subprocess
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from pathlib import Path

import highdicom as hd
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import Comprehensive3DSRStorage, SecondaryCaptureImageStorage, SegmentationStorage

from config.settings import Inference, Settings
from node.app import Node, find_dciodvfy
from node.lifecycle import StudyState
from node.methods import open_methods
from sr_reports.dciodvfy import dciodvfy_verdicts
from sr_reports.vocabulary import DISC
from tests import running_node as house
from tests.orthanc import PASSWORD, USER, Modality, Orthanc, running_orthanc, wait_until

pytestmark = pytest.mark.peer

ROUTING = Path(__file__).parents[2] / "deploy" / "orthanc" / "route-to-node.lua"
SENDER = "MODALITY"


@pytest.fixture
def ports() -> house.Ports:
    return house.new_ports()


@pytest.fixture
def orthanc(tmp_path: Path, ports: house.Ports, peer_program: Callable[[str], Path]) -> Iterator[Orthanc]:
    node = {"lumbar-node": Modality(ae_title="LUMBARAI", port=ports.node)}
    routing = {"LuaScripts": [str(ROUTING)], "StableAge": 1}
    with running_orthanc(peer_program("Orthanc"), tmp_path / "orthanc", modalities=node, options=routing) as running:
        yield running


def peer(kind: str, orthanc: Orthanc, folder: Path) -> Mapping[str, object]:
    password = folder / "password"
    password.write_text(PASSWORD)
    login = {"kind": kind, "name": "archive", "username": USER, "password_file": str(password), "confirm": "query"}
    dimse = {"ae_title": "ORTHANC", "host": "127.0.0.1", "port": orthanc.dicom_port, "query": True, "confirm": "query"}
    ways: Mapping[str, Mapping[str, object]] = {
        "dimse": {"kind": "dimse", "name": "archive", **dimse},
        "stow": {"url": orthanc.dicomweb_url, **login},
        "orthanc": {"url": orthanc.url, **login},
    }
    return ways[kind]


def site_of(folder: Path, ports: house.Ports, archive: Mapping[str, object]) -> Settings:
    callers = [{"ae_title": SENDER}, {"ae_title": "ORTHANC"}]
    receiver = {"host": "127.0.0.1", "port": ports.node, "allowed_callers": callers, "free_space_watermark_mib": 0}
    return house.settings(folder / "node", ports, peers=[archive], receiver=receiver)


def results(orthanc: Orthanc) -> list[Dataset]:
    """What lies in Orthanc and is no MR image."""
    files = (orthanc.file(str(one["ID"])) for one in orthanc.instances())
    read = [pydicom.dcmread(BytesIO(content)) for content in files]
    return [dataset for dataset in read if dataset.Modality != "MR"]


def classes(orthanc: Orthanc) -> Counter[str]:
    return Counter(str(dataset.SOPClassUID) for dataset in results(orthanc))


ONE_OF_EACH = Counter(
    {str(SegmentationStorage): 1, str(Comprehensive3DSRStorage): 1, str(SecondaryCaptureImageStorage): 1}
)


@pytest.mark.parametrize("kind", ["dimse", "stow", "orthanc"])
def test_results_reach_orthanc_by_each_way_and_once(
    kind: str, orthanc: Orthanc, ports: house.Ports, tmp_path: Path
) -> None:
    site = site_of(tmp_path, ports, peer(kind, orthanc, tmp_path))
    images = house.study()
    with house.running_node(site):
        house.send(ports, images)
        house.wait_for_state(site, images[0].StudyInstanceUID, StudyState.DELIVERED)
        assert set(house.send(ports, images)) == {0}
    assert classes(orthanc) == ONE_OF_EACH


def test_orthanc_routes_a_stable_series_to_the_node_and_gets_the_results(
    orthanc: Orthanc, ports: house.Ports, tmp_path: Path
) -> None:
    site = site_of(tmp_path, ports, peer("dimse", orthanc, tmp_path))
    with house.running_node(site):
        for image in house.study():
            content = BytesIO()
            image.save_as(content, enforce_file_format=True)
            orthanc.store(content.getvalue())
        wait_until(lambda: classes(orthanc) == ONE_OF_EACH, seconds=90, what="one object of each kind in Orthanc")


@pytest.mark.shared_data
@pytest.mark.timeout(600)
def test_the_real_study_comes_back_with_five_discs_and_once(
    orthanc: Orthanc, ports: house.Ports, tmp_path: Path, shared_data: Path, peer_program: Callable[[str], Path]
) -> None:
    site = site_of(tmp_path, ports, peer("dimse", orthanc, tmp_path))
    source = shared_data / "rsna_study" / "restored"
    study_uid = str(pydicom.dcmread(next(source.rglob("*.dcm")), stop_before_pixels=True).StudyInstanceUID)
    with Node(site, open_methods(["disc_quantification"], Inference())):
        for _ in range(2):
            storescu(peer_program("storescu"), ports, source)
            house.wait_for_state(site, study_uid, StudyState.DELIVERED)
    assert classes(orthanc) == ONE_OF_EACH
    found = {str(dataset.Modality): dataset for dataset in results(orthanc)}
    assert measured_discs(found["SR"]) == {code.value for code in DISC.values()}
    assert valid_for_everyone(found, tmp_path, peer_program)


def storescu(program: Path, ports: house.Ports, source: Path) -> None:
    command = [program, "-aet", SENDER, "-aec", "LUMBARAI", "-xr", "+sd", "+r", "127.0.0.1", str(ports.node), source]
    subprocess.run(command, check=True, capture_output=True, timeout=300)


def measured_discs(report: Dataset) -> set[str]:
    read = hd.sr.Comprehensive3DSR.from_dataset(report)
    groups = read.content.get_planar_roi_measurement_groups()
    return {str(group.finding_type.value) for group in groups}


def valid_for_everyone(found: Mapping[str, Dataset], folder: Path, peer_program: Callable[[str], Path]) -> bool:
    peer_program("dciodvfy")
    validator = find_dciodvfy()
    assert validator is not None
    for modality, dataset in found.items():
        path = folder / f"{modality}.dcm"
        dataset.save_as(path)
        errors = [line for line in dciodvfy_verdicts(path, program=validator) if line.startswith("Error")]
        assert not errors, modality
    dumped = subprocess.run(
        [peer_program("dsrdump"), folder / "SR.dcm"], check=True, capture_output=True, text=True, timeout=60
    )
    return "Disc height index" in dumped.stdout
