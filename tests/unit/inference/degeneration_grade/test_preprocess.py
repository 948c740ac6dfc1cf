"""The cut lies along the disc, at its own scale, with the mask on the disc."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from inference.degeneration_grade.preprocess import CUT_COLUMNS, CUT_MM, CUT_ROWS, cut_mask, disc_cut, onto_cut

SHAPE = CUT_ROWS, CUT_COLUMNS


def tilted(degrees: float) -> NDArray[np.bool_]:
    """A disc of 36 x 10 mm on pixels of half a millimetre, its back lower for positive degrees."""
    mask = np.zeros((300, 300), np.uint8)
    cv2.ellipse(mask, (160, 140), (36, 10), degrees, 0, 360, 1, -1)
    return mask > 0


@pytest.mark.parametrize("degrees", [-30, 0, 40])
def test_a_tilted_disc_lies_level_in_the_middle_of_its_cut(degrees: float) -> None:
    mask = tilted(degrees)
    cut = cut_mask(mask, onto_cut(mask, (0.5, 0.5), shape=SHAPE), shape=SHAPE) > 127
    rows, columns = np.nonzero(cut)
    assert (rows.mean(), columns.mean()) == pytest.approx(((CUT_ROWS - 1) / 2, (CUT_COLUMNS - 1) / 2), abs=0.5)
    assert (np.ptp(rows) * CUT_MM, np.ptp(columns) * CUT_MM) == pytest.approx((10, 36), abs=1)


def test_pixels_that_are_not_square_do_not_change_the_cut() -> None:
    mask = tilted(20)
    tall = cv2.resize(mask.astype(np.uint8), (300, 600), interpolation=cv2.INTER_NEAREST) > 0
    one, other = (
        cut_mask(each, onto_cut(each, spacing, shape=SHAPE), shape=SHAPE) > 127
        for each, spacing in ((mask, (0.5, 0.5)), (tall, (0.25, 0.5)))
    )
    assert np.mean(one != other) < 0.005


def test_the_front_stays_in_front() -> None:
    mask = tilted(0)
    image = np.tile(np.linspace(0, 255, 300).astype(np.uint8), (300, 1))
    cut = disc_cut([image], mask, (0.5, 0.5))[0]
    assert cut[:, 40].mean() < cut[:, 128].mean() < cut[:, 216].mean()


def test_three_slices_and_the_mask_are_four_channels() -> None:
    image = np.random.default_rng(1).integers(0, 255, (300, 300)).astype(np.uint8)
    assert disc_cut([image, image, image], tilted(0), (0.5, 0.5)).shape == (4, CUT_ROWS, CUT_COLUMNS)


def test_a_brighter_image_of_more_contrast_gives_the_same_cut() -> None:
    image = np.random.default_rng(1).integers(0, 100, (300, 300)).astype(np.uint8)
    one, other = (disc_cut([each.astype(np.uint8)], tilted(10), (0.5, 0.5)) for each in (image, image * 2 + 20))
    assert np.abs(one - other).max() < 0.1
