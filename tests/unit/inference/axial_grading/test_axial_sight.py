"""The cut, the localiser, and whether two series lie in one space."""

from pathlib import Path

import numpy as np
import pytest

from dicom_io.headers import Plane
from dicom_io.volume import Volume
from inference.anatomy import Disc
from inference.axial_grading.axial_stack import axial_stack
from inference.axial_grading.crossing import pictures_agree
from inference.axial_grading.localise import LEAST_LIKENESS, sight
from inference.axial_grading.preprocess import PIXEL_MM, SIDE, cut, network_image, scaled
from inference.axial_grading.sudirman import examples
from tests import axial, builders

PIXELS = (axial.PIXEL_MM, axial.PIXEL_MM)


def test_the_cut_is_centred_where_it_is_asked_for() -> None:
    image = np.zeros((120, 160), np.float32)
    image[70, 90] = 1000
    found = cut(image, (0.8, 0.8), (70.0, 90.0))
    rows, columns = np.indices(found.shape)
    assert (found * rows).sum() / found.sum() == pytest.approx((SIDE - 1) / 2, abs=0.01)
    assert (found * columns).sum() / found.sum() == pytest.approx((SIDE - 1) / 2, abs=0.01)


def test_the_cut_has_one_scale_whatever_the_pixels_are() -> None:
    rows, columns = np.mgrid[:400, :400] * 0.3 - 60.0
    fine = (np.hypot(rows, columns) < 20).astype(np.float32)
    found = cut(fine, (0.3, 0.3), (200.0, 200.0))
    assert found.sum() * PIXEL_MM**2 == pytest.approx(np.pi * 20**2, rel=0.01)


def test_the_coil_and_the_gain_hardly_change_what_the_network_sees() -> None:
    plain = axial.stack(Disc.L4_L5).voxels[1]
    shaded = plain * np.linspace(0.4, 1.6, axial.SIDE, dtype=np.float32)[:, None] * 3
    middle = (axial.SIDE / 2, axial.SIDE / 2)
    one, other = network_image(plain, PIXELS, middle), network_image(shaded, PIXELS, middle)
    assert np.corrcoef(one.ravel(), other.ravel())[0, 1] > 0.85


@pytest.mark.parametrize("value", [0.0, 700.0])
def test_an_empty_slice_becomes_zeros(value: float) -> None:
    assert not scaled(np.full((SIDE, SIDE), value, np.float32)).any()


@pytest.mark.parametrize("shift", [(0, 0), (18, -12)])
def test_the_spine_is_found_where_it_is(shift: tuple[int, int]) -> None:
    image = np.roll(axial.stack(Disc.L4_L5).voxels[1], shift, axis=(0, 1))
    found = sight(image, PIXELS)
    away = np.array(found.centre) - (np.array([axial.SIDE / 2, axial.SIDE / 2]) + shift)
    assert np.abs(away).max() * axial.PIXEL_MM < 3
    assert found.likeness > LEAST_LIKENESS


def test_a_place_that_is_known_is_not_left() -> None:
    image = axial.stack(Disc.L4_L5).voxels[1]
    found = sight(image, PIXELS, near=(40.0, 40.0))
    assert np.hypot(found.centre[0] - 40, found.centre[1] - 40) * axial.PIXEL_MM < 9
    assert found.likeness < LEAST_LIKENESS


def test_noise_looks_like_no_spine() -> None:
    noise = np.random.default_rng(3).normal(400, 60, (200, 200)).astype(np.float32)
    assert sight(noise, PIXELS).likeness < LEAST_LIKENESS


def body(volume: Volume, *, up: float = 0.0) -> Volume:
    """The volume filled with what one and the same body shows there, moved up by so many mm."""
    rng = np.random.default_rng(0)
    waves = rng.normal(size=(40, 3)) / np.array([60.0, 12.0, 12.0])
    phases = rng.uniform(0, 2 * np.pi, 40)
    indices = np.stack([*np.indices(volume.voxels.shape).reshape(3, -1), np.ones(volume.voxels.size)])
    places = (volume.to_patient @ indices)[:3].T - [0.0, 0.0, up]
    seen = 500 + 40 * np.cos(places @ waves.T + phases).sum(axis=1)
    voxels = seen.reshape(volume.voxels.shape).astype(np.float32)
    return Volume(voxels=voxels, to_patient=volume.to_patient, frame_of_reference=volume.frame_of_reference)


@pytest.mark.parametrize(("up", "agree"), [(0.0, True), (33.0, False)])
def test_pictures_agree_only_in_one_space(up: float, agree: bool) -> None:
    sagittal = builders.volume(slices=3, rows=100, columns=90, spacing=(4.0, 1.5, 1.5), first=(0.0, -60.0, 70.0))
    slices = builders.volume(
        plane=Plane.AXIAL, slices=16, rows=80, columns=80, spacing=(5.0, 1.6, 1.6), first=(-60.0, -60.0, -50.0)
    )
    stack = axial_stack(body(slices, up=up), first=0)
    assert pictures_agree([stack], body(sagittal), key_slice=1) is agree


@pytest.mark.shared_data
def test_real_images_come_with_their_labels_and_split(shared_data: Path) -> None:
    first = next(iter(examples(shared_data)))
    assert first.source.name == "0001_D3"
    assert not first.source.held_out
    assert first.labels.herniation is not None
    assert first.labels.herniation.highest == 0
