"""Spin-lock and multi-echo series: whose times are read wherever they stand, or that are refused."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset

from config.settings import Relaxometry, TimeSource
from dicom_io.echo_times import ECHO_TIME
from dicom_io.errors import InconsistentSeries
from dicom_io.headers import read_header
from dicom_io.read_echoes import echoes_in, read_echoes, read_first_images
from dicom_io.regularity import regularity
from tests import builders

DEFAULT = Relaxometry().spin_lock_time
LOCKS = (0.0, 10.0, 40.0, 80.0)


def spin_lock(times: Sequence[float] = LOCKS, **changes: object) -> list[Dataset]:
    """One series; each change is a value of every image, or a function of its time."""
    images: list[Dataset] = []
    volume = builders.volume()
    for time in times:
        decayed = replace(volume, voxels=volume.voxels * np.float32(np.exp(-time / 80)))
        for image in builders.classic(decayed, card=builders.series_card(name="lock")):
            number = len(images) + 1
            values = {key: value(time) if callable(value) else value for key, value in changes.items()}
            uid = builders.uid(f"lock {time} {number}")
            images.append(builders.changed(image, SOPInstanceUID=uid, InstanceNumber=number, **values))
    return images


@pytest.mark.parametrize(
    "where",
    [
        {"EchoTime": lambda time: time},
        {"InversionTime": lambda time: time},
        {"TriggerTime": lambda time: time},
        {"ImageComments": lambda time: f"TSL = {time:g} ms"},
        {"SeriesDescription": lambda time: f"t1rho TSL_{time:g}"},
    ],
    ids=lambda where: next(iter(where)),
)
def test_the_times_are_found_in_each_of_the_usual_places(where: dict[str, object]) -> None:
    found = echoes_in(spin_lock(**where), DEFAULT)
    assert found.times_ms == LOCKS
    levels = [float(volume.voxels.mean()) for volume in found.volumes]
    assert levels == sorted(levels, reverse=True)
    assert found.source.volume is found.volumes[0]
    assert len(found.source.images) == len(found.volumes[0].voxels)


def test_a_site_may_name_a_private_tag_in_other_units() -> None:
    images = spin_lock()
    for place, image in enumerate(images):
        block = image.private_block(0x0019, "ACME SPIN LOCK", create=True)
        block.add_new(0xB6, "DS", str(1000 * LOCKS[place * len(LOCKS) // len(images)]))
    source = TimeSource(attribute="0019,10B6", creator="ACME SPIN LOCK", milliseconds=0.001)
    assert echoes_in(images, (source, *DEFAULT)).times_ms == LOCKS


def test_one_series_for_each_time_is_one_stack_of_echoes() -> None:
    images = spin_lock(
        SeriesDescription=lambda time: f"T1rho TSL {time:g}",
        SeriesInstanceUID=lambda time: builders.uid(f"series {time}"),
    )
    assert echoes_in(images, DEFAULT).times_ms == LOCKS


def test_an_enhanced_object_with_all_times_is_read_frame_by_frame() -> None:
    image = builders.enhanced_echoes(LOCKS[1:])
    found = echoes_in([image], ECHO_TIME)
    assert found.times_ms == LOCKS[1:]
    assert [one.frame for one in found.source.images] == list(range(1, len(found.source.images) + 1))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "EchoTime: one time in all images"),
        ({"ImageComments": lambda time: "TSL 10" if time == 10 else ""}, "ImageComments: says no time in"),
        ({"ImageComments": lambda time: "TSL 10" if time < 40 else "TSL 40"}, "that do not each stand once"),
    ],
    ids=["nowhere", "in some images", "twice"],
)
def test_times_that_are_not_clear_are_refused_with_the_reason(changes: dict[str, object], said: str) -> None:
    with pytest.raises(InconsistentSeries, match=said):
        echoes_in(spin_lock(**changes), DEFAULT)


def test_an_echo_that_lies_elsewhere_is_refused() -> None:
    images = spin_lock((0.0, 10.0), EchoTime=lambda time: time)
    for image in images[len(images) // 2 :]:
        image.ImagePositionPatient = [float(value) + 0.4 for value in image.ImagePositionPatient]
    with pytest.raises(InconsistentSeries):
        echoes_in(images, DEFAULT)


def test_a_reason_tells_no_text_of_the_header() -> None:
    with pytest.raises(InconsistentSeries) as raised:
        echoes_in(spin_lock(ImageComments="Mustermann TSL x"), DEFAULT)
    assert "Mustermann" not in str(raised.value)


def test_echoes_that_nothing_known_tells_apart_are_whole_where_each_position_has_as_many() -> None:
    headers = [read_header(image) for image in spin_lock()]
    assert not regularity(headers).complete
    assert regularity(headers, repeats=True).complete
    assert not regularity(headers[:-1], repeats=True).complete


def test_a_report_can_name_one_image_of_each_position_where_no_time_is_told(tmp_path: Path) -> None:
    images = spin_lock()
    source = read_first_images(builders.write(images, tmp_path))
    assert len(source.images) == len(images) // len(LOCKS)


@pytest.mark.shared_data
def test_a_real_multi_echo_series_is_eight_echoes_of_three_slices(shared_data: Path) -> None:
    found = read_echoes(sorted((shared_data / "knee_t2map_dicom").glob("*.dcm")), ECHO_TIME)
    assert len(found.times_ms) == 8
    assert {volume.voxels.shape for volume in found.volumes} == {(3, 256, 256)}
