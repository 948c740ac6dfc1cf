"""What several methods say of one disc stands under one tracking UID, each with its own algorithm and image."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from pydicom.dataset import Dataset

from inference.anatomy import Disc
from inference.results import DetectedDisc, DiscPart, Grade, MapKind, Measurement, Scale
from sr_reports.content_tree import children, measurement_groups_of, name_of
from sr_reports.errors import FindingsContradict
from sr_reports.findings import Findings
from sr_reports.ohif_safety import ohif_faults
from sr_reports.report import sagittal_report
from tests.every_finding import degeneration, phases, relaxation
from tests.lumbar import findings, identity, source


def report(*found: Findings) -> Dataset:
    return sagittal_report(found, source=source(), identity=identity("SR"))


def groups_of(document: Dataset, disc: Disc = Disc.L4_L5) -> list[Dataset]:
    return [
        group
        for group in measurement_groups_of(document)
        if children(group, name="112039")[0].TextValue == f"{disc.value} disc"
    ]


def numbers(group: Dataset) -> list[str]:
    return [name_of(item) for item in children(group, value_type="NUM")]


def method_of(group: Dataset) -> str:
    return str(children(group, name="111001")[0].TextValue)


def uid_of(group: Dataset) -> str:
    return str(children(group, name="112040")[0].UID)


def answers(group: Dataset) -> dict[str, str]:
    return {name_of(item): item.ConceptCodeSequence[0].CodeValue for item in children(group, value_type="CODE")}


def shifted(found: Findings, *, to: int) -> Findings:
    return replace(found, results=tuple(replace(one, key_slice=to) for one in found.results))


def test_grades_of_all_methods_come_before_the_outline_and_its_numbers() -> None:
    groups = groups_of(report(findings(), degeneration()))
    assert [method_of(group) for group in groups] == [
        "disc_quantification",
        "degeneration_grade",
        "degeneration_grade",
        "disc_quantification",
        "disc_quantification",
    ]
    assert [numbers(group)[0] for group in groups[:4]] == ["MPF.4_PROB", "PFG.2_PROB", "PF.3_PROB", "AREA_L4L5"]
    assert len({uid_of(group) for group in groups}) == 1
    assert sum(len(children(group, value_type="SCOORD")) for group in groups) == 1


def test_a_method_without_a_label_map_takes_the_outline_of_another() -> None:
    document = report(findings(), degeneration())
    assert ohif_faults(document) == []
    (outlined,) = [group for group in groups_of(document) if children(group, value_type="SCOORD")]
    assert method_of(outlined) == "disc_quantification"


def test_a_method_points_at_the_slice_that_it_graded() -> None:
    document = report(findings(), shifted(degeneration(), to=3))
    graded = next(group for group in groups_of(document) if "PFG" in answers(group))
    (image,) = children(graded, value_type="IMAGE")
    assert image.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == source().images[3].header.SOPInstanceUID


def test_a_method_that_doubts_its_levels_follows_another_disc_with_an_outline_of_its_own() -> None:
    doubtful = findings(level_doubt="six lumbar discs in view")
    groups = groups_of(report(doubtful, degeneration()))
    assert len({uid_of(group) for group in groups}) == 2
    for uid in {uid_of(group) for group in groups}:
        assert any(children(group, value_type="SCOORD") for group in groups if uid_of(group) == uid)
    assert numbers(next(group for group in groups if "AREA_L4L5_U" in numbers(group)))


def test_the_box_of_a_detector_stands_for_a_disc_that_nobody_drew() -> None:
    graded, outlined = groups_of(report(phases()))
    assert numbers(graded) == ["T1RHO_PH.2_PROB", "T1RHO_PRED_MIN", "T1RHO_PRED_MEAN", "T1RHO_PRED_MAX"]
    assert numbers(outlined) == ["DETECT_L4L5"]
    (region,) = children(outlined, value_type="SCOORD")
    points = np.reshape(region.GraphicData, (-1, 2))
    assert len(points) == 9
    assert points.min(axis=0).tolist() == [100.0, 187.0]
    assert points.max(axis=0).tolist() == [150.0, 209.0]


def test_a_box_is_cut_at_the_edge_of_the_image() -> None:
    found = phases()
    wide = tuple(
        replace(one, box=replace(one.box, left=-20.0, right=9000.0)) if isinstance(one, DetectedDisc) else one
        for one in found.results
    )
    (region,) = children(groups_of(report(replace(found, results=wide)))[1], value_type="SCOORD")
    columns = np.reshape(region.GraphicData, (-1, 2))[:, 0]
    assert (columns.min(), columns.max()) == (0, source().first.Columns)


def test_without_outline_and_box_findings_contradict_themselves() -> None:
    with pytest.raises(FindingsContradict, match="no outline and no box"):
        report(degeneration())


def test_statistics_are_derivations_and_parts_modify_the_site() -> None:
    groups = groups_of(report(relaxation(MapKind.T1RHO)))
    phase, whole, *parts = groups
    assert answers(phase)["T1RHO_MPHASE"] == "T1RHO_MPHASE.2"
    assert numbers(phase) == []
    assert numbers(whole) == [
        "AREA_L4L5",
        "T1RHO_MEAS",
        "T1RHO_MEAS_SD",
        "T1RHO_MEAS_MIN",
        "T1RHO_MEAS_MAX",
        "VOXELS",
    ]
    modifiers = [_modifier(group) for group in parts]
    assert modifiers == ["PART_AA", "PART_NP", "PART_PA", "PART_NP_1CM2"]
    mean = children(whole, value_type="NUM")[1]
    told = {name_of(item): item.ConceptCodeSequence[0].CodeValue for item in children(mean, value_type="CODE")}
    assert told == {"121401": "373098007", "370129005": "M_ROIMEAN"}


def _modifier(group: Dataset) -> str:
    (site,) = children(group, name="363698007")
    (modifier,) = site.ContentSequence
    assert (name_of(modifier), modifier.RelationshipType) == ("106233006", "HAS CONCEPT MOD")
    return str(modifier.ConceptCodeSequence[0].CodeValue)


def test_a_number_without_its_map_stands_all_the_same() -> None:
    whole = groups_of(report(relaxation(MapKind.T2)))[0]
    assert all(not children(item, value_type="IMAGE") for item in children(whole, value_type="NUM"))


def test_a_grade_that_deserves_little_trust_says_so() -> None:
    document = report(findings(), degeneration())
    doubted = [group for group in groups_of(document, Disc.L3_L4) if "CONFIDENCE" in answers(group)]
    assert [answers(group)["CONFIDENCE"] for group in doubted] == ["62482003"]
    assert not any("CONFIDENCE" in answers(group) for group in groups_of(document, Disc.L4_L5))


def test_a_grade_that_its_scale_does_not_have_is_kept_back() -> None:
    found = degeneration()
    nine = [
        replace(one, value=9) if isinstance(one, Grade) and one.scale is Scale.PFIRRMANN else one
        for one in found.results
    ]
    wrong = [replace(one, probabilities=()) if isinstance(one, Grade) else one for one in nine]
    with pytest.raises(FindingsContradict, match="has no grade 9"):
        report(findings(), replace(found, results=tuple(wrong)))


@pytest.mark.parametrize("part", [None, DiscPart.WHOLE])
def test_a_number_of_the_whole_disc_modifies_nothing(part: DiscPart | None) -> None:
    found = findings()
    parted = [replace(one, part=part) if isinstance(one, Measurement) else one for one in found.results]
    document = report(replace(found, results=tuple(parted)))
    sites: Sequence[Dataset] = [children(group, name="363698007")[0] for group in measurement_groups_of(document)]
    assert not any("ContentSequence" in site for site in sites)
