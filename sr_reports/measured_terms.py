"""What is measured: names, units, statistics, methods, and where a value stands in a population. Pure.

Viewers show the meaning of a name and drop every modifier, so that a name alone tells which statistic it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from highdicom.sr import CodedConcept

from inference.anatomy import Disc
from inference.results import MapKind, Measurement, Quantity, Statistic, Unit
from sr_reports.vocabulary import dicom, private, snomed, ucum

UNIT: Final[Mapping[Unit, CodedConcept]] = {
    Unit.MILLIMETRE: ucum("mm", "mm"),
    Unit.RATIO: ucum("{ratio}", "ratio"),
    Unit.ARBITRARY: ucum("[arb'U]", "arbitrary unit"),
    Unit.MILLISECOND: ucum("ms", "ms"),
    Unit.COUNT: ucum("1", "no units"),
}
PERCENT: Final = ucum("%", "%")
NO_UNITS: Final = ucum("1", "no units")
SQUARE_MILLIMETRE: Final = ucum("mm2", "mm2")
PIXELS: Final = ucum("{pixels}", "pixels")
DIRECTION_COSINE: Final = ucum("{-1:1}", "{-1:1}")

# Names

QUANTITY: Final[Mapping[Quantity, CodedConcept]] = {  # one number of the disc, or its mean where there are many
    Quantity.DISC_HEIGHT: dicom("121207", "Height"),
    Quantity.DISC_HEIGHT_INDEX: private("DHI", "Disc height index"),
    Quantity.HEIGHT_TO_DIAMETER: private("HDR", "Disc height-to-diameter ratio"),
    Quantity.SIGNAL_INTENSITY_DIFFERENCE: private("DSI", "Disc signal intensity difference"),
    Quantity.T1RHO: private("T1RHO_MEAS", "T1rho relaxation time, measured"),
    Quantity.T2: dicom("113065", "T2"),
    Quantity.PREDICTED_T1RHO: private("T1RHO_PRED_MEAN", "T1rho predicted, mean"),
}
STATISTIC: Final[Mapping[Statistic, CodedConcept]] = {  # CID 7464; a count is a name of its own
    Statistic.MEAN: snomed("373098007", "Mean"),
    Statistic.SD: snomed("386136009", "Standard Deviation"),
    Statistic.MINIMUM: snomed("255605001", "Minimum"),
    Statistic.MAXIMUM: snomed("56851009", "Maximum"),
}
VOXELS: Final = private("VOXELS", "Voxels with a value")
_SHORT: Final = {Statistic.SD: "SD", Statistic.MINIMUM: "MIN", Statistic.MAXIMUM: "MAX"}
_STEM: Final = {
    Quantity.T1RHO: "T1RHO_MEAS",
    Quantity.T2: "T2_MEAS",
    Quantity.PREDICTED_T1RHO: "T1RHO_PRED",
}
_WORDS: Final = {
    Quantity.T1RHO: "T1rho measured",
    Quantity.T2: "T2 measured",
    Quantity.PREDICTED_T1RHO: "T1rho predicted",
}
STATISTIC_OF: Final[Mapping[Quantity, Mapping[Statistic, CodedConcept]]] = {
    quantity: {
        statistic: private(f"{stem}_{short}", f"{_WORDS[quantity]}, {STATISTIC[statistic].meaning.lower()}")
        for statistic, short in _SHORT.items()
    }
    for quantity, stem in _STEM.items()
}


def name_of_number(measurement: Measurement) -> CodedConcept:
    statistic = measurement.statistic
    if statistic is Statistic.COUNT:
        return VOXELS
    if statistic in (None, Statistic.MEAN):
        return QUANTITY[measurement.quantity]
    return STATISTIC_OF[measurement.quantity][statistic]


# Methods of measurement

METHOD: Final[Mapping[Quantity, CodedConcept]] = {
    Quantity.DISC_HEIGHT: private("M_DH", "Mid-sagittal area of central 80 % over disc width"),
    Quantity.T1RHO: private("M_ROIMEAN", "ROI statistic over parametric map"),
    Quantity.T2: private("M_ROIMEAN", "ROI statistic over parametric map"),
    Quantity.PREDICTED_T1RHO: private("M_AIPRED", "Regression by AI model from T1-weighted image"),
}

# Maps

MAP: Final[Mapping[MapKind, CodedConcept]] = {
    MapKind.T1RHO: private("T1RHO", "T1rho"),
    MapKind.T2: dicom("113065", "T2"),
    MapKind.T1RHO_RESIDUAL: private("T1RHO_RESIDUAL", "T1rho fit residual"),
    MapKind.T2_RESIDUAL: private("T2_RESIDUAL", "T2 fit residual"),
}

# What viewers write first beside an outline: which disc it is


@dataclass(frozen=True, kw_only=True)
class FirstLine:
    """area: of the outline; confidence: of the detector whose box it is."""

    area: CodedConcept
    confidence: CodedConcept


def _first_line(disc: Disc, *, code: str, name: str) -> FirstLine:
    short = disc.value.replace("/", "")
    return FirstLine(
        area=private(f"AREA_{short}{code}", f"{name}, outlined area"),
        confidence=private(f"DETECT_{short}{code}", f"{name}, confidence of detection"),
    )


FIRST_LINE: Final = {disc: _first_line(disc, code="", name=f"{disc.value} disc") for disc in Disc}
FIRST_LINE_IN_DOUBT: Final = {
    disc: _first_line(disc, code="_U", name=f"{disc.value} disc (level uncertain)") for disc in Disc
}

# Where a value stands in a reference population


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Percentile and z-score of one quantity.

    TID 311 has codes for them (DCM 121415, 121416), as properties inside the number they belong to. Viewers that drop
    the structure then show several equal names, and PixelMed's validator takes them for derivation parameters (TID 300
    row 9) and calls each an error.
    """

    percentile: CodedConcept
    z_score: CodedConcept


STANDING: Final[Mapping[Quantity, Standing]] = {
    quantity: Standing(
        percentile=private(f"{quantity.value.upper()}_PCTL", f"{code.meaning}, percentile"),
        z_score=private(f"{quantity.value.upper()}_Z", f"{code.meaning}, z-score"),
    )
    for quantity, code in QUANTITY.items()
    if quantity not in (Quantity.T1RHO, Quantity.T2, Quantity.PREDICTED_T1RHO)  # no population is published
}

POPULATION_DESCRIPTION: Final = dicom("121405", "Population description")
REFERENCE_AUTHORITY: Final = dicom("121406", "Reference Authority")
