"""Volumes written as MR images come back as they were, and say what the card says."""

from dataclasses import replace

import numpy as np
import pytest

from dicom_io.mr_image import classic_images
from dicom_io.read_volume import volume_of
from dicom_io.volume import Volume
from tests import builders


def scaled(volume: Volume, factor: float) -> Volume:
    return replace(volume, voxels=volume.voxels * np.float32(factor))


def test_images_have_their_own_uids_and_number_from_one() -> None:
    images = builders.classic()
    assert len({image.SOPInstanceUID for image in images}) == 5
    assert [image.InstanceNumber for image in images] == [1, 2, 3, 4, 5]


def test_the_same_series_uid_gives_the_same_images() -> None:
    once, again = (builders.file_bytes(builders.classic()[0]) for _ in range(2))
    assert once == again


def test_another_series_uid_gives_other_images() -> None:
    other = builders.classic(card=builders.series_card(name="other"))
    assert builders.classic()[0].SOPInstanceUID != other[0].SOPInstanceUID


@pytest.mark.parametrize(("factor", "bits"), [(1, 12), (30, 16)])
def test_bright_voxels_take_sixteen_bits(factor: float, bits: int) -> None:
    bright = scaled(builders.volume(), factor)
    images = builders.classic(bright)
    assert images[0].BitsStored == bits
    assert np.array_equal(volume_of(images).volume.voxels, bright.voxels)


def test_negative_voxels_become_black() -> None:
    dark = replace(builders.volume(), voxels=builders.volume().voxels - 300)
    assert volume_of(builders.classic(dark)).volume.voxels.min() == 0


def test_the_window_shows_the_bright_part() -> None:
    image = builders.classic()[0]
    assert 0 < float(image.WindowCenter) < float(image.WindowWidth) < 1000


@pytest.mark.parametrize("numbers", [(1 / 3, -2 / 3e-5, 123456.789012)])
def test_decimal_strings_fit_their_sixteen_characters(numbers: tuple[float, ...]) -> None:
    to_patient = builders.volume().to_patient.copy()
    to_patient[:3, 3] = numbers
    image = classic_images(replace(builders.volume(), to_patient=to_patient), builders.series_card())[0]
    assert all(len(str(value)) <= 16 for value in image.ImagePositionPatient)
    assert [float(value) for value in image.ImagePositionPatient] == pytest.approx(numbers, rel=1e-8)


def test_what_the_card_leaves_empty_is_not_written() -> None:
    image = builders.classic()[0]
    assert "InversionTime" not in image
    assert "ContrastBolusAgent" not in image
    assert "IssuerOfPatientID" not in image
