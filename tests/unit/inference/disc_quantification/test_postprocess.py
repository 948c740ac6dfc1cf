"""DH, DHI, HDR and dSI by their formulae on shapes whose answer is known by hand."""

import numpy as np
import pytest

from inference.anatomy import Disc, Structure
from inference.disc_quantification.postprocess import (
    DiscShape,
    eight_bit_for_signal,
    measure_shapes,
    signal_difference,
)
from inference.sagittal.levels import name_levels
from inference.sagittal.segment import on_grid
from tests.unit.inference.sagittal.drawn import BODY, DEPTH, DISC, MM, spine


def shapes() -> dict[Disc, DiscShape | str]:
    found = name_levels(spine(), millimetres=MM)
    assert found is not None
    return measure_shapes(found.labels, millimetres=MM)


def of(disc: Disc) -> DiscShape:
    shape = shapes()[disc]
    assert isinstance(shape, DiscShape)
    return shape


def test_disc_height_is_four_fifths_of_a_rectangular_discs_height() -> None:
    assert of(Disc.L3_L4).height == pytest.approx(0.8 * DISC * MM, rel=0.04)


def test_the_diameter_of_a_rectangular_disc_is_its_length() -> None:
    assert of(Disc.L3_L4).diameter == pytest.approx(DEPTH * MM, rel=0.01)


def test_the_width_runs_from_the_front_to_the_back_of_the_end_plates() -> None:
    assert of(Disc.L3_L4).width == pytest.approx(DEPTH * MM, rel=0.03)


def test_height_index_compares_with_both_neighbours_but_at_l5_s1_with_l5_alone() -> None:
    expected = 0.8 * DISC / BODY
    assert of(Disc.L3_L4).height_index == pytest.approx(expected, rel=0.04)
    assert of(Disc.L5_S1).height_index == pytest.approx(expected, rel=0.04)


def test_a_disc_without_its_vertebra_says_why_it_is_not_measured() -> None:
    found = name_levels(spine(), millimetres=MM)
    assert found is not None
    labels = found.labels.copy()
    labels[labels == Structure.L4.channel] = 0
    assert "vertebra" in str(measure_shapes(labels, millimetres=MM)[Disc.L4_L5])


def test_a_missing_disc_says_so() -> None:
    found = name_levels(spine(without=(1,)), millimetres=MM)
    assert found is not None
    assert measure_shapes(found.labels, millimetres=MM)[Disc.L4_L5] == "the disc was not found"


def test_signal_difference_is_the_distance_of_the_two_peaks_in_units_of_csf() -> None:
    image = np.full((40, 40), 60, np.uint8)
    image[:10] = 160
    image[30:] = 204
    disc, csf = np.zeros((40, 40), bool), np.zeros((40, 40), bool)
    disc[:30], csf[30:] = True, True
    assert signal_difference(image, disc, csf) == pytest.approx(100 * 255 / 204)


def test_without_csf_there_is_no_signal_difference() -> None:
    image = np.full((4, 4), 60, np.uint8)
    assert signal_difference(image, image > 0, image == 0) is None


def test_csf_is_not_saturated_by_the_eight_bits_however_little_of_it_there_is() -> None:
    slice_ = np.full((200, 200), 100, np.float32)
    csf = np.zeros(slice_.shape, bool)
    csf[0, :50] = True
    slice_[csf] = np.linspace(800, 1000, 50)
    assert eight_bit_for_signal(slice_, csf)[csf].min() < 215


def test_the_scale_of_the_stored_values_does_not_matter() -> None:
    slice_ = np.random.default_rng(1).uniform(0, 900, (64, 64)).astype(np.float32)
    csf = slice_ > 800
    assert np.array_equal(eight_bit_for_signal(slice_, csf), eight_bit_for_signal(4 * slice_, csf))


def test_labels_brought_to_a_finer_grid_keep_their_area() -> None:
    labels = np.zeros((40, 40), np.uint8)
    labels[10:30, 5:35] = 7
    assert np.count_nonzero(on_grid(labels, (80, 80)) == 7) == pytest.approx(4 * 600, rel=0.02)
