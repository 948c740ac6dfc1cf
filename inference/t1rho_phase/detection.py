"""The mid-sagittal slice of a T1 stack and the levels in it. Talks to: the network it is given."""

from dataclasses import dataclass

from inference.errors import InputUnsuitable
from inference.runtime import Network
from inference.sagittal.midline import best_slice, candidates
from inference.sagittal.stack import SagittalStack
from inference.t1rho_phase.levels import Levels, name_levels
from inference.t1rho_phase.postprocess import Candidates, decode, joined, thinned
from inference.t1rho_phase.preprocess import SIDE, Grey, Spacing, grey, normalised, seen_in, squares

OFF_CENTRE_COST = 0.05  # of a chain's score, per millimetre from the middle of the stack


@dataclass(frozen=True, kw_only=True, eq=False)
class KeySlice:
    """The mid-sagittal slice: its index in the volume, grey of 0 to 1, the levels found in it."""

    index: int
    image: Grey
    levels: Levels


def find_key_slice(network: Network, stack: SagittalStack) -> KeySlice:
    """The slice whose discs make the best chain, near the middle of the stack. Raises InputUnsuitable."""
    seen: dict[int, KeySlice] = {}
    for index in candidates(len(stack.voxels), stack.slice_mm):
        image = grey(stack.voxels[index])
        levels = name_levels(detect(network, image, stack.spacing), stack.spacing)
        if levels is not None:
            seen[index] = KeySlice(index=index, image=image, levels=levels)
    if not seen:
        raise InputUnsuitable("no row of lumbar discs was found in the slices near the middle of the series")
    middle = (len(stack.voxels) - 1) / 2
    off = {index: abs(index - middle) * stack.slice_mm for index in seen}
    return seen[best_slice({index: key.levels.score - OFF_CENTRE_COST * off[index] for index, key in seen.items()})]


def detect(network: Network, image: Grey, spacing: Spacing) -> Candidates:
    """Candidates for discs in a slice, boxes in its pixels; image is grey of 0 to 1."""
    parts = []
    for frame in squares(image.shape, spacing):
        logits = network(normalised(seen_in(frame, image, spacing))[None, None])[0]
        found = decode(logits, SIDE)
        boxes = frame.to_slice(found.boxes, spacing)
        parts.append(Candidates(boxes=boxes, confidence=found.confidence, lumbosacral=found.lumbosacral))
    return thinned(joined(parts))
