"""Each guard of the quality gate is tripped by its own fault and by nothing else."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from inference.anatomy import DISC_STRUCTURES
from inference.degeneration_grade.quality import SliceQuality, cropped, quality_of
from tests.unit.inference.degeneration_grade.drawn import image, labels
from tests.unit.inference.sagittal.drawn import MM

SPACING = (MM, MM)


def discs() -> NDArray[np.bool_]:
    return np.isin(labels(), [each.channel for each in DISC_STRUCTURES])


def measured(slice_: NDArray[np.float32]) -> SliceQuality:
    return quality_of(slice_, discs(), SPACING)


def with_hole() -> NDArray[np.float32]:
    seen = image()
    row, column = np.argwhere(discs()).mean(axis=0).astype(int)
    seen[row - 30 : row + 30, column - 30 : column + 30] = 0
    return seen


def test_a_decent_image_is_not_refused() -> None:
    assert measured(image()).refusal is None


@pytest.mark.parametrize(
    ("slice_", "word"),
    [
        (image(noise=50), "noisy"),
        (np.asarray(cv2.GaussianBlur(image(), (0, 0), 5), np.float32), "blurred"),
        (with_hole(), "metal"),
    ],
)
def test_a_poor_image_is_refused_with_its_reason(slice_: NDArray[np.float32], word: str) -> None:
    assert word in str(measured(slice_).refusal)


def test_noise_grows_as_it_is_added() -> None:
    quiet, loud = (measured(image(noise=sd)).noise for sd in (2, 8))
    assert 0.003 < quiet < 2 / 200
    assert 2.5 < loud / quiet < 5


def test_brightness_does_not_change_what_is_measured() -> None:
    one, other = measured(image()), measured(image() * np.float32(7))
    assert (one.noise, one.sharpness) == pytest.approx((other.noise, other.sharpness), rel=1e-3)


@pytest.mark.parametrize(("columns", "cut"), [(slice(40, None), False), (slice(130, None), True)])
def test_a_disc_at_the_edge_of_the_image_is_cropped(columns: slice, cut: bool) -> None:
    lowest = labels() == DISC_STRUCTURES[-1].channel
    assert cropped(lowest[:, columns], SPACING) is cut
