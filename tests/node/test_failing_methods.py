"""What the node does when a method, or the node itself, fails."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from inference.contract import Case
from inference.errors import DeviceExhausted, ImplausibleResult, InputUnsuitable
from inference.results import Result
from node.app import Node, open_ledger
from node.execution import ReadyMethod
from node.ledger.rows import StudyLine
from node.lifecycle import StudyState
from tests import running_node as house


@dataclass
class Failing:
    """Raises these, one per run, then works."""

    errors: list[Exception] = field(default_factory=list)
    card = house.CARD

    def run(self, case: Case) -> Sequence[Result]:
        if self.errors:
            raise self.errors.pop(0)
        return house.Blocks().run(case)


def walked(folder: Path, *errors: Exception, end: StudyState) -> StudyLine:
    ports = house.new_ports()
    site = house.settings(folder / "node", ports)
    images = house.study()
    methods = {house.CARD.name: ReadyMethod(method=Failing(list(errors)), used=house.USED)}
    with house.archive(folder / "archive", ports), Node(site, methods):
        house.send(ports, images)
        return house.wait_for_state(site, images[0].StudyInstanceUID, end)


def test_a_device_without_room_is_tried_again(tmp_path: Path) -> None:
    line = walked(tmp_path, DeviceExhausted("full"), DeviceExhausted("full"), end=StudyState.DELIVERED)
    assert line.deliveries == {"archive": {"delivered": 2}}


def test_a_doubtful_result_fails_and_sends_nothing(tmp_path: Path) -> None:
    line = walked(tmp_path, ImplausibleResult("a disc of 40 mm"), end=StudyState.FAILED)
    assert (line.reason, line.deliveries) == ("a disc of 40 mm", {})


def test_unsuitable_images_become_a_report_that_says_so(tmp_path: Path) -> None:
    line = walked(tmp_path, InputUnsuitable("no lumbar spine in view"), end=StudyState.DELIVERED)
    assert line.deliveries == {"archive": {"delivered": 1}}
    assert "no lumbar spine in view" in [choice.reason for choice in line.choices]


def test_a_defect_fails_with_its_place_kept_and_its_words_left_out(tmp_path: Path) -> None:
    line = walked(tmp_path, ValueError("Test^Spine is no number"), end=StudyState.FAILED)
    assert line.reason == "a defect of the node: ValueError"
    database = (tmp_path / "node" / "ledger.sqlite3").read_bytes()
    assert b"test_failing_methods.py" in database
    assert b"Test^Spine" not in database


def test_a_failed_study_works_after_a_retry(tmp_path: Path) -> None:
    ports = house.new_ports()
    site = house.settings(tmp_path / "node", ports)
    images = house.study()
    study_uid = images[0].StudyInstanceUID
    methods = {house.CARD.name: ReadyMethod(method=Failing([KeyError("x")]), used=house.USED)}
    with house.archive(tmp_path / "archive", ports), Node(site, methods):
        house.send(ports, images)
        house.wait_for_state(site, study_uid, StudyState.FAILED)
        assert house.retry(site, study_uid)
        house.wait_for_state(site, study_uid, StudyState.DELIVERED)
    ledger = open_ledger(site)
    assert not ledger.studies.retry(study_uid)
    ledger.close()


def test_a_failure_over_images_that_are_out_of_date_is_forgotten(tmp_path: Path) -> None:
    ports = house.new_ports()
    site = house.settings(tmp_path / "node", ports)
    images = house.study(slices=6)

    class SentMeanwhile(Failing):
        """While it works, the last image comes; then it fails."""

        def run(self, case: Case) -> Sequence[Result]:
            if self.errors:
                house.send(ports, images[5:])
            return super().run(case)

    method = SentMeanwhile([ImplausibleResult("half a spine")])
    methods = {house.CARD.name: ReadyMethod(method=method, used=house.USED)}
    with house.archive(tmp_path / "archive", ports), Node(site, methods):
        house.send(ports, images[:5])
        line = house.wait_for_state(site, images[0].StudyInstanceUID, StudyState.DELIVERED)
    assert (line.edition, line.deliveries) == (2, {"archive": {"delivered": 2}})
