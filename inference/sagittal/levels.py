"""Levels as one ordered chain from the sacrum upwards: the 13 structures, and what speaks against their names. Pure.

Maps are uint8 on an isotropic grid, (row, column), rows cranial to caudal, columns anterior to posterior.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from inference.anatomy import DISC_STRUCTURES, LUMBAR_VERTEBRAE, Structure
from inference.phantom.labels import Tissue
from inference.sagittal.chain import FoundDisc, Links, Map, Mask, best_chain, find_discs, with_missing

REACH_MM = 48.0
LUMBAR = 5


@dataclass(frozen=True, kw_only=True, eq=False)
class Chain:
    """discs from the one on S1 upwards; doubts are sentences."""

    discs: tuple[FoundDisc, ...]
    doubts: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class LevelMap:
    """labels: uint8 Structure.channel on the grid of the tissues."""

    labels: Map
    chain: Chain

    @property
    def doubt(self) -> str | None:
        return "; ".join(self.chain.doubts) or None


def name_levels(tissues: Map, *, millimetres: float) -> LevelMap | None:
    """The 13 structures, or None where there is no chain of at least two discs."""
    found = find_discs(tissues, millimetres=millimetres)
    links = Links(tissues, millimetres)
    way = best_chain(found, links)
    if len(way) < 2:
        return None
    discs = with_missing(way, links)
    doubts = _doubts(discs, found, links)
    return LevelMap(labels=_draw(discs, tissues, millimetres), chain=Chain(discs=discs, doubts=doubts))


def _doubts(discs: Sequence[FoundDisc], found: Sequence[FoundDisc], links: Links) -> tuple[str, ...]:
    lumbar = discs[:LUMBAR]
    doubts = []
    below = links.below(discs[0], 5, 22)
    if links.share(below, Tissue.S1) + links.share(below, Tissue.SACRUM) < 0.35:
        doubts.append("the sacrum is not in view or was not recognised")
    if len(lumbar) < LUMBAR:
        doubts.append(f"only {len(lumbar)} lumbar discs in view")
    if lumbar[0].mask is None:
        doubts.append("no disc seen on the sacrum: L5/S1 rudimentary, fused or not in view")
    if any(disc.mask is None for disc in lumbar[1:]):
        doubts.append("a disc was not seen where the spacing demands one")
    doubts += _transitional(lumbar, found)
    return tuple(doubts)


def _transitional(lumbar: Sequence[FoundDisc], found: Sequence[FoundDisc]) -> list[str]:
    seen = [disc.width for disc in lumbar[1:] if disc.mask is not None]
    usual = float(np.median(seen)) if seen else 0.0
    doubts = []
    if lumbar[0].mask is not None and lumbar[0].width < 0.6 * usual:
        doubts.append("the disc on the sacrum is rudimentary: transitional vertebra possible")
    lower = [each for each in found if float((each.centre - lumbar[0].centre) @ lumbar[0].up) < 0 and each.area > 0]
    if any(each.width > 0.6 * usual and each.mask is not lumbar[0].mask for each in lower):
        doubts.append("a full disc lies below the one taken for L5/S1: transitional vertebra possible")
    return doubts


def _draw(discs: Sequence[FoundDisc], tissues: Map, millimetres: float) -> Map:
    labels = np.zeros(tissues.shape, np.uint8)
    labels[tissues == Tissue.CSF] = Structure.CSF.channel
    labels[_largest(tissues == Tissue.PRESACRAL_FAT)] = Structure.PRESACRAL_FAT.channel
    bone = (tissues == Tissue.VERTEBRA) | (tissues == Tissue.S1)
    near = _Side(tissues.shape, millimetres)
    labels[_body(bone & ~near.above(discs[0]) & near.within(discs[0]))] = Structure.S1.channel
    for index, vertebra in enumerate(reversed(LUMBAR_VERTEBRAE)):
        if index >= len(discs):
            break
        region = bone & near.above(discs[index]) & near.within(discs[index])
        if index + 1 < len(discs):
            region &= ~near.above(discs[index + 1])
        labels[_body(region)] = vertebra.channel
    for disc, name in zip(discs, reversed(DISC_STRUCTURES), strict=False):
        if disc.mask is not None:
            labels[_disc(disc.mask)] = name.channel
    return labels


class _Side:
    """Half planes and neighbourhoods of discs on one grid."""

    def __init__(self, shape: tuple[int, ...], millimetres: float) -> None:
        self._rows, self._columns = np.ogrid[: shape[0], : shape[1]]
        self._mm = millimetres

    def above(self, disc: FoundDisc) -> Mask:
        down, back = self._rows - disc.centre[0], self._columns - disc.centre[1]
        return np.asarray(down * disc.up[0] + back * disc.up[1] > 0)

    def within(self, disc: FoundDisc) -> Mask:
        down, back = self._rows - disc.centre[0], self._columns - disc.centre[1]
        return np.asarray(np.hypot(down, back) * self._mm < REACH_MM)


def _body(mask: Mask) -> Mask:
    """3 x 3 opening, largest piece, holes filled."""
    opened = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    outer, _ = cv2.findContours(
        _largest(np.asarray(opened) > 0).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
    )
    filled = np.zeros(mask.shape, np.uint8)
    cv2.drawContours(filled, outer, -1, 1, cv2.FILLED)
    return filled > 0


def _disc(mask: Mask) -> Mask:
    """The largest piece; opened first if that holds under 95 % of the pixels."""
    largest = _largest(mask)
    if np.count_nonzero(largest) >= 0.95 * np.count_nonzero(mask):
        return largest
    opened = np.asarray(cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))) > 0
    return _largest(opened if opened.any() else mask)


def _largest(mask: Mask) -> Mask:
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    if count < 2:
        return mask
    return np.asarray(pieces == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA])))
