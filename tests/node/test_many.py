"""Several at once, and every kind of MR object."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from node.lifecycle import StudyState
from tests import builders, lumbar
from tests import running_node as house


def test_four_studies_over_four_associations_are_all_answered(tmp_path: Path) -> None:
    ports = house.new_ports()
    site = house.settings(tmp_path / "node", ports)
    studies = [house.study(of=name) for name in ("a", "b", "c", "d")]
    with house.archive(tmp_path / "archive", ports) as archive, house.running_node(site):
        with ThreadPoolExecutor(4) as senders:
            statuses = list(senders.map(lambda images: house.send(ports, images), studies))
        assert all(set(one) == {0} for one in statuses)
        for images in studies:
            house.wait_for_state(site, images[0].StudyInstanceUID, StudyState.DELIVERED)
        assert len({one.identity.study_uid for one in archive.objects()}) == 4
        assert len(archive.objects()) == 8


def test_one_series_over_two_associations_is_one_series(tmp_path: Path) -> None:
    ports = house.new_ports()
    site = house.settings(tmp_path / "node", ports)
    images = house.study(slices=8)
    with house.archive(tmp_path / "archive", ports), house.running_node(site):
        with ThreadPoolExecutor(2) as senders:
            list(senders.map(lambda half: house.send(ports, half), [images[::2], images[1::2]]))
        line = house.wait_for(
            site, images[0].StudyInstanceUID, lambda line: line.state is StudyState.DELIVERED and line.images == 8
        )
    assert line.deliveries == {"archive": {"delivered": 2}}


def test_an_enhanced_multi_frame_object_is_a_whole_series(tmp_path: Path) -> None:
    ports = house.new_ports()
    site = house.settings(tmp_path / "node", ports)
    image = builders.enhanced(lumbar.volume(5))
    with house.archive(tmp_path / "archive", ports), house.running_node(site):
        assert house.send(ports, [image]) == [0]
        line = house.wait_for_state(site, image.StudyInstanceUID, StudyState.DELIVERED)
    assert line.deliveries == {"archive": {"delivered": 2}}
