"""The whole scene of one slice, from the fat behind everything to the skin. Pure."""

from inference.phantom.artefacts import Depths
from inference.phantom.back_scene import paint_muscle, paint_processes, paint_skin, skin_and_fascia
from inference.phantom.body_parts import Spine
from inference.phantom.canal_scene import cut_canal, name_canal, paint_canal, paint_herniations
from inference.phantom.canvas import Canvas
from inference.phantom.column_scene import name_column, paint_column
from inference.phantom.column_solids import cut_bodies, cut_discs
from inference.phantom.front_scene import (
    in_front,
    paint_belly,
    paint_presacral_fat,
    paint_trunk,
    paint_vessels,
)
from inference.phantom.morphology import L1, S1
from inference.phantom.side_scene import paint_leaving_roots, paint_psoas
from inference.phantom.stage import set_stage


def paint(spine: Spine, canvas: Canvas) -> Depths:
    """Fill the canvas with the spine and its surroundings."""
    stage = set_stage(spine, canvas)
    skin, fascia = skin_and_fascia(stage)
    ahead = in_front(stage)
    paint_trunk(stage, skin)
    paint_belly(stage, ahead)
    paint_presacral_fat(stage, ahead)
    paint_vessels(stage, ahead)
    paint_muscle(stage, fascia)
    paint_psoas(stage)
    bodies, discs = cut_bodies(stage), list(cut_discs(stage))
    canal = cut_canal(stage, discs)
    if canal is not None:
        paint_canal(stage, canal)
        name_canal(stage, canal)
    paint_column(stage, bodies, discs)
    name_column(stage, bodies, discs)
    paint_leaving_roots(stage)
    paint_processes(stage)
    paint_herniations(stage, discs)
    paint_skin(stage, skin, fascia)
    front = min(_foremost(spine, level) for level in range(L1, S1))
    return Depths(under_skin=skin - stage.place.y, before_spine=front - stage.place.y)


def _foremost(spine: Spine, level: int) -> float:
    """y of the front of a body."""
    vertebra = spine.vertebra(level)
    return float(vertebra.frame.at(back=-vertebra.depth / 2, up=0.0)[0])
