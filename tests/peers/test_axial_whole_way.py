"""The real study's axial T2 through the node into a real Orthanc: a report whose levels are right."""

import csv
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from pathlib import Path

import highdicom as hd
import pydicom
import pytest
from pydicom.dataset import Dataset

from config.settings import Inference, Settings
from inference.anatomy import Disc
from node.app import Node
from node.lifecycle import StudyState
from node.methods import open_methods
from sr_reports.vocabulary import DISC
from tests import running_node as house
from tests.orthanc import Orthanc, running_orthanc

pytestmark = [pytest.mark.peer, pytest.mark.shared_data]
SAGITTAL, AXIAL = "1792451510", "1012284084"
METHODS = ("disc_quantification", "axial_grading")


@pytest.fixture
def orthanc(tmp_path: Path, peer_program: Callable[[str], Path]) -> Iterator[Orthanc]:
    with running_orthanc(peer_program("Orthanc"), tmp_path / "orthanc", modalities={}) as running:
        yield running


def site_of(folder: Path, ports: house.Ports, orthanc: Orthanc) -> Settings:
    archive = {
        "kind": "dimse",
        "name": "archive",
        "ae_title": "ORTHANC",
        "host": "127.0.0.1",
        "port": orthanc.dicom_port,
        "query": True,
        "confirm": "query",
        "objects": ["SR"],
    }
    rules = [{"name": "all", "methods": list(METHODS), "destinations": ["archive"]}]
    return house.settings(folder / "node", ports, peers=[archive], rules=rules)


def axial_report(orthanc: Orthanc, instances: Mapping[str, int]) -> Dataset:
    """The one that refers to axial slices."""
    read = [pydicom.dcmread(BytesIO(orthanc.file(str(one["ID"])))) for one in orthanc.instances()]
    found = [report for report in read if set(slices_by_disc(report, instances).values())]
    assert len(found) == 1
    return found[0]


def slices_by_disc(report: Dataset, instances: Mapping[str, int]) -> dict[Disc, int]:
    """Instance number of the axial slice on which the region of each disc is drawn."""
    discs = {code.value: disc for disc, code in DISC.items()}
    groups = hd.sr.Comprehensive3DSR.from_dataset(report).content.get_planar_roi_measurement_groups()
    found = {}
    for group in groups:
        uid = str(group.roi.ContentSequence[0].ReferencedSOPSequence[0].ReferencedSOPInstanceUID)
        if uid in instances:
            found[discs[str(group.finding_type.value)]] = instances[uid]
    return found


def pointed(file: Path) -> dict[Disc, int]:
    with file.open(newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["series_id"] == AXIAL]
    return {Disc(row["level"].upper().replace("_", "/")): int(row["instance_number"]) for row in rows}


@pytest.mark.timeout(600)
def test_the_axial_report_in_orthanc_names_the_levels_that_annotators_named(
    orthanc: Orthanc, tmp_path: Path, shared_data: Path
) -> None:
    ports = house.new_ports()
    site = site_of(tmp_path, ports, orthanc)
    study = shared_data / "rsna_study"
    images = [pydicom.dcmread(file) for part in (SAGITTAL, AXIAL) for file in (study / "restored" / part).iterdir()]
    instances = {str(one.SOPInstanceUID): int(one.InstanceNumber) for one in images[18:]}
    with Node(site, open_methods(METHODS, Inference())):
        assert set(house.send(ports, images)) == {0}
        house.wait_for_state(site, images[0].StudyInstanceUID, StudyState.DELIVERED)
    found = slices_by_disc(axial_report(orthanc, instances), instances)
    truth = pointed(study / "points.csv")
    assert set(found) == set(truth) == set(Disc)
    assert max(abs(found[disc] - truth[disc]) for disc in truth) <= 3
