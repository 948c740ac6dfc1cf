"""Labels by the first stage, taken only where boxes, counts and levels agree. Talks to: the network it is given.

A pixel may be every class to which the first stage gives at least FAIR_SHARE; boxes and levels narrow that down.
"""

from collections.abc import Iterable, Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.anatomy import DISC_STRUCTURES, LUMBAR_VERTEBRAE, Structure
from inference.phantom.labels import Tissue
from inference.runtime import Network
from inference.sagittal.levels import LevelMap
from inference.sagittal.segment import logits_of, segment
from inference.training.samples import Sample, is_held_out
from inference.training.spider import MidSlice, bits
from inference.training.sudirman import PIXEL_MM, BoxedSlice, constraints

FAIR_SHARE = 0.15


def boxed_pseudo_samples(network: Network, slices: Iterable[BoxedSlice]) -> Iterator[Sample]:
    """T2 and T1 of one patient share their geometry and boxes: what is found on T2 serves both."""
    by_patient: dict[int, dict[str, BoxedSlice]] = {}
    for each in slices:
        by_patient.setdefault(each.patient, {})[each.contrast] = each
    for patient, contrasts in by_patient.items():
        if is_held_out(patient) or "t2" not in contrasts:
            continue
        t2 = contrasts["t2"]
        labels = _first_stage(network, t2.image, (PIXEL_MM, PIXEL_MM), boxes=t2)
        for contrast, each in contrasts.items():
            if labels is not None and np.array_equal(each.boxes, t2.boxes):
                yield Sample(
                    source=f"pseudo_{contrast}",
                    patient=patient,
                    name=f"pseudo_{each.name}",
                    image=each.image,
                    bits=labels,
                    spacing=(PIXEL_MM, PIXEL_MM),
                )


def spider_pseudo_samples(network: Network, slices: Iterable[MidSlice]) -> Iterator[Sample]:
    for each in slices:
        if is_held_out(each.patient):
            continue
        labels = _first_stage(network, each.image, each.spacing, count=each.disc_count)
        if labels is not None:
            yield Sample(
                source="pseudo_t2",
                patient=each.patient,
                name=f"pseudo_spider_{each.name}",
                image=each.image,
                bits=labels,
                spacing=each.spacing,
            )


def _first_stage(
    network: Network,
    image: NDArray[np.uint8],
    spacing: tuple[float, float],
    *,
    boxes: BoxedSlice | None = None,
    count: int | None = None,
) -> NDArray[np.uint16] | None:
    logits = logits_of(network, image.astype(np.float32), spacing)
    found = segment([logits], (image.shape[0], image.shape[1]), spacing)
    if found is None or not _agrees(found.levels, found.native, boxes, count):
        return None
    allowed = _fair(logits, (image.shape[0], image.shape[1]))
    allowed = _named(allowed, found.native)
    return allowed if boxes is None else _narrowed(allowed, constraints(boxes))


def _agrees(levels: LevelMap, native: NDArray[np.uint8], boxes: BoxedSlice | None, count: int | None) -> bool:
    discs = levels.chain.discs
    if levels.doubt is not None or len(discs) < 5:
        return False
    if boxes is None:
        return len(discs) == count
    return all(_inside(native == name.channel, boxes.boxes[k]) for k, name in enumerate(reversed(DISC_STRUCTURES)))


def _inside(mask: NDArray[np.bool_], box: NDArray[np.float64]) -> bool:
    """At least 85 % of the disc lies in its box."""
    x0, y0, x1, y1 = np.round(box).astype(int)
    within = np.count_nonzero(mask[max(0, y0 - 2) : y1 + 3, max(0, x0 - 2) : x1 + 3])
    return float(within) > 0.85 * max(1.0, float(np.count_nonzero(mask)))


def _fair(logits: NDArray[np.float32], shape: tuple[int, int]) -> NDArray[np.uint16]:
    odds = np.exp(logits - logits.max(axis=0))
    shares = odds / odds.sum(axis=0)
    allowed = np.zeros(shape, np.uint16)
    for tissue, share in enumerate(shares):
        fair = np.asarray(cv2.resize(share, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)) >= FAIR_SHARE
        allowed[fair] |= np.uint16(1 << tissue)
    allowed[allowed == 0] = bits(*Tissue)
    return allowed


def _named(allowed: NDArray[np.uint16], native: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """The chain of levels overrules: S1 is no vertebra above it, and the other way round."""
    bodies = np.isin(native, [each.channel for each in LUMBAR_VERTEBRAE])
    allowed[bodies] &= np.uint16(~bits(Tissue.S1, Tissue.SACRUM) & 0xFFFF)
    allowed[native == Structure.S1.channel] &= np.uint16(~bits(Tissue.VERTEBRA) & 0xFFFF)
    outside = (allowed == bits(Tissue.S1)) & (native != Structure.S1.channel)
    allowed[outside] = bits(Tissue.S1, Tissue.SACRUM)
    allowed[allowed == 0] = bits(*Tissue)
    return allowed


def _narrowed(allowed: NDArray[np.uint16], known: NDArray[np.uint16]) -> NDArray[np.uint16]:
    both = allowed & known
    return np.where(both > 0, both, known).astype(np.uint16)
