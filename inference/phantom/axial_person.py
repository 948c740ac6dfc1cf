"""The axial sections of one phantom person: what the sagittal spine says of each level, seen across. Pure."""

from dataclasses import dataclass, replace

import numpy as np

from inference.phantom.axial_draw import Cause, draw_section
from inference.phantom.axial_section import AxialSection, Lump
from inference.phantom.body_parts import Disc, Spine
from inference.phantom.canal import Canal
from inference.phantom.grid import Point
from inference.phantom.morphology import L1, L5

_HERNIATION_REACH, _WEAR_REACH = 5.0, 9.0  # millimetres above and below the disc's middle
_NORMAL_FLAVUM = 3.4


@dataclass(frozen=True, kw_only=True)
class Crossing:
    """Where a plane crosses the back of the column: (y, z), the disc nearest to it, and how far above its middle."""

    place: tuple[float, float]
    disc: Disc
    above: float
    level: float


def crossing(spine: Spine, *, point: Point, tilt: float) -> Crossing:
    """Of the plane through point (y, z) whose backward direction rises by tilt (radians)."""
    up = np.array([-np.sin(tilt), np.cos(tilt)])
    canal = spine.canal
    height = (canal.points - point) @ up
    near = np.abs(height) + 1e3 * (np.abs(canal.level - 3.5) > 5.0)
    index = int(np.argmin(near))
    level = float(canal.level[index])
    disc = spine.disc(int(np.clip(np.floor(level), L1, L5)))
    place = canal.points[index]
    return Crossing(
        place=(float(place[0]), float(place[1])),
        disc=disc,
        above=float(disc.frame.local_up(np.asarray(place[0]), np.asarray(place[1]))),
        level=level,
    )


def section_at(spine: Spine, where: Crossing) -> AxialSection:
    """The section there: disc, end plate or body; herniation and worn joints fade away from the disc."""
    disc, above = where.disc, where.above
    vertebra = spine.vertebra(disc.level)
    near = float(np.exp(-((above / _WEAR_REACH) ** 2)))
    drawn = _with_canal(_drawn(spine, disc), spine.canal, level=where.level, near=near)
    bone = float(np.clip((abs(above) - disc.height / 2) / 2.0 + 0.5, 0, 1))
    return replace(
        drawn,
        size=spine.size,
        grade=disc.grade,
        disc=replace(
            drawn.disc, width=vertebra.width, depth=vertebra.depth, bulge=disc.bulge_back * near, bulge_lean=0.0
        ),
        lumps=_lumps(disc, vertebra.depth, above),
        around=replace(
            drawn.around,
            fat_behind=spine.body.fat_behind,
            muscle_fat=min(spine.body.muscle_fat, 0.8),
            aorta_left=spine.body.aorta_left,
            prevertebral_fat=spine.body.prevertebral_fat,
        ),
        bone=0.0 if bone < 0.05 else bone,
        pedicles=float(np.clip((abs(above) - 8.0) / 3.0, 0, 1)),
        turn=0.0,
        shift=(0.0, 0.0),
    )


def _with_canal(drawn: AxialSection, canal: Canal, *, level: float, near: float) -> AxialSection:
    """near: 1 at the disc, where its ligaments are as thick as drawn, falling to 0 away from it."""
    gap, depth, half_width = (float(canal.at(table, level)) for table in (canal.gap, canal.depth, canal.half_width))
    right, left = (_NORMAL_FLAVUM + (each - _NORMAL_FLAVUM) * near for each in drawn.lumen.flavum)
    return replace(
        drawn,
        lumen=replace(drawn.lumen, flavum=(right, left), apex=max(drawn.lumen.apex, gap + depth + 1.0)),
        sac=replace(drawn.sac, gap=gap, half_width=half_width, half_depth=depth / 2),
    )


def _drawn(spine: Spine, disc: Disc) -> AxialSection:
    """What the sagittal spine does not tell: joints, ligaments, muscles; the same for every slice of a level."""
    rng = np.random.default_rng([spine.texture_seed, 8, disc.level])
    cause = Cause.STENOSIS if disc.stenosis > 0.15 else Cause.BULGE
    return draw_section(rng, level=disc.level, cause=cause, age=spine.age)


def _lumps(disc: Disc, depth: float, above: float) -> tuple[Lump, ...]:
    if disc.herniation is None:
        return ()
    near = float(np.exp(-(((above - disc.herniation.drift) / _HERNIATION_REACH) ** 2)))
    if disc.herniation.size * near < 1.0:
        return ()
    aside = disc.herniation.aside
    return (
        Lump(
            bearing=float(np.arctan2(aside, 0.5 * depth)),
            extension=disc.herniation.size * near,
            half_width=6.5,
            necked=False,
            nucleus=0.3,
        ),
    )
