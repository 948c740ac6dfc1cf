"""Spin-lock and multi-echo images of the phantom decay as their truth says."""

import numpy as np
import pytest
from numpy.typing import NDArray

from inference.phantom.artefacts import NO_ARTEFACTS, Artefacts
from inference.phantom.labels import Tissue
from inference.phantom.random_relaxation import first_echo_slice
from inference.phantom.relaxation import MULTI_ECHO, SPIN_LOCK, RelaxationSequence
from inference.phantom.relaxation_series import RelaxationProtocol, relaxation_series
from inference.phantom.relaxation_slice import Movement
from inference.phantom.spine import Spine, sample_spine

GRADES = {1: 1.2, 2: 2.0, 3: 2.8, 4: 3.6, 5: 4.2}


def person() -> Spine:
    return sample_spine(np.random.default_rng(3), grades=GRADES, age=40, findings=False)


def ideal(sequence: RelaxationSequence, **changes: object) -> RelaxationProtocol:
    return RelaxationProtocol(sequence=sequence, slices=1, matrix=160, artefacts=NO_ARTEFACTS, **changes)  # type: ignore[arg-type]  # fields of one dataclass, handed on


@pytest.mark.parametrize("sequence", [SPIN_LOCK, MULTI_ECHO], ids=lambda sequence: sequence.decay)
def test_the_middle_of_each_disc_decays_with_its_true_time(sequence: RelaxationSequence) -> None:
    series = relaxation_series(person(), ideal(sequence))
    first, last = (series.volumes[place].voxels for place in (0, -1))
    inner = eroded(series.labels == Tissue.DISC) & (first > 100) & (last < 0.9 * first) & (last > 0)
    measured = (sequence.times[-1] - sequence.times[0]) / np.log(first[inner] / last[inner])
    assert np.count_nonzero(inner) > 200
    assert np.median(np.abs(measured - series.true_times[inner])) < 1.5


def eroded(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Without the pixels that touch another tissue."""
    shifted = [np.roll(mask, step, axis) for axis in (1, 2) for step in (-1, 1)]
    return np.asarray(mask & np.all(shifted, axis=0))


def test_sound_discs_have_longer_t1rho_than_worn_ones() -> None:
    means = list(relaxation_series(person(), ideal(SPIN_LOCK)).true_means().values())
    assert means[0] > means[2] > means[4]


def test_noise_is_the_same_in_every_echo() -> None:
    noisy = RelaxationProtocol(
        slices=1, matrix=160, artefacts=Artefacts(noise=0.01, sampled=(1.0, 1.0), edge_softness=0)
    )
    series = relaxation_series(person(), noisy, seed=2)
    corners = [float(volume.voxels[0, :12, :12].mean()) for volume in series.volumes]
    assert max(corners) < 1.3 * min(corners)


def test_a_moved_echo_shows_the_same_spine_elsewhere() -> None:
    moves = (Movement(), Movement(down=2 * 220 / 160), Movement(), Movement())
    still, moved = (
        relaxation_series(person(), ideal(SPIN_LOCK, movements=each)).volumes[1].voxels[0] for each in ((), moves)
    )
    inner = (slice(30, 120), slice(60, 110))
    shifted = np.roll(still, 2, axis=0)[inner]
    assert np.abs(moved[inner] - shifted).mean() < 0.1 * np.abs(still[inner] - shifted).mean()


def test_the_same_arguments_give_the_same_bytes() -> None:
    one, other = (relaxation_series(person(), RelaxationProtocol(slices=1, matrix=96), seed=5) for _ in range(2))
    assert all(np.array_equal(a.voxels, b.voxels) for a, b in zip(one.volumes, other.volumes, strict=True))


def test_training_slices_differ_and_know_their_discs() -> None:
    slices = [first_echo_slice(np.random.default_rng(seed)) for seed in (1, 2)]
    assert slices[0].image.shape != slices[1].image.shape or not np.allclose(slices[0].image, slices[1].image)
    assert all((each.labels == Tissue.DISC).any() for each in slices)
