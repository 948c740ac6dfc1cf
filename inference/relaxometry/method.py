"""relaxometry (Iriondo 2020): spin-lock and multi-echo series -> T1rho and T2 maps, and their values per disc.

Talks to: the network it is given; GPU, if asked for the fit.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from config.settings import RelaxationFit
from dicom_io.headers import SeriesTraits
from dicom_io.roles import Role
from inference.anatomy import DISC_STRUCTURES, Disc
from inference.contract import Card, Case, Echoes, Need
from inference.errors import InputUnsuitable
from inference.relaxometry.fit import (
    LONGEST_2D_MS,
    LONGEST_3D_T1RHO_MS,
    LONGEST_3D_T2_MS,
    FitSettings,
    Fitted,
    background_noise,
    fit,
)
from inference.relaxometry.motion import steadied, told
from inference.relaxometry.regions import parts_of, statistics
from inference.relaxometry.segmentation import WORKING_MM, DrawnDiscs, draw_discs
from inference.resolution import too_coarse
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
    Scale,
    Statistic,
    Unit,
)
from inference.runtime import Network
from inference.sagittal.stack import SagittalStack, sagittal_stack

__all__ = ["CARD", "WEIGHTS_NAME", "WORKING_MM", "Relaxometry"]

WEIGHTS_NAME: Final = "cfcm_compact.onnx"
COARSEST_PIXEL_MM, FEWEST_ECHO_TIMES = 2.0, 3
FEWEST_FITTED = 0.5  # of a disc's voxels, below which nothing is said of it
FEWEST_VOXELS = 10


@dataclass(frozen=True, kw_only=True)
class Relaxation:
    """What one kind of series gives. longest_3d: of a time that is believed in a 3D acquisition, ms."""

    role: Role
    quantity: Quantity
    map: MapKind
    residual: MapKind
    longest_3d: float


RELAXATIONS: Final = (
    Relaxation(
        role=Role.SPIN_LOCK,
        quantity=Quantity.T1RHO,
        map=MapKind.T1RHO,
        residual=MapKind.T1RHO_RESIDUAL,
        longest_3d=LONGEST_3D_T1RHO_MS,
    ),
    Relaxation(
        role=Role.MULTI_ECHO,
        quantity=Quantity.T2,
        map=MapKind.T2,
        residual=MapKind.T2_RESIDUAL,
        longest_3d=LONGEST_3D_T2_MS,
    ),
)


def refuse(traits: SeriesTraits) -> str | None:
    """Why this series will not do, by its headers."""
    if traits.plane is not None and traits.plane.value != "sagittal":
        return f"its slices are {traits.plane.value}, not sagittal"
    return too_coarse(traits, pixel_mm=COARSEST_PIXEL_MM)


def refuse_multi_echo(traits: SeriesTraits) -> str | None:
    if 1 < len(traits.echo_times) < FEWEST_ECHO_TIMES:
        return f"{len(traits.echo_times)} echo times are too few for T2: at least {FEWEST_ECHO_TIMES} are needed"
    return refuse(traits)


CARD: Final = Card(
    name="relaxometry",
    version="1.0.0",
    paper="Iriondo et al. 2020, doi:10.1002/mrm.28210",
    needs=(),
    either=(
        Need(role=Role.SPIN_LOCK, refuse=refuse, gathers=True),
        Need(role=Role.MULTI_ECHO, refuse=refuse_multi_echo, gathers=True),
    ),
    weights=(WEIGHTS_NAME,),
    is_rare=True,
    caveat="The outlines of the discs were learnt on spin-lock and multi-echo images of a digital phantom and on real "
    "T2 and T1; no real spin-lock image was there to learn from or to test on.",
)


class Relaxometry:
    """Raises InputUnsuitable where no series shows a lumbar spine."""

    def __init__(
        self,
        *,
        network: Network,
        backend: Literal["numpy", "torch"] = "numpy",
        chosen: RelaxationFit | None = None,
    ) -> None:
        self._network, self._backend, self._chosen = network, backend, chosen or RelaxationFit()

    @property
    def card(self) -> Card:
        return CARD

    def run(self, case: Case) -> Sequence[Result]:
        results: list[Result] = []
        faults: list[InputUnsuitable] = []
        for kind in RELAXATIONS:
            echoes = case.echoes.get(kind.role)
            if echoes is None:
                continue
            try:
                results += self._of(kind, echoes)
            except InputUnsuitable as why:
                faults.append(why)
                results.append(NotAnalysed(role=kind.role, disc=None, reason=str(why)))
        if not results or len(faults) == len(results):
            raise faults[0] if faults else InputUnsuitable("no series with several spin-lock or echo times")
        return results

    def _of(self, kind: Relaxation, echoes: Echoes) -> Sequence[Result]:
        first = echoes.volumes[0]
        stack = sagittal_stack(first)
        drawn = draw_discs(self._network, stack)
        labels = _label_map(kind, drawn, stack)
        steady = steadied(
            np.stack([volume.voxels for volume in echoes.volumes]),
            pixel_mm=float(np.mean(first.spacing[1:])),
            spine=np.asarray((labels.labels > 0).any(axis=0)),
        )
        settings = self._settings(kind, echoes)
        fitted = fit(steady.echoes, echoes.times_ms, settings)
        measured = _Measured(kind=kind, stack=sagittal_stack(replace(first, voxels=fitted.times)), drawn=drawn)
        words = told(steady.shifts, echoes.times_ms[1:])
        return [
            labels,
            *_maps(kind, fitted),
            *([Remark(role=kind.role, text=words)] if words is not None else []),
            *self._model_remarks(kind, echoes, settings),
            *measured.results(),
        ]

    def _model_remarks(self, kind: Relaxation, echoes: Echoes, settings: FitSettings) -> list[Result]:
        """Where the site chose another curve than the paper's."""
        if self._chosen == RelaxationFit():
            return []
        return [Remark(role=kind.role, text=_model_told(kind, echoes.times_ms, settings))]

    def _settings(self, kind: Relaxation, echoes: Echoes) -> FitSettings:
        excluded = tuple(place - 1 for place in self._chosen.excluded_echoes if place <= len(echoes.times_ms))
        return FitSettings(
            longest_ms=kind.longest_3d if echoes.is_3d else LONGEST_2D_MS,
            offset=self._chosen.model == "three-parameter",
            noise=background_noise(echoes.volumes[0].voxels) if self._chosen.rician else 0.0,
            excluded=excluded,
            backend=self._backend,
        )


def _model_told(kind: Relaxation, times_ms: Sequence[float], settings: FitSettings) -> str:
    used = ", ".join(f"{time:g}" for place, time in enumerate(times_ms) if place not in settings.excluded)
    model = "S = A exp(-t / T) + C" if settings.offset else "S = A exp(-t / T)"
    floor = " over the noise floor of the magnitude" if settings.noise > 0 else ""
    return f"{kind.quantity} of {model}{floor} at {used} ms; times over {settings.longest_ms:g} ms are left out."


def _label_map(kind: Relaxation, drawn: DrawnDiscs, stack: SagittalStack) -> LabelMap:
    labels = np.stack([stack.back(each) for each in drawn.labels])
    return LabelMap(
        role=kind.role,
        labels=labels,
        structures=tuple(each for each in DISC_STRUCTURES if (labels == each.channel).any()),
        key_slice=drawn.key_slice,
        level_doubt=drawn.level_doubt,
    )


def _maps(kind: Relaxation, fitted: Fitted) -> Iterator[Result]:
    yield ScalarMap(role=kind.role, kind=kind.map, values=fitted.times, unit=Unit.MILLISECOND)
    yield ScalarMap(role=kind.role, kind=kind.residual, values=fitted.residuals, unit=Unit.ARBITRARY)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Measured:
    """stack: the map as the discs are drawn, rows to the feet, columns to the back."""

    kind: Relaxation
    stack: SagittalStack
    drawn: DrawnDiscs

    def results(self) -> Iterator[Result]:
        for disc, structure in zip(Disc, DISC_STRUCTURES, strict=True):
            mask = self.drawn.labels == structure.channel
            reason = self._reason_against(mask)
            if reason is not None:
                yield NotAnalysed(role=self.kind.role, disc=disc, reason=reason)
            else:
                yield from self._disc(disc, mask)

    def _reason_against(self, mask: NDArray[np.bool_]) -> str | None:
        count = np.count_nonzero(mask)
        if count < FEWEST_VOXELS:
            return "not found in the images" if count == 0 else f"only {count} voxels of it were found"
        fitted = np.count_nonzero(np.isfinite(self.stack.voxels[mask]))
        if fitted < FEWEST_FITTED * count:
            return f"only {fitted} of its {count} voxels have a {self.kind.quantity} that can be believed"
        return None

    def _disc(self, disc: Disc, mask: NDArray[np.bool_]) -> Iterator[Result]:
        parts = parts_of(mask, key_slice=self.drawn.key_slice, spacing=self.stack.spacing)
        for part, where in parts.items():
            values = self.stack.voxels[where]
            values = values[np.isfinite(values)]
            if values.size == 0:
                continue
            found = statistics(values)
            yield from self._measurements(disc, part, found)
            if part is DiscPart.NUCLEUS_CENTRE and self.kind.quantity is Quantity.T1RHO:
                yield self._phase(disc, found[Statistic.MEAN])

    def _measurements(self, disc: Disc, part: DiscPart, found: Mapping[Statistic, float]) -> Iterator[Measurement]:
        for statistic, value in found.items():
            yield Measurement(
                role=self.kind.role,
                disc=disc,
                quantity=self.kind.quantity,
                value=value,
                unit=Unit.COUNT if statistic is Statistic.COUNT else Unit.MILLISECOND,
                key_slice=self.drawn.key_slice,
                level_doubt=self.drawn.level_doubt,
                statistic=statistic,
                part=part,
                inferred_from=self.kind.map,
            )

    def _phase(self, disc: Disc, mean_ms: float) -> Grade:
        return Grade(
            role=self.kind.role,
            disc=disc,
            scale=Scale.MEASURED_T1RHO_PHASE,
            value=phase_of(mean_ms),
            probabilities=(),
            key_slice=self.drawn.key_slice,
            level_doubt=self.drawn.level_doubt,
        )


def phase_of(mean_ms: float) -> int:
    """Li 2024 (doi:10.1002/jmri.29499): 1 over 110 ms, 2 from 80 to 110 ms, 3 under 80 ms."""
    if mean_ms > 110:
        return 1
    return 2 if mean_ms >= 80 else 3
