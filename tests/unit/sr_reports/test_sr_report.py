"""The report says what was found, where, by what; and what was not, and why."""

from dataclasses import replace

import highdicom as hd
import numpy as np
import pytest
from pydicom.dataset import Dataset

from dicom_io.object_identity import Superseded
from inference.anatomy import Disc, Structure
from inference.results import LabelMap, Measurement, Quantity
from sr_reports.content_tree import children, evidence_uids, measurement_groups_of, name_of, walk
from sr_reports.errors import FindingsContradict
from sr_reports.findings import Findings
from sr_reports.regions import region_segmentation
from sr_reports.report import Companions, sagittal_report
from tests.lumbar import COLUMN_MM, COLUMNS, ROW_MM, ROWS, findings, identity, label_map, labels, refused, source

DOUBT = "six lumbar-type vertebrae"
AREA = np.pi * 22 * 7 * ROW_MM * COLUMN_MM  # of the ellipse that tests.lumbar draws, mm2


def report(found: Findings | None = None, **arguments: object) -> Dataset:
    return sagittal_report([found or findings()], source=source(), identity=identity("SR"), **arguments)


def groups_of(document: Dataset, disc: Disc) -> list[Dataset]:
    return [
        group
        for group in measurement_groups_of(document)
        if children(group, name="112039")[0].TextValue == f"{disc.value} disc"
    ]


def numbers(group: Dataset) -> dict[str, tuple[float, str]]:
    found = {}
    for item in children(group, value_type="NUM"):
        measured = item.MeasuredValueSequence[0]
        unit = measured.MeasurementUnitsCodeSequence[0].CodeValue
        found[name_of(item)] = (float(measured.NumericValue), unit)
    return found


def answers(group: Dataset) -> dict[str, str]:
    return {name_of(item): item.ConceptCodeSequence[0].CodeValue for item in children(group, value_type="CODE")}


def statements(document: Dataset) -> list[tuple[str, str]]:
    return [
        (name_of(item), item.TextValue)
        for item in walk(document)
        if item.get("RelationshipType") == "CONTAINS" and item.get("ValueType") == "TEXT" and name_of(item) != "121106"
    ]


def test_a_disc_has_a_group_per_grade_and_a_group_of_numbers() -> None:
    graded, outlined, _ = groups_of(report(), Disc.L4_L5)
    assert numbers(outlined) == {
        "AREA_L4L5": (pytest.approx(AREA, abs=30), "mm2"),
        "121207": (9.61, "mm"),
        "DHI": (0.346, "{ratio}"),
        "HDR": (0.272, "{ratio}"),
        "DSI": (72.3, "[arb'U]"),
    }
    assert numbers(graded) == {"MPF.4_PROB": (79.0, "%")}
    assert answers(graded)["MPF"] == "MPF.4"


def test_all_groups_of_a_disc_share_the_tracking_uid_of_its_segment() -> None:
    found = findings()
    segments = region_segmentation(found, source=source(), identity=identity("SEG")).SegmentSequence
    of_segments = {segment.SegmentLabel: segment.TrackingUID for segment in segments}
    document = report(found)
    for disc in Disc:
        of_groups = {children(group, name="112040")[0].UID for group in groups_of(document, disc)}
        assert of_groups == {of_segments[f"{disc.value} disc"]}


def test_the_finding_is_the_anatomy() -> None:
    for group in measurement_groups_of(report()):
        found = answers(group)
        assert found["276214006"] == "123037004"
        assert found["121071"] == found["363698007"]


def test_the_outline_lies_on_the_disc_of_the_slice_that_was_measured() -> None:
    document = report()
    (region,) = children(groups_of(document, Disc.L3_L4)[1], value_type="SCOORD")
    points = np.reshape(region.GraphicData, (-1, 2))
    drawn = labels(5)[2] == Structure.L3_L4.channel
    rows, columns = np.nonzero(drawn)
    assert np.allclose(points.min(axis=0), [columns.min(), rows.min()], atol=0.6)
    assert np.allclose(points.max(axis=0), [columns.max() + 1, rows.max() + 1], atol=0.6)
    assert (points <= (COLUMNS, ROWS)).all()
    (image,) = children(region, value_type="IMAGE")
    assert image.RelationshipType == "SELECTED FROM"
    assert image.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == source().images[2].header.SOPInstanceUID


def test_a_number_says_where_it_stands_in_the_population() -> None:
    _, _, compared = groups_of(report(), Disc.L1_L2)
    assert numbers(compared) == {
        "DHI_PCTL": (22.1, "%"),
        "DHI_Z": (-0.77, "1"),
        "HDR_PCTL": (22.1, "%"),
        "HDR_Z": (-0.77, "1"),
        "DSI_PCTL": (22.1, "%"),
        "DSI_Z": (-0.77, "1"),
    }
    items = {name_of(item): item for item in children(compared, value_type="NUM")}
    texts = {name_of(item): item.TextValue for item in children(items["DSI_PCTL"], value_type="TEXT")}
    assert texts["121405"] == "L1/L2, female, 50-60, n = 84, mean 80, SD 10"
    assert "Zheng" in texts["121406"]


def test_numbers_that_were_compared_with_nobody_have_no_group_for_it() -> None:
    found = findings()
    alone = tuple(replace(one, reference=None) if isinstance(one, Measurement) else one for one in found.results)
    assert len(groups_of(report(replace(found, results=alone)), Disc.L1_L2)) == 2


def test_every_group_names_method_version_and_weights() -> None:
    for group in measurement_groups_of(report()):
        texts = {name_of(item): item.TextValue for item in children(group, value_type="TEXT")}
        assert texts["111001"] == "disc_quantification"
        assert texts["111003"] == "1.2.3"
        assert "ab" * 32 in texts["111002"]


def test_a_missing_disc_has_no_group_and_a_reason() -> None:
    document = report(findings(without=[Disc.L5_S1]))
    assert groups_of(document, Disc.L5_S1) == []
    assert ("NOT_ANALYSED", "L5/S1 disc (sagittal T2w): outside the field of view") in statements(document)


def test_doubt_about_levels_stands_in_every_group_and_with_its_reason_in_the_report() -> None:
    document = report(findings(level_doubt=DOUBT))
    for group in measurement_groups_of(document):
        assert answers(group)["LEVEL_NUMBERING"] == "64957009"
        assert "level uncertain" in children(group, name="121106")[0].TextValue
    assert ("LEVEL_DOUBT", DOUBT) in statements(document)


def test_without_doubt_nothing_is_said_about_the_numbering() -> None:
    names = {name_of(item) for item in walk(report())}
    assert names.isdisjoint({"LEVEL_NUMBERING", "LEVEL_DOUBT"})


def test_the_label_that_ohif_draws_carries_the_grade() -> None:
    labels_ = [children(group, name="121106")[0].TextValue for group in groups_of(report(), Disc.L2_L3)]
    assert labels_ == ["L2/L3 disc, Modified Pfirrmann grade 4"] * 3


def test_a_report_of_refusals_alone_says_why() -> None:
    document = report(refused("slices overlap"))
    assert measurement_groups_of(document) == []
    assert ("NOT_ANALYSED", "whole series (sagittal T2w): slices overlap") in statements(document)
    assert any(name == "INTENDED_USE" and "NOT reviewed" in text for name, text in statements(document))


def test_a_graded_disc_without_numbers_still_has_its_outline() -> None:
    found = findings()
    graded = replace(found, results=tuple(one for one in found.results if not isinstance(one, Measurement)))
    _, outlined = groups_of(report(graded), Disc.L1_L2)
    assert len(children(outlined, value_type="SCOORD")) == 1
    assert set(numbers(outlined)) == {"AREA_L1L2"}


def test_the_report_is_preliminary_and_unverified() -> None:
    document = report()
    assert document.PreliminaryFlag == "PRELIMINARY"
    assert document.VerificationFlag == "UNVERIFIED"
    assert document.CompletionFlag == "COMPLETE"


def test_the_annotated_image_comes_first_in_the_evidence_and_the_segmentation_is_listed() -> None:
    seg = region_segmentation(findings(), source=source(), identity=identity("SEG"))
    document = report(companions=Companions(segmentations=(seg,)))
    (study,) = document.CurrentRequestedProcedureEvidenceSequence
    first = study.ReferencedSeriesSequence[0].ReferencedSOPSequence[0]
    assert first.ReferencedSOPInstanceUID == source().images[2].header.SOPInstanceUID
    assert seg.SOPInstanceUID in evidence_uids(document)


def test_a_new_report_names_the_one_it_supersedes() -> None:
    earlier = Superseded(
        study_uid="1.2.3", series_uid="1.2.4", sop_class_uid="1.2.840.10008.5.1.4.1.1.88.34", sop_instance_uid="1.2.5"
    )
    who = replace(identity("SR"), supersedes=(earlier,))
    document = sagittal_report([findings()], source=source(), identity=who)
    (study,) = document.PredecessorDocumentsSequence
    assert study.ReferencedSeriesSequence[0].ReferencedSOPSequence[0].ReferencedSOPInstanceUID == "1.2.5"


def test_the_node_is_the_observer_and_a_contributor() -> None:
    document = report()
    observer = {name_of(item): item for item in children(document)}
    assert identity("SR").equipment.device_uid == observer["121012"].UID
    ours = [
        item for item in document.ContributingEquipmentSequence if item.get("ManufacturerModelName") == "lumbar-node"
    ]
    assert ours[0].SoftwareVersions == "0.1.0"


def test_only_the_annotated_slice_stands_in_the_image_library() -> None:
    (library,) = children(report(), name="111028")
    images = [item for item in walk(library) if item.get("ValueType") == "IMAGE"]
    assert [image.ReferencedSOPSequence[0].ReferencedSOPInstanceUID for image in images] == [
        source().images[2].header.SOPInstanceUID
    ]
    described = numbers(images[0])
    assert described["111026"] == (0.8, "mm")
    assert described["110901"] == (pytest.approx(8.8), "mm")


def test_no_container_hides_its_concept_names() -> None:
    assert {item.ContinuityOfContent for item in walk(report()) if item.ValueType == "CONTAINER"} == {"SEPARATE"}


def test_highdicom_finds_measurements_and_grades_again() -> None:
    read = hd.sr.Comprehensive3DSR.from_dataset(report())
    planar = read.content.get_planar_roi_measurement_groups()
    assert len(planar) == 5
    assert [one.value for one in planar[0].get_measurements(name=hd.sr.CodedConcept("DHI", "99LSPINEAI", "x"))] == [
        0.346
    ]


def test_a_finding_without_an_outline_contradicts_itself() -> None:
    found = findings()
    empty = replace(label_map(), labels=np.zeros_like(label_map().labels))
    broken = replace(found, results=tuple(empty if isinstance(one, LabelMap) else one for one in found.results))
    with pytest.raises(FindingsContradict, match="L1/L2 was measured on a slice where no outline and no box shows it"):
        report(broken)


def test_a_disc_measured_on_two_slices_contradicts_itself() -> None:
    found = findings()
    moved = tuple(
        replace(one, key_slice=1) if isinstance(one, Measurement) and one.quantity is Quantity.DISC_HEIGHT else one
        for one in found.results
    )
    with pytest.raises(FindingsContradict, match="2 slices at once"):
        report(replace(found, results=moved))


def test_a_dash_in_a_reason_survives_as_ascii() -> None:
    document = report(refused("two stacks — not one"))
    assert ("NOT_ANALYSED", "whole series (sagittal T2w): two stacks - not one") in statements(document)
