"""Spin-lock and multi-echo stacks of the phantom become maps and values per disc that agree with its truth."""

from collections.abc import Sequence
from functools import cache

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from config.settings import Inference, RelaxationFit
from dicom_io.roles import Role
from inference.anatomy import DISC_STRUCTURES, Disc
from inference.contract import Case, Echoes
from inference.errors import InputUnsuitable
from inference.phantom.artefacts import Artefacts
from inference.phantom.labels import Tissue
from inference.phantom.relaxation import MULTI_ECHO, SPIN_LOCK_FSE
from inference.phantom.relaxation_series import RelaxationProtocol, RelaxationSeries, relaxation_series
from inference.phantom.relaxation_slice import Movement
from inference.phantom.spine import sample_spine
from inference.registry import open_method
from inference.relaxometry.method import CARD, Relaxometry, phase_of
from inference.relaxometry.segmentation import SMALLEST_MM2, Averaged, without_small
from inference.results import (
    DiscPart,
    Grade,
    LabelMap,
    MapKind,
    Measurement,
    NotAnalysed,
    Quantity,
    Remark,
    Result,
    ScalarMap,
    Statistic,
    Unit,
)
from inference.sagittal.preprocess import STRIDE

GRADES = {1: 1.5, 2: 2.2, 3: 2.8, 4: 3.6, 5: 4.4}


class Knowing:
    """Answers the labels of one slice, brought to whatever size it is asked for."""

    def __init__(self, labels: NDArray[np.uint8], pixel_mm: float) -> None:
        self._labels, self._mm = labels, pixel_mm

    def __call__(self, image: NDArray[np.float32]) -> NDArray[np.float32]:
        rows, columns = image.shape[2:]
        logits = np.full((1, len(Tissue), rows, columns), -4.0, np.float32)
        working_mm = min(
            (1.0, 0.85), key=lambda mm: abs(-(-round(len(self._labels) * self._mm / mm) // STRIDE) * STRIDE - rows)
        )
        side = round(len(self._labels) * self._mm / working_mm)
        small = cv2.resize(self._labels, (side, side), interpolation=cv2.INTER_NEAREST)
        for tissue in Tissue:
            logits[0, tissue, :side, :side][np.asarray(small) == tissue] = 4.0
        return logits


@cache
def stack(protocol: RelaxationProtocol) -> RelaxationSeries:
    spine = sample_spine(np.random.default_rng(8), grades=GRADES, age=45, findings=False)
    return relaxation_series(spine, protocol, seed=3)


QUIET = Artefacts(noise=0.004)
SPIN_LOCK_STACK = RelaxationProtocol(sequence=SPIN_LOCK_FSE, slices=3, matrix=192, artefacts=QUIET)


def results(seen: RelaxationSeries, role: Role = Role.SPIN_LOCK) -> Sequence[Result]:
    network = Knowing(seen.labels[seen.mid_slice], seen.protocol.field_of_view / seen.protocol.matrix)
    return Relaxometry(network=network).run(case(seen, role))


def case(seen: RelaxationSeries, role: Role) -> Case:
    return Case(volumes={}, echoes={role: Echoes(times_ms=seen.times_ms, volumes=seen.volumes)})


def value(found: Sequence[Result], disc: Disc, part: DiscPart, statistic: Statistic = Statistic.MEAN) -> float:
    (one,) = [
        each
        for each in found
        if isinstance(each, Measurement) and (each.disc, each.part, each.statistic) == (disc, part, statistic)
    ]
    return one.value


def test_every_disc_has_its_values_and_the_map_they_lie_in() -> None:
    found = results(stack(SPIN_LOCK_STACK))
    (drawn,) = [each for each in found if isinstance(each, LabelMap)]
    maps = {each.kind: each for each in found if isinstance(each, ScalarMap)}
    assert drawn.structures == DISC_STRUCTURES
    assert drawn.level_doubt is None
    assert set(maps) == {MapKind.T1RHO, MapKind.T1RHO_RESIDUAL}
    assert maps[MapKind.T1RHO].unit is Unit.MILLISECOND
    assert {each.values.shape for each in maps.values()} == {drawn.labels.shape}
    measured = [each for each in found if isinstance(each, Measurement)]
    assert {each.inferred_from for each in measured} == {MapKind.T1RHO}
    assert len(measured) == 5 * len(DiscPart) * len(Statistic)


def test_means_of_discs_are_the_phantoms() -> None:
    seen = stack(SPIN_LOCK_STACK)
    found = results(seen)
    for disc, true in seen.true_means().items():
        assert value(found, disc, DiscPart.WHOLE) == pytest.approx(true, abs=6)


def test_the_nucleus_lies_over_the_annulus_in_a_sound_disc_and_has_its_phase() -> None:
    found = results(stack(SPIN_LOCK_STACK))
    nucleus = value(found, Disc.L1_L2, DiscPart.NUCLEUS)
    assert nucleus > value(found, Disc.L1_L2, DiscPart.ANTERIOR_ANNULUS)
    assert nucleus > value(found, Disc.L1_L2, DiscPart.POSTERIOR_ANNULUS)
    phases = {each.disc: each.value for each in found if isinstance(each, Grade)}
    assert phases == {disc: phase_of(value(found, disc, DiscPart.NUCLEUS_CENTRE)) for disc in Disc}


def test_multi_echo_gives_t2_and_no_phase() -> None:
    protocol = RelaxationProtocol(sequence=MULTI_ECHO, slices=1, matrix=192, artefacts=QUIET)
    found = results(stack(protocol), Role.MULTI_ECHO)
    assert {each.quantity for each in found if isinstance(each, Measurement)} == {Quantity.T2}
    assert not [each for each in found if isinstance(each, Grade)]
    for disc, true in stack(protocol).true_means().items():
        assert value(found, disc, DiscPart.WHOLE) == pytest.approx(true, abs=6)


def test_the_fit_is_the_one_that_the_site_chose_and_the_report_says_so() -> None:
    seen = stack(SPIN_LOCK_STACK)
    network = Knowing(seen.labels[seen.mid_slice], seen.protocol.field_of_view / seen.protocol.matrix)
    assert not [each for each in results(seen) if isinstance(each, Remark)]
    chosen = RelaxationFit(model="three-parameter", rician=True, excluded_echoes=(1,))
    found = Relaxometry(network=network, chosen=chosen).run(case(seen, Role.SPIN_LOCK))
    said = [each.text for each in found if isinstance(each, Remark)]
    assert said == [
        "T1rho of S = A exp(-t / T) + C over the noise floor of the magnitude at 40, 80, 120 ms; "
        "times over 250 ms are left out."
    ]


def test_motion_is_mended_and_remarked() -> None:
    moves = (Movement(), Movement(down=4.0), Movement(), Movement(back=3.0))
    moved = stack(RelaxationProtocol(sequence=SPIN_LOCK_FSE, slices=1, matrix=192, artefacts=QUIET, movements=moves))
    found = results(moved)
    assert any("Motion between echoes was corrected" in each.text for each in found if isinstance(each, Remark))
    for disc, true in moved.true_means().items():
        assert value(found, disc, DiscPart.WHOLE) == pytest.approx(true, abs=7)


def test_a_stack_in_which_nothing_decays_has_a_reason_for_every_disc() -> None:
    seen = stack(SPIN_LOCK_STACK)
    network = Knowing(seen.labels[seen.mid_slice], seen.protocol.field_of_view / seen.protocol.matrix)
    frozen = Echoes(times_ms=seen.times_ms, volumes=(seen.volumes[0],) * 4)
    found = Relaxometry(network=network).run(Case(volumes={}, echoes={Role.SPIN_LOCK: frozen}))
    reasons = {each.disc: each.reason for each in found if isinstance(each, NotAnalysed)}
    assert set(reasons) == set(Disc)
    assert all("can be believed" in reason for reason in reasons.values())


def test_noise_is_no_spine() -> None:
    seen = stack(SPIN_LOCK_STACK)
    empty = Knowing(np.zeros_like(seen.labels[0]), 1.1)
    with pytest.raises(InputUnsuitable, match="no lumbar spine"):
        Relaxometry(network=empty).run(case(seen, Role.SPIN_LOCK))


def test_small_pieces_are_no_discs() -> None:
    tissues = np.zeros((100, 100), np.uint8)
    side = int((SMALLEST_MM2 / 0.25) ** 0.5)
    tissues[5 : 5 + side - 1, 5 : 5 + side - 1] = Tissue.DISC
    tissues[50 : 50 + side + 2, 50 : 50 + side + 2] = Tissue.DISC
    left = without_small(tissues, millimetres=0.5)
    assert np.count_nonzero(left) == (side + 2) ** 2


def test_several_networks_answer_the_mean_of_their_logits() -> None:
    one, other = (lambda image, shift=shift: image + np.float32(shift) for shift in (1, 3))
    assert np.allclose(Averaged([one, other])(np.zeros((1, 1, 4, 4), np.float32)), 2)


def test_the_shipped_network_draws_the_discs_of_an_unseen_phantom() -> None:
    seen = stack(SPIN_LOCK_STACK)
    found = open_method(CARD.name, Inference(device="cpu", threads=1)).run(case(seen, Role.SPIN_LOCK))
    (drawn,) = [each for each in found if isinstance(each, LabelMap)]
    for structure in DISC_STRUCTURES:
        mask, true = drawn.labels[seen.mid_slice] == structure.channel, seen.levels[seen.mid_slice] == structure.channel
        assert 2 * np.count_nonzero(mask & true) / (np.count_nonzero(mask) + np.count_nonzero(true)) > 0.75
