"""Paint what lies beside the column: psoas, and the roots in their foramina. Pure."""

import numpy as np

from inference.phantom.body_parts import Vertebra
from inference.phantom.grid import Field, Window, window_of
from inference.phantom.solids import intersect, super_ellipse
from inference.phantom.stage import Stage
from inference.phantom.texture import Grain
from inference.phantom.tissues import Substance

_LEVELS = (1.0, 3.0, 5.0, 7.0, 9.0)
_PSOAS_HALF = (4.0, 12.0, 18.0, 19.0, 17.0)
_PSOAS_MIDDLE = (24.0, 33.0, 42.0, 50.0, 54.0)
_PSOAS_FORWARDS = (18.0, 22.0, 28.0, 42.0, 60.0)  # before the canal
_ROOT_RADIUS = 2.4


def paint_psoas(stage: Stage) -> None:
    """On both sides from L1 down, growing and moving outwards and forwards."""
    level, size = stage.canal.level, stage.spine.size
    aside = np.abs(stage.place.x)
    if aside.max() < 15:
        return
    half, middle, forwards = (
        np.interp(level, _LEVELS, table).astype(np.float32) * size
        for table in (_PSOAS_HALF, _PSOAS_MIDDLE, _PSOAS_FORWARDS)
    )
    muscle = super_ellipse(aside - middle, stage.canal.behind + forwards, half_a=half, half_b=1.15 * half, power=2.3)
    muscle = intersect(muscle, (0.8 - level) * 25, rounding=6.0)
    window = window_of(muscle < 1)
    if window is not None:
        _paint_muscle(stage, window, muscle)


def _paint_muscle(stage: Stage, window: Window, muscle: Field) -> None:
    texture, shape = stage.canvas.texture, window.shape
    grain = 1 + 0.08 * texture.field(shape, Grain.FINE) + 0.1 * texture.field(shape, Grain.MEDIUM, stretch=(0.4, 1.0))
    stage.canvas.fill(window, muscle[window.index], Substance.MUSCLE, gain=np.clip(grain, 0.4, 2), softness=1.5)


def paint_leaving_roots(stage: Stage) -> None:
    """The ganglion under each pedicle, a dark dot in the fat of the foramen."""
    for vertebra in stage.spine.vertebrae:
        if vertebra.level < 6:
            _paint_leaving_root(stage, vertebra)


def _paint_leaving_root(stage: Stage, vertebra: Vertebra) -> None:
    local = stage.local(vertebra.frame, vertebra.depth / 2 + 28)
    if local is None:
        return
    aside = np.abs(local.aside)
    outwards = aside - float(np.interp(vertebra.level, [-3, 1, 5], [10.5, 12.0, 15.0]))
    if outwards.max() < 0 or aside.min() > 30:
        return
    down = -0.12 * vertebra.height - 0.35 * outwards
    dot = np.hypot(local.back - vertebra.depth / 2 - 5.5 + 0.2 * outwards, local.up - down) - _ROOT_RADIUS
    root = intersect(dot, np.maximum(-outwards, aside - 28), rounding=1.0)
    stage.canvas.fill(local.window, root, Substance.ROOT, softness=1.2)
