"""Signal as a scanner stores it: whole numbers of twelve bits. Pure."""

import numpy as np
from numpy.typing import NDArray

from inference.phantom.grid import Field

_WHITE, _HIGHEST = 1500.0, 4095.0  # of the 99.5th percentile, and of the brightest that can be stored


def stored(signal: Field, *, like: Field | None = None) -> NDArray[np.float32]:
    """float32 from 0 to 4095, of the signal's shape; like: images whose brightness sets the scale, if not its own."""
    scale = _WHITE / max(float(np.percentile(signal if like is None else like, 99.5)), 1e-6)
    return np.asarray(np.clip(np.rint(signal * scale), 0, _HIGHEST), np.float32)
