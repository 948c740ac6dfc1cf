"""The mid-sagittal slice of a stack and what is seen in it. Talks to: the network it is given."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dicom_io.roles import Role
from dicom_io.volume import Volume
from inference.anatomy import Structure
from inference.errors import InputUnsuitable
from inference.results import LabelMap
from inference.runtime import Network
from inference.sagittal.midline import best_slice, candidates, midline_score
from inference.sagittal.segment import Segmentation, logits_of, segment, tissues_of, views_of
from inference.sagittal.stack import SagittalStack

SEARCHING_MM = 0.8  # a coarser grid than that of outlines is enough to tell the middle


@dataclass(frozen=True, kw_only=True, eq=False)
class KeySlice:
    """The mid-sagittal slice: its index in the volume, its pixels, what was found in it."""

    index: int
    pixels: NDArray[np.float32]
    found: Segmentation

    def mask(self, structure: Structure) -> NDArray[np.bool_]:
        return np.asarray(self.found.native == structure.channel)

    def label_map(
        self, volume: Volume, stack: SagittalStack, *, role: Role, structures: Sequence[Structure]
    ) -> LabelMap:
        """These structures, where they were found, on the grid of the volume that the stack is a view of."""
        seen = tuple(each for each in structures if self.mask(each).any())
        kept = np.where(np.isin(self.found.native, [each.channel for each in seen]), self.found.native, 0)
        labels = np.zeros(volume.voxels.shape, np.uint8)
        labels[self.index] = stack.back(np.asarray(kept, np.uint8))
        return LabelMap(
            role=role, labels=labels, structures=seen, key_slice=self.index, level_doubt=self.found.levels.doubt
        )


def find_key_slice(network: Network, stack: SagittalStack) -> KeySlice:
    """network: tissues of inference.phantom.labels. Raises InputUnsuitable where no lumbar spine is seen."""
    scores = {
        index: midline_score(tissues_of(_coarsely(network, stack, index)), millimetres=SEARCHING_MM)
        for index in candidates(len(stack.voxels), stack.slice_mm)
    }
    if max(scores.values()) <= 0:
        raise InputUnsuitable("no lumbar spine was found in the slices near the middle of the series")
    index = best_slice(scores)
    pixels = stack.voxels[index]
    views = views_of(network, pixels, stack.spacing)
    found = segment(views, (pixels.shape[0], pixels.shape[1]), stack.spacing)
    if found is None:
        raise InputUnsuitable("fewer than two discs in a row were found in the mid-sagittal slice")
    return KeySlice(index=index, pixels=pixels, found=found)


def _coarsely(network: Network, stack: SagittalStack, index: int) -> NDArray[np.float32]:
    return logits_of(network, stack.voxels[index], stack.spacing, working_mm=SEARCHING_MM)
