"""Paint what lies in front of the column: fat, vessels, bowel, organs, rectum, bladder, presacral fat. Pure."""

import numpy as np

from inference.anatomy import Structure
from inference.phantom.belly import Loop, draw_loops
from inference.phantom.canvas import Name
from inference.phantom.grid import Field, window_of
from inference.phantom.labels import Tissue
from inference.phantom.solids import intersect
from inference.phantom.stage import Stage
from inference.phantom.texture import Grain
from inference.phantom.tissues import Substance

_FACE_KNOTS = (-3.0, 1.0, 5.0, 5.6, 6.0, 6.5, 7.0, 8.0, 9.0, 10.0)
_FACE_DEPTH = (27.0, 32.0, 34.5, 33.5, 27.5, 22.0, 18.0, 13.0, 10.0, 8.0)  # of the column before the canal


def in_front(stage: Stage) -> Field:
    """Millimetres before the front of the column, over the whole image."""
    depth = np.interp(stage.canal.level, _FACE_KNOTS, _FACE_DEPTH) * stage.spine.size
    return (-stage.canal.behind - depth).astype(np.float32)


def paint_trunk(stage: Stage, skin: Field) -> None:
    """Fat from the skin of the belly to that of the back: everything else lies in it."""
    belly = -20.0 - stage.spine.body.abdomen_depth - 15 * np.sin(stage.place.z / 90.0)
    texture, shape = stage.canvas.texture, stage.grid.whole.shape
    streaks = texture.field(shape, Grain.COARSE, stretch=(0.4, 1.4)) + texture.field(
        shape, Grain.MEDIUM, stretch=(0.5, 1.0)
    )
    inner = np.clip(-stage.canal.behind / 30, 0, 1)
    grain = 1 + 0.04 * texture.field(shape, Grain.MEDIUM) - inner * np.clip(0.11 * streaks + 0.05, -0.05, 0.6)
    hull = np.maximum(stage.place.y - skin, belly - stage.place.y)
    stage.canvas.fill(stage.grid.whole, hull, Substance.FAT, gain=grain)


def paint_belly(stage: Stage, ahead: Field) -> None:
    """Organs as soft shades, then bowel, small vessels, and what lies in the pelvis."""
    window = window_of(ahead > 1)
    if window is None:
        return
    texture = stage.canvas.texture
    room = np.clip((ahead[window.index] - _free_margin(stage)[window.index]) / 4, 0, 1)
    upper = np.clip((stage.place.z[window.index] + 60) / 60, 0.15, 1)
    shade = texture.field(window.shape, Grain.BROAD, stretch=(0.6, 1.0)) + 0.3 * texture.field(
        window.shape, Grain.COARSE, stretch=(0.5, 1.0)
    )
    amount = np.clip(shade + texture.rng.uniform(-1.0, 1.0), 0, 1) * room * upper
    grain = 1 + 0.12 * texture.field(window.shape, Grain.COARSE) + 0.06 * texture.field(window.shape, Grain.FINE)
    stage.canvas.cover(window, amount, Substance.ORGAN, gain=grain)
    rng = np.random.default_rng([stage.spine.texture_seed, 1])
    for loop in draw_loops(rng, stage.spine):
        _paint_loop(stage, loop, ahead)


def _paint_loop(stage: Stage, loop: Loop, ahead: Field) -> None:
    local = stage.local(loop.frame, loop.radius + 3)
    if local is None:
        return
    free = ahead[local.window.index] - _free_margin(stage)[local.window.index]
    distance = intersect(loop.distance(local), 1.5 - free, rounding=3.0)
    uneven = 1 + 0.2 * stage.canvas.texture.field(local.window.shape, Grain.MEDIUM)
    stage.canvas.fill(local.window, distance, Substance.BOWEL, softness=loop.softness, gain=uneven)
    inner = distance + loop.wall
    stage.canvas.fill(local.window, inner, loop.content, softness=loop.softness, gain=loop.gain * uneven)


def _free_margin(stage: Stage) -> Field:
    """How thick the fat before the column is: thin in front of the bodies, wide in front of the sacrum."""
    body = stage.spine.body
    thick = (body.prevertebral_fat, body.prevertebral_fat, body.presacral_fat * 0.8, body.presacral_fat + 1.5)
    return np.interp(stage.canal.level, [3.0, 5.0, 6.0, 7.5], thick).astype(np.float32)


def paint_presacral_fat(stage: Stage, ahead: Field) -> None:
    """The band before S1 and S2, and its label; the rectum's coat bounds it."""
    level = stage.canal.level
    thick = stage.spine.body.presacral_fat * np.interp(level, [5.6, 6.0, 6.6, 7.4], [0.35, 0.6, 0.95, 1.0])
    band = intersect(ahead - thick, 1.2 - ahead, rounding=1.0)
    band = intersect(band, np.maximum((5.72 - level) * 25, (level - 7.35) * 25), rounding=2.0)
    band = np.maximum(band, np.abs(stage.place.x) - 22)
    window = window_of(band < 2)
    if window is None:
        return
    grain = 1 + 0.06 * stage.canvas.texture.field(window.shape, Grain.MEDIUM)
    stage.canvas.fill(window, band[window.index], Substance.FAT, gain=grain, softness=2.0)
    name = Name(tissue=Tissue.PRESACRAL_FAT, channel=Structure.PRESACRAL_FAT.channel)
    stage.canvas.call(window, band[window.index] < 0, name)


def paint_vessels(stage: Stage, ahead: Field) -> None:
    """Aorta on the left, vena cava on the right, parting before L4; flowing blood is dark."""
    spine, canvas = stage.spine, stage.canvas
    fork = spine.vertebra(4).frame.z - 8
    parted = np.clip((fork - stage.place.z) * 0.5, 0, 40)
    radius = np.interp(stage.place.z, [fork - 15, fork + 5], [5.5, 8.5]) * spine.size
    depth = ahead - spine.body.prevertebral_fat * 0.4 - radius - 2
    for middle, wide in ((spine.body.aorta_left + parted, 1.0), (-spine.body.aorta_left - 5 - parted, 1.08)):
        distance = np.hypot(stage.place.x - middle, depth) - radius * wide
        window = window_of(distance < 2.5)
        if window is None:
            continue
        tube = distance[window.index]
        canvas.fill(window, tube - 0.9, Substance.LIGAMENT, softness=1.2)
        swirl = np.clip(1.5 + canvas.texture.field(window.shape, Grain.MEDIUM, stretch=(0.3, 1.0)), 0, 5)
        canvas.fill(window, tube, Substance.FLOWING_BLOOD, gain=swirl, softness=1.6)
