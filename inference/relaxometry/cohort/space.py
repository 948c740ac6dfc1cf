"""Voxels of all discs of an atlas as one row of numbers, and back as a picture. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from inference.anatomy import Disc
from inference.relaxometry.atlas import Atlas

Values = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, eq=False)
class VoxelSpace:
    """Voxels stand disc by disc from L1/L2 to L5/S1, each disc in the order of np.nonzero(atlas.mask(disc))."""

    atlas: Atlas

    @cached_property
    def places(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Row and column of every voxel in the atlas's picture."""
        found = [np.nonzero(self.atlas.mask(disc)) for disc in Disc]
        return np.concatenate([one[0] for one in found]), np.concatenate([one[1] for one in found])

    @cached_property
    def disc_numbers(self) -> NDArray[np.intp]:
        """0 for L1/L2 to 4 for L5/S1, per voxel."""
        return np.repeat(np.arange(len(Disc)), [int(self.atlas.mask(disc).sum()) for disc in Disc])

    @property
    def count(self) -> int:
        return len(self.disc_numbers)

    def of(self, disc: Disc) -> NDArray[np.bool_]:
        """Which voxels are this disc's."""
        return np.asarray(self.disc_numbers == list(Disc).index(disc))

    def joined(self, by_disc: Mapping[Disc, Values]) -> Values:
        """NaN where a disc is missing."""
        values = np.full(self.count, np.nan, np.float32)
        for disc, own in by_disc.items():
            values[self.of(disc)] = own
        return values

    def picture(self, values: NDArray[np.floating]) -> NDArray[np.float32]:
        """(row, column) of the atlas; NaN outside the discs."""
        drawn = np.full(self.atlas.labels.shape, np.nan, np.float32)
        drawn[self.places] = values
        return drawn

    def mask_of(self, chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """(row, column): the chosen voxels."""
        drawn = np.zeros(self.atlas.labels.shape, bool)
        drawn[self.places] = chosen
        return drawn

    def raster_order(self, chosen: NDArray[np.bool_]) -> NDArray[np.intp]:
        """Indices of the chosen voxels in the order in which a picture is read, row by row."""
        rows, columns = self.places
        indices = np.flatnonzero(chosen)
        return indices[np.lexsort((columns[indices], rows[indices]))]
