"""Paint the canal of an axial section: ligamenta flava, dural sac, rootlets, roots, and the foramina. Pure."""

import numpy as np

from inference.phantom.axial_roots import Root
from inference.phantom.axial_section import SIDES
from inference.phantom.axial_shapes import flavum_distance, lumen_distance, sac_distance, solid_distance
from inference.phantom.axial_stage import AxialStage
from inference.phantom.axial_truth import ALL_BUNDLED, SOME_BUNDLED
from inference.phantom.grid import Field
from inference.phantom.solids import ellipse, intersect
from inference.phantom.texture import Grain
from inference.phantom.tissues import Matter, Substance

FLAVUM = Matter(density=0.52, t1=800.0, t2=32.0)
_OUTSIDE_SAC = 4  # from L4/L5 down the traversing root has left the sac before the disc


def paint_foramina(stage: AxialStage) -> None:
    """Strands and veins in the fat beside the disc, and the ganglia."""
    section = stage.section
    for side in SIDES:
        out = side * stage.x
        region = np.clip((out - section.lumen.half_width) / 3, 0, 1) * np.clip((44 - out) / 6, 0, 1)
        region = region * np.clip((stage.y + 8) / 4, 0, 1) * np.clip((14 - stage.y) / 5, 0, 1)
        strands = np.clip(stage.texture(Grain.MEDIUM, stretch=(1.0, 0.6)) + section.around.veins - 0.6, 0, 1)
        stage.cover(0.75 * strands * region, Substance.MUSCLE)
        thin = np.clip(1.3 - np.abs(stage.texture(Grain.COARSE)) / 0.12, 0, 1)
        stage.cover(0.5 * thin * region, Substance.LIGAMENT)


def paint_ganglia(stage: AxialStage) -> None:
    for root in stage.truth.exiting:
        shape = _ellipse(stage, root)
        shape = shape + 0.45 * stage.texture(Grain.COARSE)
        stage.fill(shape - 0.8, Substance.FAT, softness=1.8, strength=0.35 if root.grade == 0 else 0.0)
        grain = 0.9 + 0.12 * stage.texture(Grain.MEDIUM)
        stage.fill(shape, Substance.ROOT, gain=grain, softness=1.5)


def _ellipse(stage: AxialStage, root: Root) -> Field:
    x, y = stage.x - root.x, stage.y - root.y
    return ellipse(x, y, half_a=root.half_x, half_b=root.half_y)


def paint_canal(stage: AxialStage) -> None:
    section = stage.section
    lumen = lumen_distance(section, stage.x, stage.y)
    stage.fill(np.maximum(lumen, -stage.y), Substance.FAT, gain=1 + 0.05 * stage.texture(Grain.FINE), softness=1.0)
    for side in SIDES:
        band = flavum_distance(section, side, stage.x, stage.y)
        stage.fill(band, FLAVUM, gain=1 + 0.12 * stage.texture(Grain.FINE), softness=1.3)
    _paint_veins(stage, lumen)
    sac = _sac_with_room_for_roots(stage)
    stage.fill(sac - 0.35, Substance.LIGAMENT, softness=0.8)
    flow = 1 - 0.12 * np.clip(stage.texture(Grain.COARSE) - 0.3, 0, 2)
    stage.fill(sac, Substance.CSF, gain=flow, softness=0.8)
    _paint_rootlets(stage, sac)


def _sac_with_room_for_roots(stage: AxialStage) -> Field:
    sac = sac_distance(stage.section, stage.x, stage.y)
    if stage.section.level < _OUTSIDE_SAC:
        return sac
    for root in stage.truth.traversing:
        sac = intersect(sac, 0.9 - _ellipse(stage, root), rounding=0.8)
    return sac


def _paint_veins(stage: AxialStage, lumen: Field) -> None:
    """The anterior epidural plexus, and the ligament that holds the sac in the midline."""
    section = stage.section
    solid = solid_distance(section, stage.x, stage.y)
    near = np.clip(1.4 - np.abs(solid - 1.4) / 1.2, 0, 1) * np.clip(-lumen, 0, 1)
    stage.cover(
        near * np.clip(stage.texture(Grain.MEDIUM) * 0.5 + section.around.veins - 0.2, 0, 0.7),
        Substance.MUSCLE,
        gain=1.5,
    )


def _paint_rootlets(stage: AxialStage, sac: Field) -> None:
    """Each a soft dot; crowded ones, wavy through the thickness of the slice, melt into a grey bundle."""
    bundle, radius = stage.truth.bundle, stage.section.sac.rootlet_radius
    cover = np.zeros(stage.shape, np.float32)
    for x, y in bundle.places:
        cover = np.maximum(cover, np.clip(0.5 - (np.hypot(stage.x - x, stage.y - y) - radius) / 0.7, 0, 1))
    inside = np.clip(0.5 - (sac + 0.15) / 0.6, 0, 1)
    crowd = np.clip((bundle.crowding - SOME_BUNDLED + 0.05) / (ALL_BUNDLED - SOME_BUNDLED), 0, 1)
    patchy = np.clip(crowd * (1.0 + 0.6 * (1 - crowd) * stage.texture(Grain.MEDIUM)), 0, 1)
    stage.cover(0.72 * patchy * inside, Substance.ROOT)
    stage.cover(0.85 * cover * inside, Substance.ROOT)


def paint_roots(stage: AxialStage) -> None:
    """The traversing roots: in a film of fluid or fat where nothing touches them."""
    low = stage.section.level >= _OUTSIDE_SAC
    for root in stage.truth.traversing:
        shape = _ellipse(stage, root)
        if low and root.grade < 3:
            solid = solid_distance(stage.section, stage.x, stage.y)
            stage.fill(np.maximum(shape - 0.9, 0.2 - solid), Substance.FAT, softness=0.9, strength=0.9)
        stage.fill(shape - 0.25, Substance.LIGAMENT, softness=0.7, strength=0.15)
        stage.fill(shape, Substance.ROOT, gain=1 + 0.05 * stage.texture(Grain.FINE), softness=0.9)
