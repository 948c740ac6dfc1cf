"""An outline says what the mask said, and is a polygon that viewers take for one."""

import cv2
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sr_reports.outline import outlines

SIZE = 96


def ellipse(*, centre: tuple[int, int], axes: tuple[int, int], angle: float) -> NDArray[np.bool_]:
    picture = np.zeros((SIZE, SIZE), np.uint8)
    cv2.ellipse(picture, centre, axes, angle, 0, 360, 1, -1)
    return picture.astype(bool)


def refilled(polygon: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Pixels whose centre lies inside: drawn on a grid sixteen times finer, read at the centres."""
    finer = 16
    picture = np.zeros((SIZE * finer, SIZE * finer), np.uint8)
    cv2.fillPoly(picture, [np.round(polygon * finer - 0.5).astype(np.int32)], 1)
    return picture[finer // 2 :: finer, finer // 2 :: finer].astype(bool)


@settings(max_examples=40)
@given(
    centre=st.tuples(st.integers(30, 66), st.integers(30, 66)),
    axes=st.tuples(st.integers(8, 28), st.integers(3, 12)),
    angle=st.floats(0, 180),
)
def test_an_outline_encloses_the_pixels_of_its_mask(
    centre: tuple[int, int], axes: tuple[int, int], angle: float
) -> None:
    mask = ellipse(centre=centre, axes=axes, angle=angle)
    (polygon,) = outlines(mask)
    found = refilled(polygon)
    dice = 2 * (found & mask).sum() / (found.sum() + mask.sum())
    assert dice > 0.97


def test_the_centre_of_the_first_pixel_is_at_a_half() -> None:
    mask = np.zeros((8, 8), bool)
    mask[0, 0] = True
    (polygon,) = outlines(mask)
    assert np.allclose(polygon[:-1].mean(axis=0), [0.5, 0.5], atol=0.01)


def test_an_outline_is_closed_and_has_more_corners_than_a_rectangle() -> None:
    mask = np.zeros((SIZE, SIZE), bool)
    mask[20:40, 10:60] = True
    (polygon,) = outlines(mask)
    assert np.array_equal(polygon[0], polygon[-1])
    assert len(polygon) >= 7


def test_an_outline_stays_inside_the_image_where_the_mask_touches_its_edge() -> None:
    (polygon,) = outlines(np.ones((10, 20), bool))
    assert polygon.min() >= 0
    assert (polygon <= (20, 10)).all()


def test_pieces_come_largest_first() -> None:
    mask = ellipse(centre=(30, 30), axes=(5, 5), angle=0) | ellipse(centre=(70, 70), axes=(20, 9), angle=0)
    first, second = outlines(mask)
    assert cv2.contourArea(first.astype(np.float32)) > cv2.contourArea(second.astype(np.float32))


def test_an_empty_mask_has_no_outline() -> None:
    assert outlines(np.zeros((8, 8), bool)) == []


def test_a_column_comes_before_a_row() -> None:
    mask = np.zeros((SIZE, SIZE), bool)
    mask[50:60, 5:30] = True
    (polygon,) = outlines(mask)
    assert np.allclose(polygon[:-1].min(axis=0), [5, 50], atol=0.2)
    assert np.allclose(polygon[:-1].max(axis=0), [30, 60], atol=0.2)
