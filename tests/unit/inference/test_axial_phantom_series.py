"""Axial series of a phantom person: in the space of its sagittal series, through its discs, the same every time."""

import numpy as np
import pytest

from inference.phantom.axial_person import crossing, section_at
from inference.phantom.axial_series import PhantomAxialSeries, angled_stacks, axial_series, one_stack
from inference.phantom.body_parts import Spine
from inference.phantom.series import sagittal_series
from inference.phantom.spine import sample_spine


@pytest.fixture(scope="module")
def spine() -> Spine:
    return sample_spine(np.random.default_rng(4))


@pytest.fixture(scope="module")
def series(spine: Spine) -> PhantomAxialSeries:
    return axial_series(spine, angled_stacks(spine, slices=1), matrix=96)


def test_the_angled_stacks_pass_through_the_five_discs_from_head_to_feet(series: PhantomAxialSeries) -> None:
    assert series.discs == ((1,), (2,), (3,), (4,), (5,))
    assert np.abs(np.array(series.above)).max() < 1.0


def test_the_same_arguments_give_the_same_bytes(spine: Spine, series: PhantomAxialSeries) -> None:
    again = axial_series(spine, angled_stacks(spine, slices=1)[:1], matrix=96)
    assert again.stacks[0].voxels.tobytes() == series.stacks[0].voxels.tobytes()


def test_axial_and_sagittal_series_share_their_frame_of_reference(spine: Spine, series: PhantomAxialSeries) -> None:
    sagittal = sagittal_series(spine, slices=1, matrix=48)
    assert {stack.frame_of_reference for stack in series.stacks} == {sagittal.volume.frame_of_reference}


def test_rows_run_backwards_columns_to_the_left_and_slices_to_the_feet(series: PhantomAxialSeries) -> None:
    for stack in series.stacks:
        slices, rows, columns = stack.to_patient[:3, :3].T
        assert columns[0] > 0
        assert rows[1] > 0
        assert slices[2] < 0
        assert abs(float(rows @ slices)) < 1e-9


def test_fluid_lies_where_the_canal_of_the_spine_is(spine: Spine) -> None:
    """The middle of the sac, in the patient's millimetres, is bright in the axial slice through L4/L5."""
    stack = angled_stacks(spine, slices=1)[3]
    volume = axial_series(spine, (stack,), matrix=192).stacks[0]
    where = crossing(spine, point=stack.point, tilt=stack.tilt)
    section = section_at(spine, where)
    back = section.sac.gap + 0.6 * section.sac.half_depth
    y = where.place[0] + back * np.cos(stack.tilt)
    z = where.place[1] + back * np.sin(stack.tilt)
    middle = np.array([float(spine.lateral.at(z)), y, z, 1.0])
    _, row, column, _ = np.linalg.inv(volume.to_patient) @ middle
    patch = volume.voxels[0, round(row) - 1 : round(row) + 2, round(column) - 1 : round(column) + 2]
    assert patch.max() > np.percentile(volume.voxels, 90)


def test_one_stack_reaches_from_l1_to_s1(spine: Spine) -> None:
    stack = one_stack(spine)[0]
    up = np.array([-np.sin(stack.tilt), np.cos(stack.tilt)])
    levels = [
        crossing(spine, point=stack.point - k * stack.spacing * up, tilt=stack.tilt).disc.level
        for k in range(stack.slices)
    ]
    assert sorted(set(levels)) == [1, 2, 3, 4, 5]
    assert levels == sorted(levels)


def test_away_from_the_disc_there_is_bone_and_no_herniation(spine: Spine) -> None:
    for disc in spine.lumbar_discs:
        frame = disc.frame
        point = np.array([frame.y, frame.z]) + 14.0 * frame.up
        section = section_at(spine, crossing(spine, point=point, tilt=frame.tilt))
        assert section.bone == 1.0
        assert section.lumps == ()
        assert section.pedicles > 0
