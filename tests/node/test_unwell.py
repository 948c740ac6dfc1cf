"""Whatever is wrong outside, the node stays well and says so."""

from pathlib import Path

import pytest
from pynetdicom import AE

from node.app import open_ledger
from node.health import health
from node.ledger.rows import Verdict
from node.lifecycle import StudyState
from tests import builders
from tests import running_node as house
from tests.orthanc import wait_until

OUT_OF_RESOURCES, NOT_UNDERSTOOD = 0xA700, 0xC000


def test_an_aborted_association_is_not_completion(tmp_path: Path) -> None:
    ports = house.new_ports()
    site = house.settings(tmp_path / "node", ports)
    images = house.study()
    study_uid = images[0].StudyInstanceUID
    with house.archive(tmp_path / "archive", ports) as archive, house.running_node(site):
        house.send(ports, images[:3], release=False)
        line = house.wait_for_state(site, study_uid, StudyState.DELIVERED)
        assert len(archive.objects()) == 1, "only the report that says why nothing was analysed"
        assert any("broke off" in choice.reason for choice in line.choices)
        house.send(ports, images)
        house.wait_for(site, study_uid, lambda line: line.edition == 2 and line.state is StudyState.DELIVERED)
        assert len(archive.objects()) == 3


def test_a_whole_study_whose_association_broke_is_analysed_once_it_was_sent_again(tmp_path: Path) -> None:
    ports = house.new_ports()
    site = house.settings(tmp_path / "node", ports)
    images = house.study()
    study_uid = images[0].StudyInstanceUID
    with house.archive(tmp_path / "archive", ports) as archive, house.running_node(site):
        house.send(ports, images, release=False)
        house.wait_for_state(site, study_uid, StudyState.DELIVERED)
        assert len(archive.objects()) == 1, "only the report that says why nothing was analysed"
        house.send(ports, images)
        house.wait_for(site, study_uid, lambda line: line.edition == 2 and line.state is StudyState.DELIVERED)
        assert len(archive.objects()) == 3


def test_a_study_that_is_sent_again_in_time_does_not_wait_for_the_end_of_patience(tmp_path: Path) -> None:
    ports = house.new_ports()
    site = house.settings(tmp_path / "node", ports, assembly={"quiet_seconds": 0.3, "study_quiet_seconds": 3600})
    images = house.study()
    with house.archive(tmp_path / "archive", ports), house.running_node(site):
        house.send(ports, images, release=False)
        house.wait_for(site, images[0].StudyInstanceUID, lambda line: "broke off" in line.reason)
        house.send(ports, images)
        house.wait_for_state(site, images[0].StudyInstanceUID, StudyState.DELIVERED)


def test_a_caller_that_is_not_listed_is_rejected(tmp_path: Path) -> None:
    ports = house.new_ports()
    site = house.settings(tmp_path / "node", ports)
    with house.running_node(site), pytest.raises(AssertionError):
        house.send(ports, house.study(), calling_ae="STRANGER")
    assert house.lines(site) == {}


def test_who_was_turned_away_stands_on_the_page_once(tmp_path: Path) -> None:
    ports = house.new_ports()
    site = house.settings(tmp_path / "node", ports)
    with house.running_node(site):
        for _ in range(2):
            with pytest.raises(AssertionError):
                house.send(ports, house.study(), calling_ae="STRANGER")
        wait_until(lambda: house.refusals(site), what="the refusal")
    (refusal,) = house.refusals(site)
    assert (refusal.calling_ae, refusal.address, refusal.quarantined) == ("STRANGER", "127.0.0.1", False)


def test_an_object_that_breaks_off_is_refused_and_told_on_the_page(tmp_path: Path) -> None:
    ports = house.new_ports()
    site = house.settings(tmp_path / "node", ports)
    image = builders.changed(house.study()[0], StudyInstanceUID="no UID at all")
    with house.running_node(site):
        assert house.send(ports, [image]) == [NOT_UNDERSTOOD]
        wait_until(lambda: house.refusals(site), what="the refusal")
    (refusal,) = house.refusals(site)
    assert "StudyInstanceUID" in refusal.reason
    assert "no UID at all" not in refusal.reason


def test_a_ct_image_finds_no_presentation_context(tmp_path: Path) -> None:
    ports = house.new_ports()
    site = house.settings(tmp_path / "node", ports)
    ae = AE(ae_title="MODALITY")
    ae.add_requested_context(builders.ct_image().SOPClassUID)
    with house.running_node(site):
        association = ae.associate("127.0.0.1", ports.node, ae_title="LUMBARAI")
        assert not association.accepted_contexts
        association.abort()


def test_under_the_watermark_nothing_is_taken_and_the_page_is_red(tmp_path: Path) -> None:
    ports = house.new_ports()
    whole_disk = 2**40
    site = house.settings(tmp_path / "node", ports)
    receiver = site.receiver.model_copy(update={"free_space_watermark_mib": whole_disk})
    site = site.model_copy(update={"receiver": receiver})
    with house.running_node(site), pytest.raises(AssertionError):
        house.send(ports, house.study())
    ledger = open_ledger(site)
    try:
        found = health(ledger, site)
    finally:
        ledger.close()
    assert not found.is_well
    assert "watermark" in found.faults[0]


def test_a_peer_that_was_away_gets_the_results_when_it_is_back(tmp_path: Path) -> None:
    ports = house.new_ports()
    site = house.settings(tmp_path / "node", ports)
    images = house.study()
    study_uid = images[0].StudyInstanceUID
    with house.running_node(site):
        house.send(ports, images)
        house.wait_for(site, study_uid, lambda line: bool(line.words))
        with house.archive(tmp_path / "archive", ports) as archive:
            house.wait_for_state(site, study_uid, StudyState.DELIVERED)
            assert len(archive.objects()) == 2


def test_a_peer_that_is_given_up_on_makes_the_study_fail_until_a_person_retries(tmp_path: Path) -> None:
    ports = house.new_ports()
    delivery = {"first_wait": 0.1, "longest_wait": 0.1, "give_up_after": 0.3}
    site = house.settings(tmp_path / "node", ports, delivery=delivery)
    images = house.study()
    study_uid = images[0].StudyInstanceUID
    with house.running_node(site):
        house.send(ports, images)
        house.wait_for_state(site, study_uid, StudyState.FAILED)
        with house.archive(tmp_path / "archive", ports) as archive:
            assert house.retry(site, study_uid)
            house.wait_for_state(site, study_uid, StudyState.DELIVERED)
            assert len(archive.objects()) == 2


def test_a_study_without_a_usable_series_is_rejected_with_reasons_and_nothing_is_sent(tmp_path: Path) -> None:
    ports = house.new_ports()
    site = house.settings(tmp_path / "node", ports)
    t1 = builders.classic(card=builders.series_card(sequence=builders.T1))
    with house.archive(tmp_path / "archive", ports) as archive, house.running_node(site):
        house.send(ports, t1)
        line = house.wait_for_state(site, t1[0].StudyInstanceUID, StudyState.REJECTED)
        assert archive.objects() == []
    assert "sagittal T2w" in line.reason
    assert [choice.verdict for choice in line.choices] == [Verdict.REFUSED, Verdict.REFUSED]


def test_a_rule_that_holds_waits_for_a_person(tmp_path: Path) -> None:
    ports = house.new_ports()
    hold = {"name": "quality assurance", "methods": [], "destinations": [], "hold": True}
    usual = {"name": "usual", "methods": [house.CARD.name], "destinations": ["archive"]}
    site = house.settings(tmp_path / "node", ports, rules=[hold, usual])
    images = house.study()
    with house.archive(tmp_path / "archive", ports), house.running_node(site):
        house.send(ports, images)
        line = house.wait_for_state(site, images[0].StudyInstanceUID, StudyState.HELD)
        assert "quality assurance" in line.reason
        assert house.retry(site, images[0].StudyInstanceUID)
        house.wait_for_state(site, images[0].StudyInstanceUID, StudyState.DELIVERED)


def test_a_series_with_a_gap_is_refused_in_a_report(tmp_path: Path) -> None:
    ports = house.new_ports()
    site = house.settings(tmp_path / "node", ports)
    images = house.study(slices=7)
    del images[3]
    with house.archive(tmp_path / "archive", ports), house.running_node(site):
        house.send(ports, images)
        line = house.wait_for(
            site, images[0].StudyInstanceUID, lambda line: line.state in (StudyState.REJECTED, StudyState.DELIVERED)
        )
    assert any("missing" in choice.reason for choice in line.choices)
