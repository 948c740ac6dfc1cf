"""Segmentations say exactly which voxels are what: same grid, same images, same bytes for the same job."""

import copy
from dataclasses import replace

import highdicom
import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from dicom_io.errors import ObjectUnwritable
from dicom_io.uids import IMPLEMENTATION_CLASS_UID
from tests import builders
from tests.segmentations import IDENTITY, WEIGHTS, file_of, labels, source, written


def drawn_again(document: Dataset, *, positions: NDArray[np.float64]) -> NDArray[np.uint8]:
    """The label map out of the object: each frame lies on the slice whose position it names, unturned."""
    again = np.zeros((len(positions), document.Rows, document.Columns), dtype=np.uint8)
    by_label = {int(item.SegmentNumber): int(item.SegmentLabel.split()[-1]) for item in document.SegmentSequence}
    for groups, frame in zip(document.PerFrameFunctionalGroupsSequence, document.pixel_array, strict=True):
        position = np.array(groups.PlanePositionSequence[0].ImagePositionPatient, dtype=float)
        number = int(groups.SegmentIdentificationSequence[0].ReferencedSegmentNumber)
        index = int(np.argmin(np.linalg.norm(positions - position, axis=1)))
        assert np.allclose(positions[index], position, atol=1e-4)
        again[index][frame == 1] = by_label[number]
    return again


def slice_positions(tilt_degrees: float = 0.0) -> NDArray[np.float64]:
    to_patient = builders.volume(tilt_degrees=tilt_degrees).to_patient
    return np.array([(to_patient @ [index, 0, 0, 1])[:3] for index in range(5)])


@pytest.mark.parametrize("tilt", [0.0, 14.0])
def test_a_classic_series_gives_back_every_voxel_where_it_was(tilt: float) -> None:
    images = builders.classic(builders.volume(tilt_degrees=tilt))
    document = written(of=source(images[::-1]))
    assert np.array_equal(drawn_again(document, positions=slice_positions(tilt)), labels())


def test_an_enhanced_object_gives_back_every_voxel_where_it_was() -> None:
    document = written(of=source([builders.enhanced()]))
    assert np.array_equal(drawn_again(document, positions=slice_positions()), labels())


def test_frames_of_an_enhanced_object_that_run_backwards_are_not_mixed_up() -> None:
    image = builders.enhanced()
    image.PerFrameFunctionalGroupsSequence = list(image.PerFrameFunctionalGroupsSequence)[::-1]
    series = source([image])
    assert [each.frame for each in series.images] == [5, 4, 3, 2, 1]
    document = written(of=series)
    assert np.array_equal(drawn_again(document, positions=slice_positions()), labels())


def test_an_enhanced_object_may_keep_its_geometry_per_frame() -> None:
    image = builders.enhanced()
    shared = image.SharedFunctionalGroupsSequence[0]
    for groups in image.PerFrameFunctionalGroupsSequence:
        groups.PixelMeasuresSequence = copy.deepcopy(shared.PixelMeasuresSequence)
        groups.PlaneOrientationSequence = copy.deepcopy(shared.PlaneOrientationSequence)
    del shared.PixelMeasuresSequence, shared.PlaneOrientationSequence
    document = written(of=source([image]))
    assert np.array_equal(drawn_again(document, positions=slice_positions()), labels())


def test_one_slice_alone_can_be_segmented() -> None:
    document = written(labels()[2:3], of=source(builders.classic()[2:3]))
    assert np.array_equal(drawn_again(document, positions=slice_positions()[2:3]), labels()[2:3])


def test_rows_and_columns_run_as_in_the_source() -> None:
    shared = written(of=source(builders.classic(builders.volume(tilt_degrees=14)))).SharedFunctionalGroupsSequence[0]
    made = builders.volume(tilt_degrees=14)
    cosines = [*made.to_patient[:3, 2] / 1.1, *made.to_patient[:3, 1] / 1.2]
    assert shared.PlaneOrientationSequence[0].ImageOrientationPatient == pytest.approx(cosines, abs=1e-6)
    assert shared.PixelMeasuresSequence[0].PixelSpacing == pytest.approx([1.2, 1.1])
    assert float(shared.PixelMeasuresSequence[0].SpacingBetweenSlices) == pytest.approx(4.4)


def test_highdicom_reads_the_volume_strictly() -> None:
    document = highdicom.seg.Segmentation.from_dataset(written())
    read = document.get_volume(combine_segments=True)
    truth = labels()
    numbers = np.zeros(8, dtype=np.uint8)
    numbers[[3, 7]] = [1, 2]
    corner = np.linalg.inv(builders.volume().to_patient) @ read.affine @ [0, 0, 0, 1]
    first = round(corner[0])
    step = -1 if read.affine[0, 0] > 0 else 1
    planes = truth[first::step][: len(read.array)]
    assert np.array_equal(read.array, numbers[planes])


def test_each_frame_names_the_image_it_was_drawn_on() -> None:
    series = source()
    expected = {index: each.header.SOPInstanceUID for index, each in enumerate(series.images)}
    for groups in written(of=series).PerFrameFunctionalGroupsSequence:
        position = np.array(groups.PlanePositionSequence[0].ImagePositionPatient, dtype=float)
        index = int(np.argmin(np.linalg.norm(slice_positions() - position, axis=1)))
        named = groups.DerivationImageSequence[0].SourceImageSequence[0]
        assert named.ReferencedSOPInstanceUID == expected[index]


def test_each_frame_of_an_enhanced_source_is_named_by_its_number() -> None:
    for groups in written(of=source([builders.enhanced()])).PerFrameFunctionalGroupsSequence:
        position = np.array(groups.PlanePositionSequence[0].ImagePositionPatient, dtype=float)
        index = int(np.argmin(np.linalg.norm(slice_positions() - position, axis=1)))
        assert groups.DerivationImageSequence[0].SourceImageSequence[0].ReferencedFrameNumber == index + 1


def test_the_source_series_is_referenced() -> None:
    series = source()
    referenced = written(of=series).ReferencedSeriesSequence[0]
    assert referenced.SeriesInstanceUID == series.first.SeriesInstanceUID
    named = {item.ReferencedSOPInstanceUID for item in referenced.ReferencedInstanceSequence}
    assert named == {each.header.SOPInstanceUID for each in series.images}


def test_a_segment_without_a_voxel_is_left_out_and_numbers_run_from_one() -> None:
    document = written()
    assert [item.SegmentLabel for item in document.SegmentSequence] == ["structure 3", "structure 7"]
    assert [item.SegmentNumber for item in document.SegmentSequence] == [1, 2]
    assert document.NumberOfFrames == 4


def test_a_segment_says_what_it_is_and_what_drew_it() -> None:
    first = written().SegmentSequence[0]
    assert (first.TrackingID, first.TrackingUID) == ("structure 3", builders.uid("tracking 3"))
    assert first.SegmentAlgorithmType == "AUTOMATIC"
    identified = first.SegmentationAlgorithmIdentificationSequence[0]
    assert (identified.AlgorithmName, identified.AlgorithmVersion) == ("disc_quantification", "1.2.3")
    assert identified.AlgorithmParameters == f"weights-sha256={WEIGHTS}"
    assert len(first.RecommendedDisplayCIELabValue) == 3


def test_the_object_is_marked_as_ours_and_for_research() -> None:
    document = written()
    assert document.SegmentationType == "BINARY"
    assert document.SeriesDescription == "AI SEG lumbar regions, disc_quantification (research use only)"
    assert document.file_meta.ImplementationClassUID == IMPLEMENTATION_CLASS_UID
    assert "lumbar-node" in [item.get("ManufacturerModelName") for item in document.ContributingEquipmentSequence]
    assert document.DeviceUID == IDENTITY.equipment.device_uid


def test_the_uids_are_those_the_caller_gave() -> None:
    document = written()
    assert (document.SOPInstanceUID, document.SeriesInstanceUID) == (IDENTITY.sop_instance_uid, IDENTITY.series_uid)


def test_the_same_job_gives_the_same_bytes() -> None:
    assert file_of() == file_of()


def test_patient_study_and_frame_of_reference_are_those_of_the_source() -> None:
    images = [
        builders.changed(image, IssuerOfPatientID="Hospital A", StudyDescription="LWS", AdmissionID="77")
        for image in builders.classic()
    ]
    document = written(of=source(images))
    keywords = (
        "PatientName PatientID IssuerOfPatientID PatientBirthDate PatientSex PatientAge StudyInstanceUID StudyID"
        " StudyDate StudyTime AccessionNumber StudyDescription AdmissionID FrameOfReferenceUID"
    )
    for keyword in keywords.split():
        assert document[keyword].value == images[0][keyword].value, keyword


NAMES = [
    ("ISO_IR 192", "Kim^Cheolsu=김^철수"),
    (("", "ISO 2022 IR 149"), "Hong^Gildong=洪^吉洞=홍^길동"),
    (("", "ISO 2022 IR 87"), "Yamada^Tarou=山田^太郎=やまだ^たろう"),
    ("GB18030", "Wang^XiaoDong=王^小东"),
    ("ISO_IR 127", "قباني^لنزار"),
    ("ISO_IR 100", "Müller^Jürgen"),
    ("ISO_IR 144", "Люкceмбypг"),
]


@pytest.mark.parametrize(("character_set", "name"), NAMES, ids=[name for _, name in NAMES])
def test_a_name_survives_byte_for_byte(character_set: str | tuple[str, ...], name: str) -> None:
    study = replace(builders.STUDY, character_set=character_set, patient_name=name)
    images = [builders.as_read(image) for image in builders.classic(card=builders.series_card(study=study))]
    raw = images[0].get_item("PatientName").value
    document = written(of=source(images))
    assert document.get_item("PatientName").value == raw
    assert document.get_item("SpecificCharacterSet").value == images[0].get_item("SpecificCharacterSet").value


def test_a_source_without_optional_values_is_enough() -> None:
    bare = {
        "SliceThickness": None,
        "SpacingBetweenSlices": None,
        "AccessionNumber": None,
        "PatientSex": None,
        "PatientBirthDate": None,
    }
    images = [builders.changed(image, **bare) for image in builders.classic()]
    document = written(of=source(images))
    measures = document.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0]
    assert float(measures.SpacingBetweenSlices) == pytest.approx(4.4)
    assert document.PatientSex in ("", None)


def test_an_empty_label_map_is_not_written() -> None:
    with pytest.raises(ObjectUnwritable, match="without a voxel"):
        written(np.zeros_like(labels()))


def test_a_value_that_no_segment_names_is_not_written() -> None:
    drawn = labels()
    drawn[0, 0, 0] = 9
    with pytest.raises(ObjectUnwritable, match=r"no segment names: \[9\]"):
        written(drawn)


def test_labels_of_another_grid_are_not_written() -> None:
    with pytest.raises(ObjectUnwritable, match="the source images"):
        written(labels()[:, :-1])
