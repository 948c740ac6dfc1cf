"""Slices become regular stacks, or the sentence that says why not."""

from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset

from dicom_io.errors import InconsistentSeries
from dicom_io.geometry import SliceStack, single_stack, stacks_of
from dicom_io.headers import InstanceHeader, Plane, read_header
from dicom_io.read_instance import read_instance_header
from dicom_io.regularity import Regularity, regularity
from tests import builders


def headers(datasets: list[Dataset]) -> list[InstanceHeader]:
    return [read_header(dataset) for dataset in datasets]


def stack(datasets: list[Dataset]) -> SliceStack:
    return single_stack(headers(datasets))


def moved(dataset: Dataset, *, by: tuple[float, float, float]) -> Dataset:
    position = [float(value) + step for value, step in zip(dataset.ImagePositionPatient, by, strict=True)]
    return builders.changed(dataset, ImagePositionPatient=position)


@pytest.mark.parametrize("plane", [Plane.SAGITTAL, Plane.AXIAL, Plane.CORONAL])
@pytest.mark.parametrize("tilt", [0.0, 13.0, 31.0])
def test_the_affine_of_an_oblique_stack_is_the_one_it_was_made_from(plane: Plane, tilt: float) -> None:
    made = builders.volume(plane=plane, tilt_degrees=tilt)
    assert stack(builders.classic(made)).to_patient == pytest.approx(made.to_patient, abs=1e-5)


def test_slices_that_come_in_any_order_are_put_in_the_order_of_their_normal() -> None:
    images = builders.classic()
    shuffled = [images[index] for index in (3, 0, 4, 2, 1)]
    in_order = [image.SOPInstanceUID for image in images]
    assert [image.sop_instance_uid for image in stack(shuffled).slices] == in_order


def test_the_order_does_not_follow_instance_numbers() -> None:
    images = builders.classic()
    backwards = [builders.changed(image, InstanceNumber=9 - index) for index, image in enumerate(images)]
    found = [image.sop_instance_uid for image in stack(backwards).slices]
    assert found == [image.SOPInstanceUID for image in images]


def test_a_multi_frame_object_gives_the_affine_of_the_classic_series() -> None:
    assert stack([builders.enhanced()]).to_patient == pytest.approx(stack(builders.classic()).to_patient)


def test_frames_of_one_object_are_told_by_their_numbers() -> None:
    assert [image.frame_number for image in stack([builders.enhanced()]).slices] == [1, 2, 3, 4, 5]


def test_the_normal_points_the_way_the_slices_run() -> None:
    found = stack(builders.classic())
    assert found.normal == pytest.approx([-1, 0, 0])
    assert found.to_patient[:3, 0] == pytest.approx([-4.4, 0, 0])


def test_one_slice_is_as_deep_as_its_neighbours_would_be_away() -> None:
    assert stack(builders.classic()[:1]).to_patient[:3, 0] == pytest.approx([-4.4, 0, 0])


def test_one_slice_without_declared_spacing_is_as_deep_as_it_is_thick() -> None:
    alone = builders.changed(builders.classic()[0], SpacingBetweenSlices=None)
    assert np.linalg.norm(stack([alone]).to_patient[:3, 0]) == pytest.approx(4.0)


def test_a_missing_slice_is_a_gap() -> None:
    images = builders.classic()
    with pytest.raises(InconsistentSeries, match=r"a gap of 8\.80 mm where 4\.40 mm is usual; slices missing: 1"):
        stack([*images[:2], *images[3:]])


def test_every_second_slice_missing_is_seen_by_the_declared_spacing() -> None:
    with pytest.raises(InconsistentSeries, match=r"8\.80 mm apart where the header says 4\.40 mm"):
        stack(builders.classic()[::2])


def test_uneven_slices_are_refused() -> None:
    images = builders.classic()
    images[2] = moved(images[2], by=(1.0, 0, 0))
    with pytest.raises(InconsistentSeries, match=r"uneven slices: 3\.40 to 5\.40 mm"):
        stack(images)


def test_positions_rounded_by_a_vendor_are_still_even() -> None:
    images = builders.classic()
    images[2] = moved(images[2], by=(0.05, 0.02, -0.03))
    assert len(stack(images).slices) == 5


def test_a_slice_beside_the_line_of_the_others_is_refused() -> None:
    images = builders.classic()
    images[2] = moved(images[2], by=(0, 3.0, 0))
    with pytest.raises(InconsistentSeries, match="do not lie on one line"):
        stack(images)


def test_a_sheared_stack_is_refused() -> None:
    images = [moved(image, by=(0, 1.0 * index, 0)) for index, image in enumerate(builders.classic())]
    with pytest.raises(InconsistentSeries, match="sheared"):
        stack(images)


def test_two_images_of_the_same_kind_at_one_position_are_duplicates() -> None:
    images = builders.classic()
    again = builders.changed(images[2], SOPInstanceUID=builders.uid("again"))
    with pytest.raises(InconsistentSeries, match="1 images lie where another of the same kind lies"):
        stack([*images, again])


def test_echoes_make_one_stack_each() -> None:
    stacks = stacks_of(headers(builders.multi_echo([10.0, 20.0, 30.0])))
    assert [len(found.slices) for found in stacks] == [5, 5, 5]


def test_several_echoes_are_not_one_stack() -> None:
    with pytest.raises(InconsistentSeries, match="3 stacks"):
        stack(builders.multi_echo([10.0, 20.0, 30.0]))


def test_an_echo_time_that_changes_from_slice_to_slice_makes_no_second_stack() -> None:
    images = [builders.changed(image, EchoTime=100 + index) for index, image in enumerate(builders.classic())]
    assert len(stack(images).slices) == 5


def test_mixed_orientations_are_one_stack_each() -> None:
    sagittal = builders.classic()
    axial = builders.classic(builders.volume(plane=Plane.AXIAL), card=builders.series_card(name="axial"))
    assert len(stacks_of(headers([*sagittal, *axial]))) == 2


def test_axial_blocks_along_the_discs_are_one_stack_each() -> None:
    blocks = [
        image
        for index, tilt in enumerate((5.0, 5.0, 12.0))
        for image in builders.classic(
            builders.volume(plane=Plane.AXIAL, tilt_degrees=tilt, first=(0, 0, -37.0 * index)),
            card=builders.series_card(name=f"block {index}"),
        )
    ]
    assert [len(found.slices) for found in stacks_of(headers(blocks))] == [5, 5, 5]


def test_a_missing_axial_slice_is_a_gap_and_no_end_of_a_block() -> None:
    images = builders.classic(builders.volume(plane=Plane.AXIAL, slices=9))
    with pytest.raises(InconsistentSeries, match="slices missing: 1"):
        stack([*images[:4], *images[5:]])


def test_mixed_frames_of_reference_are_refused() -> None:
    images = builders.classic()
    images[1] = builders.changed(images[1], FrameOfReferenceUID=builders.uid("another"))
    with pytest.raises(InconsistentSeries, match="2 frames of reference"):
        stack(images)


@pytest.mark.parametrize(
    ("keyword", "reason"),
    [
        ("FrameOfReferenceUID", "no frame of reference"),
        ("ImagePositionPatient", "without position or orientation"),
        ("ImageOrientationPatient", "without position or orientation"),
        ("PixelSpacing", "without pixel spacing"),
    ],
)
def test_images_without_a_place_are_refused(keyword: str, reason: str) -> None:
    with pytest.raises(InconsistentSeries, match=reason):
        stack([builders.changed(image, **{keyword: None}) for image in builders.classic()])


def test_images_of_other_size_are_refused() -> None:
    images = builders.classic()
    images[0] = builders.changed(images[0], Rows=64)
    with pytest.raises(InconsistentSeries, match="different sizes"):
        stack(images)


def test_images_of_other_pixel_spacing_are_refused() -> None:
    images = builders.classic()
    images[0] = builders.changed(images[0], PixelSpacing=[2.0, 2.0])
    with pytest.raises(InconsistentSeries, match="different pixel spacing"):
        stack(images)


def test_a_series_without_an_image_is_refused() -> None:
    with pytest.raises(InconsistentSeries):
        stacks_of([])


def test_a_whole_series_is_regular() -> None:
    assert regularity(headers(builders.classic())) == Regularity(complete=True, reason="5 images in 1 regular stacks")


def test_a_whole_multi_frame_object_is_regular() -> None:
    assert regularity(headers([builders.enhanced()])).complete


def test_a_whole_multi_echo_series_is_regular() -> None:
    assert regularity(headers(builders.multi_echo([10.0, 20.0]))).complete


def test_a_multi_echo_series_that_lacks_one_image_is_not() -> None:
    images = builders.multi_echo([10.0, 20.0])
    assert not regularity(headers([*images[:7], *images[8:]])).complete


def test_a_series_that_lacks_a_slice_inside_is_not_regular() -> None:
    images = builders.classic()
    found = regularity(headers([*images[:1], *images[2:]]))
    assert not found.complete
    assert "gap" in found.reason


def test_a_series_that_lacks_its_first_slice_is_seen_by_its_numbers() -> None:
    assert regularity(headers(builders.classic()[1:])) == Regularity(
        complete=False, reason="instance numbers are missing: 1, the first 1"
    )


def test_a_series_shorter_than_its_acquisition_is_not_complete() -> None:
    images = [builders.changed(image, ImagesInAcquisition=6) for image in builders.classic()]
    assert regularity(headers(images)) == Regularity(complete=False, reason="5 images of 6 that the acquisition has")


def test_one_image_is_no_evidence() -> None:
    assert not regularity(headers(builders.classic()[:1])).complete


def test_instance_numbers_that_count_otherwise_do_not_matter() -> None:
    images = [builders.changed(image, InstanceNumber=10 * index) for index, image in enumerate(builders.classic(), 1)]
    assert regularity(headers(images)).complete


def test_nothing_is_not_complete() -> None:
    assert not regularity([]).complete


@pytest.mark.shared_data
@pytest.mark.parametrize(("series", "slices"), [("1792451510", [18]), ("2092806862", [18]), ("1012284084", None)])
def test_the_real_study_is_regular(shared_data: Path, series: str, slices: list[int] | None) -> None:
    folder = shared_data / "rsna_study" / "restored" / series
    found = headers([read_instance_header(path) for path in sorted(folder.glob("*.dcm"))])
    assert regularity(found).complete
    counts = [len(each.slices) for each in stacks_of(found)]
    assert counts == slices if slices else sum(counts) == 60
