"""Names of what is seen in a lumbar spine, the same for every method and every report. Pure."""

from enum import StrEnum


class Disc(StrEnum):
    """The five lumbar discs, cranial to caudal."""

    L1_L2 = "L1/L2"
    L2_L3 = "L2/L3"
    L3_L4 = "L3/L4"
    L4_L5 = "L4/L5"
    L5_S1 = "L5/S1"


class Structure(StrEnum):
    """The 13 structures of Zheng 2022, in the order of the network's channels 1 to 13."""

    CSF = "CSF"
    L1 = "L1"
    L1_L2 = "L1/L2"
    L2 = "L2"
    L2_L3 = "L2/L3"
    L3 = "L3"
    L3_L4 = "L3/L4"
    L4 = "L4"
    L4_L5 = "L4/L5"
    L5 = "L5"
    L5_S1 = "L5/S1"
    S1 = "S1"
    PRESACRAL_FAT = "presacral fat"

    @property
    def channel(self) -> int:
        """The value of this structure in every label map of ours: 1 to 13; 0 is background."""
        return list(Structure).index(self) + 1


LUMBAR_VERTEBRAE = (Structure.L1, Structure.L2, Structure.L3, Structure.L4, Structure.L5)
DISC_STRUCTURES = tuple(Structure(disc.value) for disc in Disc)


class Sex(StrEnum):
    FEMALE = "female"
    MALE = "male"
