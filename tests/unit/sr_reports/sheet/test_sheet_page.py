"""The page says what it must, nothing on it overlaps, and everything can be read at 1024 pixels."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import combinations

import numpy as np
import pytest
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from dicom_io.roles import Role
from dicom_io.sources import SourceSeries
from dicom_io.volume import Volume
from inference.anatomy import Disc
from inference.results import NotAnalysed
from sr_reports.change import Priors
from sr_reports.findings import structure_of
from sr_reports.results_json import AnalysedSeries
from sr_reports.sheet.canvas import WIDTH, Canvas
from sr_reports.sheet.lettering import SMALLEST
from sr_reports.sheet.page import draw_sheet
from sr_reports.sheet.palette import PAPER, READING_ROOM, Palette
from sr_reports.sheet.study import SheetStudy
from sr_reports.statements import BANNER
from sr_reports.vocabulary import REGION
from tests import lumbar
from tests.every_finding import CAVEAT
from tests.whole_study import whole_study


def of(*findings: lumbar.Findings, source: SourceSeries | None = None) -> SheetStudy:
    return SheetStudy(analysed=(AnalysedSeries(source=source or lumbar.source(), findings=findings),))


def without_pixels() -> SourceSeries:
    return replace(lumbar.source(), volume=None)


def flat() -> SourceSeries:
    volume = lumbar.volume(5)
    even = Volume(voxels=0 * volume.voxels, to_patient=volume.to_patient, frame_of_reference="1.2")
    return replace(lumbar.source(), volume=even)


def refused_at_length() -> lumbar.Findings:
    reason = "slices overlap and the reason is told with very many words, so that it takes more than one line " * 3
    refusals = [NotAnalysed(role=lumbar.ROLE, disc=None, reason=f"{number}: {reason}") for number in range(20)]
    return replace(lumbar.refused(), results=tuple(refusals))


STUDIES: dict[str, Callable[[], SheetStudy]] = {
    "everything": whole_study,
    "everything, levels in doubt": lambda: whole_study(level_doubt="six lumbar-type vertebrae; L1 may be T12"),
    "one method": lambda: of(lumbar.findings()),
    "one disc missing": lambda: of(lumbar.findings(without=[Disc.L5_S1], level_doubt="four lumbar discs in view")),
    "no disc": lambda: of(lumbar.findings(without=list(Disc))),
    "refused": lambda: of(lumbar.refused()),
    "refused, no pixels": lambda: of(lumbar.refused(), source=without_pixels()),
    "refused at length": lambda: of(refused_at_length()),
    "one value everywhere": lambda: of(lumbar.findings(), source=flat()),
    "nothing in the header": lambda: of(
        lumbar.findings(), source=lumbar.source(PatientName="", PatientID="", StudyDate="", PatientBirthDate="")
    ),
    "long texts in the header": lambda: of(
        lumbar.findings(),
        source=lumbar.source(PatientName="Name" * 15, PatientID="1" * 64, AccessionNumber="2" * 16),
    ),
}


@cache
def page(name: str, palette: Palette = READING_ROOM) -> Canvas:
    return draw_sheet(STUDIES[name](), palette)


def texts(canvas: Canvas) -> list[Text]:
    inside = [text for axes in canvas.figure.axes for text in axes.texts]
    return [text for text in (*canvas.figure.texts, *inside) if text.get_text().strip()]


def words(name: str) -> str:
    return " ".join(text.get_text() for text in texts(page(name)))


def extents(canvas: Canvas) -> list[tuple[str, Bbox]]:
    """Of every word outside the pictures, in pixels of the page."""
    return [(text.get_text(), text.get_window_extent()) for text in canvas.figure.texts if text.get_text().strip()]


@pytest.mark.parametrize("name", STUDIES)
def test_no_word_covers_another(name: str) -> None:
    overlaps = [
        (first, second)
        for (first, one), (second, other) in combinations(extents(page(name)), 2)
        if min(one.x1, other.x1) - max(one.x0, other.x0) > 0.5 and min(one.y1, other.y1) - max(one.y0, other.y0) > 3.5
    ]
    assert overlaps == []


@pytest.mark.parametrize("name", STUDIES)
def test_every_word_lies_on_the_page(name: str) -> None:
    canvas = page(name)
    outside = [
        word
        for word, place in extents(canvas)
        if place.x0 < 4 or place.y0 < 0 or place.x1 > WIDTH - 4 or place.y1 > canvas.height
    ]
    assert outside == []


@pytest.mark.parametrize("name", STUDIES)
def test_every_word_can_be_read_on_a_screen_of_1024_pixels(name: str) -> None:
    canvas = page(name)
    assert max(WIDTH, canvas.height) <= 1024
    assert min(text.get_fontsize() for text in texts(canvas)) >= SMALLEST


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("palette", [READING_ROOM, PAPER], ids=["reading room", "paper"])
def test_every_colour_of_words_stands_out_from_the_ground(palette: Palette) -> None:
    """WCAG 2.2, 1.4.3: at least 4.5 to 1."""
    for colour in (palette.text, palette.faint, palette.alarm, palette.attention):
        light, dark = sorted((luminance(colour), luminance(palette.ground)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5


@pytest.mark.parametrize("name", STUDIES)
def test_every_page_says_that_it_is_research(name: str) -> None:
    assert BANNER in words(name)
    assert "Not reviewed by a radiologist. Not for diagnosis." in words(name)


def test_patient_and_study_are_named() -> None:
    said = words("everything")
    for expected in ("Test, Müller", "ID T-1 · born 1970-01-01", "Study of 2025-01-02", "accession A-1"):
        assert expected in said


def test_levels_in_doubt_are_said_at_the_top_and_at_every_level() -> None:
    said = words("everything, levels in doubt")
    assert "LEVELS UNCERTAIN: six lumbar-type vertebrae; L1 may be T12" in said
    assert "L4/L5 ?" in said
    assert "?" not in words("one method")


def test_what_was_not_analysed_is_told_with_its_reason() -> None:
    assert "L5/S1 (sagittal T2w, disc_quantification): outside the field of view" in words("one disc missing")
    assert "whole series (sagittal T2w, disc_quantification): slices overlap" in words("refused")
    assert "No disc was measured or graded." in words("refused")
    assert ", ".join(disc.value for disc in Disc) in words("no disc")


def test_sentences_for_which_there_is_no_room_are_counted() -> None:
    assert "more lines: see the structured report" in words("refused at length")


def test_caveats_reference_group_change_and_methods_are_told() -> None:
    said = words("everything")
    for expected in (
        f"axial_grading: {CAVEAT}",
        "Reference group: female, 50-60; n = 84 per disc.",
        "Compared with 2023-05-06",
        "More than measurement error: L4/L5 dSI.",
        "1 of 3 cannot be judged",
        "disc_quantification 1.2.3 (spine abababababab)",
        "spin-lock: the patient moved by 1.2 mm between echoes",
    ):
        assert expected in said


def test_why_nothing_can_be_compared_is_told() -> None:
    said = draw_sheet(replace(STUDIES["refused"](), priors=Priors(trouble="the archive did not answer")), PAPER)
    assert any("the archive did not answer" in text.get_text() for text in texts(said))


def test_the_small_pictures_are_named() -> None:
    said = words("everything")
    for expected in ("discs found on T1w", "L4/L5, image 9", "level ?, image 15", "T1ρ map, ms", "T2 map, ms"):
        assert expected in said


def test_a_dollar_sign_is_no_formula() -> None:
    draw_sheet(of(lumbar.refused("a $reason$ with $ signs")), PAPER).png()


def test_every_disc_is_outlined_in_its_colour_in_the_order_of_the_spine() -> None:
    picture = page("one method").pixels().astype(int)
    left = picture[110:, : int(312 * 1.5)]
    heights = []
    for disc in Disc:
        colour = REGION[structure_of(disc)].colour
        wanted = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)])
        heights.append(np.nonzero(np.abs(left - wanted).max(axis=2) < 12)[0].mean())
    assert heights == sorted(heights)


def test_the_same_study_gives_the_same_bytes() -> None:
    first, second = (draw_sheet(STUDIES["one method"](), PAPER) for _ in range(2))
    assert first.png() == second.png()
    assert first.pdf(title="title") == second.pdf(title="title")


def test_the_outlines_on_t2_are_drawn_large_before_those_on_any_other_series() -> None:
    on_echoes = replace(lumbar.label_map(), role=Role.SPIN_LOCK)
    findings = [replace(lumbar.findings(), results=(drawn,)) for drawn in (on_echoes, lumbar.label_map())]
    study = SheetStudy(analysed=tuple(AnalysedSeries(source=lumbar.source(), findings=(found,)) for found in findings))
    assert study.outlined is not None
    assert study.outlined[0].role is Role.SAGITTAL_T2
    assert of(lumbar.refused()).outlined is None


def test_a_map_that_is_empty_on_its_slice_is_not_drawn() -> None:
    drawn = lumbar.label_map()
    study = of(replace(lumbar.findings(), results=(replace(drawn, labels=np.zeros_like(drawn.labels)),)))
    assert study.outlined is None
    draw_sheet(study, PAPER)
