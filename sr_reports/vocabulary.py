"""Every code that an object of ours may carry, for SEG and SR alike. Pure.

Standard codes where they exist (dicom-encoding 2); the rest lie in our own scheme, declared in every object.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from highdicom.coding_schemes import CodingSchemeIdentificationItem
from highdicom.sr import CodedConcept
from pydicom.sr.codedict import codes

from dicom_io.uids import derived_uid
from inference.anatomy import Disc, Structure
from inference.results import Quantity, Scale, Unit

PRIVATE_SCHEME: Final = "99LSPINEAI"
PRIVATE_SCHEME_UID: Final = derived_uid("coding scheme", PRIVATE_SCHEME)
PRIVATE_SCHEME_VERSION: Final = "1.0"
PRIVATE_SCHEME_NAME: Final = "Lumbar spine MR AI node concepts"
RESPONSIBLE_ORGANIZATION: Final = "lumbar-node project"


def private(value: str, meaning: str) -> CodedConcept:
    return CodedConcept(value=value, scheme_designator=PRIVATE_SCHEME, meaning=meaning)


def _snomed(value: str, meaning: str) -> CodedConcept:
    return CodedConcept(value=value, scheme_designator="SCT", meaning=meaning)


def _dicom(value: str, meaning: str) -> CodedConcept:
    return CodedConcept(value=value, scheme_designator="DCM", meaning=meaning)


def _ucum(value: str, meaning: str) -> CodedConcept:
    return CodedConcept(value=value, scheme_designator="UCUM", meaning=meaning)


def coding_schemes() -> list[CodingSchemeIdentificationItem]:
    """Items for the Coding Scheme Identification Sequence (0008,0110), new ones for each object."""
    item = CodingSchemeIdentificationItem(
        designator=PRIVATE_SCHEME,
        name=PRIVATE_SCHEME_NAME,
        version=PRIVATE_SCHEME_VERSION,
        responsible_organization=RESPONSIBLE_ORGANIZATION,
    )
    # highdicom writes a UID only for schemes of a registry; a private scheme has none.
    item.CodingSchemeUID = PRIVATE_SCHEME_UID
    return [item]


# Anatomy

ANATOMICAL_STRUCTURE: Final = _snomed("123037004", "Anatomical Structure")
TISSUE: Final = _snomed("85756007", "Tissue")
LUMBAR_SPINE: Final = _snomed("122496007", "Lumbar spine")
SACRUM: Final = _snomed("54735007", "Sacrum")

DISC: Final[Mapping[Disc, CodedConcept]] = {  # CID 7604
    Disc.L1_L2: _snomed("80064006", "L1/L2 disc"),
    Disc.L2_L3: _snomed("67459009", "L2/L3 disc"),
    Disc.L3_L4: _snomed("62551000", "L3/L4 disc"),
    Disc.L4_L5: _snomed("84020006", "L4/L5 disc"),
    Disc.L5_S1: _snomed("715056000", "L5/S1 disc"),
}


@dataclass(frozen=True, kw_only=True)
class Region:
    """How a structure is named, coded and coloured in a SEG. colour: #rrggbb, the same in every picture of ours."""

    label: str
    category: CodedConcept
    type: CodedConcept
    anatomic_region: CodedConcept
    colour: str


def _body(label: str, code: CodedConcept, colour: str) -> Region:
    return Region(label=label, category=ANATOMICAL_STRUCTURE, type=code, anatomic_region=LUMBAR_SPINE, colour=colour)


def _disc(disc: Disc, colour: str) -> Region:
    return _body(f"{disc.value} disc", DISC[disc], colour)


REGION: Final[Mapping[Structure, Region]] = {
    Structure.CSF: _body("CSF in spinal canal", _snomed("65216001", "Cerebrospinal fluid"), "#55bcff"),
    Structure.L1: _body("L1 vertebral body", _snomed("66794005", "L1 vertebra"), "#f5d7a1"),
    Structure.L1_L2: _disc(Disc.L1_L2, "#7be0ad"),
    Structure.L2: _body("L2 vertebral body", _snomed("14293000", "L2 vertebra"), "#f0c674"),
    Structure.L2_L3: _disc(Disc.L2_L3, "#35c2a0"),
    Structure.L3: _body("L3 vertebral body", _snomed("36470004", "L3 vertebra"), "#e8b04b"),
    Structure.L3_L4: _disc(Disc.L3_L4, "#ff8f70"),
    Structure.L4: _body("L4 vertebral body", _snomed("11994002", "L4 vertebra"), "#dd9a2a"),
    Structure.L4_L5: _disc(Disc.L4_L5, "#ff5d8f"),
    Structure.L5: _body("L5 vertebral body", _snomed("49668003", "L5 vertebra"), "#c98310"),
    Structure.L5_S1: _disc(Disc.L5_S1, "#c77dff"),
    Structure.S1: _body("Sacrum (S1)", SACRUM, "#b58ab8"),
    Structure.PRESACRAL_FAT: Region(
        label="Presacral fat",
        category=TISSUE,
        type=_snomed("55603005", "Fat"),
        anatomic_region=SACRUM,
        colour="#ffe66d",
    ),
}

# Measurements and their units

QUANTITY: Final[Mapping[Quantity, CodedConcept]] = {
    Quantity.DISC_HEIGHT: _dicom("121207", "Height"),
    Quantity.DISC_HEIGHT_INDEX: private("DHI", "Disc height index"),
    Quantity.HEIGHT_TO_DIAMETER: private("HDR", "Disc height-to-diameter ratio"),
    Quantity.SIGNAL_INTENSITY_DIFFERENCE: private("DSI", "Disc signal intensity difference"),
    Quantity.T1RHO: private("T1RHO_MEAS", "T1rho relaxation time, measured"),
    Quantity.T2: _dicom("113065", "T2"),
    Quantity.PREDICTED_T1RHO: private("T1RHO_PRED", "T1rho relaxation time, predicted"),
}

METHOD: Final[Mapping[Quantity, CodedConcept]] = {
    Quantity.DISC_HEIGHT: private("M_DH", "Mid-sagittal area of central 80 % over disc width"),
}

UNIT: Final[Mapping[Unit, CodedConcept]] = {
    Unit.MILLIMETRE: _ucum("mm", "mm"),
    Unit.RATIO: _ucum("{ratio}", "ratio"),
    Unit.ARBITRARY: _ucum("[arb'U]", "arbitrary unit"),
    Unit.MILLISECOND: _ucum("ms", "ms"),
    Unit.COUNT: _ucum("1", "no units"),
}
PERCENT: Final = _ucum("%", "%")
NO_UNITS: Final = _ucum("1", "no units")
PIXELS: Final = _ucum("{pixels}", "pixels")
DIRECTION_COSINE: Final = _ucum("{-1:1}", "{-1:1}")

# Grades


@dataclass(frozen=True, kw_only=True)
class GradedScale:
    """A scale as an SR names it: the question, its answers by grade, and the probability of the answer given."""

    name: CodedConcept
    answers: Mapping[int, CodedConcept]
    probability: CodedConcept


def _private_scale(code: str, meaning: str, grades: range) -> GradedScale:
    """Codes CODE, CODE.n and CODE_PROB of our own scheme."""
    return GradedScale(
        name=private(code, meaning),
        answers={grade: private(f"{code}.{grade}", f"{meaning} {grade}") for grade in grades},
        probability=private(f"{code}_PROB", f"{meaning}, probability"),
    )


SCALE: Final[Mapping[Scale, GradedScale]] = {
    Scale.MODIFIED_PFIRRMANN: GradedScale(
        name=private("MPF", "Modified Pfirrmann grade"),
        answers={grade: private(f"MPF.{grade}", f"Modified Pfirrmann grade {grade}") for grade in range(1, 9)},
        probability=private("MPF_PROB", "Modified Pfirrmann grade, probability"),
    ),
    Scale.PFIRRMANN: _private_scale("PF", "Pfirrmann grade", range(1, 6)),
    Scale.DEGENERATION_GROUP: GradedScale(
        name=private("PFG", "Pfirrmann severity group"),
        answers={
            1: _snomed("255604002", "Mild"),
            2: _snomed("6736007", "Moderate"),
            3: _snomed("24484000", "Severe"),
        },
        probability=private("PFG_PROB", "Pfirrmann severity group, probability"),
    ),
    Scale.PREDICTED_T1RHO_PHASE: _private_scale("T1RHO_PHASE", "T1rho phase, predicted", range(1, 4)),
    Scale.MEASURED_T1RHO_PHASE: _private_scale("T1RHO_MPH", "T1rho phase, measured", range(1, 4)),
    Scale.DISC_HERNIATION: _private_scale("LDH_MSU", "Disc herniation, MSU grade", range(4)),
    Scale.CANAL_STENOSIS: _private_scale("CCS_LEE", "Central canal stenosis, Lee grade", range(4)),
    Scale.ROOT_COMPRESSION: _private_scale("NRC_PFI", "Nerve root compression, Pfirrmann grade", range(4)),
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

POPULATION_DESCRIPTION: Final = _dicom("121405", "Population description")
REFERENCE_AUTHORITY: Final = _dicom("121406", "Reference Authority")

# Doubt and refusal

LEVEL_NUMBERING: Final = private("LEVEL_NUMBERING", "Numbering of the vertebral level")
UNCERTAIN: Final = _snomed("64957009", "Uncertain")
LEVEL_DOUBT: Final = private("LEVEL_DOUBT", "Why the numbering of the levels is uncertain")
NOT_ANALYSED: Final = private("NOT_ANALYSED", "Not analysed, because")
INTENDED_USE: Final = private("INTENDED_USE", "Intended use statement")


# Frame of the document

REPORT_TITLE: Final = _dicom("126000", "Imaging Measurement Report")
IMAGING_MEASUREMENTS: Final = _dicom("126010", "Imaging Measurements")
QUALITATIVE_EVALUATIONS: Final = CodedConcept(
    value="C0034375", scheme_designator="UMLS", meaning="Qualitative Evaluations"
)
PROCEDURE: Final = CodedConcept(value="25056-3", scheme_designator="LN", meaning="MRI unspecified body region")
PROCEDURE_REPORTED: Final = _dicom("121058", "Procedure reported")
SOURCE: Final = _snomed("260753009", "Source")
COMMENT: Final = _dicom("121106", "Comment")
ENGLISH: Final = CodedConcept(value="en-US", scheme_designator="RFC5646", meaning="English (United States)")
ARTIFICIAL_INTELLIGENCE: Final = CodedConcept.from_code(codes.DCM.ArtificialIntelligence)
