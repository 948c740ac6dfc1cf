"""What was read on axial slices stands slice by slice, with side and level of what it is about."""

from dataclasses import replace

import numpy as np
from pydicom.dataset import Dataset

from inference.anatomy import Disc
from sr_reports.content_tree import children, measurement_groups_of, name_of, walk
from sr_reports.findings import Findings
from sr_reports.ohif_safety import ohif_faults
from sr_reports.report import axial_report
from tests.every_finding import UNSURE, axial
from tests.lumbar import header, identity, refused, source

ALL = (Disc.L2_L3, Disc.L3_L4, Disc.L4_L5)


def report(found: Findings, **header_changes: object) -> Dataset:
    return axial_report([found], source=source(**header_changes), identity=identity("SR"))


def tracked(document: Dataset) -> dict[str, list[Dataset]]:
    groups: dict[str, list[Dataset]] = {}
    for group in measurement_groups_of(document):
        groups.setdefault(str(children(group, name="112039")[0].TextValue), []).append(group)
    return groups


def site(group: Dataset) -> list[str]:
    """The structure and what modifies it."""
    (item,) = children(group, name="363698007")
    modifiers = [str(each.ConceptCodeSequence[0].CodeMeaning) for each in item.get("ContentSequence", ())]
    return [str(item.ConceptCodeSequence[0].CodeMeaning), *modifiers]


def uids(document: Dataset) -> set[str]:
    return {str(children(group, name="112040")[0].UID) for group in measurement_groups_of(document)}


def answers(group: Dataset) -> dict[str, str]:
    return {name_of(item): item.ConceptCodeSequence[0].CodeValue for item in children(group, value_type="CODE")}


def test_each_scale_is_about_its_own_structure_side_and_level() -> None:
    groups = tracked(report(axial(ALL)))["L2/L3 axial #1"]
    level = "Level of L2/L3 intervertebral disc"
    assert [site(group) for group in groups] == [
        ["L2/L3 disc"],
        ["Vertebral canal", level],
        ["Nerve root", "Left", level],
        ["Nerve root", "Right", level],
    ]
    scales = ("LDH_MSU", "CCS_LEE", "NRC_PFI_L", "NRC_PFI_R")
    given = [answers(group)[scale] for group, scale in zip(groups, scales, strict=True)]
    assert given == ["LDH_MSU.1", "CCS_LEE.0", "NRC_PFI.2", "NRC_PFI.3"]


def test_the_finding_is_never_a_disorder() -> None:
    for group in measurement_groups_of(report(axial(ALL))):
        assert answers(group)["121071"] == answers(group)["363698007"]


def test_a_slice_has_one_box_of_nine_points() -> None:
    document = report(axial(ALL))
    assert ohif_faults(document) == []
    for groups in tracked(document).values():
        (region,) = [item for group in groups for item in children(group, value_type="SCOORD")]
        points = np.reshape(region.GraphicData, (-1, 2))
        assert len(points) == 9
        assert (points[0] == points[-1]).all()
        assert [points.min(axis=0).tolist(), points.max(axis=0).tolist()] == [[60, 70], [190, 186]]


def test_a_grade_of_another_slice_has_its_own_box_and_tracking_uid() -> None:
    document = report(axial(ALL))
    groups = tracked(document)
    assert list(groups) == ["L2/L3 axial #1", "L3/L4 axial #2", "L4/L5 axial #3", "L4/L5 axial #2"]
    assert [site(group)[0] for group in groups["L4/L5 axial #2"]] == ["L4/L5 disc", "Vertebral canal"]
    assert len(uids(document)) == 4


def test_an_unknown_level_is_said_and_nowhere_guessed() -> None:
    document = report(axial([None]))
    groups = tracked(document)["Level unknown, axial #1"]
    assert [site(group) for group in groups] == [
        ["Intervertebral disc, level unknown"],
        ["Vertebral canal"],
        ["Nerve root", "Left"],
        ["Nerve root", "Right"],
    ]
    assert {answers(group)["LEVEL_NUMBERING"] for group in groups} == {"64957009"}
    assert "no sagittal series" in [item.get("TextValue") for item in walk(document)]


def test_a_level_is_followed_over_studies_and_a_doubtful_one_is_not() -> None:
    sure, doubtful = axial([Disc.L3_L4]), axial([Disc.L3_L4], level_doubt="six discs")
    then, now = (uids(_of_study(sure, study)) for study in ("1.2.3", "1.2.4"))
    assert then == now
    then, now = (uids(_of_study(doubtful, study)) for study in ("1.2.3", "1.2.4"))
    assert then.isdisjoint(now)


def _of_study(found: Findings, study: str) -> Dataset:
    return report(found, StudyInstanceUID=study)


def test_doubts_and_refusals_stand_in_the_report() -> None:
    document = report(axial((Disc.L4_L5, Disc.L5_S1)))
    texts = {name_of(item): str(item.TextValue) for item in walk(document) if item.get("ValueType") == "TEXT"}
    assert texts["GRADE_DOUBT"] == f"L5/S1 disc, Disc herniation MSU grade 1: {UNSURE}"
    assert "outside the field of view" in texts["NOT_ANALYSED"]


def test_refusals_alone_make_an_axial_report_too() -> None:
    document = report(replace(refused("not axial"), role=axial().role))
    assert measurement_groups_of(document) == []
    assert document.SeriesDescription == "AI SR axial levels, axial T2w (research use only)"
    assert document.PatientID == header(0).PatientID
