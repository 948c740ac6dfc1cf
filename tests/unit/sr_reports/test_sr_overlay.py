"""The picture lies on its image in millimetres, says what it must, and comes out the same twice."""

from io import BytesIO

import cv2
import numpy as np
from matplotlib.image import imread
from numpy.typing import NDArray

from dicom_io.volume import Volume
from inference.anatomy import Disc
from sr_reports.disc_table import lines
from sr_reports.findings import structure_of
from sr_reports.overlay import draw
from sr_reports.vocabulary import REGION
from tests.lumbar import findings, refused, volume


def pixels(png: bytes) -> NDArray[np.float64]:
    return imread(BytesIO(png))[..., :3]


def coloured(picture: NDArray[np.float64], colour: str) -> NDArray[np.bool_]:
    wanted = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.abs(picture - wanted).max(axis=2) < 0.02


def words(found: list[object]) -> str:
    return "\n".join(" ".join(line.cells) for line in lines(found))


def test_the_same_findings_give_the_same_bytes() -> None:
    assert draw([findings()], volume=volume(5)) == draw([findings()], volume=volume(5))


def test_every_disc_is_outlined_in_its_colour_in_the_order_of_the_spine() -> None:
    picture = pixels(draw([findings()], volume=volume(5)))
    left_half = picture[:, : picture.shape[1] // 2]
    heights = [np.nonzero(coloured(left_half, REGION[structure_of(disc)].colour))[0].mean() for disc in Disc]
    assert heights == sorted(heights)


def test_a_pixel_is_as_tall_as_it_is_in_the_patient() -> None:
    """On anisotropic pixels a disc of 44 x 14 pixels is 35.2 mm x 12.6 mm."""
    picture = pixels(draw([findings()], volume=volume(5)))
    left_half = picture[:, : picture.shape[1] // 2]
    mask = coloured(left_half, REGION[structure_of(Disc.L3_L4)].colour).astype(np.uint8)
    largest = max(cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0], key=cv2.contourArea)
    _, _, width, height = cv2.boundingRect(largest)
    assert abs(width / height - (45 * 0.8) / (15 * 0.9)) < 0.15


def test_a_table_names_values_grades_and_percentiles() -> None:
    text = words([findings()])
    assert "L4/L5 9.6 0.346 0.272 72.3 4 (79 %)" in text
    assert "P 22" in text
    assert "AI - RESEARCH USE ONLY" in text


def test_levels_that_were_compared_with_the_same_people_share_a_line() -> None:
    assert words([findings()]).count("Reference group: female, 50-60, n = 84") == 1


def test_doubt_and_refusals_are_told() -> None:
    text = words([findings(without=[Disc.L5_S1], level_doubt="six lumbar-type vertebrae")])
    assert "LEVELS UNCERTAIN: six lumbar-type vertebrae" in text
    assert "Not analysed: L5/S1 disc (sagittal T2w): outside the field of view" in text
    assert "L5/S1 - - - - -" in text


def test_a_refused_series_is_shown_without_outlines() -> None:
    picture = pixels(draw([refused("slices overlap")], volume=volume(5)))
    left_half = picture[:, : picture.shape[1] // 2]
    assert not any(coloured(left_half, REGION[structure_of(disc)].colour).any() for disc in Disc)
    assert "whole series (sagittal T2w): slices overlap" in words([refused("slices overlap")])


def test_a_dollar_sign_is_no_formula() -> None:
    draw([refused("a $reason$ with $ signs")], volume=volume(5))


def test_a_volume_of_one_value_can_be_drawn() -> None:
    flat = volume(5)
    even = Volume(
        voxels=np.zeros_like(flat.voxels), to_patient=flat.to_patient, frame_of_reference=flat.frame_of_reference
    )
    assert draw([findings()], volume=even).startswith(b"\x89PNG")
