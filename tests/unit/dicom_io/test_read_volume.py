"""Series of every transfer syntax become the same volume; pixels that cannot be read say so."""

import subprocess
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import (
    JPEG2000,
    UID,
    JPEG2000Lossless,
    JPEG2000MCLossless,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

from dicom_io.errors import InconsistentSeries, InvalidInstance, PixelsUnreadable
from dicom_io.read_volume import read_source, read_volume, volume_of, volumes_of
from tests import builders

LOSSLESS = (*builders.NATIVE_SYNTAXES, RLELossless, JPEGLSLossless, JPEG2000Lossless)


@pytest.mark.parametrize("syntax", LOSSLESS, ids=lambda syntax: syntax.name)
def test_a_classic_series_reads_the_same_in_every_lossless_syntax(syntax: UID, tmp_path: Path) -> None:
    paths = builders.write([builders.in_syntax(image, syntax) for image in builders.classic()], tmp_path)
    assert np.array_equal(read_volume(paths).volume.voxels, builders.volume().voxels)


@pytest.mark.parametrize("syntax", LOSSLESS, ids=lambda syntax: syntax.name)
def test_an_enhanced_object_reads_the_same_in_every_lossless_syntax(syntax: UID, tmp_path: Path) -> None:
    paths = builders.write([builders.in_syntax(builders.enhanced(), syntax)], tmp_path)
    assert np.array_equal(read_volume(paths).volume.voxels, builders.volume().voxels)


@pytest.mark.peer
@pytest.mark.parametrize("option", ["+e1", "+el", "+eb8", "+ee12"])
def test_jpeg_of_dcmtk_is_read(option: str, tmp_path: Path, peer_program: Callable[[str], Path]) -> None:
    """Lossless SV1, lossless with another predictor, and the lossy processes 1 and 4."""
    program = peer_program("dcmcjpeg")
    bits = {"+eb8": 8}.get(option, 12)
    images = [stored_in(image, bits=bits) for image in builders.classic()]
    packed = [tmp_path / f"{path.stem}.packed.dcm" for path in builders.write(images, tmp_path)]
    chosen = {"+eb8": ["+eb"], "+ee12": ["+ee"]}.get(option, [option])
    for into in packed:
        source = into.with_name(into.name.replace(".packed", ""))
        subprocess.run([str(program), *chosen, "+un", str(source), str(into)], check=True, capture_output=True)
    read = read_volume(packed).volume.voxels
    truth = volume_of(images).volume.voxels
    is_lossy = option in ("+eb8", "+ee12")
    assert dcmread(packed[0]).file_meta.TransferSyntaxUID.is_compressed
    assert np.abs(read - truth).max() <= (0.15 * truth.max() if is_lossy else 0)


@pytest.mark.parametrize(("syntax", "options"), [(JPEGLSNearLossless, {"jls_error": 3}), (JPEG2000, {"j2k_cr": [4]})])
def test_lossy_series_are_read_close_to_the_truth(syntax: UID, options: dict[str, object]) -> None:
    images = [builders.as_read(image) for image in builders.classic()]
    for image in images:
        image.compress(syntax, generate_instance_uid=False, **options)
    difference = volume_of(images).volume.voxels - builders.volume().voxels
    assert np.sqrt(np.mean(difference**2)) < 60


def test_jpeg_2000_part_2_of_one_component_is_read(tmp_path: Path) -> None:
    images = [builders.in_syntax(image, JPEG2000Lossless) for image in builders.classic()]
    for image in images:
        image.file_meta.TransferSyntaxUID = JPEG2000MCLossless
    paths = builders.write(images, tmp_path)
    assert np.array_equal(read_volume(paths).volume.voxels, builders.volume().voxels)


def test_the_affine_and_the_frame_of_reference_are_kept() -> None:
    made = builders.volume(tilt_degrees=17)
    read = volume_of(builders.classic(made)).volume
    assert read.to_patient == pytest.approx(made.to_patient, abs=1e-5)
    assert read.frame_of_reference == made.frame_of_reference
    assert read.voxels.dtype == np.float32


def test_files_in_any_order_give_the_same_volume(tmp_path: Path) -> None:
    paths = builders.write(builders.classic()[::-1], tmp_path)
    assert np.array_equal(read_volume(paths).volume.voxels, builders.volume().voxels)


def test_rescale_is_applied() -> None:
    images = [builders.changed(image, RescaleSlope="2.5", RescaleIntercept="-10") for image in builders.classic()]
    assert volume_of(images).volume.voxels == pytest.approx(builders.volume().voxels * 2.5 - 10)


def test_rescale_of_each_frame_is_its_own() -> None:
    image = builders.enhanced()
    del image.SharedFunctionalGroupsSequence[0].PixelValueTransformationSequence
    for index, groups in enumerate(image.PerFrameFunctionalGroupsSequence):
        transformation = Dataset()
        transformation.RescaleSlope, transformation.RescaleIntercept, transformation.RescaleType = index, 0, "US"
        groups.PixelValueTransformationSequence = [transformation]
    truth = builders.volume().voxels * np.arange(5)[:, None, None]
    assert np.array_equal(volume_of([image]).volume.voxels, truth)


def test_an_inverted_greyscale_is_turned_round() -> None:
    images = [builders.changed(image, PhotometricInterpretation="MONOCHROME1") for image in builders.classic()]
    assert np.array_equal(volume_of(images).volume.voxels, 4095 - builders.volume().voxels)


def test_signed_pixels_of_twelve_bits_are_read() -> None:
    images = [builders.as_read(image) for image in builders.classic()]
    truth = builders.volume().voxels - 500
    for image, plane in zip(images, truth, strict=True):
        image.PixelRepresentation = 1
        image.PixelData = (plane.astype("<i2").view("<u2") & 0x0FFF).astype("<u2").tobytes()
    assert np.array_equal(volume_of(images).volume.voxels, truth)


def test_sources_stand_in_the_order_of_the_slices() -> None:
    images = builders.classic()
    read = volume_of(images[::-1])
    assert [each.header.SOPInstanceUID for each in read.source.images] == [image.SOPInstanceUID for image in images]
    assert {each.frame for each in read.source.images} == {None}
    assert read.source.volume is read.volume


def test_sources_of_an_enhanced_object_name_its_frames() -> None:
    source = volume_of([builders.enhanced()]).source
    assert [each.frame for each in source.images] == [1, 2, 3, 4, 5]
    assert len(source.headers) == 1


def test_sources_hold_no_pixels_and_the_bytes_of_their_texts() -> None:
    first = volume_of([builders.as_read(image) for image in builders.classic()]).source.first
    assert "PixelData" not in first
    assert first.get_item("SeriesDescription").value == b"t2_tse_sag"


def test_headers_alone_give_the_same_sources(tmp_path: Path) -> None:
    paths = builders.write(builders.classic()[::-1], tmp_path)
    read, light = read_volume(paths).source, read_source(paths)
    assert [each.header.SOPInstanceUID for each in light.images] == [each.header.SOPInstanceUID for each in read.images]
    assert light.volume is None


def test_echoes_are_one_volume_each() -> None:
    read = volumes_of(builders.multi_echo([10.0, 20.0, 30.0]))
    assert [float(each.source.first.EchoTime) for each in read] == [10, 20, 30]
    with pytest.raises(InconsistentSeries, match="3 stacks"):
        volume_of(builders.multi_echo([10.0, 20.0, 30.0]))


def test_pixels_that_break_off_are_unreadable() -> None:
    images = [builders.as_read(image) for image in builders.classic()]
    images[3].PixelData = images[3].PixelData[:1000]
    with pytest.raises(PixelsUnreadable, match="Explicit VR Little Endian cannot be decoded"):
        volume_of(images)


@pytest.mark.filterwarnings("ignore:End of file reached:UserWarning")  # dicom_io keeps it quiet, pytest does not
@pytest.mark.parametrize("syntax", [RLELossless, JPEGLSLossless, JPEG2000Lossless], ids=lambda syntax: syntax.name)
def test_a_file_that_breaks_off_within_its_pixels_is_refused(syntax: UID, tmp_path: Path) -> None:
    paths = builders.write([builders.in_syntax(image, syntax) for image in builders.classic()], tmp_path)
    paths[2].write_bytes(paths[2].read_bytes()[:-900])
    with pytest.raises((PixelsUnreadable, InvalidInstance)):
        read_volume(paths)


def test_an_object_without_pixels_is_unreadable() -> None:
    images = builders.classic()
    images[0] = builders.changed(images[0], PixelData=None)
    with pytest.raises(PixelsUnreadable, match="without pixel data"):
        volume_of(images)


def test_colour_is_unreadable() -> None:
    images = [builders.as_read(image) for image in builders.classic()]
    for image in images:
        image.SamplesPerPixel, image.PhotometricInterpretation, image.PlanarConfiguration = 3, "RGB", 0
        image.BitsAllocated = image.BitsStored = 8
        image.HighBit = 7
        image.PixelData = bytes(3 * image.Rows * image.Columns)
    with pytest.raises(PixelsUnreadable, match="decoded pixels are"):
        volume_of(images)


@pytest.mark.shared_data
def test_the_real_sagittal_t2_is_read(shared_data: Path) -> None:
    read = read_volume(sorted((shared_data / "rsna_study" / "restored" / "1792451510").glob("*.dcm")))
    assert read.volume.voxels.shape == (18, 462, 448)
    assert read.volume.spacing == pytest.approx([4.48, 0.53571426868439, 0.53571426868439], abs=1e-5)
    assert 400 < np.percentile(read.volume.voxels, 99.9) < 4096


def stored_in(image: Dataset, *, bits: int) -> Dataset:
    """The image as it is, or its brightest eighth part in 8 bits."""
    if bits == 12:
        return builders.as_read(image)
    pixels = np.frombuffer(image.PixelData, dtype="<u2") // 4
    eight = builders.changed(image, BitsAllocated=8, BitsStored=8, HighBit=7)
    eight.PixelData = pixels.astype(np.uint8).tobytes()
    eight["PixelData"].VR = "OB"
    return eight


@pytest.mark.parametrize("side", [65535, 8000])
def test_a_header_that_claims_huge_slices_gets_no_memory_for_them(side: int) -> None:
    classic, enhanced = builders.classic(), builders.enhanced()
    for images in (classic, [enhanced]):
        for image in images:
            image.Rows = image.Columns = side
        tracemalloc.start()
        with pytest.raises(PixelsUnreadable):
            volume_of(images)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert most < 50_000_000
