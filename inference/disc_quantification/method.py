"""disc_quantification (Zheng 2022): sagittal T2 -> 13 structures; DH, DHI, HDR, dSI and grade of five discs.

Talks to: the network it is given.
"""

from collections.abc import Iterator, Mapping, Sequence

from dicom_io.headers import SeriesTraits
from dicom_io.roles import Role
from inference.anatomy import Disc, Structure
from inference.contract import Card, Case, Need, Subject
from inference.disc_quantification.grading import grade
from inference.disc_quantification.postprocess import (
    DiscShape,
    measure_shapes,
    measure_signals,
)
from inference.disc_quantification.reference import Population
from inference.errors import ImplausibleResult
from inference.resolution import too_coarse
from inference.results import Grade, Measurement, NotAnalysed, Quantity, Remark, Result, Scale, Unit
from inference.runtime import Network
from inference.sagittal.key_slice import KeySlice, find_key_slice
from inference.sagittal.saturation import doubt_of
from inference.sagittal.stack import sagittal_stack

WEIGHTS_NAME = "bianquenet_compact.onnx"
ROLE = Role.SAGITTAL_T2
COARSEST_PIXEL_MM, THICKEST_SLICE_MM = 1.6, 8.0
PLAUSIBLE = {
    Quantity.DISC_HEIGHT: (0.5, 25.0),
    Quantity.DISC_HEIGHT_INDEX: (0.02, 1.2),
    Quantity.HEIGHT_TO_DIAMETER: (0.02, 1.0),
    Quantity.SIGNAL_INTENSITY_DIFFERENCE: (0.0, 300.0),
}
UNITS = {
    Quantity.DISC_HEIGHT: Unit.MILLIMETRE,
    Quantity.DISC_HEIGHT_INDEX: Unit.RATIO,
    Quantity.HEIGHT_TO_DIAMETER: Unit.RATIO,
    Quantity.SIGNAL_INTENSITY_DIFFERENCE: Unit.ARBITRARY,
}
NEVER_MEASURED: Mapping[Quantity, float] = {}


def refuse(traits: SeriesTraits) -> str | None:
    """Why this series will not do for the network, by its headers."""
    if traits.inversion_time is not None and traits.inversion_time > 0:
        return "an inversion pulse (STIR, FLAIR) changes the disc's signal"
    return too_coarse(traits, pixel_mm=COARSEST_PIXEL_MM, slice_mm=THICKEST_SLICE_MM)


CARD = Card(
    name="disc_quantification",
    version="1.0.0",
    paper="Zheng et al. 2022, doi:10.1038/s41467-022-28387-5",
    needs=(Need(role=ROLE, refuse=refuse),),
    weights=(WEIGHTS_NAME,),
)


class DiscQuantification:
    """Raises InputUnsuitable where no lumbar spine is seen, ImplausibleResult where a number cannot be."""

    def __init__(
        self, *, network: Network, population: Population, repeatability: Mapping[Quantity, float] = NEVER_MEASURED
    ) -> None:
        """repeatability: within-subject SD between two scans, in the quantity's unit."""
        self._network, self._population, self._repeatability = network, population, repeatability

    @property
    def card(self) -> Card:
        return CARD

    def run(self, case: Case) -> Sequence[Result]:
        stack = sagittal_stack(case.volumes[ROLE])
        key = find_key_slice(self._network, stack)
        drawn = key.label_map(case.volumes[ROLE], stack, role=ROLE, structures=tuple(Structure))
        doubt = doubt_of(key.pixels)
        remarks = [] if doubt is None else [Remark(role=ROLE, text=doubt)]
        return drawn, *remarks, *self._discs(key, case.subject)

    def _discs(self, key: KeySlice, subject: Subject) -> Iterator[Result]:
        signals = measure_signals(key.pixels, key.found.levels.labels)
        for disc, shape in measure_shapes(key.found.levels.labels).items():
            signal = signals[disc]
            if isinstance(shape, str):
                yield NotAnalysed(role=ROLE, disc=disc, reason=shape)
            elif signal is None:
                yield NotAnalysed(role=ROLE, disc=disc, reason="no bright CSF to compare the disc with: is this T2?")
            else:
                yield from self._disc(key, disc, shape=shape, signal=signal, subject=subject)

    def _disc(
        self, key: KeySlice, disc: Disc, *, shape: DiscShape, signal: float, subject: Subject
    ) -> Iterator[Result]:
        values = {
            Quantity.DISC_HEIGHT: shape.height,
            Quantity.DISC_HEIGHT_INDEX: shape.height_index,
            Quantity.HEIGHT_TO_DIAMETER: shape.height_to_diameter,
            Quantity.SIGNAL_INTENSITY_DIFFERENCE: signal,
        }
        for quantity, value in values.items():
            _demand_plausible(disc, quantity, value)
            yield Measurement(
                role=ROLE,
                disc=disc,
                quantity=quantity,
                value=value,
                unit=UNITS[quantity],
                key_slice=key.index,
                level_doubt=key.found.levels.doubt,
                reference=self._population.position(quantity, disc, value=value, subject=subject),
                repeatability=self._repeatability.get(quantity),
            )
        graded = grade(signal, self._height_loss(disc, shape.height_index, subject))
        yield Grade(
            role=ROLE,
            disc=disc,
            scale=Scale.MODIFIED_PFIRRMANN,
            value=graded.value,
            probabilities=graded.probabilities,
            key_slice=key.index,
            level_doubt=key.found.levels.doubt,
            doubt=doubt_of(key.pixels),
        )

    def _height_loss(self, disc: Disc, height_index: float, subject: Subject) -> float | None:
        """Share of the reference DHI that is gone, one SD of the reference not counted as loss."""
        group = self._population.group(Quantity.DISC_HEIGHT_INDEX, disc, subject)
        if group is None:
            return None
        return 0.0 if height_index >= group.mean - group.sd else 1 - height_index / group.mean


def _demand_plausible(disc: Disc, quantity: Quantity, value: float) -> None:
    low, high = PLAUSIBLE[quantity]
    if not low <= value <= high:
        raise ImplausibleResult(f"{disc}: {quantity} of {value:.2f} {UNITS[quantity]} lies outside {low} to {high}")
