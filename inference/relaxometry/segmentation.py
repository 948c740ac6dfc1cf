"""The discs of a spin-lock or multi-echo stack, drawn on its first echo. Talks to: the network it is given.

Iriondo 2020: connected pieces over 125 voxels are discs, named from below. Which disc is the lowest is told by the
sacrum, as in the other rooms (inference.sagittal). The mid-sagittal slice is named; a disc in a neighbouring slice has
the name of the one it covers there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.anatomy import DISC_STRUCTURES
from inference.errors import InputUnsuitable
from inference.phantom.labels import Tissue
from inference.runtime import Network
from inference.sagittal.levels import LevelMap, name_levels
from inference.sagittal.midline import best_slice, candidates, midline_score
from inference.sagittal.segment import brought_to, logits_of, on_grid, tissues_of
from inference.sagittal.stack import SagittalStack

Map = NDArray[np.uint8]
WORKING_MM: Final = 1.0
VIEWS_MM: Final = (1.0, 0.85)
MEASURING_MM: Final = 0.5
SMALLEST_MM2: Final = 125 * 0.78**2  # the paper's 125 voxels on its grid of 200 mm / 256
BESIDE_MM: Final = 9.0  # discs are measured this far to either side of the mid-sagittal slice
_COVERED: Final = 0.5


@dataclass(frozen=True, kw_only=True, eq=False)
class DrawnDiscs:
    """labels: uint8 (slice, row, column) of the stack, Structure channels of discs. key_slice: the mid-sagittal one."""

    labels: Map
    key_slice: int
    level_doubt: str | None


class Averaged:
    """Several networks as one: their logits averaged, as the paper recommends for new data."""

    def __init__(self, networks: Sequence[Network]) -> None:
        self._networks = tuple(networks)

    def __call__(self, image: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(np.mean([network(image) for network in self._networks], axis=0), np.float32)


def draw_discs(network: Network, stack: SagittalStack) -> DrawnDiscs:
    """Raises InputUnsuitable where no lumbar spine, or no two discs in a row, are seen."""
    key = _key_slice(network, stack)
    named = _named(_tissues(network, stack, key))
    if named is None:
        raise InputUnsuitable("fewer than two discs in a row were found in the mid-sagittal slice")
    labels = np.zeros(stack.voxels.shape, np.uint8)
    shape = (stack.voxels.shape[1], stack.voxels.shape[2])
    labels[key] = on_grid(_discs_alone(named.labels), shape)
    for index in _beside(key, len(stack.voxels), stack.slice_mm):
        labels[index] = on_grid(_named_after(_tissues(network, stack, index), named.labels), shape)
    return DrawnDiscs(labels=labels, key_slice=key, level_doubt=named.doubt)


def _key_slice(network: Network, stack: SagittalStack) -> int:
    if len(stack.voxels) == 1:
        return 0
    scores = {
        index: midline_score(tissues_of(_logits(network, stack, index, WORKING_MM)), millimetres=WORKING_MM)
        for index in candidates(len(stack.voxels), stack.slice_mm)
    }
    if max(scores.values()) <= 0:
        raise InputUnsuitable("no lumbar spine was found in the slices near the middle of the series")
    return best_slice(scores)


def _logits(network: Network, stack: SagittalStack, index: int, working_mm: float) -> NDArray[np.float32]:
    return logits_of(network, stack.voxels[index], stack.spacing, working_mm=working_mm)


def _tissues(network: Network, stack: SagittalStack, index: int) -> Map:
    """On the measuring grid, without pieces of disc that are too small."""
    rows, columns = stack.voxels.shape[1:]
    fine = round(rows * stack.row_mm / MEASURING_MM), round(columns * stack.column_mm / MEASURING_MM)
    views = [_logits(network, stack, index, working_mm) for working_mm in VIEWS_MM]
    return without_small(tissues_of(brought_to(fine, views)), millimetres=MEASURING_MM)


def without_small(tissues: Map, *, millimetres: float) -> Map:
    """Pieces of disc of no more than 125 of the paper's voxels become background."""
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(
        (tissues == Tissue.DISC).astype(np.uint8), connectivity=8
    )
    small = [each for each in range(1, count) if stats[each, cv2.CC_STAT_AREA] * millimetres**2 <= SMALLEST_MM2]
    return np.where(np.isin(pieces, small), np.uint8(Tissue.BACKGROUND), tissues)


def _named(tissues: Map) -> LevelMap | None:
    return name_levels(tissues, millimetres=MEASURING_MM)


def _discs_alone(labels: Map) -> Map:
    return np.where(np.isin(labels, [each.channel for each in DISC_STRUCTURES]), labels, 0).astype(np.uint8)


def _beside(key: int, count: int, slice_mm: float) -> list[int]:
    reach = int(BESIDE_MM / slice_mm)
    return [index for index in range(max(0, key - reach), min(count, key + reach + 1)) if index != key]


def _named_after(tissues: Map, named: Map) -> Map:
    """Each piece of disc is named after the disc of the key slice that covers at least half of it; one piece each."""
    count, pieces = cv2.connectedComponents((tissues == Tissue.DISC).astype(np.uint8), connectivity=8)
    labels = np.zeros(tissues.shape, np.uint8)
    sizes: dict[int, int] = {}
    for piece in range(1, count):
        mask = np.asarray(pieces == piece)
        for channel in (each.channel for each in DISC_STRUCTURES):
            common = int(np.count_nonzero(mask & (named == channel)))
            if common >= _COVERED * np.count_nonzero(mask) and common > sizes.get(channel, 0):
                labels[labels == channel] = 0
                labels[mask] = channel
                sizes[channel] = common
    return labels
