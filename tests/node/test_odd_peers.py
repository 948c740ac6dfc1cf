"""Archives that answer otherwise than one would like: their words are kept, and only what is there is delivered."""

from pathlib import Path

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
