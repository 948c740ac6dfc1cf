"""What `analyze` prints of an axial series."""

from dataclasses import replace

from dicom_io.roles import Role
from inference.anatomy import Disc
from inference.axial_grading.method import CARD
from inference.results import AxialGrade, Box, Scale, Side
from node.commands.axial_grid import axial_grid
from sr_reports.findings import Findings
from sr_reports.results_json import AnalysedSeries
from tests import lumbar


def grade(scale: Scale, side: Side | None, *, disc: Disc | None, slice_index: int, value: int = 2) -> AxialGrade:
    return AxialGrade(
        role=Role.AXIAL_T2,
        disc=disc,
        side=side,
        scale=scale,
        value=value,
        probabilities=(0.1, 0.1, 0.7, 0.1),
        slice_index=slice_index,
        box=Box(top=0.0, left=0.0, bottom=9.0, right=9.0),
        level_doubt=None,
    )


def place(disc: Disc | None, *, slice_index: int) -> list[AxialGrade]:
    heads = (
        (Scale.DISC_HERNIATION, None),
        (Scale.CANAL_STENOSIS, None),
        (Scale.ROOT_COMPRESSION, Side.LEFT),
        (Scale.ROOT_COMPRESSION, Side.RIGHT),
    )
    return [grade(scale, side, disc=disc, slice_index=slice_index) for scale, side in heads]


def series(*grades: AxialGrade) -> AnalysedSeries:
    used = replace(lumbar.METHOD, name=CARD.name)
    findings = Findings(method=used, role=Role.AXIAL_T2, results=grades)
    return AnalysedSeries(source=lumbar.source(), findings=(findings,))


def test_each_disc_has_a_row_with_its_image_numbers() -> None:
    shown = axial_grid(series(*place(Disc.L4_L5, slice_index=2), *place(Disc.L5_S1, slice_index=4)))
    assert [row[0] for row in shown.rows] == ["L4/L5", "L5/S1"]
    assert shown.rows[0][1:] == ("2 70% #3",) * 4


def test_places_without_a_level_have_a_row_each() -> None:
    shown = axial_grid(series(*place(None, slice_index=0), *place(None, slice_index=3)))
    assert [row[:2] for row in shown.rows] == [("unknown", "2 70% #1"), ("unknown", "2 70% #4")]


def test_doubts_are_marked_and_the_levels_doubt_stands_in_the_title() -> None:
    doubtful = replace(place(Disc.L4_L5, slice_index=1)[0], doubt="dark", level_doubt="only four discs")
    shown = axial_grid(series(doubtful))
    assert "level uncertain: only four discs" in shown.title
    assert shown.rows == (("L4/L5?", "2? 70% #2", "-", "-", "-"),)
