"""What a radiologist sees of our results in the real OHIF viewer."""

import io
import re

import numpy as np
import pytest
from matplotlib import colormaps
from numpy.typing import NDArray
from PIL import Image

from dicom_io.roles import Role
from inference.anatomy import Disc, Structure
from inference.results import LabelMap, Measurement, Quantity
from sr_reports.results_json import AnalysedSeries
from sr_reports.vocabulary import REGION
from tests.browser.conftest import Shown
from tests.browser.viewer import Ohif

pytestmark = [pytest.mark.peer, pytest.mark.timeout(600)]
DISC = Structure.L4_L5
SEG = "AI SEG lumbar regions, disc_quantification"
REPORT = "AI SR sagittal discs, sagittal T2w"
SHEET, MAP, COLOURED = "AI picture sheet", "AI T1rho map", "AI T1rho in colour"
UNSEEN = {"PR"}  # OHIF 3.13 lists presentation states and cannot show them
BANNER = (0x8F, 0x1D, 0x1D)
ON_CANVAS = """([point]) => {
  const name = services.viewportGridService.getActiveViewportId();
  const shown = services.cornerstoneViewportService.getCornerstoneViewport(name);
  const box = shown.canvas.getBoundingClientRect();
  const [x, y] = shown.worldToCanvas(point);
  return [box.left + x, box.top + y]; }"""
LOOK_AT = """([point]) => {
  const name = services.viewportGridService.getActiveViewportId();
  const shown = services.cornerstoneViewportService.getCornerstoneViewport(name);
  if (shown.jumpToWorld) shown.jumpToWorld(point);
  shown.render(); }"""

SHOWS = """description => {
  const state = services.viewportGridService.getState();
  const shown = state.viewports.get(state.activeViewportId).displaySetInstanceUIDs;
  return shown.some(uid =>
    services.displaySetService.getDisplaySetByUID(uid).SeriesDescription.startsWith(description)); }"""


def _t2(shown: Shown) -> AnalysedSeries:
    return next(one for one in shown.analysis.analysed if one.findings[0].role is Role.SAGITTAL_T2)


def _label_maps(series: AnalysedSeries) -> list[LabelMap]:
    return [result for one in series.findings for result in one.results if isinstance(result, LabelMap)]


def _middle_of(shown: Shown, structure: Structure) -> NDArray[np.float64]:
    """LPS millimetres of a structure's middle on the slice that was measured."""
    series = _t2(shown)
    drawn = _label_maps(series)[0]
    row, column = np.argwhere(drawn.labels[drawn.key_slice] == structure.channel).mean(axis=0)
    assert series.source.volume is not None
    return np.asarray(series.source.volume.to_patient @ np.array([drawn.key_slice, row, column, 1.0]))[:3]


def _pixels(picture: bytes) -> NDArray[np.int64]:
    return np.asarray(Image.open(io.BytesIO(picture)).convert("RGB"), np.int64)


def _is_tinted(colour: NDArray[np.int64], like: str) -> bool:
    """Whether a pixel leans the way a colour does: the overlay lies half transparent over grey."""
    wanted = np.array([int(like[at : at + 2], 16) for at in (1, 3, 5)], float)
    lean, wanted_lean = colour - colour.mean(), wanted - wanted.mean()
    if np.linalg.norm(lean) < 8:
        return False
    return bool(lean @ wanted_lean / (np.linalg.norm(lean) * np.linalg.norm(wanted_lean)) > 0.9)


def test_the_study_opens_and_every_series_is_supported(ohif: Ohif) -> None:
    found = ohif.display_sets()
    ohif.picture("study")
    assert {"MR", "SEG", "SR"} <= {one.modality for one in found}
    unsupported = [one.description for one in found if one.is_unsupported and one.modality not in UNSEEN]
    assert unsupported == []
    assert ohif.complaints == []


def test_the_segmentation_lies_over_the_pixels_of_its_disc(ohif: Ohif, shown: Shown) -> None:
    ohif.show(SEG)
    ohif.accept()
    middle = _middle_of(shown, DISC).tolist()
    ohif.page.evaluate(LOOK_AT, [middle])
    ohif.page.wait_for_timeout(1500)
    picture = _pixels(ohif.picture("segmentation"))
    x, y = (round(each) for each in ohif.page.evaluate(ON_CANVAS, [middle]))
    assert _is_tinted(picture[y, x], REGION[DISC].colour), picture[y, x]
    assert ohif.complaints == []


def test_the_report_shows_the_numbers_of_each_disc_and_is_not_offered_for_editing(ohif: Ohif, shown: Shown) -> None:
    ohif.show(REPORT)
    texts = ohif.wait_for_texts(Disc.L4_L5.value)
    ohif.picture("report")
    height = next(
        result.value
        for one in _t2(shown).findings
        for result in one.results
        if isinstance(result, Measurement) and result.disc is Disc.L4_L5 and result.quantity is Quantity.DISC_HEIGHT
    )
    told = next(text for text in texts if Disc.L4_L5.value in text)
    assert re.search(rf"Height: {height:.2f}\s*mm", told), told
    report = next(one for one in ohif.display_sets() if one.description.startswith(REPORT) and one.is_loaded)
    assert not report.is_rehydratable
    assert [each["identifier"] for each in report.measurements if not each["loaded"]] == []
    assert ohif.complaints == []


def test_the_picture_sheet_is_shown_in_its_colours(ohif: Ohif) -> None:
    ohif.show(SHEET)
    ohif.wait_until(SHOWS, SHEET)
    ohif.page.wait_for_timeout(1500)
    picture = _pixels(ohif.picture("picture sheet"))
    assert (np.abs(picture - np.array(BANNER)).max(axis=2) < 12).sum() > 2000
    assert ohif.complaints == []


def test_the_sheet_is_offered_as_a_document(ohif: Ohif) -> None:
    ohif.show(SHEET, nth=1)
    ohif.page.locator('object[type="application/pdf"]').wait_for(state="attached")
    ohif.picture("document")
    assert ohif.complaints == []


def test_a_map_in_colour_is_a_stack_with_a_scale_in_its_own_colours(ohif: Ohif) -> None:
    ohif.show(COLOURED)
    ohif.wait_until(SHOWS, COLOURED)
    ohif.page.wait_for_timeout(1500)
    picture = _pixels(ohif.picture("map in colour"))
    for share in (0.2, 0.4, 0.6, 0.8):
        wanted = np.array(colormaps["turbo"](share)[:3]) * 255
        assert (np.abs(picture - wanted).max(axis=2) < 12).sum() > 50, share
    assert ohif.complaints == []


def test_a_parametric_map_is_shown_over_its_series(ohif: Ohif, shown: Shown) -> None:
    ohif.show(MAP)
    ohif.wait_until(SHOWS, MAP)
    ohif.wait_for_viewports()
    middle = _middle_of(shown, Structure.CSF).tolist()
    ohif.page.evaluate(LOOK_AT, [middle])
    ohif.page.wait_for_timeout(2500)
    picture = _pixels(ohif.picture("parametric map"))
    x, y = (round(each) for each in ohif.page.evaluate(ON_CANVAS, [middle]))
    assert picture[y - 40 : y + 40, x - 40 : x + 40].std(axis=2).max() > 20, "no colour lies over the grey"
    assert ohif.complaints == []
