"""Whether a T2 image looks fat-suppressed although its header did not say so. Pure.

In plain fast spin echo T2, fat and marrow are bright; with fat suppression little but fluid is. Share of the foreground
that is brighter than half the 99.7th percentile: .101 to .73 in 583 plain mid-sagittal T2 (166 patients of SPIDER,
417 of Sudirman), .062 to .074 in the one suppressed series known to us (RSNA 2024).
"""

import numpy as np
from numpy.typing import NDArray

from inference.errors import InputUnsuitable

LEAST_BRIGHT_SHARE = 0.09
WHITE_PERCENTILE, FOREGROUND = 99.7, 0.08
DOUBT = "the image looks fat-suppressed; brightness, its reference ranges and the grades are made for plain T2"


def bright_share(pixels: NDArray[np.float32]) -> float:
    """Of the pixels above 8 % of the 99.7th percentile, the share above half of it. Raises InputUnsuitable if black."""
    white = float(np.percentile(pixels, WHITE_PERCENTILE))
    if white <= 0:
        raise InputUnsuitable("the mid-sagittal slice is black")
    return float((pixels[pixels > FOREGROUND * white] > 0.5 * white).mean())


def doubt_of(pixels: NDArray[np.float32]) -> str | None:
    """Why numbers that rest on brightness deserve little trust; None where fat is bright as in plain T2."""
    return DOUBT if bright_share(pixels) < LEAST_BRIGHT_SHARE else None
