"""The best chain of discs in a map of tissues, from the one on the sacrum upwards. Pure.

Maps are uint8 Tissue values on an isotropic grid, (row, column), rows cranial to caudal, columns anterior to posterior.
Points and directions are (row, column); lengths in millimetres unless a name says pixels.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.phantom.labels import Tissue

Map = NDArray[np.uint8]
Point = NDArray[np.float64]
Mask = NDArray[np.bool_]

SMALLEST_DISC_MM2 = 30.0
RUDIMENTARY = 0.65  # of the usual width: rather the remnant S1/S2 than the disc on S1
GAP_MM, SHORTEST_MM, LONGEST_MM, LONGEST_BRIDGE_MM = 35.0, 19.0, 52.0, 88.0


@dataclass(frozen=True, kw_only=True, eq=False)
class FoundDisc:
    """One candidate. up: unit vector across the disc, towards the head. width: extent along its long axis.

    mask is None for a disc that was not seen but must lie here.
    """

    centre: Point
    up: Point
    width: float
    area: float
    mask: Mask | None


def find_discs(tissues: Map, *, millimetres: float) -> list[FoundDisc]:
    """Every piece of disc that is large enough, from the lowest upwards; pieces of one disc side by side are joined."""
    disc = (tissues == Tissue.DISC).astype(np.uint8)
    bridge = cv2.getStructuringElement(cv2.MORPH_RECT, (2 * round(1.5 / millimetres) + 1, 1))
    _, pieces = cv2.connectedComponents(np.asarray(cv2.dilate(disc, bridge)), connectivity=8)
    pieces[disc == 0] = 0
    found = [
        _measured(pieces == number, millimetres)
        for number in range(1, int(pieces.max()) + 1)
        if np.count_nonzero(pieces == number) * millimetres**2 >= SMALLEST_DISC_MM2
    ]
    return sorted(found, key=lambda each: -float(each.centre[0]))


def _measured(mask: Mask, millimetres: float) -> FoundDisc:
    points = np.argwhere(mask).astype(np.float64)
    centre = points.mean(axis=0)
    spread, axes = np.linalg.eigh(np.cov((points - centre).T))
    up = axes[:, 0] if spread[1] > 2.5 * spread[0] else np.array([1.0, 0.0])
    up = -up if up[0] > 0 else up
    along = (points - centre) @ np.array([-up[1], up[0]])
    return FoundDisc(
        centre=centre,
        up=up,
        width=float(np.ptp(along)) * millimetres,
        area=len(points) * millimetres**2,
        mask=mask,
    )


class Links:
    """How well two discs, or a disc and the sacrum, belong together."""

    def __init__(self, tissues: Map, millimetres: float) -> None:
        self._tissues, self._mm = tissues, millimetres

    def distance(self, lower: FoundDisc, upper: FoundDisc) -> float:
        return float(np.linalg.norm(lower.centre - upper.centre)) * self._mm

    def pair(self, lower: FoundDisc, upper: FoundDisc) -> float:
        """Score of these two as neighbours, or with one unseen disc between; very low if that cannot be."""
        distance = self.distance(lower, upper)
        way = (upper.centre - lower.centre) * self._mm / max(distance, 1e-6)
        if not SHORTEST_MM <= distance <= LONGEST_BRIDGE_MM or -way[0] < 0.4:
            return -100.0
        met = self.between(lower.centre, upper.centre)
        body = self.share(met, Tissue.VERTEBRA)
        sacral = self.share(met, Tissue.S1) + self.share(met, Tissue.SACRUM)
        if distance > LONGEST_MM:
            return 1.5 * body - 4.0 * sacral - 2.0
        return 1.5 * body - 4.0 * sacral - 0.3 * ((distance - GAP_MM) / 10) ** 2 - 1.0 * (body < 0.4)

    def start(self, lowest: FoundDisc) -> float:
        """How much this disc looks like the one on S1."""
        below = self.below(lowest, 5, 22)
        sacral = self.share(below, Tissue.S1) + 0.4 * self.share(below, Tissue.SACRUM)
        return 2.5 * sacral - 2.0 * self.share(below, Tissue.VERTEBRA)

    def start_unseen(self, lowest: FoundDisc) -> float:
        """How much this disc looks like L4/5 above an L5/S1 that was not seen."""
        body = self.share(self.below(lowest, 5, 22), Tissue.VERTEBRA)
        sacrum = self.share(self.below(lowest, 34, 48), Tissue.S1)
        return 1.0 * body + 1.2 * sacrum - 1.2

    def below(self, disc: FoundDisc, near: float, far: float) -> NDArray[np.uint8]:
        """Tissues met going down from a disc, over a fan of directions; from near to far millimetres."""
        return np.concatenate(
            [
                self.between(
                    disc.centre - _turned(disc.up, angle) * near / self._mm,
                    disc.centre - _turned(disc.up, angle) * far / self._mm,
                )
                for angle in (-12.0, 0.0, 12.0)
            ]
        )

    def between(self, one: Point, other: Point) -> NDArray[np.uint8]:
        steps = np.linspace(0, 1, 2 + int(np.linalg.norm(other - one)))[:, None]
        path = np.round(one + steps * (other - one)).astype(int)
        inside = ((path >= 0) & (path < self._tissues.shape)).all(axis=1)
        path = path[inside]
        return np.asarray(self._tissues[path[:, 0], path[:, 1]])

    @staticmethod
    def share(met: NDArray[np.uint8], tissue: Tissue) -> float:
        """Of what was met, disc left out."""
        rest = met[met != Tissue.DISC]
        return float(np.mean(rest == tissue)) if len(rest) else 0.0


def _turned(direction: Point, degrees: float) -> Point:
    sine, cosine = np.sin(np.deg2rad(degrees)), np.cos(np.deg2rad(degrees))
    return np.array([direction[0] * cosine - direction[1] * sine, direction[0] * sine + direction[1] * cosine])


@dataclass(frozen=True, kw_only=True, eq=False)
class Way:
    """A chain under construction. on_sacrum is False where the disc on S1 was not seen."""

    discs: tuple[FoundDisc, ...]
    on_sacrum: bool
    score: float

    def __len__(self) -> int:
        return len(self.discs)


def best_chain(found: Sequence[FoundDisc], links: Links) -> Way:
    """The best chain through candidates ordered from below, by dynamic programming."""
    usual = float(np.median([disc.width for disc in found])) if found else 0.0
    ending: list[Way] = []
    for index, disc in enumerate(found):
        worth = min(disc.area / 150, 1.0)
        starts = (
            Way(
                discs=(disc,),
                on_sacrum=True,
                score=links.start(disc) + worth - 2.0 * (disc.width < RUDIMENTARY * usual),
            ),
            Way(discs=(disc,), on_sacrum=False, score=links.start_unseen(disc) + worth),
        )
        longer = (
            Way(
                discs=(*way.discs, disc),
                on_sacrum=way.on_sacrum,
                score=way.score + links.pair(way.discs[-1], disc) + worth,
            )
            for way in ending[:index]
        )
        ending.append(max((*starts, *longer), key=lambda way: way.score))
    return max(ending, key=lambda way: way.score, default=Way(discs=(), on_sacrum=False, score=0.0))


def with_missing(way: Way, links: Links) -> tuple[FoundDisc, ...]:
    discs: list[FoundDisc] = []
    if not way.on_sacrum:
        lowest = way.discs[0]
        step = lowest.centre - way.discs[1].centre
        discs.append(_unseen(lowest.centre + _turned(step, 12.0), lowest, lowest))
    for lower, upper in pairwise(way.discs):
        discs.append(lower)
        if links.distance(lower, upper) > LONGEST_MM:
            discs.append(_unseen((lower.centre + upper.centre) / 2, lower, upper))
    return _aligned((*discs, way.discs[-1]))


def _unseen(centre: Point, lower: FoundDisc, upper: FoundDisc) -> FoundDisc:
    up = lower.up + upper.up
    return FoundDisc(centre=centre, up=up / np.linalg.norm(up), width=lower.width, area=0.0, mask=None)


def _aligned(discs: tuple[FoundDisc, ...]) -> tuple[FoundDisc, ...]:
    """Each disc's direction, mixed with that of the column, which a worn or bulging disc cannot mislead."""
    straight = []
    for index, disc in enumerate(discs):
        column = discs[max(0, index - 1)].centre - discs[min(len(discs) - 1, index + 1)].centre
        column = -column / np.linalg.norm(column)
        own = disc.up if float(disc.up @ column) > 0.5 else column
        up = 0.7 * own + 0.3 * column if index else own
        straight.append(replace(disc, up=up / np.linalg.norm(up)))
    return tuple(straight)
