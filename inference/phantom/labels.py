"""What a voxel of the phantom is, and which named level it belongs to. Pure."""

from enum import IntEnum

from inference.anatomy import DISC_STRUCTURES, LUMBAR_VERTEBRAE, Structure


class Tissue(IntEnum):
    """Semantic label; levels are a map of their own."""

    BACKGROUND = 0
    CSF = 1  # content of the dural sac: fluid, and the roots below the conus
    CANAL = 2  # the rest of the canal: cord and conus, epidural fat, ligaments
    VERTEBRA = 3  # any body above S1, cortex included
    DISC = 4  # any disc above S1, annulus, bulge and herniation included
    S1 = 5
    SACRUM = 6  # below S1, remnant discs included
    PRESACRAL_FAT = 7
    POSTERIOR_ELEMENT = 8


def body_tissue(level: int) -> Tissue:
    """The label of a vertebral body; level counts downwards, L1 is 1, S1 is 6."""
    if level < 6:
        return Tissue.VERTEBRA
    return Tissue.S1 if level == 6 else Tissue.SACRUM


def disc_tissue(level_above: int) -> Tissue:
    """The label of the disc below a level."""
    return Tissue.DISC if level_above < 6 else Tissue.SACRUM


def body_channel(level: int) -> int:
    """Structure.channel of a body, 0 if it has no name among the 13."""
    if level == 6:
        return Structure.S1.channel
    return LUMBAR_VERTEBRAE[level - 1].channel if 1 <= level <= 5 else 0


def disc_channel(level_above: int) -> int:
    """Structure.channel of the disc below a level, 0 if it has no name among the 13."""
    return DISC_STRUCTURES[level_above - 1].channel if 1 <= level_above <= 5 else 0
