"""Every cell of the picture sheet says what the methods found, and flags what contradicts itself."""

from dataclasses import replace

import pytest

from inference.anatomy import Disc
from inference.results import Grade, Measurement, Quantity, Scale
from sr_reports.change import DiscChange
from sr_reports.results_json import AnalysedSeries
from sr_reports.sheet.checks import checks, doubts, flagged_cells, group_of
from sr_reports.sheet.grades import GRADE_COLUMNS, grade_cell, grade_columns, grade_levels
from sr_reports.sheet.quantities import (
    QUANTITY_COLUMNS,
    change_in_words,
    percentile_in_words,
    quantity_cell,
    quantity_columns,
)
from sr_reports.sheet.study import SheetStudy
from tests import lumbar
from tests.every_finding import UNSURE
from tests.whole_study import whole_study

COLUMN = {column.name: column for column in GRADE_COLUMNS}
QUANTITY = {column.quantity: column for column in QUANTITY_COLUMNS}


def grade_words(study: SheetStudy, name: str) -> list[str]:
    cells = [grade_cell(study, COLUMN[name], level, flagged=flagged_cells(study)) for level in grade_levels(study)]
    return ["" if cell is None else f"{cell.words} {cell.detail}".strip() for cell in cells]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("modified Pfirrmann grade", ["1 79 %", "2 79 %", "4 79 %", "5 79 %", "7 79 %", ""]),
        ("Pfirrmann grade", ["I 79 %", "I 79 %", "III 79 %", "I 79 %", "V 79 %", ""]),
        ("degeneration group", ["mild 79 %", "mild 79 %", "moderate 79 %", "mild 79 %", "serious 79 %", ""]),
        ("predicted T1ρ phase", ["1 79 %", "1 79 %", "2 79 %", "3 79 %", "3 79 %", ""]),
        ("measured T1ρ phase", ["", "2", "2", "3", "3", ""]),
        ("herniation", ["", "0 79 %", "1 79 %", "2 79 %", "3 79 %", "1 79 %"]),
        ("canal stenosis", ["", "0 79 %", "0 79 %", "2 79 %", "1 79 %", "1 79 %"]),
        ("left nerve root", ["", "0 79 %", "0 79 %", "1 79 %", "2 79 %", "0 79 %"]),
        ("right nerve root", ["", "0 79 %", "1 79 %", "3 79 %", "0 79 %", "0 79 %"]),
    ],
)
def test_each_grade_stands_in_the_row_of_its_disc(name: str, words: list[str]) -> None:
    assert grade_words(whole_study(), name) == words


@pytest.mark.parametrize(
    ("quantity", "words"),
    [
        (Quantity.SIGNAL_INTENSITY_DIFFERENCE, "47.0  "),
        (Quantity.DISC_HEIGHT, "9.6  "),
        (Quantity.DISC_HEIGHT_INDEX, "0.22  "),
        (Quantity.HEIGHT_TO_DIAMETER, "0.18  "),
        (Quantity.T1RHO, "77 ± 14 N 89"),
        (Quantity.T2, "61 ± 14 N 73"),
        (Quantity.PREDICTED_T1RHO, "85  64 to 109"),
    ],
)
def test_each_measurement_of_a_disc_has_a_cell(quantity: Quantity, words: str) -> None:
    cell = quantity_cell(whole_study(), QUANTITY[quantity], Disc.L4_L5)
    assert cell is not None
    assert f"{cell.words} {cell.spread} {cell.below}" == words


def test_only_what_has_a_reference_stands_on_a_band() -> None:
    study = whole_study()
    cells = {column.quantity: quantity_cell(study, column, Disc.L4_L5) for column in quantity_columns(study)}
    assert {quantity for quantity, cell in cells.items() if cell is not None and cell.standing is not None} == {
        Quantity.SIGNAL_INTENSITY_DIFFERENCE,
        Quantity.DISC_HEIGHT_INDEX,
        Quantity.HEIGHT_TO_DIAMETER,
    }


def test_a_disc_that_was_not_measured_has_an_empty_cell() -> None:
    assert quantity_cell(whole_study(), QUANTITY[Quantity.T1RHO], Disc.L1_L2) is None


def test_columns_without_anything_in_them_are_left_out() -> None:
    study = SheetStudy(analysed=(AnalysedSeries(source=lumbar.source(), findings=(lumbar.findings(),)),))
    assert [column.scale for column in grade_columns(study)] == [Scale.MODIFIED_PFIRRMANN]
    assert [column.quantity.value for column in quantity_columns(study)] == ["dSI", "DH", "DHI", "HDR"]
    assert grade_levels(study) == tuple(Disc)


def test_of_two_series_the_worse_grade_is_shown() -> None:
    found = [lumbar.grade(Disc.L4_L5, value=value) for value in (2, 5, 3)]
    findings = [replace(lumbar.findings(), results=(grade,)) for grade in found]
    study = SheetStudy(analysed=(AnalysedSeries(source=lumbar.source(), findings=tuple(findings)),))
    assert grade_words(study, "modified Pfirrmann grade")[3] == "5 79 %"


def test_what_contradicts_itself_is_flagged() -> None:
    study = whole_study()
    assert flagged_cells(study) == {
        (Disc.L2_L3, Scale.PREDICTED_T1RHO_PHASE),
        (Disc.L2_L3, Scale.MEASURED_T1RHO_PHASE),
        (Disc.L4_L5, Scale.MODIFIED_PFIRRMANN),
        (Disc.L4_L5, Scale.DEGENERATION_GROUP),
    }
    words = [check.words for check in checks(study)]
    assert "modified Pfirrmann 5 and degeneration group mild (Pfirrmann I-II) contradict each other" in words
    assert "T1ρ phase predicted 1, measured 2: the measured one counts" in words
    assert "axial slices whose disc is not known: no sagittal series" in words


def test_a_grade_that_doubts_itself_is_flagged_and_its_reason_told() -> None:
    study = whole_study()
    cell = grade_cell(study, COLUMN["Pfirrmann grade"], Disc.L3_L4, flagged=frozenset())
    assert cell is not None
    assert cell.is_flagged
    assert [(doubt.level, doubt.grade, doubt.reason) for doubt in doubts(study)] == [
        (Disc.L3_L4, name, UNSURE) for name in ("degeneration group", "Pfirrmann grade")
    ]


@pytest.mark.parametrize(("modified", "group"), [(1, 1), (2, 1), (3, 2), (4, 2), (5, 3), (8, 3)])
def test_a_modified_grade_belongs_to_one_group(modified: int, group: int) -> None:
    assert group_of(modified) == group


def test_a_group_beside_its_neighbour_is_no_contradiction() -> None:
    study = whole_study()
    neighbours = [(grade.disc, grade.value) for grade in study.all(Grade) if grade.scale is Scale.DEGENERATION_GROUP]
    assert (Disc.L3_L4, 2) in neighbours
    assert (Disc.L3_L4, Scale.DEGENERATION_GROUP) not in flagged_cells(study)


@pytest.mark.parametrize(("percentile", "words"), [(0.2, "P <1"), (22.4, "P 22"), (99.7, "P >99")])
def test_a_percentile_is_never_told_as_none_or_all(percentile: float, words: str) -> None:
    assert percentile_in_words(percentile) == words


@pytest.mark.parametrize(("difference", "words"), [(-18.44, "▼18.4"), (3.0, "▲3.0"), (0.01, "= 0")])
def test_a_change_is_an_arrow_and_an_amount(difference: float, words: str) -> None:
    change = DiscChange(
        disc=Disc.L4_L5,
        quantity=Quantity.SIGNAL_INTENSITY_DIFFERENCE,
        before=50.0,
        now=50.0 + difference,
        performed=None,
        detectable=None,
        same_method=True,
    )
    assert change_in_words(change, QUANTITY[Quantity.SIGNAL_INTENSITY_DIFFERENCE]) == words


def test_one_doubtful_measurement_makes_every_level_doubtful() -> None:
    found = [one for one in lumbar.measurements(Disc.L4_L5) if isinstance(one, Measurement)]
    findings = replace(lumbar.findings(), results=(replace(found[0], level_doubt="six lumbar discs"),))
    study = SheetStudy(analysed=(AnalysedSeries(source=lumbar.source(), findings=(findings,)),))
    assert study.level_doubts == ("six lumbar discs",)
    assert study.level_name(Disc.L1_L2) == "L1/L2 ?"
