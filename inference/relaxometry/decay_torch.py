"""The same decays by torch, on a GPU where there is one. Talks to: GPU.

Imported by name only (inference.relaxometry.fit), because a serving install has no torch.
"""

import numpy as np
import torch
from numpy.typing import NDArray

from inference.errors import DeviceExhausted
from inference.relaxometry.decay import Decays, decays


def torch_decays(signals: NDArray[np.float32], times: NDArray[np.float64], *, offset: bool) -> Decays:
    """As decays on numpy; signals: (time, voxel)."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        found = decays(
            torch,
            torch.from_numpy(np.ascontiguousarray(signals)).to(device),
            torch.from_numpy(times.astype(np.float32)).to(device),
            offset=offset,
        )
    except torch.OutOfMemoryError as cause:
        raise DeviceExhausted("the fit: the device has no memory left") from cause
    return Decays(**{name: value.cpu().numpy() for name, value in vars(found).items()})
