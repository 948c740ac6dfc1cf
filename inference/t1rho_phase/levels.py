"""Candidates to levels: the best ordered chain of discs, counted from the one on the sacrum upwards. Pure.

Boxes are (x0, y0, x1, y1) in pixels of the slice, rows cranial to caudal; distances in millimetres. Discs above L1/L2
and below L5/S1 may be in view: what counts is which candidate looks lumbosacral and how its neighbours lie.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.anatomy import Disc
from inference.t1rho_phase.postprocess import Candidates

SHORTEST_MM, USUAL_MM, LONGEST_MM, LONGEST_BRIDGE_MM = 20.0, 35.0, 52.0, 92.0
STEEPEST = 0.45  # least upward share of a step between neighbours
SPREAD_MM, BRIDGE_COST = 8.0, 1.5
START_GAIN = 1.5  # of the log-odds that a candidate is the lumbosacral disc
RUDIMENTARY, REMNANT_COST = 0.88, 10.0  # diagonals of boxes; remnants of validation patients reach .82, L5/S1 .95
LIKELY, LEAST_CONFIDENT = 0.4, 0.05
LARGEST_LOG_ODDS = 4.0
LUMBAR = len(Disc)


@dataclass(frozen=True, kw_only=True, eq=False)
class LevelledDisc:
    """box in pixels of the slice; confidence that there is a disc."""

    box: NDArray[np.float64]
    confidence: float


@dataclass(frozen=True, kw_only=True)
class Levels:
    """discs that were found, by name; doubts why the numbering may be wrong; score of the whole chain."""

    discs: Mapping[Disc, LevelledDisc]
    doubts: tuple[str, ...]
    score: float

    @property
    def doubt(self) -> str | None:
        return "; ".join(self.doubts) or None


def name_levels(found: Candidates, spacing: tuple[float, float]) -> Levels | None:
    """None where no two candidates stand in a row. spacing: millimetres per (row, column)."""
    found = found.of(np.flatnonzero(found.confidence >= LEAST_CONFIDENT))
    column = _Column(found, spacing)
    ways = sorted((column.best_from(start) for start in range(len(found.confidence))), key=lambda way: -way.score)
    if not ways or len([rung for rung in ways[0].rungs if rung is not None]) < 2:
        return None
    best = ways[0]
    lumbar = best.rungs[:LUMBAR]
    discs = {
        name: LevelledDisc(box=found.boxes[rung], confidence=float(found.confidence[rung]))
        for name, rung in zip(reversed(Disc), lumbar, strict=False)
        if rung is not None
    }
    doubts = tuple(_doubts(found, column, best.rungs))
    return Levels(discs=dict(sorted(discs.items(), key=_order)), doubts=doubts, score=best.score)


def _order(item: tuple[Disc, LevelledDisc]) -> int:
    return list(Disc).index(item[0])


@dataclass(frozen=True, kw_only=True)
class _Way:
    """Candidates from the lumbosacral one upwards; None for a disc that was passed over."""

    rungs: tuple[int | None, ...]
    score: float


class _Column:
    """Candidates as the rungs of a ladder."""

    def __init__(self, found: Candidates, spacing: tuple[float, float]) -> None:
        middle = (found.boxes[:, :2] + found.boxes[:, 2:]) / 2
        self._places = middle * np.array([spacing[1], spacing[0]])  # (back, down)
        sides = (found.boxes[:, 2:] - found.boxes[:, :2]) * np.array([spacing[1], spacing[0]])
        self._sizes = np.hypot(sides[:, 0], sides[:, 1])
        self._worth = _log_odds(found.confidence)
        self._start = START_GAIN * _log_odds(found.lumbosacral * found.confidence)
        self._not_start = -_log_odds(found.lumbosacral) / 2
        self._above: dict[int, _Way] = {}

    def best_from(self, start: int) -> _Way:
        """The best chain whose lowest disc, the one on the sacrum, is this candidate."""
        above = self._upwards(start)
        score = float(self._worth[start] + self._start[start]) + above.score - self._remnant_cost(start, above)
        return _Way(rungs=(start, *above.rungs), score=score)

    def height_over(self, one: int, other: int) -> float:
        """Millimetres by which one lies above other."""
        return float(self._places[other, 1] - self._places[one, 1])

    def distance(self, one: int, other: int) -> float:
        return float(np.hypot(*(self._places[one] - self._places[other])))

    def _remnant_cost(self, start: int, above: _Way) -> float:
        """L5/S1 is about as large as the disc over it; what is clearly smaller is the remnant S1/S2."""
        neighbour = next((rung for rung in above.rungs if rung is not None), None)
        small = neighbour is not None and self._sizes[start] < RUDIMENTARY * self._sizes[neighbour]
        return REMNANT_COST * small

    def _upwards(self, below: int) -> _Way:
        if below not in self._above:
            ways = [_Way(rungs=(), score=0.0)]
            for rung in range(len(self._worth)):
                bridges = self._bridges(below, rung)
                if bridges is not None:
                    further = self._upwards(rung)
                    gain = float(self._worth[rung] + self._not_start[rung]) - self._cost(below, rung, bridges)
                    rungs = ((None,) * bridges) + (rung, *further.rungs)
                    ways.append(_Way(rungs=rungs, score=gain + further.score))
            self._above[below] = max(ways, key=lambda way: way.score)
        return self._above[below]

    def _bridges(self, below: int, above: int) -> int | None:
        """Discs missing between two rungs, 0 or 1; None where the step is impossible."""
        distance = self.distance(below, above)
        if self.height_over(above, below) < STEEPEST * distance or not SHORTEST_MM <= distance <= LONGEST_BRIDGE_MM:
            return None
        return int(distance > LONGEST_MM)

    def _cost(self, below: int, above: int, bridges: int) -> float:
        step = self.distance(below, above) / (1 + bridges)
        return ((step - USUAL_MM) / SPREAD_MM) ** 2 / 4 + BRIDGE_COST * bridges


def _log_odds(share: NDArray[np.float64]) -> NDArray[np.float64]:
    safe = np.clip(share, 1e-3, 1 - 1e-3)
    return np.clip(np.log(safe / (1 - safe)), -LARGEST_LOG_ODDS, LARGEST_LOG_ODDS)


def _doubts(found: Candidates, column: _Column, rungs: Sequence[int | None]) -> list[str]:
    lumbar, lowest = rungs[:LUMBAR], rungs[0]
    doubts = []
    if lowest is None or found.lumbosacral[lowest] < LIKELY:
        doubts.append("the disc on the sacrum was not recognised for certain")
    if len(lumbar) < LUMBAR:
        doubts.append(f"only {len(lumbar)} lumbar discs in view")
    if None in lumbar:
        doubts.append("a disc was not seen where the spacing demands one")
    if any(found.lumbosacral[rung] > LIKELY for rung in rungs[1:] if rung is not None):
        doubts.append("which disc lies on the sacrum is a close call")
    if lowest is not None and _full_disc_below(found, column, lowest):
        doubts.append("a disc lies below the one taken for L5/S1: transitional vertebra possible")
    return doubts


def _full_disc_below(found: Candidates, column: _Column, lowest: int) -> bool:
    return any(
        found.confidence[other] > LIKELY
        and column.height_over(lowest, other) > 8
        and column.distance(lowest, other) < LONGEST_MM
        for other in range(len(found.confidence))
        if other != lowest
    )
