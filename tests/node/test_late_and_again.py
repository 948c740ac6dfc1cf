"""What comes again, late, or under a taken UID."""

from collections.abc import Sequence
from pathlib import Path

from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import Comprehensive3DSRStorage

from dicom_io.deliver.outgoing import Outgoing
from node.lifecycle import StudyState
from tests import builders
from tests import running_node as house


def test_a_study_sent_twice_is_answered_once(tmp_path: Path) -> None:
    ports = house.new_ports()
    site = house.settings(tmp_path / "node", ports)
    images = house.study()
    study_uid = images[0].StudyInstanceUID
    with house.archive(tmp_path / "archive", ports) as archive, house.running_node(site):
        house.send(ports, images)
        house.wait_for_state(site, study_uid, StudyState.DELIVERED)
        assert set(house.send(ports, images)) == {0}
        line = house.lines(site)[study_uid]
        assert len(archive.objects()) == 2
    assert (line.edition, line.state, line.images) == (1, StudyState.DELIVERED, len(images))


def test_another_object_under_a_taken_uid_is_kept_apart(tmp_path: Path) -> None:
    ports = house.new_ports()
    site = house.settings(tmp_path / "node", ports)
    images = house.study()
    other = builders.changed(images[0], PatientComments="other bytes")
    with house.archive(tmp_path / "archive", ports), house.running_node(site):
        assert house.send(ports, images[:1]) == [0x0000]
        assert house.send(ports, [other]) == [0xC001]
    assert sum(one.quarantined for one in house.refusals(site)) == 1
    assert len(list((site.site.storage / "spool" / "quarantine").iterdir())) == 1


def test_a_late_image_supersedes_the_earlier_report(tmp_path: Path) -> None:
    ports = house.new_ports()
    site = house.settings(tmp_path / "node", ports)
    images = house.study(slices=6)
    study_uid = images[0].StudyInstanceUID
    with house.archive(tmp_path / "archive", ports) as archive, house.running_node(site):
        house.send(ports, images[:5])
        house.wait_for_state(site, study_uid, StudyState.DELIVERED)
        house.send(ports, images[5:])
        house.wait_for(site, study_uid, lambda line: line.edition == 2 and line.state is StudyState.DELIVERED)
        reports = [one for one in archive.objects() if one.identity.sop_class_uid == Comprehensive3DSRStorage]
    assert len(reports) == 2
    (study,) = dcmread(reports[1].path).PredecessorDocumentsSequence
    assert study.ReferencedSeriesSequence[0].ReferencedSOPSequence[0].ReferencedSOPInstanceUID == reports[0].uid


def test_a_late_series_that_no_method_uses_changes_nothing(tmp_path: Path) -> None:
    ports = house.new_ports()
    site = house.settings(tmp_path / "node", ports)
    images = house.study()
    study_uid = images[0].StudyInstanceUID
    t1 = builders.classic(card=builders.series_card(sequence=builders.T1, study=house.card_of("study"), name="T1"))
    with house.archive(tmp_path / "archive", ports) as archive, house.running_node(site):
        house.send(ports, images)
        house.wait_for_state(site, study_uid, StudyState.DELIVERED)
        house.send(ports, t1)
        house.wait_for(site, study_uid, lambda line: line.edition == 2 and line.state is StudyState.DELIVERED)
        assert len(archive.objects()) == 2


def test_a_late_rare_series_is_answered_beside_what_was_sent(tmp_path: Path) -> None:
    ports = house.new_ports()
    site = house.settings(tmp_path / "node", ports, **house.BOTH)
    images, echoes = house.study(), house.echoes()
    study_uid = images[0].StudyInstanceUID
    with house.archive(tmp_path / "archive", ports) as archive, house.running_node(site):
        house.send(ports, images)
        house.wait_for_state(site, study_uid, StudyState.DELIVERED)
        first = {one.uid for one in archive.objects()}
        house.send(ports, echoes)
        house.wait_for(site, study_uid, lambda line: line.edition == 2 and line.state is StudyState.DELIVERED)
        objects = archive.objects()
    assert first <= {one.uid for one in objects}
    assert (about(images, objects), about(echoes, objects), len(objects)) == (2, 2, 4)
    assert not any("PredecessorDocumentsSequence" in dcmread(one.path) for one in objects)


def about(images: Sequence[Dataset], objects: Sequence[Outgoing]) -> int:
    """How many segmentations and reports name the series of these images."""
    return sum(str(images[0].SeriesInstanceUID) in _named(dcmread(one.path)) for one in objects)


def _named(document: Dataset) -> set[str]:
    evidence = document.get("CurrentRequestedProcedureEvidenceSequence") or [document]
    return {str(series.SeriesInstanceUID) for each in evidence for series in each.ReferencedSeriesSequence}
