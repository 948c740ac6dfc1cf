"""Headers as plain values: classic, enhanced and legacy converted alike; what is no usable object says why."""

from dataclasses import fields, replace
from pathlib import Path

import highdicom
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import EnhancedMRImageStorage

from dicom_io.errors import InconsistentSeries, InvalidInstance
from dicom_io.headers import Plane, SeriesTraits, read_header, series_traits
from dicom_io.read_instance import read_instance, read_instance_header
from tests import builders


def traits_of(*datasets: Dataset) -> SeriesTraits:
    return series_traits([read_header(builders.as_read(dataset)) for dataset in datasets])


def legacy_converted(datasets: list[Dataset]) -> Dataset:
    return highdicom.legacy.LegacyConvertedEnhancedMRImage(
        datasets,
        series_instance_uid=datasets[0].SeriesInstanceUID,
        series_number=datasets[0].SeriesNumber,
        sop_instance_uid=builders.uid("legacy image"),
        instance_number=1,
    )


STIR_WITH_CONTRAST = replace(builders.STIR, scan_options=("FS",), contrast_agent="Gadovist", flip_angle=150.0)
LEFT_OUT_BY_THE_CONVERTER = {"body_part", "description"}  # highdicom drops the one and adds words to the other
OF_ENHANCED_ONLY = {"sop_class_uid", "image_type", "contrast_agent", "acquisition_contrast"}
NOT_IN_THE_CARD = {"protocol", "sequence_name", "institution"}
EQUAL_IN_BOTH = sorted({field.name for field in fields(SeriesTraits)} - OF_ENHANCED_ONLY - NOT_IN_THE_CARD)


@pytest.mark.parametrize("name", EQUAL_IN_BOTH)
def test_an_enhanced_object_gives_the_values_of_the_classic_series(name: str) -> None:
    card = builders.series_card(sequence=STIR_WITH_CONTRAST)
    classic = traits_of(*builders.classic(card=card))
    enhanced = traits_of(builders.enhanced(card=card))
    assert getattr(enhanced, name) == getattr(classic, name)
    assert getattr(classic, name) not in (None, "", ()), "a value that is not there compares nothing"


@pytest.mark.parametrize("name", sorted(set(EQUAL_IN_BOTH) - LEFT_OUT_BY_THE_CONVERTER))
def test_a_legacy_converted_object_gives_the_values_of_the_classic_series(name: str) -> None:
    images = builders.classic(card=builders.series_card(sequence=STIR_WITH_CONTRAST))
    converted = traits_of(legacy_converted(images))
    assert getattr(converted, name) == getattr(traits_of(*images), name)


def test_contrast_agent_is_seen_in_both_forms() -> None:
    card = builders.series_card(sequence=STIR_WITH_CONTRAST)
    assert traits_of(*builders.classic(card=card)).contrast_agent == "Gadovist"
    assert traits_of(builders.enhanced(card=card)).contrast_agent is not None


@pytest.mark.parametrize("agent", ["NO", "none", " ", "ohne"])
def test_a_contrast_agent_called_none_is_none(agent: str) -> None:
    card = builders.series_card(sequence=replace(builders.T1, contrast_agent=agent))
    assert traits_of(*builders.classic(card=card)).contrast_agent is None


@pytest.mark.parametrize("plane", [Plane.SAGITTAL, Plane.CORONAL, Plane.AXIAL])
def test_the_plane_comes_from_the_normal(plane: Plane) -> None:
    traits = traits_of(*builders.classic(builders.volume(plane=plane, tilt_degrees=20)))
    assert traits.plane is plane
    assert traits.normal_tilt_degrees == pytest.approx(20, abs=1e-4)


def test_an_axial_slice_along_a_steep_last_disc_is_still_axial() -> None:
    assert traits_of(*builders.classic(builders.volume(plane=Plane.AXIAL, tilt_degrees=50))).plane is Plane.AXIAL


def test_slices_in_several_planes_are_mixed() -> None:
    sagittal = builders.classic(builders.volume(plane=Plane.SAGITTAL))
    axial = builders.classic(builders.volume(plane=Plane.AXIAL), card=builders.series_card(name="other"))
    same_series = [builders.changed(image, SeriesInstanceUID=sagittal[0].SeriesInstanceUID) for image in axial]
    traits = traits_of(*sagittal, *same_series)
    assert traits.plane is Plane.MIXED
    assert traits.normal_tilt_degrees is None


def test_echoes_share_positions() -> None:
    traits = traits_of(*builders.multi_echo([10.0, 20.0, 30.0]))
    assert traits.echo_times == (10.0, 20.0, 30.0)
    assert (traits.slice_count, traits.image_count) == (5, 15)


@pytest.mark.parametrize(("written", "years"), [("055Y", 55), ("018M", 1.5), ("052W", pytest.approx(1, abs=0.01))])
def test_age_is_told_in_years(written: str, years: float) -> None:
    assert traits_of(builders.changed(builders.classic()[0], PatientAge=written)).patient_age_years == years


def test_age_follows_from_the_dates_where_it_is_not_written() -> None:
    image = builders.changed(builders.classic()[0], PatientAge=None, PatientBirthDate="19760101", StudyDate="20260101")
    assert traits_of(image).patient_age_years == pytest.approx(50, abs=0.01)


def test_empty_times_are_none() -> None:
    sequence = replace(builders.T2, repetition_time=None, echo_time=None)
    traits = traits_of(*builders.classic(card=builders.series_card(sequence=sequence)))
    assert traits.repetition_time is None
    assert traits.echo_times == ()


@pytest.mark.parametrize(
    "keyword", ["SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "Modality"]
)
def test_an_object_that_is_not_named_is_refused_by_what_is_missing(keyword: str) -> None:
    image = builders.classic()[0]
    del image[keyword]
    with pytest.raises(InvalidInstance, match=f"{keyword} is missing"):
        read_header(image)


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(InvalidInstance) as caught:
        read_header(Dataset())
    assert str(caught.value).count("is missing") == 5


def test_a_refusal_tells_nothing_of_the_patient() -> None:
    image = builders.classic()[0]
    image.StudyInstanceUID = "Mustermann Erika"
    with pytest.raises(InvalidInstance) as caught:
        read_header(image)
    assert "Mustermann" not in str(caught.value)


def test_a_ct_image_is_refused_by_its_class() -> None:
    image = builders.ct_image()
    with pytest.raises(InvalidInstance, match=r"SOP class 1\.2\.840\.10008\.5\.1\.4\.1\.1\.2 is none of MR"):
        read_header(image)


def test_frames_that_are_not_described_are_refused() -> None:
    image = builders.enhanced()
    image.NumberOfFrames = 7
    with pytest.raises(InvalidInstance, match="NumberOfFrames says 7, the functional groups describe 5"):
        read_header(image)


def test_an_image_without_size_is_refused() -> None:
    with pytest.raises(InvalidInstance, match="Rows or Columns"):
        read_header(builders.changed(builders.classic()[0], Rows=None))


@pytest.mark.parametrize("orientation", [[0, 0, 0, 0, 0, 0], [1, 0, 0, 1, 0, 0], [0, 2, 0, 0, 0, -1]])
def test_numbers_that_are_no_orientation_are_none(orientation: list[int]) -> None:
    header = read_header(builders.changed(builders.classic()[0], ImageOrientationPatient=orientation))
    assert header.frames[0].normal is None


def test_objects_of_two_series_have_no_traits_in_common() -> None:
    other = builders.classic(card=builders.series_card(name="other"))
    with pytest.raises(InconsistentSeries, match="several series"):
        traits_of(builders.classic()[0], other[0])


def test_an_empty_file_is_called_empty(tmp_path: Path) -> None:
    path = tmp_path / "empty.dcm"
    path.touch()
    with pytest.raises(InvalidInstance, match="the file is empty"):
        read_instance(path)


def test_a_text_file_is_no_dicom_file(tmp_path: Path) -> None:
    path = tmp_path / "notes.dcm"
    path.write_text("Erika Mustermann, 12.08.1964\n" * 40)
    with pytest.raises(InvalidInstance, match="no DICOM file") as caught:
        read_instance(path)
    assert "Mustermann" not in str(caught.value)


@pytest.mark.parametrize("kept", [140, 300, 700])
def test_a_header_that_breaks_off_is_refused(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "half.dcm"
    path.write_bytes(builders.file_bytes(builders.classic()[0])[:kept])
    with pytest.raises(InvalidInstance):
        read_header(read_instance_header(path))


@pytest.mark.shared_data
def test_the_real_study_as_published_is_refused_for_what_it_lacks(shared_data: Path) -> None:
    path = shared_data / "rsna_study" / "as_published" / "1792451510" / "1.dcm"
    with pytest.raises(InvalidInstance) as caught:
        read_header(read_instance_header(path))
    assert "SOPClassUID is missing or empty" in str(caught.value)
    assert "StudyInstanceUID is no valid UID" in str(caught.value)
    assert "100206310" not in str(caught.value)


def test_the_sop_class_of_enhanced_mr_is_told() -> None:
    assert traits_of(builders.enhanced()).sop_class_uid == EnhancedMRImageStorage


def test_the_region_of_an_enhanced_object_may_be_a_code() -> None:
    image = builders.enhanced()
    del image.BodyPartExamined
    assert traits_of(image).body_part == "LUMBAR SPINE"
