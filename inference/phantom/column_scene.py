"""Paint vertebral bodies and discs, and name them. Pure."""

import numpy as np

from inference.phantom.canvas import Name
from inference.phantom.column_solids import BodyCut, DiscCut
from inference.phantom.grid import Field
from inference.phantom.labels import body_channel, body_tissue, disc_channel, disc_tissue
from inference.phantom.solids import bump
from inference.phantom.stage import Stage
from inference.phantom.t1rho import disc_t1rho
from inference.phantom.texture import Grain
from inference.phantom.tissues import Matter, Substance

_CORTEX = 0.75  # millimetres
_FRONT_LIGAMENT = 0.9  # the anterior longitudinal ligament, as dark as the cortex it lies on
_MODIC_T2 = {1: 1.6, 2: 1.2, 3: 0.8}
_MODIC_FAT = {1: -0.5, 2: 0.35, 3: -0.1}
_MODIC_DENSITY = {1: 1.0, 2: 1.0, 3: 0.45}


def paint_column(stage: Stage, bodies: dict[int, BodyCut], discs: list[DiscCut]) -> None:
    """Cortex, then discs, then marrow; herniations come later, over the canal."""
    for body in bodies.values():
        front = body.local.back < -0.2 * body.vertebra.depth
        coat = body.distance - _FRONT_LIGAMENT * front * (not body.vertebra.is_sacral)
        stage.canvas.fill(body.local.window, coat, Substance.CORTEX, softness=1.0)
    for disc in discs:
        _paint_disc(stage, disc)
    for body in bodies.values():
        _paint_marrow(stage, body)


def name_column(stage: Stage, bodies: dict[int, BodyCut], discs: list[DiscCut]) -> None:
    """Labels of discs, then of bodies over them."""
    for disc in discs:
        name = Name(tissue=disc_tissue(disc.disc.level), channel=disc_channel(disc.disc.level))
        stage.canvas.call(disc.local.window, disc.distance < 0, name)
    for body in bodies.values():
        level = body.vertebra.level
        name = Name(tissue=body_tissue(level), channel=body_channel(level))
        stage.canvas.call(body.local.window, body.distance < 0, name)


def nucleus_share(stage: Stage, cut: DiscCut) -> Field:
    """1 in the nucleus, 0 in the annulus; the border fades and the cleft deepens with wear."""
    disc, local = cut.disc, cut.local
    along = local.back / cut.half_depth
    shape = local.window.shape
    reach = (
        np.abs((along - disc.nucleus_centre) / disc.nucleus_reach) ** 3
        + np.abs(local.aside / (0.74 * cut.half_width)) ** 2.5
        + np.abs(cut.across / 0.97) ** 4.5
    )
    fading = float(np.interp(disc.grade, [1, 2, 3, 4, 5], [0.30, 0.34, 0.55, 0.85, 1.2]))
    share = 1 / (1 + np.exp(np.clip((reach - 1) / (0.5 * fading), -20, 20)))
    rough = float(np.interp(disc.grade, [1, 3, 5], [0.02, 0.05, 0.10]))
    share = share * (1 + rough * stage.canvas.texture.field(shape, Grain.MEDIUM))
    if disc.cleft > 0:
        wander = 0.05 * stage.canvas.texture.field(shape, Grain.COARSE)
        band = bump(cut.across + wander, width=0.16) * (np.abs(along - disc.nucleus_centre) < 0.55)
        share = share * (1 - 0.5 * min(disc.cleft, 1.0) * band)
    return np.asarray(np.clip(share, 0, 1))


def _paint_disc(stage: Stage, cut: DiscCut) -> None:
    disc, local, canvas = cut.disc, cut.local, stage.canvas
    shape = local.window.shape
    share = nucleus_share(stage, cut)
    matter = canvas.palette.disc(grade=disc.grade, nucleus=share, scale=disc.signal_scale)
    own = disc_t1rho(disc.grade, person=stage.spine.texture_seed, level=disc.level)
    along = np.abs(local.back / cut.half_depth)
    outer = np.clip((np.maximum(along, np.abs(local.aside) / cut.half_width) - 0.8) / 0.2, 0, 1) * (1 - share)
    fine = canvas.texture.field(shape, Grain.FINE)
    grain = 1 + 0.02 * fine
    matter = Matter(
        density=matter.density * (1 - 0.25 * outer),
        t1=matter.t1 * own.t1_gain,
        t2=np.clip(matter.t2 * (1 - 0.25 * outer) * grain, 9, None),
        t1rho=own.field(share, fine),
    )
    if not disc.is_sacral:
        coat = cut.core - _FRONT_LIGAMENT * (local.back < -0.5 * cut.half_depth)
        canvas.fill(local.window, coat, Substance.LIGAMENT, softness=1.0)
    canvas.fill(local.window, cut.core, matter)
    if disc.high_intensity_zone:
        spot = bump(local.back - cut.half_depth + 2.2, width=1.3) * bump(local.up, width=1.5)
        spot = spot * bump(local.aside, width=5.0)
        canvas.cover(local.window, spot * (cut.core < -0.3) * 0.75, Substance.FLUID)
    if disc.vacuum:
        gas = bump(local.up, width=0.1 * disc.height + 0.5) * (along < 0.6) * (cut.core < -0.8) * 0.9
        canvas.cover(local.window, gas, Substance.AIR)


def _marrow(stage: Stage, body: BodyCut) -> Matter:
    """Red and yellow marrow, with end-plate change where the neighbouring disc has it."""
    vertebra, local, texture = body.vertebra, body.local, stage.canvas.texture
    shape = local.window.shape
    patch = 1 + 0.16 * texture.field(shape, Grain.COARSE) + 0.10 * texture.field(shape, Grain.MEDIUM)
    fat = vertebra.fat_fraction * patch
    density_gain, t2_gain = np.ones(shape, np.float32), np.ones(shape, np.float32)
    for level, side in ((vertebra.level - 1, 1), (vertebra.level, -1)):
        disc = next((d for d in stage.spine.discs if d.level == level and d.modic), None)
        if disc is not None:
            depth = np.abs(local.up - side * vertebra.height / 2) / disc.modic_reach
            share = np.clip(1 - depth - 0.25 * np.abs(texture.field(shape, Grain.COARSE)), 0, 1)
            fat = fat + _MODIC_FAT[disc.modic] * share
            t2_gain = t2_gain * (1 + (_MODIC_T2[disc.modic] - 1) * share)
            density_gain = density_gain * (1 + (_MODIC_DENSITY[disc.modic] - 1) * share)
    matter = stage.canvas.palette.marrow(np.clip(fat, 0.04, 0.95))
    return Matter(density=matter.density * density_gain, t1=matter.t1, t2=matter.t2 * t2_gain, fat=matter.fat)


def _paint_marrow(stage: Stage, body: BodyCut) -> None:
    vertebra, local, canvas = body.vertebra, body.local, stage.canvas
    shape = local.window.shape
    grain = (
        1
        + 0.06 * canvas.texture.field(shape, Grain.FINE)
        + 0.05 * canvas.texture.field(shape, Grain.MEDIUM)
        + 0.03 * canvas.texture.field(shape, Grain.POWDER)
    )
    canvas.fill(local.window, body.distance + _CORTEX, _marrow(stage, body), gain=grain, softness=0.9)
    if not vertebra.is_sacral:
        _paint_vein(stage, body)
    spot = vertebra.haemangioma
    if spot is not None:
        ball = np.sqrt((local.back - spot.back) ** 2 + (local.up - spot.up) ** 2 + local.aside**2) - spot.radius
        inner = np.maximum(ball, body.distance + 1)
        canvas.fill(local.window, inner, Substance.FAT, softness=2.5, gain=1.1)


def _paint_vein(stage: Stage, body: BodyCut) -> None:
    """The basivertebral vein: a wedge from the middle of the back wall into the body."""
    vertebra, local = body.vertebra, body.local
    opening = np.clip(local.back / (0.5 * vertebra.depth), 0, 1)
    wedge = bump(local.up, width=np.maximum(0.5, 2.0 * opening)) * np.clip(opening * 1.4, 0, 1)
    share = 0.5 * wedge * bump(local.aside, width=5.0) * (body.distance < -0.4)
    substance = Substance.FAT if vertebra.vein_is_fat else Substance.FLUID
    stage.canvas.cover(local.window, share, substance)
