"""The mid-sagittal slice, found by what is seen in it. Pure.

Tissue maps are uint8 (row, column) on the working grid.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from inference.phantom.labels import Tissue

SEARCH_MM, STEP_MM = 21.0, 3.0
SMALLEST_COLUMN_MM2 = 2500.0


def candidates(slice_count: int, slice_mm: float) -> tuple[int, ...]:
    """Slices within 21 mm of the middle of the stack, one about every 3 mm at most."""
    middle = (slice_count - 1) / 2
    step = max(1, round(STEP_MM / slice_mm))
    reach = int(SEARCH_MM / slice_mm)
    chosen = np.arange(-(reach // step) * step, reach + 1, step) + round(middle)
    return tuple(int(index) for index in chosen if 0 <= index < slice_count)


def midline_score(tissues: NDArray[np.uint8], *, millimetres: float) -> float:
    """Square millimetres of dural sac and canal beside the lumbar column, with half of the spinous processes.

    0 where there is too little column to speak of a spine.
    """
    rows = column_rows(tissues, millimetres=millimetres)
    if rows is None:
        return 0.0
    seen = tissues[rows]
    sac = np.count_nonzero((seen == Tissue.CSF) | (seen == Tissue.CANAL))
    processes = np.count_nonzero(seen == Tissue.POSTERIOR_ELEMENT)
    return float(sac + 0.5 * processes) * millimetres**2


def column_rows(tissues: NDArray[np.uint8], *, millimetres: float) -> slice | None:
    """Rows from the top of S1 (or of the lowest disc) up to 200 mm above it."""
    column = (tissues == Tissue.VERTEBRA) | (tissues == Tissue.DISC)
    if np.count_nonzero(column) * millimetres**2 < SMALLEST_COLUMN_MM2:
        return None
    filled = np.flatnonzero(column.sum(axis=1) * millimetres > 8)
    if len(filled) == 0:
        return None
    lowest = int(filled[-1])
    return slice(max(0, lowest - round(200 / millimetres)), lowest + 1)


def best_slice(scores: Mapping[int, float]) -> int:
    """The slice with the best score, each score helped by its neighbours so that one lucky slice does not win."""
    order = sorted(scores)
    values = np.array([scores[index] for index in order])
    ends = np.pad(values, 1, mode="edge")
    smooth = 0.25 * ends[:-2] + 0.5 * values + 0.25 * ends[2:]
    return order[int(np.argmax(smooth))]
