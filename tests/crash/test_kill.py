"""kill -9 at every checkpoint and between: nothing is lost, nothing is sent twice."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import Comprehensive3DSRStorage, SegmentationStorage
from pynetdicom import evt

from config.settings import Settings
from dicom_io.embedded_pacs import EmbeddedPacs, PacsAddress
from node.lifecycle import StudyState
from tests import running_node as house
from tests.crash.doomed import POINTS

ROOT = Path(__file__).parents[2]


class CountingPacs(EmbeddedPacs):
    """Counts how often each object came."""

    def __init__(self, folder: Path, address: PacsAddress) -> None:
        super().__init__(folder, address)
        self.stores: Counter[str] = Counter()

    def _store(self, event: evt.Event) -> int:
        self.stores[str(event.request.AffectedSOPInstanceUID)] += 1
        return super()._store(event)


@pytest.mark.parametrize("point", POINTS)
def test_after_kill_9_nothing_is_lost_and_nothing_sent_twice(point: str, tmp_path: Path) -> None:
    ports = house.new_ports()
    site = house.settings(tmp_path / "node", ports)
    images = house.study()
    address = PacsAddress(ae_title="ARCHIVE", host="127.0.0.1", port=ports.archive)
    with CountingPacs(tmp_path / "archive", address) as archive:
        with doomed_node(site, point, tmp_path) as process:
            arrived = send_as_far_as_it_goes(ports, images)
            assert process.wait(timeout=60) == -9
        with house.running_node(site):
            if arrived < len(images):
                assert set(house.send(ports, images)) == {0}, "a modality sends again what was not answered"
            house.wait_for_state(site, images[0].StudyInstanceUID, StudyState.DELIVERED)
        classes = [one.identity.sop_class_uid for one in archive.objects()]
    assert sorted(classes) == sorted([SegmentationStorage, Comprehensive3DSRStorage])
    assert set(archive.stores.values()) == {1}
    assert house.lines(site)[images[0].StudyInstanceUID].images == len(images)


@pytest.mark.parametrize(
    "point",
    [
        "PLANNED: after the plan is kept",
        "between two objects",
        "ENCODED: after the objects are kept",
        "between two objects on their way",
    ],
)
def test_after_kill_9_a_late_rare_series_has_doubled_nothing(point: str, tmp_path: Path) -> None:
    ports = house.new_ports()
    site = house.settings(tmp_path / "node", ports, **house.BOTH)
    images = house.study()
    study_uid = images[0].StudyInstanceUID
    address = PacsAddress(ae_title="ARCHIVE", host="127.0.0.1", port=ports.archive)
    with CountingPacs(tmp_path / "archive", address) as archive:
        with house.running_node(site):
            house.send(ports, images)
            house.wait_for_state(site, study_uid, StudyState.DELIVERED)
        with doomed_node(site, point, tmp_path) as process:
            assert set(house.send(ports, house.echoes())) == {0}
            assert process.wait(timeout=60) == -9
        with house.running_node(site):
            house.wait_for(site, study_uid, lambda line: line.edition == 2 and line.state is StudyState.DELIVERED)
        classes = [one.identity.sop_class_uid for one in archive.objects()]
    assert sorted(classes) == sorted([SegmentationStorage, Comprehensive3DSRStorage] * 2)
    assert set(archive.stores.values()) == {1}


def test_a_study_in_flight_at_a_crash_is_not_analysed_until_it_is_sent_again(tmp_path: Path) -> None:
    ports = house.new_ports()
    site = house.settings(tmp_path / "node", ports)
    images = house.study()
    study_uid = images[0].StudyInstanceUID
    with house.archive(tmp_path / "archive", ports) as archive:
        with doomed_node(site, "RECEIVED: after the row of the third image", tmp_path) as process:
            send_as_far_as_it_goes(ports, images)
            process.wait(timeout=60)
        with house.running_node(site):
            line = house.wait_for_state(site, study_uid, StudyState.DELIVERED)
            assert any("broke off" in choice.reason for choice in line.choices)
            (refusal,) = archive.objects()
            house.send(ports, images)
            house.wait_for(site, study_uid, lambda line: line.edition == 2 and line.state is StudyState.DELIVERED)
    assert refusal.identity.sop_class_uid == Comprehensive3DSRStorage
    reports = [dcmread(one.path) for one in archive.objects() if one.identity.sop_class_uid == Comprehensive3DSRStorage]
    assert predecessors(reports[-1]) == [refusal.uid]


def predecessors(report: Dataset) -> list[str]:
    return [
        str(reference.ReferencedSOPInstanceUID)
        for study in report.PredecessorDocumentsSequence
        for series in study.ReferencedSeriesSequence
        for reference in series.ReferencedSOPSequence
    ]


@contextmanager
def doomed_node(site: Settings, point: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A process of its own that listens, and will die at the point."""
    settings = folder / "settings.json"
    settings.write_text(site.model_dump_json(), encoding="utf-8")
    command = [sys.executable, "-m", "tests.crash.doomed", str(settings), point]
    with (folder / "doomed.log").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True)
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "listening\n", (folder / "doomed.log").read_text()
            yield process
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


def send_as_far_as_it_goes(ports: house.Ports, images: Sequence[Dataset]) -> int:
    """How many were answered with Success before the line went dead."""
    try:
        return house.send(ports, images).count(0)
    except (RuntimeError, AttributeError):  # pynetdicom's answers to a dead line
        return 0
