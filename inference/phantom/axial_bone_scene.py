"""Paint the disc or end plate of an axial section, its herniations, and the arch behind the canal. Pure."""

import numpy as np

from inference.phantom.axial_section import SIDES
from inference.phantom.axial_shapes import (
    capsule,
    disc_distance,
    inferior_process,
    lump_base,
    lump_distance,
    polar,
    smooth_union,
    superior_process,
)
from inference.phantom.axial_stage import AxialStage
from inference.phantom.grid import Field
from inference.phantom.solids import bump, intersect
from inference.phantom.texture import Grain
from inference.phantom.tissues import Matter, Substance

CARTILAGE = Matter(density=0.72, t1=950.0, t2=44.0)


def paint_disc(stage: AxialStage) -> None:
    """Dark outer annulus, nucleus as worn as the grade says, tears and gas; then what the slice holds of bone."""
    section = stage.section
    hull = disc_distance(section, stage.x, stage.y)
    stage.fill(hull - 0.2, Substance.LIGAMENT, softness=1.1)
    share = _nucleus_share(stage)
    lamellae = 1 + 0.05 * stage.texture(Grain.MEDIUM) + 0.04 * stage.texture(Grain.FINE)
    matter = stage.canvas.palette.disc(grade=section.grade, nucleus=share, scale=1.0)
    stage.fill(hull + 1.1, matter, gain=lamellae, softness=1.6)
    if section.vacuum:
        gas = bump(stage.y + 0.5 * section.disc.depth, width=2.2) * bump(stage.x, width=9.0)
        stage.cover(0.9 * gas * np.clip(0.5 + stage.texture(Grain.COARSE), 0, 1), Substance.AIR)
    if section.fissure > 0:
        _paint_fissure(stage, hull)
    if section.bone > 0:
        _paint_end_plate(stage, hull)


def _nucleus_share(stage: AxialStage) -> Field:
    disc, grade = stage.section.disc, stage.section.grade
    wander = 0.10 * stage.texture(Grain.BROAD)
    reach = (
        np.abs(stage.x / (0.36 * disc.width)) ** 2.4
        + np.abs((stage.y + 0.46 * disc.depth) / (0.31 * disc.depth)) ** 2.4
    )
    fading = float(np.interp(grade, [1, 2, 3, 4, 5], [0.28, 0.34, 0.55, 0.9, 1.3]))
    share = 1 / (1 + np.exp(np.clip((reach - 1 + wander) / (0.5 * fading), -20, 20)))
    rough = float(np.interp(grade, [1, 3, 5], [0.03, 0.10, 0.2]))
    return np.asarray(np.clip(share * (1 + rough * stage.texture(Grain.COARSE)), 0, 1))


def _paint_fissure(stage: AxialStage, hull: Field) -> None:
    """A tear of the posterior annulus: a bright arc under its outermost layers."""
    rng = np.random.default_rng([stage.section.texture_seed, 4])
    x = rng.normal(0, 7)
    arc = bump(hull + 2.0, width=0.9) * bump(stage.x - x, width=rng.uniform(1.5, 4.5)) * (stage.y > -10)
    stage.cover(0.7 * stage.section.fissure * arc, Substance.FLUID)


def _paint_end_plate(stage: AxialStage, hull: Field) -> None:
    """The part of the slice that lies in bone: from the front or the back, as the plane is tilted, or at the rim."""
    section = stage.section
    rng = np.random.default_rng([section.texture_seed, 6])
    along = (stage.y + 0.5 * section.disc.depth) / (0.5 * section.disc.depth)
    tilt = along * rng.choice([-1.0, 1.0]) * rng.uniform(0.2, 1.0) + 0.35 * stage.texture(Grain.BROAD)
    rim = np.clip(1 + hull / 12.0, 0, 1)
    share = np.clip(1.4 * (section.bone * 2.4 - 1.2 + 0.8 * (tilt + rim - 0.6)) + 0.5, 0, 1)
    share = share if section.bone < 0.95 else np.ones_like(share)
    inner = np.clip(-(hull + section.disc.bulge + 1.0) / 1.2, 0, 1)
    patch = 1 + 0.12 * stage.texture(Grain.COARSE) + 0.08 * stage.texture(Grain.MEDIUM)
    marrow = stage.canvas.palette.marrow(np.clip(section.around.marrow_fat * patch, 0.05, 0.95))
    stage.cover(bump(share - 0.5, width=0.25) * inner * 0.7 * (section.bone < 0.95), Substance.CORTEX)
    stage.cover(share * inner, marrow, gain=1 + 0.06 * stage.texture(Grain.FINE))


def paint_lumps(stage: AxialStage) -> None:
    """Herniations: a dark coat of annulus or ligament, in it disc matter with more or less of the nucleus."""
    section = stage.section
    for lump in section.lumps:
        shape = lump_distance(section, lump, stage.x, stage.y)
        base, outwards = lump_base(section, lump)
        out = (stage.x - base[0]) * outwards[0] + (stage.y - base[1]) * outwards[1]
        hull = disc_distance(section, stage.x, stage.y)
        shape = np.where(shape < hull + 6, smooth_union(shape, hull, blend=2.5), shape)
        shown = intersect(shape, -1.5 - out, rounding=1.0)
        stage.fill(shown, Substance.LIGAMENT, softness=1.0)
        share = np.clip(lump.nucleus * (0.5 - shape / 3.0) + 0.1 * stage.texture(Grain.MEDIUM), 0, 1)
        matter = stage.canvas.palette.disc(grade=min(section.grade, 3.6), nucleus=share, scale=1.0)
        neck = shape + 0.8
        stage.fill(intersect(neck, -3.0 - out, rounding=1.0), matter, softness=1.2)


def paint_arch(stage: AxialStage) -> None:
    """Superior and inferior articular processes with the joints between them, laminae, spinous process."""
    spinous = _spinous(stage)
    for side in SIDES:
        superior = superior_process(stage.section, side, stage.x, stage.y)
        inferior = inferior_process(stage.section, side, stage.x, stage.y)
        inferior = np.maximum(inferior, -2.0 - side * stage.x)
        _paint_bone(stage, superior, cortex=0.8 + 0.5 * stage.section.facet(side).worn)
        _paint_bone(stage, np.minimum(inferior, spinous), cortex=1.0)
        _paint_joint(stage, side)


def _spinous(stage: AxialStage) -> Field:
    section = stage.section
    start = section.lumen.apex + 4.5
    run = np.clip((stage.y - start) / section.around.spinous_length, 0, 1)
    half = section.around.spinous_width * (1 - 0.35 * np.sin(np.pi * np.clip(run * 1.1, 0, 1)) + 0.35 * run**4)
    half = half + 3.0 * np.exp(-np.clip(stage.y - start + 2, 0, None) / 3.0)
    blade = np.abs(stage.x - 0.8 * np.sin(2 * run)) - half
    return intersect(
        blade, np.maximum(start - 3 - stage.y, stage.y - start - section.around.spinous_length), rounding=3.0
    )


def _paint_bone(stage: AxialStage, distance: Field, *, cortex: float) -> None:
    fat = min(0.85, 0.9 * stage.section.around.marrow_fat)
    grain = 0.85 + 0.10 * stage.texture(Grain.MEDIUM) + 0.06 * stage.texture(Grain.FINE)
    patchy = np.clip(fat * (1 + 0.2 * stage.texture(Grain.COARSE)), 0.05, 0.95)
    stage.fill(distance - 0.2, Substance.CORTEX, softness=1.3)
    stage.fill(distance + cortex, stage.canvas.palette.marrow(patchy), gain=grain, softness=1.9)


def _paint_joint(stage: AxialStage, side: int) -> None:
    """Cartilage between two dark layers of subchondral bone; fluid in it where the joint is effused."""
    facet = stage.section.facet(side)
    rho, off = polar(stage.section, side, stage.x, stage.y)
    middle = np.abs(rho - facet.radius - facet.gap / 2)
    ends = (np.abs(off) - facet.reach) * np.pi / 180 * rho
    dark = intersect(middle - facet.gap / 2 - 0.25 - 0.6 * facet.worn, ends, rounding=1.0)
    stage.fill(dark, Substance.CORTEX, softness=1.0)
    cartilage = intersect(middle - 0.34 * facet.gap, ends + 0.8, rounding=0.8)
    uneven = np.clip(1.0 + 0.35 * stage.texture(Grain.MEDIUM) - 0.4 * facet.worn, 0.2, 1.2)
    stage.fill(cartilage, CARTILAGE, strength=uneven, softness=0.9)
    if facet.effusion > 0:
        film = intersect(middle - 0.22 * facet.gap - 0.25 * facet.effusion, ends + 1.0, rounding=0.8)
        wet = np.clip(0.4 + facet.effusion + 0.5 * stage.texture(Grain.COARSE), 0, 1)
        stage.fill(film, Substance.FLUID, strength=wet, softness=0.8)


def paint_pedicles(stage: AxialStage) -> None:
    """Bars from the body to the articular processes: only in slices above or below the disc."""
    if stage.section.pedicles <= 0:
        return
    disc = stage.section.disc
    for side in SIDES:
        bar = capsule(
            side * stage.x,
            stage.y,
            start=(disc.width * 0.36, -8.0),
            end=(stage.section.facet(side).x + 2.5, stage.section.facet(side).y - 2.0),
            radii=(4.5, 5.0),
        )
        bar = np.maximum(bar, stage.section.lumen.half_width + 1.5 - side * stage.x)
        stage.fill(bar - 0.3, Substance.CORTEX, softness=1.0, strength=stage.section.pedicles)
        marrow = stage.canvas.palette.marrow(stage.section.around.marrow_fat)
        stage.fill(bar + 0.9, marrow, softness=1.3, strength=stage.section.pedicles)
