"""Found levels beside true boxes, as rows for scores.average_precision. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.anatomy import Disc
from inference.t1rho_phase.levels import Levels
from inference.t1rho_phase.postprocess import overlaps
from inference.t1rho_phase.preprocess import Grey, Spacing, grey
from inference.training.sudirman import PIXEL_MM, BoxedSlice

TrueBoxes = Mapping[Disc, NDArray[np.float64]]


@dataclass(frozen=True, kw_only=True, eq=False)
class Truth:
    """A slice, grey of 0 to 1, and the box of each lumbar disc in its pixels."""

    image: Grey
    spacing: Spacing
    boxes: TrueBoxes


def sudirman_truth(each: BoxedSlice) -> Truth | None:
    """None where readers drew fewer than five discs."""
    if len(each.boxes) < len(Disc):
        return None
    return Truth(
        image=grey(each.image.astype(np.float32)),
        spacing=(PIXEL_MM, PIXEL_MM),
        boxes=dict(zip(reversed(Disc), each.boxes, strict=False)),
    )


def detection_rows(levels: Levels | None, truth: TrueBoxes) -> list[list[float]]:
    """One row per level: confidence, overlap with the true box, whether found, whether true, number of the level."""
    return [_row(levels, truth, disc, number) for number, disc in enumerate(Disc)]


def _row(levels: Levels | None, truth: TrueBoxes, disc: Disc, number: int) -> list[float]:
    found = levels.discs.get(disc) if levels else None
    true = truth.get(disc)
    overlap = float(overlaps(found.box, true[None])[0]) if found is not None and true is not None else 0.0
    confidence = found.confidence if found is not None else 0.0
    return [confidence, overlap, float(found is not None), float(true is not None), float(number)]
