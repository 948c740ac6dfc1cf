"""Two studies of one patient, a year apart: the second report in Orthanc tells what changed."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pydicom.dataset import Dataset

from node.lifecycle import StudyState
from sr_reports.content_tree import evidence_uids, name_of, walk
from tests import running_node as house
from tests.orthanc import Modality, running_orthanc
from tests.peers.test_whole_way import peer, results

pytestmark = pytest.mark.peer


def _study(of: str, date: str) -> list[Dataset]:
    images = house.study(of=of)
    for image in images:
        image.StudyDate = date
    return images


@pytest.mark.parametrize("kind", ["dimse", "stow", "orthanc"])
def test_the_second_report_compares_itself_with_the_first(
    kind: str, tmp_path: Path, peer_program: Callable[[str], Path]
) -> None:
    ports = house.new_ports()
    node = {"lumbar-node": Modality(ae_title="LUMBARAI", port=ports.node)}
    options = {"DicomAlwaysAllowGet": True}
    folder = tmp_path / "orthanc"
    with running_orthanc(peer_program("Orthanc"), folder, modalities=node, options=options) as orthanc:
        rule = {
            "name": "all",
            "methods": [house.CARD.name],
            "destinations": ["archive"],
            "compare_with": "archive",
        }
        site = house.settings(tmp_path / "node", ports, peers=[peer(kind, orthanc, tmp_path)], rules=[rule])
        with house.running_node(site):
            for images in (_study("then", "20250301"), _study("now", "20260301")):
                house.send(ports, images)
                house.wait_for_state(site, images[0].StudyInstanceUID, StudyState.DELIVERED)
        reports = {str(one.StudyDate): one for one in results(orthanc) if one.Modality == "SR"}
    said = {name_of(item): str(item.get("TextValue", "")) for item in walk(reports["20260301"])}
    assert "2025-03-01" in said["COMPARED_WITH"]
    assert "DHI_CHG" in said
    assert reports["20250301"].SOPInstanceUID in evidence_uids(reports["20260301"])
    assert "COMPARED_WITH" not in {name_of(item) for item in walk(reports["20250301"])}
