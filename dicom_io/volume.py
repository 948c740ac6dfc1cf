"""The door through which inference sees images: voxels and where they lie in the patient. Pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Volume:
    """A regular stack of slices.

    voxels: float32 (slice, row, column), in the units of the stored image after rescale.
    to_patient: 4 x 4, maps homogeneous (slice, row, column, 1) of a voxel centre to LPS mm (PS3.3 C.7.6.2.1.1).
    frame_of_reference: two volumes share coordinates only if this UID is equal.
    """

    voxels: NDArray[np.float32]
    to_patient: NDArray[np.float64]
    frame_of_reference: str

    @property
    def spacing(self) -> NDArray[np.float64]:
        """Millimetres between neighbouring voxel centres along (slice, row, column)."""
        return np.asarray(np.linalg.norm(self.to_patient[:3, :3], axis=0))

    def shares_space_with(self, other: "Volume") -> bool:
        return self.frame_of_reference == other.frame_of_reference
