"""Schemes, anatomy and frame of the codes that an object of ours may carry, for SEG and SR alike. Pure.

Standard codes where they exist (dicom-encoding 2); the rest lie in our own scheme, declared in every object.
What is measured and how it is graded stand in measured_terms and grade_terms.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from highdicom.coding_schemes import CodingSchemeIdentificationItem
from highdicom.sr import CodedConcept

from dicom_io.uids import derived_uid
from inference.anatomy import Disc, Structure
from inference.results import DiscPart, Side

PRIVATE_SCHEME: Final = "99LSPINEAI"
PRIVATE_SCHEME_UID: Final = derived_uid("coding scheme", PRIVATE_SCHEME)
PRIVATE_SCHEME_VERSION: Final = "1.0"
PRIVATE_SCHEME_NAME: Final = "Lumbar spine MR AI node concepts"
RESPONSIBLE_ORGANIZATION: Final = "lumbar-node project"


def private(value: str, meaning: str) -> CodedConcept:
    return CodedConcept(value=value, scheme_designator=PRIVATE_SCHEME, meaning=meaning)


def snomed(value: str, meaning: str) -> CodedConcept:
    return CodedConcept(value=value, scheme_designator="SCT", meaning=meaning)


def dicom(value: str, meaning: str) -> CodedConcept:
    return CodedConcept(value=value, scheme_designator="DCM", meaning=meaning)


def ucum(value: str, meaning: str) -> CodedConcept:
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

ANATOMICAL_STRUCTURE: Final = snomed("123037004", "Anatomical Structure")
TISSUE: Final = snomed("85756007", "Tissue")
LUMBAR_SPINE: Final = snomed("122496007", "Lumbar spine")
SACRUM: Final = snomed("54735007", "Sacrum")

DISC: Final[Mapping[Disc, CodedConcept]] = {  # CID 7604
    Disc.L1_L2: snomed("80064006", "L1/L2 disc"),
    Disc.L2_L3: snomed("67459009", "L2/L3 disc"),
    Disc.L3_L4: snomed("62551000", "L3/L4 disc"),
    Disc.L4_L5: snomed("84020006", "L4/L5 disc"),
    Disc.L5_S1: snomed("715056000", "L5/S1 disc"),
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
    Structure.CSF: _body("CSF in spinal canal", snomed("65216001", "Cerebrospinal fluid"), "#55bcff"),
    Structure.L1: _body("L1 vertebral body", snomed("66794005", "L1 vertebra"), "#f5d7a1"),
    Structure.L1_L2: _disc(Disc.L1_L2, "#7be0ad"),
    Structure.L2: _body("L2 vertebral body", snomed("14293000", "L2 vertebra"), "#f0c674"),
    Structure.L2_L3: _disc(Disc.L2_L3, "#35c2a0"),
    Structure.L3: _body("L3 vertebral body", snomed("36470004", "L3 vertebra"), "#e8b04b"),
    Structure.L3_L4: _disc(Disc.L3_L4, "#ff8f70"),
    Structure.L4: _body("L4 vertebral body", snomed("11994002", "L4 vertebra"), "#dd9a2a"),
    Structure.L4_L5: _disc(Disc.L4_L5, "#ff5d8f"),
    Structure.L5: _body("L5 vertebral body", snomed("49668003", "L5 vertebra"), "#c98310"),
    Structure.L5_S1: _disc(Disc.L5_S1, "#c77dff"),
    Structure.S1: _body("Sacrum (S1)", SACRUM, "#b58ab8"),
    Structure.PRESACRAL_FAT: Region(
        label="Presacral fat",
        category=TISSUE,
        type=snomed("55603005", "Fat"),
        anatomic_region=SACRUM,
        colour="#ffe66d",
    ),
}

# Where, more closely

DISC_OF_UNKNOWN_LEVEL: Final = private("DISC_UNKNOWN", "Intervertebral disc, level unknown")
VERTEBRAL_CANAL: Final = snomed("61853006", "Vertebral canal")
NERVE_ROOT: Final = snomed("40958000", "Nerve root")  # in no context group; of HL7's radiation therapy guide
SIDE: Final[Mapping[Side, CodedConcept]] = {  # CID 244
    Side.LEFT: snomed("7771000", "Left"),
    Side.RIGHT: snomed("24028007", "Right"),
}
LEVEL: Final[Mapping[Disc, CodedConcept]] = {  # CID 1003
    Disc.L1_L2: snomed("243920003", "Level of L1/L2 intervertebral disc"),
    Disc.L2_L3: snomed("243921004", "Level of L2/L3 intervertebral disc"),
    Disc.L3_L4: snomed("243922006", "Level of L3/L4 intervertebral disc"),
    Disc.L4_L5: snomed("243923001", "Level of L4/L5 intervertebral disc"),
    Disc.L5_S1: snomed("243927000", "Level of L5/S1 intervertebral disc"),
}
PART: Final[Mapping[DiscPart, CodedConcept]] = {  # topographical modifiers of a disc; the whole disc has none
    DiscPart.ANTERIOR_ANNULUS: private("PART_AA", "Anterior third of the disc (annulus)"),
    DiscPart.NUCLEUS: private("PART_NP", "Middle third of the disc (nucleus)"),
    DiscPart.POSTERIOR_ANNULUS: private("PART_PA", "Posterior third of the disc (annulus)"),
    DiscPart.NUCLEUS_CENTRE: private("PART_NP_1CM2", "1 cm2 at the centre of the nucleus"),
}

# Doubt and refusal

LEVEL_NUMBERING: Final = private("LEVEL_NUMBERING", "Numbering of the vertebral level")
UNCERTAIN: Final = snomed("64957009", "Uncertain")
LEVEL_DOUBT: Final = private("LEVEL_DOUBT", "Why the numbering of the levels is uncertain")
NOT_ANALYSED: Final = private("NOT_ANALYSED", "Not analysed, because")
CONFIDENCE: Final = private("CONFIDENCE", "Confidence in the grade")
LOW: Final = snomed("62482003", "Low")
GRADE_DOUBT: Final = private("GRADE_DOUBT", "Why a grade deserves little trust")
CAVEAT: Final = private("CAVEAT", "How far a method can be trusted")
REMARK: Final = private("REMARK", "Remark on the series")
COMPARISON: Final = private("COMPARED_WITH", "Compared with")
INTENDED_USE: Final = private("INTENDED_USE", "Intended use statement")


# Frame of the document

REPORT_TITLE: Final = dicom("126000", "Imaging Measurement Report")
IMAGING_MEASUREMENTS: Final = dicom("126010", "Imaging Measurements")
QUALITATIVE_EVALUATIONS: Final = CodedConcept(
    value="C0034375", scheme_designator="UMLS", meaning="Qualitative Evaluations"
)
PROCEDURE: Final = CodedConcept(value="25056-3", scheme_designator="LN", meaning="MRI unspecified body region")
PROCEDURE_REPORTED: Final = dicom("121058", "Procedure reported")
SOURCE: Final = snomed("260753009", "Source")
COMMENT: Final = dicom("121106", "Comment")
ENGLISH: Final = CodedConcept(value="en-US", scheme_designator="RFC5646", meaning="English (United States)")
