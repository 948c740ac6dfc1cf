"""What a method may find: label maps, scalar maps, measurements, grades, or an honest refusal. Pure."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from dicom_io.roles import Role
from inference.anatomy import Disc, Structure


class Quantity(StrEnum):
    DISC_HEIGHT = "DH"
    DISC_HEIGHT_INDEX = "DHI"
    HEIGHT_TO_DIAMETER = "HDR"
    SIGNAL_INTENSITY_DIFFERENCE = "dSI"


class Unit(StrEnum):
    """UCUM, as dicom-encoding demands."""

    MILLIMETRE = "mm"
    RATIO = "{ratio}"
    ARBITRARY = "[arb'U]"
    MILLISECOND = "ms"


class Scale(StrEnum):
    MODIFIED_PFIRRMANN = "modified Pfirrmann"


@dataclass(frozen=True, kw_only=True, eq=False)
class LabelMap:
    """Structures drawn on the grid of the volume of one role.

    labels: uint8 (slice, row, column); values are Structure.channel, 0 is background.
    key_slice: index of the slice the measurements were taken on (mid-sagittal).
    level_doubt: why the numbering of the levels may be wrong; None when there is no doubt.
    """

    role: Role
    labels: NDArray[np.uint8]
    structures: tuple[Structure, ...]
    key_slice: int
    level_doubt: str | None


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """One number of one disc. reference is where it stands in the population, if that is known."""

    role: Role
    disc: Disc
    quantity: Quantity
    value: float
    unit: Unit
    key_slice: int
    level_doubt: str | None
    reference: "ReferencePosition | None" = None


@dataclass(frozen=True, kw_only=True)
class ReferencePosition:
    """Where a value stands among people of the same level, sex and age.

    group: the reference group in words, e.g. "L4/L5, female, 40-50" or "L4/L5, all (sex not in header)".
    """

    group: str
    count: int
    mean: float
    sd: float
    z_score: float
    percentile: float


@dataclass(frozen=True, kw_only=True)
class Grade:
    """One grade of one disc. probabilities: one per grade of the scale from its lowest, summing to 1."""

    role: Role
    disc: Disc
    scale: Scale
    value: int
    probabilities: tuple[float, ...]
    key_slice: int
    level_doubt: str | None

    @property
    def probability(self) -> float:
        return max(self.probabilities)


@dataclass(frozen=True, kw_only=True)
class NotAnalysed:
    """What was not looked at, and why. disc is None when it is the whole series."""

    role: Role
    disc: Disc | None
    reason: str


Result = LabelMap | Measurement | Grade | NotAnalysed
