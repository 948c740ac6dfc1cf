"""t1rho_phase (Li 2024): sagittal T1 -> discs with their levels -> predicted T1rho of each nucleus -> phase.

Talks to: the networks it is given.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dicom_io.headers import SeriesTraits
from dicom_io.roles import Role
from inference.anatomy import Disc
from inference.contract import Card, Case, Need
from inference.errors import ImplausibleResult
from inference.phantom.t1rho import phase_of
from inference.resolution import too_coarse
from inference.results import (
    Box,
    DetectedDisc,
    DiscPart,
    Grade,
    Measurement,
    NotAnalysed,
    Quantity,
    Remark,
    Result,
    Scale,
    Statistic,
    Unit,
)
from inference.runtime import Network
from inference.sagittal.stack import SagittalStack, sagittal_stack
from inference.t1rho_phase.agreement import agreement
from inference.t1rho_phase.detection import KeySlice, find_key_slice
from inference.t1rho_phase.levels import LevelledDisc
from inference.t1rho_phase.phases import PhaseOdds, in_ms, phase_odds
from inference.t1rho_phase.preprocess import Grey, Spacing, cut_image

DETECTOR, REGRESSION, PHASES = "yolov7_compact.onnx", "wrn22_compact.onnx", "gaussian_svm.onnx"
ROLE = Role.SAGITTAL_T1
COARSEST_PIXEL_MM, THICKEST_SLICE_MM = 1.6, 8.0
PLAUSIBLE_MS = (15.0, 350.0)
UNSURE = 0.5
STATISTICS = (Statistic.MINIMUM, Statistic.MEAN, Statistic.MAXIMUM)


def refuse(traits: SeriesTraits) -> str | None:
    """Why this series will not do, by its headers."""
    if traits.inversion_time is not None and traits.inversion_time > 0:
        return "an inversion pulse (T1 FLAIR) gives another contrast than the method learned from"
    return too_coarse(traits, pixel_mm=COARSEST_PIXEL_MM, slice_mm=THICKEST_SLICE_MM)


CARD = Card(
    name="t1rho_phase",
    version="1.0.0",
    paper="Li et al. 2024, doi:10.1002/jmri.29499",
    needs=(Need(role=ROLE, refuse=refuse),),
    after=("relaxometry",),
    weights=(DETECTOR, REGRESSION, PHASES),
    caveat=(
        "T1rho and its phase are predicted from routine T1 by networks that learned them on a digital phantom; "
        "not validated on patients"
    ),
)


@dataclass(frozen=True, kw_only=True)
class Networks:
    """What CARD.weights names, opened."""

    detector: Network
    regression: Network
    phases: Network


@dataclass(frozen=True, kw_only=True)
class NucleusT1rho:
    """Predicted, in milliseconds; least, mean and greatest are in that order."""

    values: tuple[float, float, float]
    odds: PhaseOdds


class T1rhoPhase:
    """Raises InputUnsuitable where no lumbar spine is seen, ImplausibleResult where a time cannot be."""

    def __init__(self, networks: Networks) -> None:
        self._networks = networks

    @property
    def card(self) -> Card:
        return CARD

    def run(self, case: Case) -> Sequence[Result]:
        stack = sagittal_stack(case.volumes[ROLE])
        key = find_key_slice(self._networks.detector, stack)
        results = [result for disc in Disc for result in self._disc(stack, key, disc)]
        measured = [each for name in CARD.after for each in case.earlier.get(name, ())]
        said = agreement(results, measured)
        return (*results, Remark(role=ROLE, text=said)) if said else tuple(results)

    def _disc(self, stack: SagittalStack, key: KeySlice, disc: Disc) -> Iterator[Result]:
        found = key.levels.discs.get(disc)
        if found is None:
            yield NotAnalysed(role=ROLE, disc=disc, reason="the disc was not found on the mid-sagittal T1")
            return
        yield DetectedDisc(
            role=ROLE,
            disc=disc,
            key_slice=key.index,
            box=_box_in_volume(stack, found, key.image.shape),
            confidence=found.confidence,
            level_doubt=key.levels.doubt,
        )
        yield from self._nucleus(key, disc, nucleus=self._predicted(key.image, found.box, stack.spacing))

    def _predicted(self, image: Grey, box: NDArray[np.float64], spacing: Spacing) -> NucleusT1rho:
        values = in_ms(self._networks.regression(cut_image(image, box, spacing)[None])[0])
        return NucleusT1rho(values=values, odds=phase_odds(self._networks.phases, values))

    def _nucleus(self, key: KeySlice, disc: Disc, *, nucleus: NucleusT1rho) -> Iterator[Result]:
        for statistic, value in zip(STATISTICS, nucleus.values, strict=True):
            if not PLAUSIBLE_MS[0] <= value <= PLAUSIBLE_MS[1]:
                raise ImplausibleResult(f"{disc.value}: a predicted T1rho of {value:.0f} ms")
            yield Measurement(
                role=ROLE,
                disc=disc,
                quantity=Quantity.PREDICTED_T1RHO,
                value=value,
                unit=Unit.MILLISECOND,
                key_slice=key.index,
                level_doubt=key.levels.doubt,
                statistic=statistic,
                part=DiscPart.NUCLEUS_CENTRE,
            )
        yield Grade(
            role=ROLE,
            disc=disc,
            scale=Scale.PREDICTED_T1RHO_PHASE,
            value=nucleus.odds.phase,
            probabilities=nucleus.odds.probabilities,
            key_slice=key.index,
            level_doubt=key.levels.doubt,
            doubt=_doubt(nucleus),
        )


def _doubt(nucleus: NucleusT1rho) -> str | None:
    _, mean, _ = nucleus.values
    if max(nucleus.odds.probabilities) < UNSURE:
        return "no phase is more likely than not"
    if phase_of(mean) != nucleus.odds.phase:
        return f"the predicted mean of {mean:.0f} ms alone would be phase {phase_of(mean)}"
    return None


def _box_in_volume(stack: SagittalStack, found: LevelledDisc, shape: tuple[int, ...]) -> Box:
    """The box on the slice as the volume stores it, cut at its borders."""
    left, top, right, bottom = np.clip(found.box, 0, [shape[1], shape[0]] * 2)
    if 0 in stack.flips:
        top, bottom = shape[0] - bottom, shape[0] - top
    if 1 in stack.flips:
        left, right = shape[1] - right, shape[1] - left
    if stack.turned:
        top, left, bottom, right = left, top, right, bottom
    return Box(top=float(top), left=float(left), bottom=float(bottom), right=float(right))
