"""The disc network on real slices of held-out patients: T2 with masks, T1 and T2 with boxes. Talks to: disk.

Nobody has published spin-lock images of the spine with outlines; these tell whether the network knows real discs.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.anatomy import DISC_STRUCTURES
from inference.errors import InputUnsuitable
from inference.phantom.labels import Tissue
from inference.relaxometry.segmentation import VIEWS_MM, draw_discs
from inference.runtime import Network
from inference.sagittal.segment import brought_to, logits_of, tissues_of
from inference.sagittal.stack import SagittalStack
from inference.training.card import Line
from inference.training.metrics import ByPatient, dice, mean, over_patients
from inference.training.samples import is_held_out
from inference.training.spider import SPACE_MM, masked_slices
from inference.training.sudirman import PIXEL_MM, BoxedSlice, boxed_slices

_LUMBAR = 5


def real_lines(network: Network, root: Path) -> Iterator[Line]:
    yield _masked(network, root)
    for contrast in ("t1", "t2"):
        yield _boxed(network, root, contrast)


def _masked(network: Network, root: Path) -> Line:
    rows: ByPatient = {}
    for each in masked_slices(root):
        if is_held_out(each.patient):
            shape = (each.image.shape[0], each.image.shape[1])
            views = [
                logits_of(network, each.image.astype(np.float32), (SPACE_MM, SPACE_MM), working_mm=working_mm)
                for working_mm in VIEWS_MM
            ]
            found = tissues_of(brought_to(shape, views)) == Tissue.DISC
            rows.setdefault(each.patient, []).append([dice(found, each.disc)])
    return Line(what="real T2 (SPIDER SPACE), Dice of disc", asked="", figure=over_patients(rows, mean))


def _boxed(network: Network, root: Path, contrast: str) -> Line:
    """A disc counts where the middle of what has its name lies in its box."""
    rows: ByPatient = {}
    for each in boxed_slices(root, (contrast,)):
        if is_held_out(each.patient) and len(each.boxes) >= _LUMBAR:
            rows.setdefault(each.patient, []).extend([float(hit)] for hit in _hits(network, each))
    what = f"real {contrast.upper()} (Sudirman), share of lumbar discs found under their name in their box"
    return Line(what=what, asked="", figure=over_patients(rows, mean))


def _hits(network: Network, each: BoxedSlice) -> list[bool]:
    """L5/S1 upwards."""
    try:
        labels = draw_discs(network, _stack(each.image.astype(np.float32))).labels[0]
    except InputUnsuitable:
        return [False] * _LUMBAR
    names = [structure.channel for structure in reversed(DISC_STRUCTURES)]
    return [_inside(labels == name, box) for name, box in zip(names, each.boxes[:_LUMBAR], strict=True)]


def _inside(mask: NDArray[np.bool_], box: NDArray[np.float64]) -> bool:
    if not mask.any():
        return False
    row, column = np.argwhere(mask).mean(axis=0)
    left, top, right, bottom = box
    return bool(left <= column <= right and top <= row <= bottom)


def _stack(image: NDArray[np.float32]) -> SagittalStack:
    return SagittalStack(voxels=image[None], row_mm=PIXEL_MM, column_mm=PIXEL_MM, slice_mm=4.0, turned=False, flips=())
