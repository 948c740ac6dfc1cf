"""A sender that can count its series: only its number proves that none is missing."""

from pathlib import Path

from dicom_io.deliver.cstore import CStoreChannel
from node.lifecycle import StudyState
from tests import builders
from tests import running_node as house


def test_a_regular_stack_waits_for_the_images_that_the_sender_counts(tmp_path: Path) -> None:
    ports = house.new_ports()
    caller = {"ae_title": "MODALITY", "query_peer": "archive"}
    receiver = {"host": "127.0.0.1", "port": ports.node, "allowed_callers": [caller], "free_space_watermark_mib": 0}
    waits = {"quiet_seconds": 0.3, "study_quiet_seconds": 120}
    site = house.settings(tmp_path / "node", ports, receiver=receiver, assembly=waits)
    images = house.study(slices=6)
    files = builders.write(images, tmp_path / "study")
    with house.archive(tmp_path / "archive", ports) as archive, house.running_node(site):
        (peer,) = site.peers
        CStoreChannel(peer, calling_ae="MODALITY", timeout=20).send(files)  # type: ignore[arg-type]  # it is a dimse one
        house.send(ports, images[:5])
        house.wait_for(site, images[0].StudyInstanceUID, lambda line: "the sender counts 6" in line.reason)
        assert len(archive.objects()) == 6
        house.send(ports, images[5:])
        house.wait_for_state(site, images[0].StudyInstanceUID, StudyState.DELIVERED)
        assert len(archive.objects()) == 8
