"""A map comes back value for value on its slices, and survives viewers that reckon with every pixel."""

from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from highdicom.pm.sop import pmread
from highdicom.sr import CodedConcept
from numpy.typing import NDArray
from pydicom import dcmread
from pydicom.dataset import Dataset

from dicom_io.errors import ObjectUnwritable
from dicom_io.parametric_map import NO_VALUE, MapWords, parametric_map
from dicom_io.read_volume import volume_of
from dicom_io.sources import SourceSeries
from dicom_io.written import part10
from tests import builders
from tests.lumbar import identity

WORDS = MapWords(
    label="T2",
    content_label="T2",
    explanation="T2 relaxation time",
    series_description="AI T2 map in ms (research use only)",
    quantity=CodedConcept("113065", "DCM", "T2"),
    unit=CodedConcept("ms", "UCUM", "ms"),
    anatomic_region=CodedConcept("122496007", "SCT", "Lumbar spine"),
    window=(0.0, 150.0),
)


def source_of(form: str, slices: int = 4) -> SourceSeries:
    volume = builders.volume(slices=slices, tilt_degrees=10)
    images = builders.classic(volume) if form == "classic" else [builders.enhanced(volume)]
    return volume_of([dcmread(_bytes(image)) for image in images]).source


def _bytes(image: Dataset) -> BytesIO:
    into = BytesIO()
    image.save_as(into, enforce_file_format=True)
    into.seek(0)
    return into


def values_on(source: SourceSeries) -> NDArray[np.float32]:
    """As bright as the images, with a hole."""
    assert source.volume is not None
    values = (np.abs(source.volume.voxels) / 8 + 1).astype(np.float32)
    values[:, 3:9, 5:7] = np.nan
    return values


def written(values: NDArray[np.float32], source: SourceSeries) -> Dataset:
    document = parametric_map(values, source=source, words=WORDS, coding_schemes=[], identity=identity("PM"))
    return pmread(BytesIO(part10(document, source=source.first)))


def read_back(document: Dataset, source: SourceSeries) -> NDArray[np.float32]:
    """(slice, row, column) in the order of source, by the image that each frame says it comes from."""
    frames = document.pixel_array.reshape(-1, *document.pixel_array.shape[-2:])
    by_image = {}
    for frame, groups in zip(frames, document.PerFrameFunctionalGroupsSequence, strict=True):
        image = groups.DerivationImageSequence[0].SourceImageSequence[0]
        by_image[(image.ReferencedSOPInstanceUID, image.get("ReferencedFrameNumber"))] = frame
    return np.stack([by_image[(image.header.SOPInstanceUID, image.frame)] for image in source.images])


@pytest.mark.parametrize("form", ["classic", "enhanced"])
@pytest.mark.parametrize("slices", [1, 4])
def test_every_value_comes_back_on_its_slice_and_no_value_is_padding(form: str, slices: int) -> None:
    source = source_of(form, slices)
    values = values_on(source)
    document = written(values, source)
    assert document.FloatPixelPaddingValue == NO_VALUE
    assert np.array_equal(read_back(document, source), np.where(np.isnan(values), np.float32(NO_VALUE), values))


@pytest.mark.parametrize("form", ["classic", "enhanced"])
def test_frames_lie_where_their_slices_lie(form: str) -> None:
    source = source_of(form)
    document = written(values_on(source), source)
    assert source.volume is not None
    positions = {tuple(np.round(source.volume.to_patient[:3] @ [index, 0, 0, 1], 3)) for index in range(4)}
    found = {
        tuple(np.round([float(value) for value in groups.PlanePositionSequence[0].ImagePositionPatient], 3))
        for groups in document.PerFrameFunctionalGroupsSequence
    }
    assert found == positions


def test_one_echo_of_a_multi_frame_object_names_its_own_frames() -> None:
    source = source_of("enhanced", 4)
    two = SourceSeries(images=source.images[1:3], volume=None)
    values = np.full((2, 48, 40), 7, np.float32)
    values[1] = 9
    back = read_back(written(values, two), two)
    assert [back[0].max(), back[1].max()] == [7, 9]


def test_a_value_of_zero_is_not_taken_for_no_value() -> None:
    source = source_of("classic", 1)
    values = np.zeros((1, 48, 40), np.float32)
    values[0, 0, 0] = np.nan
    back = read_back(written(values, source), source)
    assert back[0, 0, 0] == NO_VALUE
    assert (back[0, 1:] > NO_VALUE).all()


def test_values_stand_for_themselves_in_their_unit() -> None:
    source = source_of("classic")
    document = written(values_on(source), source)
    (mapping,) = document.SharedFunctionalGroupsSequence[0].RealWorldValueMappingSequence
    assert (mapping.RealWorldValueSlope, mapping.RealWorldValueIntercept) == (1, 0)
    assert mapping.MeasurementUnitsCodeSequence[0].CodeValue == "ms"
    assert mapping.QuantityDefinitionSequence[0].ConceptCodeSequence[0].CodeValue == "113065"


def test_what_crashes_slicer_without_it_is_there() -> None:
    document = written(values_on(source_of("classic")), source_of("classic"))
    (anatomy,) = document.SharedFunctionalGroupsSequence[0].FrameAnatomySequence
    assert anatomy.AnatomicRegionSequence[0].CodeValue == "122496007"
    assert document.BodyPartExamined == "LSPINE"


@pytest.mark.parametrize(
    ("values", "why"),
    [
        (np.ones((3, 48, 40), np.float32), "the source images"),
        (np.full((4, 48, 40), np.nan, np.float32), "without a value"),
        (np.full((4, 48, 40), -1, np.float32), "below zero"),
    ],
)
def test_maps_that_cannot_be_are_refused(values: NDArray[np.float32], why: str) -> None:
    with pytest.raises(ObjectUnwritable, match=why):
        written(values, source_of("classic"))


def test_the_same_job_gives_the_same_bytes() -> None:
    source = source_of("classic")
    once, again = (
        part10(
            parametric_map(values_on(source), source=source, words=WORDS, coding_schemes=[], identity=identity("PM")),
            source=source.first,
        )
        for _ in range(2)
    )
    assert once == again


def test_a_series_that_highdicom_refuses_is_told_so() -> None:
    source = source_of("classic")
    broken = [replace(image, header=Dataset({**image.header})) for image in source.images]
    for image in broken:
        del image.header.PixelSpacing
    with pytest.raises(ObjectUnwritable, match="no parametric map"):
        parametric_map(
            values_on(source),
            source=SourceSeries(images=tuple(broken), volume=None),
            words=WORDS,
            coding_schemes=[],
            identity=identity("PM"),
        )
