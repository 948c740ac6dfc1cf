"""Parts of a disc lie where they should, whichever way the disc leans."""

import numpy as np
import pytest

from inference.relaxometry.regions import Mask, parts_of, statistics
from inference.results import DiscPart, Statistic


def ellipse(*, degrees: float, half_length: float = 18.0, half_height: float = 4.5) -> Mask:
    """(1, row, column) on pixels of 0.8 mm; positive degrees: the back end lies lower."""
    down, back = np.indices((80, 80)) * 0.8 - 32
    angle = np.radians(degrees)
    along, across = back * np.cos(angle) + down * np.sin(angle), down * np.cos(angle) - back * np.sin(angle)
    return np.asarray((along / half_length) ** 2 + (across / half_height) ** 2 <= 1)[None]


@pytest.mark.parametrize("degrees", [-35.0, 0.0, 20.0, 45.0])
def test_thirds_run_from_front_to_back_along_the_disc(degrees: float) -> None:
    disc = ellipse(degrees=degrees)
    parts = parts_of(disc, key_slice=0, spacing=(0.8, 0.8))
    columns = {part: np.nonzero(mask)[2].mean() for part, mask in parts.items()}
    assert columns[DiscPart.ANTERIOR_ANNULUS] < columns[DiscPart.NUCLEUS] < columns[DiscPart.POSTERIOR_ANNULUS]
    thirds = [parts[part] for part in (DiscPart.ANTERIOR_ANNULUS, DiscPart.NUCLEUS, DiscPart.POSTERIOR_ANNULUS)]
    assert np.array_equal(np.sum(thirds, axis=0), disc)
    assert np.count_nonzero(thirds[0]) == pytest.approx(np.count_nonzero(thirds[2]), rel=0.1)


@pytest.mark.parametrize("half_height", [3.0, 4.5, 8.0])
def test_the_centre_of_the_nucleus_is_one_square_centimetre(half_height: float) -> None:
    disc = ellipse(degrees=10, half_height=half_height)
    centre = parts_of(disc, key_slice=0, spacing=(0.8, 0.8))[DiscPart.NUCLEUS_CENTRE]
    assert np.count_nonzero(centre) * 0.64 == pytest.approx(100, rel=0.1)


def test_the_centre_is_measured_on_the_key_slice_alone() -> None:
    disc = np.concatenate([ellipse(degrees=0)] * 3)
    centre = parts_of(disc, key_slice=1, spacing=(0.8, 0.8))[DiscPart.NUCLEUS_CENTRE]
    assert [mask.any() for mask in centre] == [False, True, False]


def test_a_speck_has_no_parts() -> None:
    speck = np.zeros((1, 20, 20), bool)
    speck[0, 3, 4:6] = True
    parts = parts_of(speck, key_slice=0, spacing=(1.0, 1.0))
    assert not any(mask.any() for part, mask in parts.items() if part is not DiscPart.WHOLE)


def test_statistics_are_those_of_the_textbook() -> None:
    found = statistics(np.array([1, 2, 3, 6], np.float32))
    assert found[Statistic.MEAN] == 3
    assert found[Statistic.SD] == pytest.approx(np.std([1, 2, 3, 6], ddof=1))
    assert (found[Statistic.MINIMUM], found[Statistic.MAXIMUM], found[Statistic.COUNT]) == (1, 6, 4)
