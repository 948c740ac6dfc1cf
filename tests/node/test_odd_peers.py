"""Archives that answer otherwise than one would like: their words are kept, and only what is there is delivered."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from pydicom.dataset import Dataset
from pynetdicom import evt

from dicom_io.embedded_pacs import EmbeddedPacs, PacsAddress
from node.ledger.rows import StudyLine
from node.lifecycle import StudyState
from tests import running_node as house

BUSY, REFUSED = 0xA700, 0xA900


class OddPacs(EmbeddedPacs):
    """Gives these answers first, then behaves. A status of 0 here is a lie: nothing is stored."""

    def __init__(self, folder: Path, address: PacsAddress, answers: list[int]) -> None:
        super().__init__(folder, address)
        self.answers = answers

    def _store(self, event: evt.Event) -> int:
        return self.answers.pop(0) if self.answers else super()._store(event)


def delivered_to(answers: list[int], folder: Path, *, end: StudyState) -> tuple[StudyLine, int]:
    """The study's line at its end, and how many objects the archive has."""
    ports = house.new_ports()
    site = house.settings(folder / "node", ports)
    images = house.study()
    address = PacsAddress(ae_title="ARCHIVE", host="127.0.0.1", port=ports.archive)
    with OddPacs(folder / "archive", address, answers) as archive, house.running_node(site):
        house.send(ports, images)
        line = house.wait_for_state(site, images[0].StudyInstanceUID, end)
        return line, len(archive.objects())


def test_an_archive_that_is_busy_is_tried_again(tmp_path: Path) -> None:
    line, stored = delivered_to([BUSY, BUSY, BUSY], tmp_path, end=StudyState.DELIVERED)
    assert line.deliveries == {"archive": {"delivered": 2}}
    assert stored == 2


def test_an_archive_that_refuses_makes_the_study_fail_with_its_words(tmp_path: Path) -> None:
    line, stored = delivered_to([REFUSED], tmp_path, end=StudyState.FAILED)
    assert line.deliveries == {"archive": {"refused": 1, "delivered": 1}}
    assert stored == 1
    assert "0xA900" in line.reason


def test_an_archive_that_says_stored_and_has_nothing_gets_it_again(tmp_path: Path) -> None:
    line, stored = delivered_to([0, 0], tmp_path, end=StudyState.DELIVERED)
    assert line.deliveries == {"archive": {"delivered": 2}}
    assert stored == 2


class SlowToFind(EmbeddedPacs):
    """Stores at once, and finds what it has from the third question on. stores: how often each object came."""

    def __init__(self, folder: Path, address: PacsAddress) -> None:
        super().__init__(folder, address)
        self.questions = 0
        self.stores: Counter[str] = Counter()

    def _store(self, event: evt.Event) -> int:
        self.stores[str(event.request.AffectedSOPInstanceUID)] += 1
        return super()._store(event)

    def _find(self, event: evt.Event) -> Iterator[tuple[int, Dataset | None]]:
        self.questions += 1
        return super()._find(event) if self.questions > 4 else iter(())


def test_an_archive_that_is_slow_to_find_what_it_has_gets_nothing_twice(tmp_path: Path) -> None:
    ports = house.new_ports()
    site = house.settings(tmp_path / "node", ports, delivery={"first_wait": 1, "longest_wait": 1})
    images = house.study()
    address = PacsAddress(ae_title="ARCHIVE", host="127.0.0.1", port=ports.archive)
    with SlowToFind(tmp_path / "archive", address) as archive, house.running_node(site):
        house.send(ports, images)
        house.wait_for_state(site, images[0].StudyInstanceUID, StudyState.DELIVERED)
    assert archive.questions > 4
    assert set(archive.stores.values()) == {1}
