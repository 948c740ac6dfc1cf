"""Cohorts of the digital phantom whose truth is known: maps, variables, and an effect planted in one place. Pure.

T1rho is that of inference.phantom.t1rho, T2 three quarters of it with a share of its own; the sagittal slice is
drawn at the resolution of a spin-lock series, with the noise that a fit leaves.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dicom_io.roles import Role
from dicom_io.volume import Volume
from inference.anatomy import DISC_STRUCTURES, Disc
from inference.phantom.canvas import Canvas
from inference.phantom.column_scene import nucleus_share
from inference.phantom.column_solids import DiscCut, cut_discs
from inference.phantom.grid import ImageGrid, sagittal_grid
from inference.phantom.labels import disc_channel
from inference.phantom.morphology import L1, S1
from inference.phantom.spine import Spine, sample_spine
from inference.phantom.stage import Stage, set_stage
from inference.phantom.t1rho import disc_t1rho
from inference.phantom.texture import Grain, Texture
from inference.phantom.tissues import palette
from inference.results import LabelMap, MapKind

ROWS, COLUMNS, PIXEL_MM = 256, 200, 0.78
_T2_SHARE, _T2_STRAY = 0.75, 0.08
_NOISE: Final = 0.05  # sd of a fitted time, as a share of it
_SLICE_MM = 4.4


@dataclass(frozen=True, kw_only=True)
class Effect:
    """A round spot in one disc where T1rho changes by slope_ms per unit of a variable.

    along: -1 at the front, 1 at the back of the disc; across: -1 at the lower, 1 at the upper end plate; reach: the
    spot's radius in the same measure.
    """

    disc: Disc
    along: float
    across: float
    reach: float
    slope_ms: float

    def share(self, along: NDArray[np.floating], across: NDArray[np.floating]) -> NDArray[np.float64]:
        """1 in the spot, 0 outside, with a narrow border."""
        distance = np.hypot(along - self.along, (across - self.across) * 0.5)
        return np.asarray(np.clip((self.reach - distance) / (0.3 * self.reach) + 0.5, 0, 1))


@dataclass(frozen=True, kw_only=True, eq=False)
class PhantomStudy:
    """One sagittal slice; maps in milliseconds, NaN outside the discs; effect_share: where the effect was planted."""

    label_map: LabelMap
    volume: Volume
    maps: Mapping[MapKind, NDArray[np.float32]]
    effect_share: NDArray[np.float32]
    age: float
    is_female: bool


def phantom_study(
    seed: int, *, effect: Effect | None = None, dose: float = 0.0, discs: Collection[Disc] = tuple(Disc)
) -> PhantomStudy:
    """A person. dose: the variable that the effect goes with; discs: those that are drawn."""
    spine = sample_spine(np.random.default_rng([seed, 1]))
    stage = _stage(spine)
    times = {kind: np.full((1, ROWS, COLUMNS), np.nan, np.float32) for kind in (MapKind.T1RHO, MapKind.T2)}
    labels = np.zeros((1, ROWS, COLUMNS), np.uint8)
    planted = np.zeros((1, ROWS, COLUMNS), np.float32)
    rng = np.random.default_rng([seed, 2, 0])
    for cut in cut_discs(stage):
        if L1 <= cut.disc.level < S1 and list(Disc)[cut.disc.level - L1] in discs:
            inside = (0, *cut.local.window.index)
            here = cut.distance < 0
            share = _planted(cut, effect)
            t1rho, t2 = _times(stage, cut, rng)
            t1rho = t1rho + share * (effect.slope_ms * dose if effect else 0.0)
            for kind, values in ((MapKind.T1RHO, t1rho), (MapKind.T2, t2)):
                times[kind][inside][here] = values[here] * (1 + _NOISE * rng.normal(size=int(here.sum())))
            labels[inside][here] = disc_channel(cut.disc.level)
            planted[inside][here] = share[here]
    return PhantomStudy(
        label_map=LabelMap(
            role=Role.SPIN_LOCK, labels=labels, structures=DISC_STRUCTURES, key_slice=0, level_doubt=None
        ),
        volume=_volume(stage.grid, spine),
        maps=times,
        effect_share=planted,
        age=spine.age,
        is_female=spine.sex.value == "female",
    )


def _stage(spine: Spine) -> Stage:
    aside = float(spine.lateral.at(np.linspace(60, -100, 5)).mean())
    grid = sagittal_grid(centre=np.array([aside, 0.0, -20.0]), rows=ROWS, columns=COLUMNS, pixel_mm=PIXEL_MM)
    texture = Texture(rng=np.random.default_rng(spine.texture_seed), pixel_mm=PIXEL_MM)
    return set_stage(spine, Canvas(grid=grid, palette=palette(3.0), texture=texture))


def _times(stage: Stage, cut: DiscCut, rng: np.random.Generator) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """T1rho and T2 without noise."""
    patches = stage.canvas.texture.field(cut.local.window.shape, Grain.MEDIUM)
    disc = disc_t1rho(cut.disc.grade, person=stage.spine.texture_seed, level=cut.disc.level)
    t1rho = disc.field(nucleus_share(stage, cut), patches)
    own = stage.canvas.texture.field(cut.local.window.shape, Grain.COARSE)
    return t1rho, _T2_SHARE * t1rho * (1 + _T2_STRAY * (own + rng.normal()))


def _planted(cut: DiscCut, effect: Effect | None) -> NDArray[np.float64]:
    shape = cut.local.window.shape
    if effect is None or list(Disc)[cut.disc.level - L1] is not effect.disc:
        return np.zeros(shape)
    return effect.share(np.broadcast_to(cut.local.back / cut.half_depth, shape), np.broadcast_to(cut.across, shape))


def _volume(grid: ImageGrid, spine: Spine) -> Volume:
    to_patient = np.eye(4)
    to_patient[:3, 0] = [_SLICE_MM, 0.0, 0.0]
    to_patient[:3, 1], to_patient[:3, 2], to_patient[:3, 3] = grid.down, grid.right, grid.origin
    return Volume(
        voxels=np.zeros((1, ROWS, COLUMNS), np.float32),
        to_patient=to_patient,
        frame_of_reference=f"2.25.{spine.texture_seed + 1}",
    )
