"""Signed distances of vertebral bodies and discs, in millimetres. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from inference.phantom.body_parts import Disc, Vertebra
from inference.phantom.grid import Field
from inference.phantom.solids import bump, intersect, super_ellipse
from inference.phantom.stage import Local, Stage

PlateHeight = Callable[[Vertebra, Field, Field], Field]
_FRONT_POWER, _BACK_POWER = 2.35, 3.2  # a body is round in front and square behind
_LIP_REACH = 3.0
_NOTCH = 1.5  # hollow of the back of a body or disc towards the canal


@dataclass(frozen=True, kw_only=True, eq=False)
class BodyCut:
    """distance: negative inside the body, cortex included."""

    vertebra: Vertebra
    local: Local
    distance: Field


@dataclass(frozen=True, kw_only=True, eq=False)
class DiscCut:
    """core: without herniation; across: -1 at the lower, 1 at the upper end plate; half_depth of the disc proper."""

    disc: Disc
    local: Local
    distance: Field
    core: Field
    across: Field
    half_depth: float
    half_width: float


def upper_plate(vertebra: Vertebra, back: Field, aside: Field) -> Field:
    """Height of the upper end plate in the body's frame."""
    plate = vertebra.upper
    level = vertebra.height / 2 - np.tan(np.deg2rad(vertebra.wedge_degrees) / 2) * back
    dent = plate.schmorl.depth * bump(back - plate.schmorl.back, width=plate.schmorl.width) if plate.schmorl else 0.0
    return np.asarray(level - _hollow(vertebra, plate.hollow, back, aside) - dent)


def lower_plate(vertebra: Vertebra, back: Field, aside: Field) -> Field:
    plate = vertebra.lower
    level = -vertebra.height / 2 + np.tan(np.deg2rad(vertebra.wedge_degrees) / 2) * back
    dent = plate.schmorl.depth * bump(back - plate.schmorl.back, width=plate.schmorl.width) if plate.schmorl else 0.0
    return np.asarray(level + _hollow(vertebra, plate.hollow, back, aside) + dent)


def _hollow(vertebra: Vertebra, depth: float, back: Field, aside: Field) -> Field:
    """A dish deepest a little behind the middle; a collapsed body is dished like a fish's."""
    depth += vertebra.collapse * vertebra.height * 0.5
    along = np.clip(1 - ((back - 0.06 * vertebra.depth) * (2 / vertebra.depth)) ** 2, 0, 1)
    across = np.clip(1 - (aside * (2 / vertebra.width)) ** 2, 0, 1)
    return np.asarray(depth * along**0.8 * np.sqrt(across))


def body_distance(vertebra: Vertebra, local: Local) -> Field:
    half_height = vertebra.height / 2
    waist = np.clip(1 - (local.up / half_height) ** 2, 0, 1)
    near_top = bump(half_height - local.up, width=_LIP_REACH)
    near_bottom = bump(half_height + local.up, width=_LIP_REACH)
    shrink = 1 - vertebra.taper * np.clip(0.5 - local.up / vertebra.height, 0, 1)
    front = vertebra.depth / 2 * (1 - (1 - shrink) * 1.1) - vertebra.waist_front * waist
    behind = vertebra.depth / 2 * (1 - (1 - shrink) * 0.9) - vertebra.waist_back * waist
    front = front + vertebra.upper.lip_front * near_top + vertebra.lower.lip_front * near_bottom
    behind = behind + vertebra.upper.lip_back * near_top + vertebra.lower.lip_back * near_bottom
    half_width = vertebra.width / 2 * (1 - 0.1 * waist) * shrink
    side = _outline(local.back, local.aside, front=front, behind=behind, half_width=half_width, notch=_NOTCH)
    above = local.up - upper_plate(vertebra, local.back, local.aside)
    below = lower_plate(vertebra, local.back, local.aside) - local.up
    return intersect(side, intersect(above, below, rounding=0.3), rounding=2.4)


def _outline(  # noqa: PLR0913 - a closed curve in two coordinates has these four measures
    back: Field, aside: Field, *, front: Field, behind: Field, half_width: Field | float, notch: float
) -> Field:
    """The cross-section seen from above: distance to the side walls; behind is reached on the midline."""
    forwards = super_ellipse(aside, back, half_a=half_width, half_b=np.maximum(front, 1), power=_FRONT_POWER)
    horns = np.maximum(behind + notch, 1)
    backwards = super_ellipse(aside, back, half_a=half_width, half_b=horns, power=_BACK_POWER)
    hollow = back - behind - notch * (1 - bump(aside, width=9.0))
    return np.asarray(np.where(back < 0, forwards, np.maximum(backwards, hollow)))


def cut_bodies(stage: Stage) -> dict[int, BodyCut]:
    """The bodies that the image meets, by level."""
    cuts = {}
    for vertebra in stage.spine.vertebrae:
        radius = 0.5 * float(np.hypot(np.hypot(vertebra.depth, vertebra.height), vertebra.width)) + 8
        local = stage.local(vertebra.frame, radius)
        if local is not None:
            cuts[vertebra.level] = BodyCut(
                vertebra=vertebra, local=local, distance=body_distance(vertebra, local).astype(np.float32)
            )
    return cuts


def cut_discs(stage: Stage) -> Iterator[DiscCut]:
    """The discs that the image meets, from above."""
    for disc in stage.spine.discs:
        above, below = stage.spine.vertebra(disc.level), stage.spine.vertebra(disc.level + 1)
        reach = disc.herniation.size if disc.herniation else 0.0
        radius = 0.5 * float(np.hypot(above.depth + 2 * reach, above.width)) + 10
        local = stage.local(disc.frame, radius)
        if local is not None:
            yield _cut_disc(stage, disc, above=above, below=below, local=local)


def _cut_disc(stage: Stage, disc: Disc, *, above: Vertebra, below: Vertebra, local: Local) -> DiscCut:
    y, z = stage.place.y[local.window.index], stage.place.z[local.window.index]
    ceiling = _beyond_plate(above, lower_plate, y, z, local.aside)
    floor = -_beyond_plate(below, upper_plate, y, z, local.aside)
    gap = np.clip(-ceiling - floor, 0.5, 40)
    across = np.clip(-floor / gap * 2 - 1, -1.3, 1.3)
    half_depth = 0.25 * (above.depth * (1 - above.taper) + below.depth)
    half_width = 0.25 * (above.width * (1 - above.taper) + below.width)
    arc = np.clip(1 - across * across, 0, 1)
    side = _outline(
        local.back,
        local.aside,
        front=half_depth - 0.3 + disc.bulge_front * arc,
        behind=half_depth - 0.3 + disc.bulge_back * arc,
        half_width=half_width + 0.7 * disc.bulge_back,
        notch=_NOTCH * float(np.interp(disc.grade, [2, 3.5], [1, 0.1])),
    )
    core = intersect(intersect(ceiling, floor, rounding=0.4), side, rounding=1.6).astype(np.float32)
    return DiscCut(
        disc=disc,
        local=local,
        distance=_with_herniation(disc, local, core, half_depth),
        core=core,
        across=across,
        half_depth=half_depth,
        half_width=half_width,
    )


def _beyond_plate(vertebra: Vertebra, plate: PlateHeight, y: Field, z: Field, aside: Field) -> Field:
    """Height above an end plate, in the frame of its body."""
    back, up = vertebra.frame.local_back(y, z), vertebra.frame.local_up(y, z)
    return up - plate(vertebra, back, aside)


def _with_herniation(disc: Disc, local: Local, core: Field, half_depth: float) -> Field:
    lump = disc.herniation
    if lump is None:
        return core
    reach, half_height = lump.size + 1.2, max(disc.height * 0.42, 2.5) + 0.5 * abs(lump.drift)
    radius = np.sqrt(
        ((local.back - (half_depth - 1.0)) / reach) ** 2
        + ((local.aside - lump.aside) / 7.5) ** 2
        + ((local.up - 0.6 * lump.drift) / half_height) ** 2
    )
    lumped = np.where(local.back < half_depth - 3, 9.0, (radius - 1) * min(reach, half_height))
    return np.minimum(core, lumped).astype(np.float32)
