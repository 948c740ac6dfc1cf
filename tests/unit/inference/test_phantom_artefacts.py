"""Artefacts do what they say, with numbers known beforehand."""

import numpy as np
import pytest

from inference.phantom.artefacts import (
    NO_ARTEFACTS,
    Depths,
    Motion,
    acquire,
    add_noise,
    chemical_shift,
    coil_sensitivity,
    fat_shift_pixels,
    move,
    saturate,
    to_image,
    to_spectrum,
    truncate,
    warp_border,
)
from inference.phantom.signal import WaterAndFat

SIDE = 128


def square(side: int = SIDE) -> np.ndarray:
    image = np.zeros((side, side), np.float32)
    image[side // 4 : 3 * side // 4, side // 4 : 3 * side // 4] = 1
    return image


def test_a_slice_without_artefacts_is_water_plus_fat() -> None:
    parts = WaterAndFat(water=square(), fat=0.5 * square())
    nowhere = Depths(under_skin=np.zeros((SIDE, SIDE)), before_spine=np.zeros((SIDE, SIDE)))
    image = acquire(parts, nowhere, artefacts=NO_ARTEFACTS, field_strength=1.5, rng=np.random.default_rng(0))
    np.testing.assert_allclose(image, 1.5 * square(), atol=1e-5)


def test_fat_shifts_by_its_frequency_over_the_bandwidth() -> None:
    assert fat_shift_pixels(field_strength=1.5, bandwidth_hz_per_pixel=217.14) == pytest.approx(1.0, rel=1e-3)
    assert fat_shift_pixels(field_strength=3.0, bandwidth_hz_per_pixel=217.14) == pytest.approx(2.0, rel=1e-3)


@pytest.mark.parametrize("axis", [0, 1])
def test_chemical_shift_moves_fat_along_the_readout_only(axis: int) -> None:
    parts = WaterAndFat(water=np.zeros((SIDE, SIDE), np.float32), fat=square())
    shifted = chemical_shift(parts, pixels=1.25, axis=axis)
    where = np.indices(shifted.shape)
    centre = [float((w * shifted).sum() / shifted.sum()) - (SIDE - 1) / 2 for w in where]
    assert centre[axis] == pytest.approx(1.25, abs=1e-4)
    assert centre[1 - axis] == pytest.approx(0.0, abs=1e-4)


def test_noise_over_air_has_the_mean_and_deviation_of_rayleigh() -> None:
    empty = to_spectrum(np.zeros((256, 256), np.float32))
    noise = to_image(add_noise(empty, sd=0.1, rng=np.random.default_rng(1)))
    assert noise.mean() == pytest.approx(0.1 * np.sqrt(np.pi / 2), rel=0.02)
    assert noise.std() == pytest.approx(0.1 * np.sqrt(2 - np.pi / 2), rel=0.02)


def test_noise_over_bright_tissue_is_gaussian_about_the_rician_mean() -> None:
    bright = to_spectrum(np.ones((256, 256), np.float32))
    noise = to_image(add_noise(bright, sd=0.1, rng=np.random.default_rng(2)))
    assert noise.std() == pytest.approx(0.1, rel=0.03)
    assert noise.mean() == pytest.approx(1 + 0.1**2 / 2, abs=2e-3)


def test_a_hard_edge_in_k_space_rings_and_a_soft_one_does_not() -> None:
    hard = to_image(truncate(to_spectrum(square()), sampled=(0.5, 0.5), edge_softness=0.0))
    soft = to_image(truncate(to_spectrum(square()), sampled=(0.5, 0.5), edge_softness=1.0))
    line = SIDE // 2
    assert 1.06 < hard[line].max() < 1.12
    assert soft[line].max() < 1.01


def test_motion_makes_ghosts_along_the_phase_axis_only() -> None:
    ghosted = to_image(move(to_spectrum(square()), Motion(phase=0.3, period=8), readout_axis=1))
    outside = square() == 0
    rows, columns = outside.all(axis=1), outside.all(axis=0)
    assert ghosted[rows].max() > 0.02
    assert ghosted[:, columns].max() < 1e-5


def test_saturation_leaves_the_spine_and_darkens_what_lies_before_the_gap() -> None:
    before = np.array([[-40.0, 29.0, 60.0, 91.0]])
    np.testing.assert_allclose(saturate(np.ones((1, 4)), before, gap=30.0, width=60.0), [[1.0, 1.0, 0.12, 1.0]])


def test_the_coil_sees_less_the_deeper_it_looks() -> None:
    sensitivity = coil_sensitivity(np.linspace(0, 200, 50)[None], reach=75.0)[0]
    assert sensitivity[0] == 1
    assert (np.diff(sensitivity) < 0).all()


def test_a_warped_border_blackens_corners_and_keeps_the_middle() -> None:
    warped = warp_border(np.ones((SIDE, SIDE), np.float32), bend=0.05)
    assert warped[0, 0] == 0
    assert warped[2:-2, 2:-2][SIDE // 2].all()
    assert warp_border(np.ones((SIDE, SIDE), np.float32), bend=0.0).all()
