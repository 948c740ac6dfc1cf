"""Sagittal series: geometry as a scanner would give it, labels where the image says, truth beside them."""

from itertools import pairwise

import numpy as np
import pytest

from inference.anatomy import Disc, Structure
from inference.phantom.body_parts import Transition
from inference.phantom.labels import Tissue
from inference.phantom.series import SEQUENCES, PhantomSeries, sagittal_series
from inference.phantom.spine import Spine, sample_spine


@pytest.fixture(scope="module")
def spine() -> Spine:
    return sample_spine(np.random.default_rng(3), transition=Transition.NONE, findings=False)


@pytest.fixture(scope="module")
def t2(spine: Spine) -> PhantomSeries:
    return sagittal_series(spine, slices=5, slice_spacing=5.0, matrix=192, field_of_view=288.0)


@pytest.fixture(scope="module")
def t1(spine: Spine) -> PhantomSeries:
    return sagittal_series(spine, contrast="T1", slices=1, matrix=192, field_of_view=288.0)


def test_the_same_arguments_give_the_same_bytes(spine: Spine, t1: PhantomSeries) -> None:
    again = sagittal_series(spine, contrast="T1", slices=1, matrix=192, field_of_view=288.0)
    assert again.volume.voxels.tobytes() == t1.volume.voxels.tobytes()
    assert again.labels.tobytes() == t1.labels.tobytes()


def test_another_seed_moves_the_noise_and_not_the_labels(spine: Spine, t1: PhantomSeries) -> None:
    again = sagittal_series(spine, contrast="T1", slices=1, matrix=192, field_of_view=288.0, seed=1)
    assert again.volume.voxels.tobytes() != t1.volume.voxels.tobytes()
    assert again.labels.tobytes() == t1.labels.tobytes()


def test_slices_run_to_the_left_rows_to_the_feet_columns_to_the_back(t2: PhantomSeries) -> None:
    steps = t2.volume.to_patient[:3, :3].T
    np.testing.assert_allclose(steps, [[5, 0, 0], [0, 0, -1.5], [0, 1.5, 0]], atol=1e-9)


def test_the_middle_of_the_volume_lies_on_the_mid_plane(t2: PhantomSeries) -> None:
    middle = t2.volume.to_patient @ [2, 95.5, 95.5, 1]
    np.testing.assert_allclose(middle, [0, 8, -25, 1], atol=1e-9)


def test_matrix_field_of_view_and_slices_are_those_asked_for(t2: PhantomSeries) -> None:
    assert t2.volume.voxels.shape == t2.labels.shape == t2.levels.shape == (5, 192, 192)
    np.testing.assert_allclose(t2.volume.spacing, [5.0, 1.5, 1.5])


def test_voxels_are_whole_numbers_of_twelve_bits(t2: PhantomSeries) -> None:
    voxels = t2.volume.voxels
    assert voxels.dtype == np.float32
    assert np.array_equal(voxels, np.rint(voxels))
    assert voxels.min() >= 0
    assert 1000 < voxels.max() <= 4095


def test_a_label_lies_where_its_part_of_the_spine_is(spine: Spine, t2: PhantomSeries) -> None:
    """The centroid of L3 through to_patient is the origin of the spine's coordinates."""
    pixels = np.argwhere(t2.levels[2] == Structure.L3.channel).mean(axis=0)
    found = t2.volume.to_patient @ [2, *pixels, 1]
    frame = spine.vertebra(3).frame
    np.testing.assert_allclose(found[1:3], [frame.y, frame.z], atol=1.5)


def test_levels_follow_each_other_from_head_to_feet(t2: PhantomSeries) -> None:
    order = [s for s in Structure if s not in (Structure.CSF, Structure.PRESACRAL_FAT)]
    rows = [np.argwhere(t2.levels[2] == s.channel)[:, 0].mean() for s in order]
    assert rows == sorted(rows)


def test_levels_and_tissues_tell_the_same(t2: PhantomSeries) -> None:
    of_channel = {
        Structure.CSF: {Tissue.CSF},
        Structure.S1: {Tissue.S1},
        Structure.PRESACRAL_FAT: {Tissue.PRESACRAL_FAT},
        **{Structure(disc.value): {Tissue.DISC} for disc in Disc},
    }
    for structure in Structure:
        tissues = set(np.unique(t2.labels[t2.levels == structure.channel]).tolist())
        assert tissues == of_channel.get(structure, {Tissue.VERTEBRA}), structure


def test_the_named_levels_are_all_there_in_the_middle_slice(t2: PhantomSeries) -> None:
    assert set(np.unique(t2.levels[t2.mid_slice])) == set(range(14))


def test_a_disc_lies_between_its_two_bodies_without_a_gap(t2: PhantomSeries) -> None:
    middle = t2.levels[2]
    column = np.flatnonzero((middle == Structure.L3.channel).any(0)).mean().astype(int)
    chain = [v for v in middle[:, column] if v in range(2, 12)]
    steps = {(a, b) for a, b in pairwise(chain) if a != b}
    assert (Structure.L3.channel, Structure.L3_L4.channel) in steps
    inner = middle[:, column]
    first, last = np.flatnonzero(inner == Structure.L3.channel)[0], np.flatnonzero(inner == Structure.L4.channel)[-1]
    assert set(inner[first:last].tolist()) <= {Structure.L3.channel, Structure.L3_L4.channel, Structure.L4.channel}


def test_fluid_is_bright_on_t2_and_dark_on_t1(t2: PhantomSeries, t1: PhantomSeries) -> None:
    def ratio(series: PhantomSeries) -> float:
        image, labels = series.volume.voxels[series.mid_slice], series.labels[series.mid_slice]
        return float(np.median(image[labels == Tissue.CSF]) / np.median(image[labels == Tissue.VERTEBRA]))

    assert ratio(t2) > 1.6
    assert ratio(t1) < 0.8


def test_repetition_and_echo_time_are_those_of_the_sequence(t1: PhantomSeries, t2: PhantomSeries) -> None:
    for series in (t1, t2):
        sequence = SEQUENCES[series.contrast]
        assert (series.repetition_time, series.echo_time) == (sequence.repetition_time, sequence.echo_time)


def test_series_of_one_spine_share_a_frame_of_reference(spine: Spine, t1: PhantomSeries, t2: PhantomSeries) -> None:
    assert t1.volume.shares_space_with(t2.volume)
    other = sagittal_series(sample_spine(np.random.default_rng(4)), slices=1, matrix=64)
    assert not t1.volume.shares_space_with(other.volume)
