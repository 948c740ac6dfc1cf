"""Which part a series plays in a lumbar study, and why. Pure."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from dicom_io.headers import Plane, SeriesTraits
from dicom_io.series_words import Word, words_of
from dicom_io.weighting import Weighting, weighting_of


class Role(StrEnum):
    """T1w and T2w without more are plain: no contrast agent, no fat saturation."""

    SAGITTAL_T1 = "sagittal T1w"
    SAGITTAL_T2 = "sagittal T2w"
    SAGITTAL_T2_FAT_SATURATED = "sagittal STIR or fat-saturated T2w"
    AXIAL_T1 = "axial T1w"
    AXIAL_T2 = "axial T2w"
    SPIN_LOCK = "spin-lock"
    MULTI_ECHO = "multi-echo"
    LOCALIZER = "localizer"
    DERIVED = "derived"
    UNKNOWN = "unknown"


ECHO_ROLES: Final = frozenset({Role.SPIN_LOCK, Role.MULTI_ECHO})
"""Series with several images of one position, or that are one of several series of one position."""


@dataclass(frozen=True, kw_only=True)
class RoleDecision:
    """reasons: what in the header decided, in the order it was looked at, in words for an integrator."""

    role: Role
    reasons: tuple[str, ...]


_PLAIN_ROLE: Final = {
    (Plane.SAGITTAL, Weighting.T1): Role.SAGITTAL_T1,
    (Plane.SAGITTAL, Weighting.T2): Role.SAGITTAL_T2,
    (Plane.AXIAL, Weighting.T1): Role.AXIAL_T1,
    (Plane.AXIAL, Weighting.T2): Role.AXIAL_T2,
}
_DERIVED_KINDS: Final = frozenset(
    {
        *("ADC", "EADC", "AVERAGE_DC", "FA", "TRACEW", "SUBTRACT", "SUBTRACTION", "T1 MAP", "T2 MAP", "T2_STAR MAP"),
        *("R2", "R2_STAR", "FF", "FAT_FRACTION", "WATER_FRACTION"),
        *("MPR", "CSA MPR", "CSAPARALLEL", "REFORMATTED", "PROJECTION IMAGE", "MIP", "MIN IP", "MAX IP", "COMPOSED"),
        *("POSTPROCESSED", "SCREEN SAVE"),
    }
)
_WATER: Final = frozenset({"WATER", "W"})
_FAT: Final = frozenset({"FAT", "F"})
_OPPOSED: Final = frozenset({"OPP_PHASE", "OUT_PHASE", "OUT_OF_PHASE", "OPPOSED_PHASE", "OP"})
_PHASE: Final = frozenset({"P", "PHASE", "PHASE MAP", "IMAGINARY"})
_FAT_OPTIONS: Final = frozenset({"FS", "SFS", "FAT_SAT", "FATSAT", "SPAIR", "SPIR", "WE", "FSS_GEMS", "FAT"})
_OTHER_PARTS: Final = re.compile(
    "HEAD|BRAIN|SKULL|NECK|CSPINE|CERVICAL|TSPINE|THORACIC|CHEST|HEART|BREAST"
    "|SHOULDER|ELBOW|WRIST|HAND|HIP|KNEE|ANKLE|FOOT|PROSTATE|LIVER"
)


def assign_role(traits: SeriesTraits) -> RoleDecision:
    """The first rule that holds: other region, derived, localizer, unsuited, several echoes, plane and weighting."""
    words = words_of(traits)
    for rule in (_not_lumbar_mr, _derived, _localizer, _unsuited_component, _series_of_weightings):
        decision = rule(traits, words)
        if decision is not None:
            return decision
    return _by_plane_and_weighting(traits, words)


def _decided(role: Role, *reasons: str) -> RoleDecision:
    return RoleDecision(role=role, reasons=reasons)


def _not_lumbar_mr(traits: SeriesTraits, words: frozenset[Word]) -> RoleDecision | None:
    if traits.modality != "MR":
        return _decided(Role.UNKNOWN, "the modality is not MR")
    if Word.LUMBAR in words:
        return None
    if Word.OTHER_REGION in words:
        return _decided(Role.UNKNOWN, "the description names another region than the lumbar spine")
    part = "".join(letter for letter in traits.body_part or "" if letter.isalnum())
    if _OTHER_PARTS.match(part):
        return _decided(Role.UNKNOWN, "BodyPartExamined is another region than the lumbar spine")
    return None


def _derived(traits: SeriesTraits, words: frozenset[Word]) -> RoleDecision | None:
    """DERIVED and PRIMARY alone does not tell: Dixon water, filtered and lossy images are called so too."""
    kinds = _DERIVED_KINDS.intersection(traits.image_type)
    if kinds:
        return _decided(Role.DERIVED, f"image type {min(kinds)}")
    if traits.image_type[:2] == ("DERIVED", "SECONDARY"):
        return _decided(Role.DERIVED, "image type DERIVED, SECONDARY")
    if Word.DERIVED in words:
        return _decided(Role.DERIVED, f"the description says {Word.DERIVED}")
    return None


def _localizer(traits: SeriesTraits, words: frozenset[Word]) -> RoleDecision | None:
    if "LOCALIZER" in traits.image_type:
        return _decided(Role.LOCALIZER, "image type LOCALIZER")
    if Word.LOCALIZER in words:
        return _decided(Role.LOCALIZER, f"the description says {Word.LOCALIZER}")
    if traits.plane is Plane.MIXED:
        return _decided(Role.LOCALIZER, "its slices lie in different anatomical planes")
    return None


def _unsuited_component(traits: SeriesTraits, words: frozenset[Word]) -> RoleDecision | None:
    kinds = frozenset(traits.image_type[2:])
    if kinds & _PHASE and "M" not in kinds:
        return _decided(Role.UNKNOWN, "image type: phase, not magnitude")
    dixon = words if Word.DIXON in words else frozenset()
    if kinds & _FAT or (Word.DIXON_FAT in dixon and Word.DIXON_WATER not in dixon):
        return _decided(Role.UNKNOWN, "the fat image of a Dixon acquisition")
    if kinds & _OPPOSED or Word.DIXON_OPPOSED in dixon:
        return _decided(Role.UNKNOWN, "the opposed-phase image of a Dixon acquisition")
    return None


def _series_of_weightings(traits: SeriesTraits, words: frozenset[Word]) -> RoleDecision | None:
    if Word.SPIN_LOCK in words:
        return _decided(Role.SPIN_LOCK, f"the description says {Word.SPIN_LOCK}")
    if Word.MULTI_ECHO in words:
        return _decided(Role.MULTI_ECHO, f"the description says {Word.MULTI_ECHO}")
    times = traits.echo_times
    if len(times) > 1 and Word.DIXON not in words:
        return _decided(Role.MULTI_ECHO, f"{len(times)} echo times from {times[0]:g} to {times[-1]:g} ms")
    return None


def _by_plane_and_weighting(traits: SeriesTraits, words: frozenset[Word]) -> RoleDecision:
    if traits.plane is None:
        return _decided(Role.UNKNOWN, "the header has no slice orientation")
    found = weighting_of(traits, echo_times=traits.echo_times)
    reasons = (f"{traits.plane} by the normal of its slices", *found.reasons)
    if found.weighting is Weighting.STIR and traits.plane is Plane.SAGITTAL:
        return _decided(Role.SAGITTAL_T2_FAT_SATURATED, *reasons)
    role = _PLAIN_ROLE.get((traits.plane, found.weighting))
    if role is None:
        return _decided(Role.UNKNOWN, *reasons, "no role for this plane and weighting")
    return _plain_or_not(role, reasons, saturated=_fat_saturated(traits, words), contrast=_contrast(traits, words))


def _plain_or_not(role: Role, reasons: tuple[str, ...], *, saturated: str | None, contrast: str | None) -> RoleDecision:
    """Contrast agent changes T1 alone: discs hardly take it up, and T2 hardly shows it."""
    if saturated is not None and role is Role.SAGITTAL_T2:
        return _decided(Role.SAGITTAL_T2_FAT_SATURATED, *reasons, saturated)
    if saturated is not None:
        return _decided(Role.UNKNOWN, *reasons, f"{saturated}, so it is no plain {role}")
    if contrast is not None and role in (Role.SAGITTAL_T1, Role.AXIAL_T1):
        return _decided(Role.UNKNOWN, *reasons, f"{contrast}, so it is no plain {role}")
    return _decided(role, *reasons)


def _fat_saturated(traits: SeriesTraits, words: frozenset[Word]) -> str | None:
    options = _FAT_OPTIONS.intersection(traits.scan_options)
    if options:
        return f"scan option {min(options)}: fat-saturated"
    if _WATER.intersection(traits.image_type[2:]) or {Word.DIXON, Word.DIXON_WATER} <= words:
        return "the water image of a Dixon acquisition"
    return f"the description says {Word.FAT_SATURATED}" if Word.FAT_SATURATED in words else None


def _contrast(traits: SeriesTraits, words: frozenset[Word]) -> str | None:
    if Word.CONTRAST in words:
        return "the description says contrast agent"
    return "the header names a contrast agent" if traits.contrast_agent is not None else None
