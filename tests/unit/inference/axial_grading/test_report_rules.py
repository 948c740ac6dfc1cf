"""What the rules read in radiologists' English: negation, ranges, sides, synonyms, spelling, and what they do not."""

import csv
from pathlib import Path

import pytest

from inference.anatomy import Disc
from inference.axial_grading import report_rules
from inference.axial_grading.report_rules import UNKNOWN, Herniation, Pressure, Said, read_report

HAND_READ = Path(report_rules.__file__).parent / "reference" / "hand_read_reports.csv"
BULGE, PROTRUSION, EXTRUSION = Herniation.BULGE, Herniation.PROTRUSION, Herniation.EXTRUSION
TOUCHED, MILD, COMPRESSED, SEVERE = Pressure.TOUCHED, Pressure.MILD, Pressure.COMPRESSED, Pressure.SEVERE
ABSENT = Said()


def said(text: str, disc: Disc = Disc.L4_L5) -> Said:
    return read_report(text)[disc]


@pytest.mark.parametrize(
    "text",
    [
        "No evidence of disc herniation. No significant thecal sac or nerve root compression noted.",
        "LSS MRI: no definite thecal sac or nerev root compression",
        "Adequate spinal canal.",
        "Central disc protrusion noted at L1-L2 level. No evidence of disc herniation at other levels.",
    ],
)
def test_what_is_denied_is_absent_at_every_level(text: str) -> None:
    assert set(read_report(text).values()) == {ABSENT}


def test_a_denial_takes_back_nothing_that_was_said_of_a_level() -> None:
    text = "Mild disc bulge noted at L4-L5 level abutting the thecal sac. No significant thecal sac compression."
    assert said(text) == Said(herniation=BULGE, sac=TOUCHED)


def test_a_denial_within_a_sentence_spares_what_stands_before_it() -> None:
    text = "L4-5: disc bulge indenting thecal sac but not causing significant nerve root compression"
    assert said(text) == Said(herniation=BULGE, sac=TOUCHED)


@pytest.mark.parametrize(
    ("levels", "named"),
    [
        ("L3-S1", {Disc.L3_L4, Disc.L4_L5, Disc.L5_S1}),
        ("L3 to L5", {Disc.L3_L4, Disc.L4_L5}),
        ("L4-5", {Disc.L4_L5}),
        ("L4_L5", {Disc.L4_L5}),
        ("L3/L4 &L5/S1", {Disc.L3_L4, Disc.L5_S1}),
        ("L3/L4,L4/5", {Disc.L3_L4, Disc.L4_L5}),
        ("D12/L1", set()),
    ],
)
def test_levels_and_ranges_in_every_spelling(levels: str, named: set[Disc]) -> None:
    found = read_report(f"Diffuse disc bulges noted at {levels} levels.")
    assert {disc for disc, each in found.items() if each.herniation is BULGE} == named


def test_the_root_of_a_vertebra_is_no_level() -> None:
    text = "Lt paracentral disc protrusion noted at L5-S1 level, compressing the Lt S1 nerve root."
    assert said(text, Disc.L5_S1) == Said(herniation=PROTRUSION, left=COMPRESSED)
    assert said(text, Disc.L4_L5) == ABSENT


@pytest.mark.parametrize(
    ("words", "left", "right"),
    [
        ("the left nerve root", COMPRESSED, Pressure.NONE),
        ("the thecal sac and Rt exit canal", Pressure.NONE, COMPRESSED),
        ("both nerve roots", COMPRESSED, COMPRESSED),
        ("the exit nerve roots", COMPRESSED, COMPRESSED),
        ("left nerve root and narrowing right neural foramen", COMPRESSED, MILD),
    ],
)
def test_sides(words: str, left: Pressure, right: Pressure) -> None:
    found = said(f"L4-L5: diffuse disc bulge compressing {words}")
    assert (found.left, found.right) == (left, right)


def test_a_root_without_a_side_beside_a_lateral_protrusion_is_known_on_that_side_only() -> None:
    found = said("Lt paracentral disc protrusion at L4/L5 compressing the exit nerve root")
    assert (found.left, found.right) == (COMPRESSED, None)


@pytest.mark.parametrize(
    ("words", "sac"),
    [
        ("abutting the thecal sac", TOUCHED),
        ("intending the thecal sac", TOUCHED),
        ("mildly compressing the thecal sac", MILD),
        ("copmressing the tyhecal sac", COMPRESSED),
        ("causing compression of thecal sac", COMPRESSED),
        ("largely compressing the thecal sac", SEVERE),
        ("all leading to secondary spinal canal stenosis", SEVERE),
        ("narrowing the spinal canal", SEVERE),
    ],
)
def test_words_for_pressure_on_the_sac(words: str, sac: Pressure) -> None:
    assert said(f"L4-L5: diffuse disc bulge {words}").sac is sac


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Diffuse disc bulge noted at L4/L5", BULGE),
        ("central disc prortusion noted at L4/L5", PROTRUSION),
        ("disc extrusion at L4/L5", EXTRUSION),
        ("disc protrusion noted at L4/L5 migrating caudally", EXTRUSION),
        ("sequeatrated disc fracgement below L4/L5 level", EXTRUSION),
        ("disc protrusion on top of disc bulge at L4/L5", PROTRUSION),
    ],
)
def test_words_for_herniation(words: str, kind: Herniation) -> None:
    assert said(words).herniation is kind


def test_two_discs_in_one_breath_are_kept_apart() -> None:
    text = "central disc protrusion at L3-L4 and diffuse bulge at L4-L5 mildly compressing the thecal sac"
    found = read_report(text)
    assert found[Disc.L3_L4] == Said(herniation=PROTRUSION)
    assert found[Disc.L4_L5] == Said(herniation=BULGE, sac=MILD)


def test_a_heading_holds_for_the_lines_below_it() -> None:
    text = "L4/L5 level:\nwide based disc bulge noted, mildly compressing the thecal sac\nL5-S1 level:\ndisc protrusion"
    assert said(text) == Said(herniation=BULGE, sac=MILD)
    assert said(text, Disc.L5_S1) == Said(herniation=PROTRUSION)


def test_multiple_levels_leave_unknown_what_is_not_named() -> None:
    found = read_report("Multilevel diffuse disc bulges, noticeably at L4-L5 level, compressing the thecal sac.")
    assert found[Disc.L4_L5] == Said(herniation=BULGE, sac=COMPRESSED)
    assert (found[Disc.L5_S1].herniation, found[Disc.L5_S1].sac) == (None, None)


def test_a_finding_without_a_level_is_known_nowhere() -> None:
    found = read_report("Rt paracentral disc protrusion noted compressing the thecal sac.")
    assert {each.herniation for each in found.values()} == {None}


@pytest.mark.parametrize("text", ["", "LSS MRI", "No significant changes since the last study", "Old fracture of L1"])
def test_a_text_that_says_nothing_of_discs_is_unknown(text: str) -> None:
    assert set(read_report(text).values()) == {UNKNOWN}


@pytest.mark.shared_data
def test_every_finding_that_the_rules_read_in_a_hundred_reports_is_there(shared_data: Path) -> None:
    with (shared_data / "sudirman_axial_t1" / "reports.csv").open(newline="", encoding="utf-8-sig") as file:
        texts = {row["patient"]: row["notes"] for row in csv.DictReader(file)}
    wrong = 0
    with HAND_READ.open(newline="") as file:
        for row in csv.DictReader(file):
            found = read_report(texts[row["patient"]])[Disc(row["level"])]
            for name, least in (("herniation", 2), ("sac", 1), ("left", 1), ("right", 1)):
                value = getattr(found, name)
                wrong += row[name] != "" and value is not None and (value >= least) != (int(row[name]) >= least)
    assert wrong == 0
