"""Paint the canal: epidural fat, ligaments, dural sac, cord, roots, and herniations pressing in. Pure."""

from dataclasses import dataclass

import numpy as np

from inference.anatomy import Structure
from inference.phantom.canvas import Name
from inference.phantom.column_solids import DiscCut
from inference.phantom.grid import Field, Window, window_of
from inference.phantom.labels import Tissue
from inference.phantom.solids import bump, ellipse, intersect
from inference.phantom.stage import Stage
from inference.phantom.texture import Grain
from inference.phantom.tissues import Substance

_ROOTS = 24
_LEVEL_MM = 25.0  # about, of a level of the sacrum
_TRIANGLE_DEPTH = 6.5  # of the fat behind the sac between the laminae


@dataclass(frozen=True, kw_only=True, eq=False)
class CanalCut:
    """The canal over a window: coordinates, the sac's size at each pixel, signed distances of canal and sac."""

    window: Window
    behind: Field
    level: Field
    aside: Field
    gap: Field
    depth: Field
    half_width: Field
    pushed: Field
    canal: Field
    sac: Field


def _squeezed(depth: Field, pushed: Field) -> Field:
    return np.asarray(np.maximum(depth - pushed, 0.18 * depth))


def cut_canal(stage: Stage, discs: list[DiscCut]) -> CanalCut | None:
    """None where the image misses the canal."""
    behind, aside = stage.canal.behind, np.abs(stage.place.x)
    window = window_of((behind > -6) & (behind < 32) & (aside < 26))
    if window is None:
        return None
    canal = stage.spine.canal
    behind, level, aside = behind[window.index], stage.canal.level[window.index], stage.place.x[window.index]
    gap, depth, half_width, gap_behind = (
        canal.at(table, level) for table in (canal.gap, canal.depth, canal.half_width, canal.gap_behind)
    )
    pushed = _push(discs, level=level, aside=aside, gap=gap)
    squeezed = _squeezed(depth, pushed)
    middle = gap + pushed + squeezed / 2
    sac = ellipse(aside, behind - middle, half_a=half_width, half_b=squeezed / 2)
    sac = intersect(sac, (level - canal.sac_end) * _LEVEL_MM, rounding=5.0)
    return CanalCut(
        window=window,
        behind=behind,
        level=level,
        aside=aside,
        gap=gap,
        depth=depth,
        half_width=half_width,
        pushed=pushed,
        canal=_canal_distance(stage, behind, level=level, aside=aside, back_wall=gap + depth + gap_behind),
        sac=sac,
    )


def _push(discs: list[DiscCut], *, level: Field, aside: Field, gap: Field) -> Field:
    """How far herniations push the front of the sac backwards."""
    pushed = np.zeros_like(gap)
    for cut in discs:
        lump = cut.disc.herniation
        if lump is not None:
            height = bump(level - (cut.disc.level + 0.5) + 0.012 * lump.drift, width=0.17)
            depth = np.clip(1.05 * lump.size - gap, 0, None)
            pushed = np.maximum(pushed, depth * height * bump(aside - lump.aside, width=8.0))
    return pushed


def _canal_distance(stage: Stage, behind: Field, *, level: Field, aside: Field, back_wall: Field) -> Field:
    between = sum(bump(level - i - 0.42, width=0.21) for i in range(-3, 6))
    wall = back_wall + _TRIANGLE_DEPTH * np.clip(between, 0, 1) * np.clip(1 - np.abs(aside) / 7, 0, 1)
    half_width = np.interp(level, [-3, 5, 7, 10], [11.5, 12.5, 12.0, 5.0]) * stage.spine.size
    sides = np.maximum(np.abs(aside) - half_width, (level - 9.5) * 15)
    return intersect(intersect(-behind, behind - wall, rounding=1.0), sides, rounding=2.0)


def paint_canal(stage: Stage, cut: CanalCut) -> None:
    canvas, window, shape = stage.canvas, cut.window, cut.window.shape
    canvas.fill(window, cut.canal - 1.1, Substance.LIGAMENT, softness=1.0)
    canvas.fill(window, cut.canal, Substance.FAT, gain=1 + 0.07 * canvas.texture.field(shape, Grain.FINE))
    _paint_front_ligaments(stage, cut)
    canvas.fill(window, cut.sac - 0.25, Substance.LIGAMENT, softness=0.8)
    flow = 1 - 0.10 * np.clip(canvas.texture.field(shape, Grain.COARSE, stretch=(0.35, 1)) - 0.2, 0, 2)
    canvas.fill(window, cut.sac, Substance.CSF, gain=flow)
    _paint_cord(stage, cut)
    canvas.cover(window, _roots(stage, cut), Substance.ROOT)


def name_canal(stage: Stage, cut: CanalCut) -> None:
    """The whole canal, and in it the sac but for the cord; bone and disc are named over it."""
    stage.canvas.call(cut.window, cut.canal < 0, Name(tissue=Tissue.CANAL))
    csf = (cut.sac < 0) & (_cord_distance(stage, cut) > 0)
    stage.canvas.call(cut.window, csf, Name(tissue=Tissue.CSF, channel=Structure.CSF.channel))


def _paint_front_ligaments(stage: Stage, cut: CanalCut) -> None:
    """The posterior longitudinal ligament, and the filled space between it and the sac above L5."""
    shape = cut.window.shape
    ligament = 0.8 * np.clip(1 - np.abs(cut.behind - 0.4), 0, 1)
    filled = np.clip(1.2 - np.abs(cut.behind - cut.gap / 2) / 1.3, 0, 1)
    filled = filled * np.interp(cut.level, [-3, 4, 5, 5.4], [0.85, 0.6, 0.15, 0.0])
    share = np.clip(ligament + filled, 0, 1) * (np.abs(cut.aside) < 7.5) * (cut.canal < 0.5)
    share = share * np.clip(1 - 0.2 * np.abs(stage.canvas.texture.field(shape, Grain.MEDIUM)), 0, 1)
    stage.canvas.cover(cut.window, share, Substance.LIGAMENT)


def _cord_distance(stage: Stage, cut: CanalCut) -> Field:
    """Cord and conus, tapering to the end of the conus."""
    taper = np.clip((stage.spine.canal.conus_end - cut.level) / 0.9, 0, 1) ** 0.6
    size = stage.spine.size
    middle = cut.gap + cut.depth * np.interp(cut.level, [-1, 1], [0.52, 0.64])
    half_a, half_b = np.maximum(4.6 * size * taper, 0.05), np.maximum(3.5 * size * taper, 0.05)
    return np.asarray(
        np.where(taper > 0.02, ellipse(cut.aside, cut.behind - middle, half_a=half_a, half_b=half_b), 9.0)
    )


def _paint_cord(stage: Stage, cut: CanalCut) -> None:
    grain = 1 + 0.03 * stage.canvas.texture.field(cut.window.shape, Grain.MEDIUM)
    stage.canvas.fill(cut.window, _cord_distance(stage, cut), Substance.CORD, gain=grain)


def _roots(stage: Stage, cut: CanalCut) -> Field:
    """Coverage by the cauda equina: strands that hang behind and leave one after another."""
    spine = stage.spine
    rng = np.random.default_rng(spine.texture_seed)
    near = np.clip(0.5 - (cut.sac + 0.3) / 0.6, 0, 1)
    cover = np.zeros(cut.window.shape, np.float32)
    rows = np.flatnonzero((near > 0).any(1))
    if rows.size == 0:
        return cover
    lines = slice(int(rows[0]), int(rows[-1]) + 1)
    for strand in range(_ROOTS):
        path = _root_path(rng, strand)
        covered = path.coverage(cut, lines, starts=spine.canal.conus_end, size=spine.size)
        np.maximum(cover[lines], covered, out=cover[lines])
    return np.asarray(cover * near)


@dataclass(frozen=True, kw_only=True)
class _RootPath:
    """side -1 right, 1 left; outwards and backwards as shares of the sac; leaves at a level coordinate."""

    side: int
    outwards: float
    backwards: float
    leaves: float
    phase: float

    def coverage(self, cut: CanalCut, lines: slice, *, starts: float, size: float) -> Field:
        level = cut.level[lines]
        wave = np.sin(1.7 * level + self.phase) + 0.3 * np.sin(4.1 * level + 2 * self.phase)
        leaving = np.clip((level - (self.leaves - 0.45)) / 0.45, 0, 1)
        x = self.side * cut.half_width[lines] * (self.outwards + 0.14 * leaving) + 0.3 * wave
        depth = _squeezed(cut.depth[lines], cut.pushed[lines])
        middle = cut.gap[lines] + cut.pushed[lines] + depth / 2
        y = middle + (self.backwards - 0.5) * depth * (1 - 0.25 * leaving) + 0.35 * wave
        strand = np.clip(0.5 - (np.abs(cut.behind[lines] - y) - 0.55 * size), 0, 1) * bump(
            cut.aside[lines] - x, width=2.8
        )
        alive = np.clip((level - starts + 0.9) / 0.5, 0, 1) * np.clip((self.leaves - level) / 0.1, 0, 1)
        return np.asarray(0.75 * strand * alive)


def _root_path(rng: np.random.Generator, strand: int) -> _RootPath:
    """Pairs of strands, the lowest roots innermost and hindmost."""
    order = (strand // 2) / (_ROOTS // 2 - 1)
    return _RootPath(
        side=-1 if strand % 2 else 1,
        outwards=0.08 + 0.72 * order,
        backwards=0.90 - 0.42 * order + rng.normal(0, 0.06),
        leaves=6.4 - 4.4 * order,
        phase=rng.uniform(0, 2 * np.pi),
    )


def paint_herniations(stage: Stage, discs: list[DiscCut]) -> None:
    """The lump over canal and sac, with the outer annulus around it."""
    for cut in discs:
        if cut.disc.herniation is None:
            continue
        lump = np.maximum(cut.distance, -(cut.local.back - (cut.half_depth - 2)))
        stage.canvas.fill(cut.local.window, lump - 0.5, Substance.LIGAMENT, softness=1.0)
        matter = stage.canvas.palette.disc(grade=cut.disc.grade, nucleus=0.3, scale=cut.disc.signal_scale)
        stage.canvas.fill(cut.local.window, lump + 0.1, matter)
