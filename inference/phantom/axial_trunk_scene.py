"""Paint what surrounds the spine in an axial section: fat, muscles, vessels, bowel, iliac bones, skin. Pure."""

from dataclasses import dataclass

import numpy as np

from inference.phantom.axial_section import SIDES
from inference.phantom.axial_shapes import capsule, inferior_process, superior_process
from inference.phantom.axial_stage import AxialStage
from inference.phantom.grid import Field
from inference.phantom.solids import bump, intersect, super_ellipse
from inference.phantom.texture import Grain
from inference.phantom.tissues import Substance


@dataclass(frozen=True, kw_only=True, eq=False)
class Flesh:
    """Random fields of all muscles of an image: fine grain, bundles and septa drawn out along rays, broad patches."""

    fine: Field
    bundles: Field
    septa: Field
    broad: Field


def fascia_and_skin(stage: AxialStage) -> tuple[Field, Field]:
    """y of the fascia of the back and of the skin; the back is hollow in the midline."""
    section, out = stage.section, np.abs(stage.x)
    tip = section.lumen.apex + 4 + section.around.spinous_length
    swell = 7.0 * (1 - np.exp(-((out / 16.0) ** 2)))
    fascia = tip + swell - 0.0052 * np.clip(out - 18, 0, None) ** 2
    groove = 3.0 * np.exp(-((out / 18.0) ** 2))
    skin = tip + 4 + section.around.fat_behind - groove - 0.0012 * out**2
    return fascia.astype(np.float32), np.maximum(skin, fascia + 3).astype(np.float32)


def paint_trunk(stage: AxialStage, skin: Field) -> None:
    """Fat with septa from the skin forwards: everything else lies in it."""
    grain = 1 + 0.05 * stage.texture(Grain.MEDIUM) + 0.03 * stage.texture(Grain.COARSE)
    stage.fill(stage.y - skin, Substance.FAT, gain=grain)
    under = np.clip(1 - (skin - stage.y) / 60, 0.25, 1) * (stage.y < skin - 2)
    stage.cover(septa(stage, Grain.BROAD, width=0.06) * 0.3 * under, Substance.LIGAMENT)


def septa(stage: AxialStage, grain: Grain, *, width: float, stretch: tuple[float, float] = (1.0, 1.0)) -> Field:
    """Thin winding lines: where a random field passes zero."""
    field = stage.texture(grain, stretch=stretch)
    return np.asarray(np.clip(1.3 - np.abs(field) / width, 0, 1))


def paint_belly(stage: AxialStage) -> None:
    """Bowel, kidneys, and the great vessels before the spine."""
    section, rng = stage.section, np.random.default_rng([stage.section.texture_seed, 2])
    front = -section.disc.depth - section.around.prevertebral_fat
    for _ in range(int(rng.integers(8, 22))):
        _paint_loop(stage, rng, front)
    for side in SIDES:
        if section.around.kidneys > 0.4:
            _paint_kidney(stage, rng, side)
    _paint_vessels(stage, rng, front)


def _paint_loop(stage: AxialStage, rng: np.random.Generator, front: float) -> None:
    half, x, y = rng.uniform(5, 18), rng.uniform(-95, 95), front - rng.uniform(14, 90)
    body = super_ellipse(
        stage.x - x, stage.y - y, half_a=half * rng.uniform(0.8, 1.8), half_b=half, power=rng.uniform(1.8, 2.4)
    )
    body = np.maximum(body, stage.y - front + 6)
    if body.min() > 0:
        return
    uneven = 1 + 0.2 * stage.texture(Grain.MEDIUM)
    stage.fill(body, Substance.BOWEL, gain=uneven, softness=1.5)
    content = (Substance.BOWEL, Substance.AIR, Substance.FLUID, Substance.FAT)[
        int(rng.choice(4, p=[0.4, 0.2, 0.15, 0.25]))
    ]
    stage.fill(body + rng.uniform(1.5, 3), content, gain=rng.uniform(0.5, 1.1) * uneven, softness=2.0)


def _paint_kidney(stage: AxialStage, rng: np.random.Generator, side: int) -> None:
    x, y = side * rng.uniform(58, 70), -rng.uniform(5, 22)
    kidney = super_ellipse(stage.x - x, stage.y - y, half_a=rng.uniform(17, 22), half_b=rng.uniform(20, 27), power=2.2)
    grain = 1.35 + 0.10 * stage.texture(Grain.COARSE) + 0.06 * stage.texture(Grain.MEDIUM)
    stage.fill(kidney, Substance.ORGAN, gain=grain, softness=1.5)
    sinus = super_ellipse(stage.x - x + side * 7, stage.y - y, half_a=9.0, half_b=7.0, power=2.0)
    stage.fill(sinus + 1.5 * stage.texture(Grain.COARSE), Substance.FAT, softness=2.5)


def _paint_vessels(stage: AxialStage, rng: np.random.Generator, front: float) -> None:
    """Aorta and vena cava above L4/L5, the iliac vessels below; flowing blood is dark, unevenly."""
    section = stage.section
    left = section.around.aorta_left
    pairs = [(left, 0.0, 8.3, 8.3), (left - 26, 1.5, 11.5, 7.0)]
    if section.level >= 4:
        wide = 1.0 if section.level == 4 else 1.9
        pairs = [
            (left * s * wide + c, d, 5.8, 5.6) for s, c, d in ((1, 2, -7), (-1.1, -3, -5), (1.2, 6, 4), (-1.4, -8, 5))
        ]
    for x, down, half_x, half_y in pairs:
        place = (x + rng.normal(0, 1.5), front - half_y - 1 - down + rng.normal(0, 1.5))
        tube = super_ellipse(stage.x - place[0], stage.y - place[1], half_a=half_x, half_b=half_y, power=2.0)
        tube = np.maximum(tube, stage.y - front + 0.5)
        stage.fill(tube - 0.8, Substance.LIGAMENT, softness=1.2)
        swirl = np.clip(1.5 + rng.uniform(0, 3) + stage.texture(Grain.MEDIUM), 0, 8)
        stage.fill(tube, Substance.FLOWING_BLOOD, gain=swirl, softness=1.2)
    for _ in range(int(rng.integers(3, 12))):
        dot = np.hypot(stage.x - rng.uniform(-35, 35), stage.y - front + rng.uniform(3, 30)) - rng.uniform(0.8, 3.0)
        stage.fill(dot, Substance.FLOWING_BLOOD, gain=rng.uniform(1, 4), softness=1.2)


def paint_front_muscles(stage: AxialStage, flesh: Flesh) -> None:
    """Psoas beside the disc, quadratus lumborum above L5."""
    section, rng = stage.section, np.random.default_rng([stage.section.texture_seed, 3])
    half = section.around.psoas
    low = section.level == 5
    for side in SIDES:
        uneven = rng.normal(1, 0.06)
        x = section.disc.width / 2 + half * (0.86 + 0.35 * low) + rng.normal(0, 1.0)
        y = -section.disc.depth * (0.42 + 0.25 * low) + rng.normal(0, 2)
        psoas = super_ellipse(
            side * stage.x - x, stage.y - y, half_a=half * uneven, half_b=half * 1.08, power=rng.uniform(2.1, 2.6)
        )
        psoas = np.maximum(psoas, 1.5 - (side * stage.x - _flank(stage)))
        paint_muscle(stage, psoas, flesh, fat=0.35 * section.around.muscle_fat)
        if section.level < 5:
            tilt = 0.25 * (side * stage.x - x - 22)
            quadratus = super_ellipse(
                side * stage.x - x - 20, stage.y - 9 - tilt, half_a=17.0, half_b=7.5 * uneven, power=2.3
            )
            paint_muscle(stage, np.maximum(quadratus, -psoas + 1.5), flesh, fat=0.5 * section.around.muscle_fat)


def _flank(stage: AxialStage) -> Field:
    """Half width of the disc at each y, for what lies against it."""
    disc = stage.section.disc
    share = np.clip((stage.y + 0.52 * disc.depth) / (0.56 * disc.depth), -1, 1)
    return np.asarray(disc.width / 2 * np.sqrt(1 - np.abs(share) ** 2.3))


def draw_flesh(stage: AxialStage) -> Flesh:
    """The rays start before the spine, as the bundles of the back run."""
    texture = stage.canvas.texture
    away = np.hypot(stage.x, stage.y + 14.0)
    rays = np.arctan2(stage.x, stage.y + 14.0) * 55.0
    return Flesh(
        fine=stage.texture(Grain.FINE),
        bundles=texture.along(0.3 * away, rays, Grain.MEDIUM),
        septa=texture.along(0.45 * away, rays, Grain.COARSE),
        broad=stage.texture(Grain.BROAD),
    )


def paint_muscle(stage: AxialStage, hull: Field, flesh: Flesh, *, fat: float, feather: float = 0.0) -> None:
    """Muscle with a fascia, thin fat septa, and fatty streaks as it ages; feather: more streaks."""
    stage.fill(hull - 0.35, Substance.LIGAMENT, softness=0.9, strength=0.4)
    gain = np.clip(1 + 0.05 * flesh.fine + 0.08 * flesh.bundles, 0.5, 2)
    stage.fill(hull, Substance.MUSCLE, gain=gain, softness=1.4)
    amount = fat + feather
    share = np.clip(0.35 + 0.5 * flesh.broad + 1.2 * amount, 0, 1) * np.clip(-hull / 1.5, 0, 1)
    lines = np.clip(1.3 - np.abs(flesh.septa) / (0.10 + 0.2 * amount), 0, 1) * (0.15 + 1.0 * amount)
    patches = np.clip((flesh.bundles + 0.6 * flesh.fine - 1.9 + 2.8 * amount) * 0.8, 0, 0.9)
    stage.cover(np.clip(np.maximum(lines, patches), 0, 1) * share, Substance.FAT)


def paint_back_muscles(stage: AxialStage, flesh: Flesh, fascia: Field) -> None:
    """Multifidus beside the spinous process, longissimus and iliocostalis outside it, clefts of fat between."""
    section, around = stage.section, stage.section.around
    for side in SIDES:
        out = side * stage.x
        ahead = _front_of_back(stage, side)
        hull = super_ellipse(out - 31, stage.y - 31, half_a=34.0 + 0.5 * around.multifidus, half_b=29.0, power=2.6)
        hull = intersect(hull, stage.y - fascia + 1.2, rounding=3.0)
        hull = intersect(hull, ahead, rounding=2.0)
        hull = intersect(hull, around.spinous_width * 0.8 + 0.8 - out, rounding=2.0)
        feather = 0.12 * around.muscle_fat + 0.10 * np.clip((section.level - 3) / 2, 0, 1)
        paint_muscle(stage, hull, flesh, fat=around.muscle_fat, feather=feather)
        _paint_clefts(stage, hull, out)
    stage.cover(0.8 * bump(stage.y - fascia, width=0.8), Substance.LIGAMENT)


def _front_of_back(stage: AxialStage, side: int) -> Field:
    """Distance before the muscles of the back: before the laminae, into the joints, before the transverse processes."""
    section = stage.section
    facet, apex, out = section.facet(side), section.lumen.apex + 4.2, side * stage.x
    axis = facet.y + (apex - facet.y) * (1 - np.clip(out, 0, facet.x) / facet.x)
    beside = np.clip(out - facet.x - facet.radius, 0, 10)
    bone = np.minimum(
        superior_process(section, side, stage.x, stage.y), inferior_process(section, side, stage.x, stage.y)
    )
    gap = 0.2 + np.clip(0.3 + 1.4 * stage.texture(Grain.COARSE), 0, 4)
    return np.asarray(np.maximum(axis - 1.0 * beside - stage.y, gap - bone))


def _paint_clefts(stage: AxialStage, hull: Field, out: Field) -> None:
    """Fat between the bellies, deepest at the lamina, and what wear leaves between muscle and bone."""
    around = stage.section.around
    wander, fade = 2.5 * stage.texture(Grain.BROAD), np.clip(0.4 + 0.6 * stage.texture(Grain.COARSE), 0, 1)
    for middle, slope in ((around.multifidus + 6.0, 0.22), (around.multifidus + 27.0, 0.35)):
        line = out - middle - slope * (stage.y - 30) + wander
        wide = 0.35 + 2.2 * around.muscle_fat * np.clip((42 - stage.y) / 25, 0.1, 1)
        cleft = np.clip(1.2 - np.abs(line) / wide, 0, 1) * np.clip(-hull / 1.0, 0, 1)
        stage.cover(0.8 * cleft * fade, Substance.FAT)
    wedge = 1.0 + 9.0 * around.muscle_fat * np.clip((stage.section.level - 1) / 3, 0.2, 1)
    deep = np.clip(1.3 + hull / wedge, 0, 1) * np.clip((stage.section.lumen.apex + 20 - stage.y) / 8, 0, 1)
    deep = deep * np.clip((26 - out) / 8, 0, 1) * (hull < 0)
    stage.cover(0.85 * deep * np.clip(0.7 + 0.8 * stage.texture(Grain.COARSE), 0, 1), Substance.FAT)


def paint_iliac(stage: AxialStage, flesh: Flesh) -> None:
    """The wings of the iliac bones beside the lowest levels, with the gluteal muscles outside them."""
    iliac = stage.section.around.iliac
    if iliac < 0.15:
        return
    for side in SIDES:
        out = side * stage.x
        wing = capsule(out, stage.y, start=(72.0, -24.0), end=(74 - 26 * iliac, 26.0), radii=(5.0, 6.5))
        paint_muscle(stage, wing - 14.0 * np.clip((out - 54) / 14, 0, 1), flesh, fat=stage.section.around.muscle_fat)
        stage.fill(wing, Substance.CORTEX, softness=1.2)
        stage.fill(
            wing + 1.4,
            stage.canvas.palette.marrow(stage.section.around.marrow_fat),
            gain=1 + 0.08 * stage.texture(Grain.MEDIUM),
            softness=1.2,
        )


def paint_skin(stage: AxialStage, skin: Field) -> None:
    stage.cover(0.7 * bump(stage.y - skin + 1, width=0.9), Substance.SKIN)
    stage.fill(skin - stage.y, Substance.AIR)
