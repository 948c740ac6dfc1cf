"""A series of several angled stacks: read from the feet to the head, its slices counted through."""

from pathlib import Path

import numpy as np
import pytest

from dicom_io.headers import Plane
from dicom_io.read_volume import read_source, read_stacks
from dicom_io.sources import SourceSeries
from dicom_io.volume import Volume
from tests import builders

HEIGHTS, TILTS = (40.0, 0.0, -45.0), (0.0, 8.0, -12.0)


def stack(height: float, tilt: float) -> Volume:
    return builders.volume(plane=Plane.AXIAL, slices=4, first=(-60.0, -60.0, height), tilt_degrees=tilt)


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    """Three stacks of four slices, the upper first, as scanners send them."""
    images = []
    for number, (height, tilt) in enumerate(zip(HEIGHTS, TILTS, strict=True)):
        for image in builders.classic(stack(height, tilt)):
            uid = builders.uid(f"{number} {image.SOPInstanceUID}")
            images.append(builders.changed(image, SOPInstanceUID=uid, InstanceNumber=len(images) + 1))
    return builders.write(images, tmp_path)


@pytest.fixture
def source(paths: list[Path]) -> SourceSeries:
    return read_stacks(paths)


def test_each_stack_is_a_volume_and_the_lowest_comes_first(source: SourceSeries) -> None:
    assert source.volume is None
    lowest_first = sorted(zip(HEIGHTS, TILTS, strict=True))
    for volume, (height, tilt) in zip(source.volumes, lowest_first, strict=True):
        assert np.allclose(volume.to_patient, stack(height, tilt).to_patient, atol=1e-3)
        assert np.array_equal(volume.voxels, stack(height, tilt).voxels)


def test_a_slice_of_the_series_is_placed_in_its_stack(source: SourceSeries) -> None:
    placed = source.placed(6)
    assert placed is not None
    assert (placed.volume, placed.index) == (source.stacks[1], 2)
    corner = (placed.volume.to_patient @ np.array([placed.index, 0, 0, 1.0]))[:3]
    assert np.allclose(corner, source.images[6].header.ImagePositionPatient, atol=1e-3)


def test_a_slice_that_is_not_there_has_no_place(source: SourceSeries) -> None:
    assert source.placed(12) is None


def test_headers_alone_come_in_the_same_order(source: SourceSeries, paths: list[Path]) -> None:
    light = read_source(paths)
    assert [str(each.SOPInstanceUID) for each in light.headers] == [str(each.SOPInstanceUID) for each in source.headers]
    assert light.volumes == ()


def test_a_single_stack_is_the_volume(tmp_path: Path) -> None:
    source = read_stacks(builders.write(builders.classic(stack(0.0, 0.0)), tmp_path))
    assert source.volume is not None
    assert source.volumes == (source.volume,)
    assert source.stacks == ()


@pytest.mark.shared_data
def test_the_seven_stacks_of_the_real_study_are_read(shared_data: Path) -> None:
    files = sorted((shared_data / "rsna_study" / "restored" / "1012284084").glob("*.dcm"))
    source = read_stacks(files)
    assert [len(volume.voxels) for volume in source.volumes] == [10, 9, 9, 9, 8, 8, 7]
    numbers = [int(image.header.InstanceNumber) for image in source.images]
    assert sorted(numbers) == list(range(1, 61))
    assert numbers[0] == 60
