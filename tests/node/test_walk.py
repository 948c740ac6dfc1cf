"""One study walks through a whole node: in by C-STORE, out as SEG and SR."""

from pathlib import Path

from pydicom.uid import Comprehensive3DSRStorage, SegmentationStorage

from node.lifecycle import StudyState
from tests import running_node as house


def test_a_study_comes_in_and_its_seg_and_sr_go_out(tmp_path: Path) -> None:
    ports = house.new_ports()
    site = house.settings(tmp_path / "node", ports)
    images = house.study()
    with house.archive(tmp_path / "archive", ports) as archive, house.running_node(site):
        assert set(house.send(ports, images)) == {0}
        line = house.wait_for_state(site, images[0].StudyInstanceUID, StudyState.DELIVERED)
        classes = {one.identity.sop_class_uid for one in archive.objects()}
    assert classes == {SegmentationStorage, Comprehensive3DSRStorage}
    assert line.deliveries == {"archive": {"delivered": 2}}
