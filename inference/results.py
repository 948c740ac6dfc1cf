"""What a method may find: label maps, scalar maps, measurements, grades, boxes, remarks, or an honest refusal. Pure."""

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
    T1RHO = "T1rho"
    T2 = "T2"
    PREDICTED_T1RHO = "predicted T1rho"


class Statistic(StrEnum):
    """What of many voxels a measurement tells."""

    MEAN = "mean"
    SD = "SD"
    MINIMUM = "minimum"
    MAXIMUM = "maximum"
    COUNT = "voxel count"


class DiscPart(StrEnum):
    """Where in the disc a measurement was taken; thirds run from front to back along the disc."""

    WHOLE = "whole disc"
    ANTERIOR_ANNULUS = "anterior annulus"
    NUCLEUS = "nucleus"
    POSTERIOR_ANNULUS = "posterior annulus"
    NUCLEUS_CENTRE = "1 cm2 at the centre of the nucleus"


class MapKind(StrEnum):
    """What a scalar map shows."""

    T1RHO = "T1rho"
    T2 = "T2"
    T1RHO_RESIDUAL = "T1rho fit residual"
    T2_RESIDUAL = "T2 fit residual"


class Side(StrEnum):
    """Of the patient."""

    LEFT = "left"
    RIGHT = "right"


class Unit(StrEnum):
    """UCUM, as dicom-encoding demands."""

    MILLIMETRE = "mm"
    RATIO = "{ratio}"
    ARBITRARY = "[arb'U]"
    MILLISECOND = "ms"
    COUNT = "1"


class Scale(StrEnum):
    """Grades start at 1, those of the three axial scales at 0."""

    MODIFIED_PFIRRMANN = "modified Pfirrmann"
    PFIRRMANN = "Pfirrmann"
    DEGENERATION_GROUP = "Pfirrmann severity group"  # 1 mild (I-II), 2 moderate (III), 3 serious (IV-V)
    PREDICTED_T1RHO_PHASE = "T1rho phase, predicted"  # 1 over 110 ms, 2 from 80 to 110 ms, 3 under 80 ms
    MEASURED_T1RHO_PHASE = "T1rho phase, measured"
    DISC_HERNIATION = "disc herniation (MSU)"
    CANAL_STENOSIS = "central canal stenosis (Lee)"
    ROOT_COMPRESSION = "nerve root compression (Pfirrmann 2004)"


AXIAL_SCALES = frozenset({Scale.DISC_HERNIATION, Scale.CANAL_STENOSIS, Scale.ROOT_COMPRESSION})


def lowest_grade(scale: Scale) -> int:
    return 0 if scale in AXIAL_SCALES else 1


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
    """One number of one disc.

    reference: where it stands in the population, if that is known.
    statistic, part: which number of which voxels, where there are several; inferred_from: the map they lie in.
    repeatability: within-subject SD between two scans of one disc, in the unit of the value; None if never measured.
    """

    role: Role
    disc: Disc
    quantity: Quantity
    value: float
    unit: Unit
    key_slice: int
    level_doubt: str | None
    reference: "ReferencePosition | None" = None
    statistic: Statistic | None = None
    part: DiscPart | None = None
    inferred_from: MapKind | None = None
    repeatability: float | None = None


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
    """One grade of one disc.

    probabilities: one per grade of the scale from its lowest, summing to 1; empty where the grade was measured, not
    predicted. doubt: why this grade deserves little trust; None when there is no reason.
    """

    role: Role
    disc: Disc
    scale: Scale
    value: int
    probabilities: tuple[float, ...]
    key_slice: int
    level_doubt: str | None
    doubt: str | None = None

    @property
    def probability(self) -> float | None:
        """Of the grade that is given; None where it was measured."""
        return self.probabilities[self.value - lowest_grade(self.scale)] if self.probabilities else None


@dataclass(frozen=True, kw_only=True)
class AxialGrade:
    """One grade read on one axial slice: the worst of the slices of its level.

    disc is None where the level is not known. side: of the nerve root; None for scales without sides.
    box: what the network saw. probabilities as in Grade.
    """

    role: Role
    disc: Disc | None
    side: Side | None
    scale: Scale
    value: int
    probabilities: tuple[float, ...]
    slice_index: int
    box: "Box"
    level_doubt: str | None
    doubt: str | None = None

    @property
    def probability(self) -> float:
        """Of the grade that is given."""
        return self.probabilities[self.value - lowest_grade(self.scale)]


@dataclass(frozen=True, kw_only=True)
class Box:
    """A rectangle on one slice in pixels, edges at the borders of pixels: the first pixel spans 0 to 1."""

    top: float
    left: float
    bottom: float
    right: float


@dataclass(frozen=True, kw_only=True)
class DetectedDisc:
    """Where a detector saw a disc, on the volume of the role; confidence from 0 to 1."""

    role: Role
    disc: Disc
    key_slice: int
    box: Box
    confidence: float
    level_doubt: str | None


@dataclass(frozen=True, kw_only=True, eq=False)
class ScalarMap:
    """A quantity of every voxel on the grid of the volume of one role.

    values: float32 (slice, row, column) in unit; NaN where there is none (no fit, outside the thresholds).
    """

    role: Role
    kind: MapKind
    values: NDArray[np.float32]
    unit: Unit


@dataclass(frozen=True, kw_only=True)
class Remark:
    """A sentence about all that a method found in a series: motion that was corrected, a quality that was poor."""

    role: Role
    text: str


@dataclass(frozen=True, kw_only=True)
class NotAnalysed:
    """What was not looked at, and why. disc is None when it is the whole series."""

    role: Role
    disc: Disc | None
    reason: str


Result = LabelMap | ScalarMap | Measurement | Grade | AxialGrade | DetectedDisc | Remark | NotAnalysed
