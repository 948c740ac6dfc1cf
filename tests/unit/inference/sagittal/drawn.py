"""Tissue maps of a straight drawn spine, on a grid of half a millimetre. Pure."""

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from inference.phantom.labels import Tissue

MM = 0.5
LEFT, DEPTH = 120, 68  # the column begins 60 mm behind the front edge and is 34 mm deep
BODY, DISC = 54, 18  # rows: bodies of 27 mm, discs of 9 mm


def spine(
    *,
    discs: int = 7,
    sacrum: bool = True,
    without: Collection[int] = (),
    remnant: bool = False,
) -> NDArray[np.uint8]:
    """Bodies and discs stacked straight; disc 0 lies on S1. without: discs not drawn, their place given to bone.

    remnant: a full disc below S1 as well.
    """
    rows = (discs + 1) * (BODY + DISC) + 2 * BODY + 40
    tissues = np.zeros((rows, 320), np.uint8)
    column = slice(LEFT, LEFT + DEPTH)
    tissues[:, LEFT + DEPTH + 6 : LEFT + DEPTH + 34] = Tissue.CSF
    floor = rows - 2 * BODY
    if sacrum:
        tissues[floor : floor + BODY, column] = Tissue.S1
        tissues[floor + BODY :, column] = Tissue.SACRUM
    if remnant:
        tissues[floor + BODY : floor + BODY + DISC, column] = Tissue.DISC
    for number in range(discs):
        top = floor - DISC - number * (BODY + DISC)
        tissues[top : top + DISC, column] = Tissue.VERTEBRA if number in without else Tissue.DISC
        tissues[top - BODY : top, column] = Tissue.VERTEBRA
    return tissues
