"""What is true of a spine, disc by disc. Pure."""

from dataclasses import dataclass

from inference.anatomy import Disc, Sex
from inference.phantom.body_parts import Spine, Transition


@dataclass(frozen=True, kw_only=True)
class DiscTruth:
    """grade: continuous, 1 to 5."""

    disc: Disc
    grade: float


@dataclass(frozen=True, kw_only=True)
class SpineTruth:
    """discs from L1/L2 to L5/S1."""

    sex: Sex
    age: float
    transition: Transition
    discs: tuple[DiscTruth, ...]


def truth_of(spine: Spine) -> SpineTruth:
    discs = tuple(DiscTruth(disc=name, grade=part.grade) for name, part in zip(Disc, spine.lumbar_discs, strict=True))
    return SpineTruth(sex=spine.sex, age=spine.age, transition=spine.transition, discs=discs)
