"""What is true of the nuclei of a spine: T1rho in 1 cm2 at the centre of each, in the mid-plane. Pure.

Measured as Li 2024 does: minimum, maximum and mean in one square centimetre; a disc that is too low for a circle gets
an ellipse of the same area.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from inference.anatomy import Disc
from inference.phantom.body_parts import Spine
from inference.phantom.canvas import Canvas
from inference.phantom.column_scene import nucleus_share
from inference.phantom.column_solids import DiscCut, cut_discs
from inference.phantom.grid import Field, sagittal_grid
from inference.phantom.morphology import L1, S1
from inference.phantom.stage import Stage, set_stage
from inference.phantom.t1rho import disc_t1rho
from inference.phantom.texture import Grain, Texture
from inference.phantom.tissues import palette

_PIXEL_MM, _MARGIN_MM = 0.4, 32.0
AREA_MM2 = 100.0
_REACH = 0.4  # half of the ellipse's height, of the disc's


@dataclass(frozen=True, kw_only=True)
class NucleusTruth:
    """T1rho in milliseconds."""

    minimum: float
    maximum: float
    mean: float


def nuclei_of(spine: Spine) -> Mapping[Disc, NucleusTruth]:
    """Every lumbar disc from L1/L2 to L5/S1."""
    stage = _mid_plane(spine.straightened())
    cuts = {cut.disc.level: cut for cut in cut_discs(stage)}
    return {disc: _nucleus(stage, cuts[level]) for disc, level in zip(Disc, range(L1, S1), strict=True)}


def _mid_plane(spine: Spine) -> Stage:
    frames = [spine.vertebra(level).frame for level in range(L1, S1 + 1)]
    low = np.array([min(f.y for f in frames), min(f.z for f in frames)]) - _MARGIN_MM
    high = np.array([max(f.y for f in frames), max(f.z for f in frames)]) + _MARGIN_MM
    extent = (high - low) / _PIXEL_MM
    centre = np.array([0.0, *(low + high) / 2])
    grid = sagittal_grid(centre=centre, rows=int(extent[1]), columns=int(extent[0]), pixel_mm=_PIXEL_MM)
    texture = Texture(rng=np.random.default_rng(spine.texture_seed), pixel_mm=_PIXEL_MM)
    return set_stage(spine, Canvas(grid=grid, palette=palette(1.5), texture=texture))


def _nucleus(stage: Stage, cut: DiscCut) -> NucleusTruth:
    patches = stage.canvas.texture.field(cut.local.window.shape, Grain.MEDIUM)
    times = disc_t1rho(cut.disc.grade, person=stage.spine.texture_seed, level=cut.disc.level)
    inside = times.field(nucleus_share(stage, cut), patches)[_centre(cut)]
    return NucleusTruth(minimum=float(inside.min()), maximum=float(inside.max()), mean=float(inside.mean()))


def _centre(cut: DiscCut) -> Field:
    """The mask of the square centimetre, less what is not disc."""
    half_height = min((AREA_MM2 / np.pi) ** 0.5, _REACH * cut.disc.height)
    half_depth = AREA_MM2 / (np.pi * half_height)
    back = cut.local.back - cut.disc.nucleus_centre * cut.half_depth
    up = cut.local.up
    return np.asarray(((back / half_depth) ** 2 + (up / half_height) ** 2 <= 1) & (cut.core < 0))
