"""Paint what lies behind and beside the canal: spinous processes, laminae, pedicles, muscle, fat, skin. Pure."""

import numpy as np

from inference.phantom.body_parts import Frame, Vertebra
from inference.phantom.canvas import Name
from inference.phantom.grid import Field, Window, window_of
from inference.phantom.labels import Tissue
from inference.phantom.morphology import SPINOUS_DROP, SPINOUS_LENGTH, along
from inference.phantom.solids import bump, intersect, super_ellipse
from inference.phantom.stage import Local, Stage
from inference.phantom.texture import Grain
from inference.phantom.tissues import Substance

_BONE = Name(tissue=Tissue.POSTERIOR_ELEMENT)


def skin_and_fascia(stage: Stage) -> tuple[Field, Field]:
    """y of the skin of the back and of the fascia under its fat, over the whole image."""
    canal, body = stage.spine.canal, stage.spine.body
    nape = np.interp(canal.level, [-3, 1, 4, 6, 8, 10], [50, 54, 57, 47, 34, 26]) * stage.spine.size
    order = np.argsort(canal.points[:, 1])
    z, behind = canal.points[order, 1], canal.points[order, 0] + nape[order]
    z, behind = _flattened(z, behind, reach=22.0)
    fascia = np.interp(stage.place.z, z, behind)
    thick = body.fat_behind * np.interp(z, [-130, -80, 0, 120], [1.1, 1.35, 0.9, 0.55]) + 3
    z, outer = _flattened(z, behind + thick, reach=38.0)
    return np.interp(stage.place.z, z, outer).astype(np.float32), fascia.astype(np.float32)


def _flattened(z: Field, y: Field, *, reach: float) -> tuple[Field, Field]:
    """A curve made smoother over reach millimetres."""
    even = np.arange(z[0], z[-1], 2.0)
    kernel = np.exp(-0.5 * (np.arange(-3 * reach, 3 * reach + 1, 2.0) / reach) ** 2)
    padded = np.pad(np.interp(even, z, y), len(kernel) // 2, mode="edge")
    return even, np.convolve(padded, kernel / kernel.sum(), mode="valid")[: len(even)]


def paint_muscle(stage: Stage, fascia: Field) -> None:
    """Erector spinae and multifidus beside the midline, ligaments and fat between the processes in it."""
    canvas, canal = stage.canvas, stage.canal
    window = window_of((stage.place.y < fascia + 2) & (canal.behind > -10) & (np.abs(stage.place.x) < 76))
    if window is None:
        return
    shape, texture = window.shape, canvas.texture
    behind, below = canal.behind[window.index], stage.place.y[window.index] - fascia[window.index]
    aside = np.abs(stage.place.x[window.index])
    lamina = np.interp(canal.level[window.index], [-3, 5, 7, 10], [17, 17, 15, 8])
    hull = intersect(below, lamina - 4 - behind, rounding=3.0)
    streaks = texture.field(shape, Grain.MEDIUM, stretch=(0.35, 1.0))
    fine = texture.field(shape, Grain.FINE, stretch=(0.6, 1.0))
    canvas.fill(window, hull, Substance.MUSCLE, gain=np.clip(1 + 0.10 * fine + 0.12 * streaks, 0.4, 2), softness=2.0)
    fatty = stage.spine.body.muscle_fat
    infiltrated = np.clip((streaks + 0.6 * fine - 1.7 + 3.2 * fatty) * 0.7, 0, 0.9)
    middle = np.clip((5.0 - aside) / 3.0, 0, 1)
    between = np.clip(0.1 + 0.3 * texture.field(shape, Grain.COARSE) + 0.2 * streaks + 1.2 * fatty, 0.0, 0.85)
    share = np.where(middle > 0, infiltrated * (1 - middle) + between * middle, infiltrated)
    inner = np.clip(-hull / 2, 0, 1)
    canvas.cover(window, share * inner, Substance.FAT, gain=1 + 0.12 * fine)
    strands = np.clip(texture.field(shape, Grain.MEDIUM, stretch=(0.5, 0.8)) - 0.5, 0, 1) * middle * 0.7
    canvas.cover(window, strands * inner, Substance.LIGAMENT)


def paint_processes(stage: Stage) -> None:
    """Spinous processes, laminae and pedicles, down to S2."""
    for vertebra in stage.spine.vertebrae:
        if vertebra.level <= 7:
            _paint_spinous(stage, vertebra)
            _paint_lamina(stage, vertebra)
            _paint_pedicle(stage, vertebra)


def _arch(stage: Stage, vertebra: Vertebra, *, up: float) -> Frame:
    """The front of the arch behind the canal, at a height of the body."""
    canal = stage.spine.canal
    level = vertebra.level - up / vertebra.height
    depth = float(canal.at(canal.gap + canal.depth + canal.gap_behind, level))
    y, z = vertebra.frame.at(back=vertebra.depth / 2 * (1 - 0.5 * vertebra.taper) + depth, up=up)
    return Frame(y=float(y), z=float(z), tilt=vertebra.frame.tilt)


def _paint_bone(stage: Stage, window: Window, distance: Field) -> None:
    shape, canvas = window.shape, stage.canvas
    grain = 1 + 0.09 * canvas.texture.field(shape, Grain.MEDIUM) + 0.05 * canvas.texture.field(shape, Grain.FINE)
    canvas.fill(window, distance - 0.3, Substance.CORTEX, softness=1.8)
    fat = min(0.9, 1.1 * float(np.mean([v.fat_fraction for v in stage.spine.vertebrae])))
    canvas.fill(window, distance + 0.6, canvas.palette.marrow(fat), gain=grain, softness=1.6)
    canvas.call(window, distance < 0, _BONE)


def _paint_spinous(stage: Stage, vertebra: Vertebra) -> None:
    size = stage.spine.size
    length = float(along(SPINOUS_LENGTH, vertebra.level)) * size * vertebra.spinous_scale
    drop = np.deg2rad(float(along(SPINOUS_DROP, vertebra.level)) + vertebra.spinous_drop)
    root = _arch(stage, vertebra, up=-0.16 * vertebra.height)
    frame = Frame(y=root.y, z=root.z, tilt=root.tilt - float(drop))
    local = stage.local(frame, length + 10)
    if local is None or np.abs(local.aside).min() > 6:
        return
    run = np.clip(local.back / length, 0, 1)
    tall = (
        np.interp(vertebra.level, [-3, 1, 4, 5, 6, 7], [5.5, 8.5, 9.0, 7.0, 5.0, 4.0]) * size * vertebra.spinous_scale
    )
    half_height = tall * (0.62 + 0.38 * np.sin(run * 2.2) ** 1.5)
    half_width = 2.6 + 1.8 * run**3
    blade = intersect(
        np.abs(local.up + 2.0 * run) - half_height,
        np.maximum(local.back - length, -1 - local.back),
        rounding=5.0,
    )
    _paint_bone(stage, local.window, intersect(blade, np.abs(local.aside) - half_width, rounding=1.2))


def _paint_lamina(stage: Stage, vertebra: Vertebra) -> None:
    size = stage.spine.size
    local = stage.local(_arch(stage, vertebra, up=-0.25 * vertebra.height), 20 * size)
    if local is None:
        return
    aside = np.abs(local.aside)
    if aside.min() > 15 * size or aside.max() < 2.0:
        return
    plate = super_ellipse(
        local.back + 0.28 * (aside - 3) - 2.6, local.up + 0.25 * local.back, half_a=3.2, half_b=8.5 * size, power=2.2
    )
    _paint_bone(stage, local.window, intersect(plate, np.maximum(aside - 15 * size, 2.0 - aside), rounding=1.0))


def _paint_pedicle(stage: Stage, vertebra: Vertebra) -> None:
    """Pedicle and the articular processes behind it."""
    size = stage.spine.size
    local = stage.local(vertebra.frame, vertebra.depth / 2 + 38)
    if local is None:
        return
    aside = np.abs(local.aside)
    half = float(np.interp(vertebra.level, [-3, 1, 5, 6], [3.5, 4.2, 7.5, 11.0]))
    middle = float(np.interp(vertebra.level, [-3, 1, 5, 6], [11.5, 13.5, 19.0, 23.0])) * size
    if aside.min() > middle + half + 8 or aside.max() < middle - half - 3:
        return
    wall = vertebra.depth / 2
    thick = np.abs(local.up - 0.2 * vertebra.height + 0.12 * (local.back - wall)) - 7.0 * size
    long = np.maximum(local.back - wall - 14, wall - 4 - local.back)
    pedicle = intersect(intersect(np.abs(aside - middle) - half, thick, rounding=6.0), long, rounding=4.0)
    _paint_bone(stage, local.window, pedicle)
    if vertebra.level < 6:
        _paint_facet(stage, local, wall=wall, middle=middle, height=vertebra.height)


def _paint_facet(stage: Stage, local: Local, *, wall: float, middle: float, height: float) -> None:
    size = stage.spine.size
    aside = np.abs(local.aside)
    back = local.back - wall - 17 * size
    for drop, forwards in ((0.35 * height, 3.5), (-0.75 * height, -1.5)):
        lobe = super_ellipse(back + forwards, local.up - drop, half_a=5.0 * size, half_b=11.0 * size, power=2.4)
        _paint_bone(stage, local.window, intersect(lobe, np.abs(aside - middle - 1) - 7 * size, rounding=2.0))


def paint_skin(stage: Stage, skin: Field, fascia: Field) -> None:
    """Septa of the fat behind, the fascia, the skin, and the air beyond."""
    canvas, whole = stage.canvas, stage.grid.whole
    y = stage.place.y
    window = window_of((y > fascia) & (y < skin))
    if window is not None:
        ripple = canvas.texture.field(window.shape, Grain.BROAD, stretch=(0.8, 1.6))
        septa = np.clip(1.2 - np.abs(ripple) * 14, 0, 1) * 0.3
        inner = np.clip((y[window.index] - fascia[window.index]) / 3, 0, 1) * (y[window.index] < skin[window.index])
        canvas.cover(window, septa * inner, Substance.LIGAMENT)
    canvas.cover(whole, 0.75 * bump(y - fascia, width=0.9), Substance.LIGAMENT)
    canvas.cover(whole, 0.7 * bump(y - skin + 1, width=0.9), Substance.SKIN)
    canvas.cover(whole, np.clip(0.5 + (y - skin) / stage.grid.pixel_mm, 0, 1), Substance.AIR)
