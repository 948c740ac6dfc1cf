"""The whole real study through all five methods into a real Orthanc: every series that can be graded is, once."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pydicom
import pytest
from pydicom.dataset import Dataset

from config.settings import Inference
from inference.anatomy import Disc
from inference.registry import CARDS
from inference.results import Scale
from node.app import Node
from node.lifecycle import StudyState
from node.methods import open_methods
from sr_reports.content_tree import walk
from sr_reports.read_back import read_report
from tests import running_node as house
from tests.orthanc import Orthanc, running_orthanc
from tests.peers.test_axial_whole_way import site_of

pytestmark = [pytest.mark.peer, pytest.mark.shared_data]


def _reports(orthanc: Orthanc) -> list[Dataset]:
    read = [pydicom.dcmread(BytesIO(orthanc.file(str(one["ID"])))) for one in orthanc.instances()]
    return [one for one in read if one.Modality == "SR"]


@pytest.mark.timeout(900)
def test_five_discs_are_graded_by_each_method_that_has_its_series(
    tmp_path: Path, shared_data: Path, peer_program: Callable[[str], Path]
) -> None:
    ports = house.new_ports()
    files = sorted((shared_data / "rsna_study" / "restored").rglob("*.dcm"))
    images = [pydicom.dcmread(file) for file in files]
    with running_orthanc(peer_program("Orthanc"), tmp_path / "orthanc", modalities={}) as orthanc:
        site = site_of(tmp_path, ports, orthanc)
        rule = site.rules[0].model_copy(update={"methods": tuple(CARDS)})
        every = site.model_copy(update={"rules": (rule,)})
        with Node(every, open_methods(CARDS, Inference())):
            assert set(house.send(ports, images)) == {0}
            house.wait_for(every, images[0].StudyInstanceUID, lambda line: line.state is StudyState.DELIVERED)
        reports = _reports(orthanc)
    graded = {(scale, one.disc) for report in reports for one in read_report(report).discs for scale in one.grades}
    for scale in (Scale.MODIFIED_PFIRRMANN, Scale.DEGENERATION_GROUP, Scale.PFIRRMANN, Scale.PREDICTED_T1RHO_PHASE):
        assert {disc for found, disc in graded if found is scale} == set(Disc), scale
    said = [str(item.get("TextValue", "")) for report in reports for item in walk(report)]
    assert any("not validated on patients" in text for text in said)
    assert len(reports) == 3
