"""Whether the slices look T2-weighted: cerebrospinal fluid is brighter than the discs. Pure."""

from collections.abc import Iterable

import numpy as np

from inference.axial_grading.localise import Image
from inference.axial_grading.preprocess import PIXEL_MM, SIDE
from inference.axial_grading.sections import Section

SAC_MM, DISC_MM = ((2.0, 9.0), 4.0), ((-22.0, -6.0), 12.0)  # behind the centre from and to; to either side of it
USUAL_PERCENTILE = 75  # fat behind the sac brightens some T1 slices, stenosis darkens some T2 slices
LEAST_BRIGHTNESS = 0.0


def is_fluid_bright(sections: Iterable[Section]) -> bool:
    """False for T1, and for T2 where stenosis leaves no fluid in three quarters of all slices.

    Each section stands for its stack: every slice of the stack is looked at, in the same place.
    """
    stacks = {section.stack.first: section for section in sections}.values()
    found = [
        sac_brightness(Section(stack=each.stack, index=index, centre=each.centre, likeness=0).image)
        for each in stacks
        for index in range(len(each.stack.voxels))
    ]
    return not found or float(np.percentile(found, USUAL_PERCENTILE)) > LEAST_BRIGHTNESS


def sac_brightness(image: Image) -> float:
    """How much the middle of the dural sac is brighter than the disc, in SDs of the cut."""
    return float(np.median(image[0, 0][_region(*SAC_MM)]) - np.median(image[0, 0][_region(*DISC_MM)]))


def _region(behind: tuple[float, float], aside: float) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    rows, columns = ((np.mgrid[:SIDE, :SIDE][axis] - (SIDE - 1) / 2) * PIXEL_MM for axis in (0, 1))
    return np.asarray((rows >= behind[0]) & (rows <= behind[1]) & (np.abs(columns) <= aside))
