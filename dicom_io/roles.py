"""Which part a series plays in a lumbar study. Pure."""

from enum import StrEnum


class Role(StrEnum):
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
