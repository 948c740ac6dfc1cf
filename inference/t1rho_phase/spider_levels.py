"""SPIDER T1 beside its T2: no one drew boxes, so the T2 network's discs stand for the truth. Talks to: disk, networks.

Pseudo-truth: where T1 and T2 of a patient show the same field of view, the discs that disc_quantification's network
outlines on T2, level by level, grown by the rim that readers leave. It can be wrong where that network is. Only
patients whom that network has not learnt.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.anatomy import Disc, Structure
from inference.runtime import Network
from inference.sagittal.segment import segment, views_of
from inference.t1rho_phase.boxed import RIM_BACK_MM, RIM_DOWN_MM
from inference.t1rho_phase.detection import detect
from inference.t1rho_phase.detection_scores import detection_rows
from inference.t1rho_phase.levels import Levels, name_levels
from inference.t1rho_phase.preprocess import grey
from inference.training.metrics import ByPatient
from inference.training.samples import is_held_out
from inference.training.spider import MidSlice, mid_slices

SAME_FIELD_MM = 2.0
Boxes = Mapping[Disc, NDArray[np.float64]]


@dataclass(frozen=True, kw_only=True)
class SpiderRows:
    """By patient. detection: as detection_scores; same_levels: whether each middle lies in the T2 disc's box."""

    detection: ByPatient
    same_levels: ByPatient


def spider_rows(detector: Network, t2_network: Network, root: Path) -> SpiderRows:
    detection: ByPatient = {}
    same: ByPatient = {}
    for t1, t2 in _pairs(root):
        truth = _boxes_from_t2(t2_network, t1, t2)
        if len(truth) < len(Disc):
            continue
        image = grey(t1.image.astype(np.float32))
        levels = name_levels(detect(detector, image, t1.spacing), t1.spacing)
        detection.setdefault(t1.patient, []).extend(detection_rows(levels, truth))
        same.setdefault(t1.patient, []).extend([float(_inside(levels, disc, box))] for disc, box in truth.items())
    return SpiderRows(detection=detection, same_levels=same)


def _pairs(root: Path) -> Iterator[tuple[MidSlice, MidSlice]]:
    t2 = {each.patient: each for each in mid_slices(root, ("t2",))}
    for each in mid_slices(root, ("t1",)):
        other = t2.get(each.patient)
        if (
            other is not None
            and is_held_out(each.patient)
            and np.abs(_extent(each) - _extent(other)).max() < SAME_FIELD_MM
        ):
            yield each, other


def _extent(each: MidSlice) -> NDArray[np.float64]:
    return np.array(each.image.shape) * each.spacing


def _boxes_from_t2(network: Network, t1: MidSlice, t2: MidSlice) -> Boxes:
    """In pixels of the T1 slice; empty where the T2 network doubts its levels."""
    slice_ = t2.image.astype(np.float32)
    found = segment(views_of(network, slice_, t2.spacing), (slice_.shape[0], slice_.shape[1]), t2.spacing)
    if found is None or found.levels.doubt is not None:
        return {}
    scale = np.array([t2.spacing[1] / t1.spacing[1], t2.spacing[0] / t1.spacing[0]] * 2)
    boxes = {}
    for disc, rim in zip(Disc, RIM_DOWN_MM, strict=True):
        rows, columns = np.nonzero(found.native == Structure(disc.value).channel)
        if len(rows):
            tight = np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]) * scale
            half = np.array([RIM_BACK_MM / t1.spacing[1], rim / t1.spacing[0]]) / 2
            boxes[disc] = tight + np.concatenate([-half, half])
    return boxes


def _inside(levels: Levels | None, disc: Disc, box: NDArray[np.float64]) -> bool:
    found = levels.discs.get(disc) if levels else None
    if found is None:
        return False
    middle = (found.box[:2] + found.box[2:]) / 2
    return bool((middle >= box[:2]).all() and (middle <= box[2:]).all())
