"""The sentences below the tables say each thing once."""

from collections.abc import Mapping
from dataclasses import replace

from inference.anatomy import Disc
from inference.results import AxialGrade, Grade, Remark, Result
from sr_reports.results_json import AnalysedSeries
from sr_reports.sheet.notes import findings_sections
from sr_reports.sheet.study import SheetStudy
from tests import lumbar
from tests.whole_study import whole_study


def look_again(*results: Result) -> tuple[str, ...]:
    findings = replace(lumbar.findings(), results=results)
    study = SheetStudy(analysed=(AnalysedSeries(source=lumbar.source(), findings=(findings,)),))
    return findings_sections(study)[0].sentences


def doubted(reasons: Mapping[Disc, str]) -> list[Grade]:
    return [replace(lumbar.grade(disc), doubt=reason) for disc, reason in reasons.items()]


def test_a_reason_that_holds_for_every_disc_is_told_once() -> None:
    assert look_again(*doubted(dict.fromkeys(Disc, "looks fat-suppressed"))) == (
        "every disc: modified Pfirrmann grade: looks fat-suppressed",
    )


def test_reasons_that_differ_in_numbers_only_share_a_sentence() -> None:
    reasons = {Disc.L1_L2: "has a probability of 0.42", Disc.L4_L5: "has a probability of 0.38"}
    assert look_again(*doubted(reasons)) == ("L1/L2, L4/L5 modified Pfirrmann grade: has a probability of …",)


def test_a_reason_alone_keeps_its_numbers() -> None:
    assert look_again(*doubted({Disc.L1_L2: "has 0.42"})) == ("L1/L2 modified Pfirrmann grade: has 0.42",)


def test_a_remark_that_repeats_a_doubt_is_left_out() -> None:
    remark = Remark(role=lumbar.ROLE, text="looks fat-suppressed")
    assert look_again(*doubted({Disc.L1_L2: "looks fat-suppressed"}), remark) == (
        "L1/L2 modified Pfirrmann grade: looks fat-suppressed",
    )
    assert look_again(remark) == ("sagittal T2w: looks fat-suppressed",)


def test_sides_and_levels_of_axial_doubts_are_named() -> None:
    grades = [grade for grade in whole_study().all(AxialGrade) if grade.disc in (Disc.L3_L4, Disc.L4_L5)]
    doubtful = [replace(grade, doubt="no grade is likely") for grade in grades if grade.side is not None]
    assert look_again(*doubtful) == ("L3/L4, L4/L5 left nerve root, right nerve root: no grade is likely",)


def test_doubt_about_the_level_of_axial_slices_leaves_the_spine_alone() -> None:
    doubtful = [replace(grade, level_doubt="another frame of reference") for grade in whole_study().all(AxialGrade)]
    findings = replace(lumbar.findings(), results=tuple(doubtful))
    study = SheetStudy(analysed=(AnalysedSeries(source=lumbar.source(), findings=(findings,)),))
    assert study.level_doubts == ()
    assert study.axial_doubts == ("another frame of reference",)
    assert study.level_name(Disc.L4_L5) == "L4/L5"
