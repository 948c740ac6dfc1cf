"""Whatever a peer writes into a header, only our errors come out, and no value of it comes with them."""

import copy
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag

from dicom_io.errors import DicomError
from dicom_io.headers import read_header, series_traits
from dicom_io.read_instance import read_instance
from dicom_io.read_volume import volume_of
from dicom_io.regularity import regularity
from dicom_io.roles import assign_role
from tests import builders
from tests.segmentations import file_of, labels

# pydicom warns of what it meets; dicom_io keeps that quiet, pytest makes errors of it.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

SECRET = b"Mustermann"
CLASSIC = [builders.as_read(image) for image in builders.classic()]
ENHANCED = builders.as_read(builders.enhanced())
# Drawn by name: of arguments as long as a file hypothesis warns when it reports, and the warning hides the report.
FILES = {"classic": builders.file_bytes(CLASSIC[0]), "enhanced": builders.file_bytes(ENHANCED)}
TELLING = (b"", SECRET, b"1\\2", b"nan", b"inf", b"1e400", b"-1", b"0", b"\\\\\\", b"\x00" * 8, b"\xff" * 7, b"9" * 20)
GARBAGE = st.one_of(st.binary(max_size=40), st.sampled_from(TELLING))
QUIET = settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])


def spoiled(dataset: Dataset, tag: BaseTag, value: bytes) -> Dataset:
    """A copy in which tag holds these bytes, as if they had been read so."""
    broken = copy.copy(dataset)
    broken._dict = dict(dataset._dict)
    vr = dataset[tag].VR
    broken[tag] = RawDataElement(
        tag=tag, VR=vr, length=len(value), value=value, value_tell=0, is_implicit_VR=False, is_little_endian=True
    )
    return broken


def used(datasets: list[Dataset]) -> None:
    """Everything that planning and execution do with a series. Raises only our errors, without the secret."""
    try:
        headers = [read_header(dataset) for dataset in datasets]
        decision = assign_role(series_traits(headers))
        assert not any("Mustermann" in reason for reason in decision.reasons)
        assert "Mustermann" not in regularity(headers).reason
        volume_of(datasets)
    except DicomError as ours:
        assert "Mustermann" not in str(ours)


@QUIET
@given(data=st.data(), garbage=GARBAGE)
def test_a_spoiled_value_of_a_classic_image_raises_only_our_errors(data: Any, garbage: bytes) -> None:
    tag = data.draw(st.sampled_from(sorted(CLASSIC[0].keys())))
    used([spoiled(CLASSIC[0], tag, garbage), *CLASSIC[1:]])


@QUIET
@given(data=st.data(), garbage=GARBAGE)
def test_a_spoiled_value_of_an_enhanced_image_raises_only_our_errors(data: Any, garbage: bytes) -> None:
    tag = data.draw(st.sampled_from(sorted(ENHANCED.keys())))
    used([spoiled(ENHANCED, tag, garbage)])


@QUIET
@given(data=st.data(), garbage=GARBAGE)
def test_a_spoiled_value_of_a_functional_group_raises_only_our_errors(data: Any, garbage: bytes) -> None:
    image = builders.as_read(ENHANCED)
    shared = image.SharedFunctionalGroupsSequence[0]
    macro = shared[data.draw(st.sampled_from(sorted(shared.keys())))][0]
    tag = data.draw(st.sampled_from(sorted(macro.keys())))
    macro[tag] = spoiled(macro, tag, garbage).get_item(tag)
    used([image])


@QUIET
@given(data=st.data())
def test_any_set_of_missing_values_raises_only_our_errors(data: Any) -> None:
    taken = data.draw(st.sets(st.sampled_from(sorted(CLASSIC[0].keys())), max_size=12))
    for image in (CLASSIC[0], ENHANCED):
        left = copy.copy(image)
        left._dict = {tag: element for tag, element in image._dict.items() if tag not in taken}
        used([left])


@QUIET
@given(data=st.data(), garbage=st.binary(min_size=1, max_size=24), name=st.sampled_from(sorted(FILES)))
def test_a_damaged_file_raises_only_our_errors(tmp_path: Path, data: Any, garbage: bytes, name: str) -> None:
    file = FILES[name]
    at = data.draw(st.integers(0, len(file) - 1))
    path = tmp_path / "damaged.dcm"
    path.write_bytes(file[:at] + garbage + file[at + len(garbage) :])
    _read_and_use(path)


@QUIET
@given(data=st.data(), name=st.sampled_from(sorted(FILES)))
def test_a_file_that_breaks_off_anywhere_raises_only_our_errors(tmp_path: Path, data: Any, name: str) -> None:
    file = FILES[name]
    path = tmp_path / "short.dcm"
    path.write_bytes(file[: data.draw(st.integers(0, len(file)))])
    _read_and_use(path)


def test_an_element_of_no_known_kind_and_without_a_value_is_passed_over(tmp_path: Path) -> None:
    file = FILES["enhanced"]
    at = file.index(b"\x40\x00\x55\x05SQ\x00\x00\x00\x00\x00\x00")
    (tmp_path / "unknown.dcm").write_bytes(file[: at + 5] + b"\x00" + file[at + 6 :])
    source = volume_of([read_instance(tmp_path / "unknown.dcm")]).source
    assert dcmread(BytesIO(file_of(labels(), of=source))).pixel_array.any()


def _read_and_use(path: Path) -> None:
    try:
        dataset = read_instance(path)
    except DicomError:
        return
    used([dataset])


@QUIET
@given(data=st.data(), garbage=GARBAGE)
def test_a_segmentation_of_spoiled_images_is_written_or_refused(data: Any, garbage: bytes) -> None:
    tag = data.draw(st.sampled_from(sorted(CLASSIC[0].keys())))
    try:
        source = volume_of([spoiled(image, tag, garbage) for image in CLASSIC]).source
        written = dcmread(BytesIO(file_of(labels(), of=source)))
    except DicomError:
        return
    assert written.pixel_array.sum() == (labels() > 0).sum()


@pytest.mark.parametrize("keyword", ["SliceThickness", "SpacingBetweenSlices"])
@pytest.mark.parametrize("garbage", [b"", b"4 mm", b"0", b"-1 ", b"nan ", b"1\\2 "])
def test_spacings_that_are_none_keep_no_segmentation_back(keyword: str, garbage: bytes) -> None:
    tag = CLASSIC[0][keyword].tag
    source = volume_of([spoiled(image, tag, garbage) for image in CLASSIC]).source
    measures = dcmread(BytesIO(file_of(labels(), of=source))).SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0]
    assert float(measures.SpacingBetweenSlices) == pytest.approx(4.4)
    assert float(measures.SliceThickness) > 0
