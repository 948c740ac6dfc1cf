"""An axial slice of the phantom as a scanner would show it, with its grades. Pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.phantom import axial_bone_scene, axial_canal_scene, axial_trunk_scene
from inference.phantom.artefacts import Artefacts, Depths, Motion, acquire, warp_border
from inference.phantom.axial_draw import draw_section
from inference.phantom.axial_section import AxialSection
from inference.phantom.axial_stage import AxialStage, set_axial_stage
from inference.phantom.axial_truth import AxialTruth, truth_of_section
from inference.phantom.canvas import Canvas
from inference.phantom.grid import Field, ImageGrid
from inference.phantom.signal import FastSpinEcho
from inference.phantom.texture import Texture
from inference.phantom.tissues import Jitter, Palette, palette, strayed

_MARGIN = 8  # pixels painted around the image, so that nothing wraps


@dataclass(frozen=True, kw_only=True)
class AxialAcquisition:
    palette: Palette
    sequence: FastSpinEcho
    artefacts: Artefacts


@dataclass(frozen=True, kw_only=True, eq=False)
class AxialSlice:
    """image float32 (row, column), rows to the back, columns to the patient's left; border: where the origin is.

    The origin is the middle of the disc's posterior border without bulge and herniation.
    """

    image: NDArray[np.float32]
    pixel_mm: float
    border: tuple[float, float]
    section: AxialSection
    truth: AxialTruth


def plane(*, rows: int, columns: int, pixel_mm: float, border: tuple[float, float]) -> ImageGrid:
    """A grid whose coordinates are the section's, before its turn and shift."""
    down, right = np.array([0.0, pixel_mm, 0.0]), np.array([pixel_mm, 0.0, 0.0])
    return ImageGrid(origin=-border[0] * down - border[1] * right, down=down, right=right, rows=rows, columns=columns)


def image_axial(
    section: AxialSection, truth: AxialTruth, grid: ImageGrid, acquisition: AxialAcquisition, *, seed: int
) -> NDArray[np.float32]:
    """The magnitude image (row, column). grid as from plane: x aside, y behind the disc's border."""
    wide = grid.padded(_MARGIN)
    place = wide.coordinates(wide.whole)
    texture = Texture(rng=np.random.default_rng(section.texture_seed), pixel_mm=grid.pixel_mm)
    canvas = Canvas(grid=wide, palette=acquisition.palette, texture=texture)
    shape = wide.whole.shape
    stage = set_axial_stage(
        section, truth, canvas, aside=np.broadcast_to(place.x, shape), behind=np.broadcast_to(place.y, shape)
    )
    skin = paint_section(stage)
    image = acquire(
        canvas.render(acquisition.sequence),
        Depths(under_skin=skin - stage.y, before_spine=-section.disc.depth - stage.y),
        artefacts=acquisition.artefacts,
        field_strength=acquisition.palette.field_strength,
        rng=np.random.default_rng([seed, section.texture_seed]),
    )
    inner = image[_MARGIN:-_MARGIN, _MARGIN:-_MARGIN]
    return warp_border(inner, bend=acquisition.artefacts.warped_border).astype(np.float32)


def paint_section(stage: AxialStage) -> Field:
    """Everything from the fat behind all to the skin; answers y of the skin."""
    fascia, skin = axial_trunk_scene.fascia_and_skin(stage)
    axial_trunk_scene.paint_trunk(stage, skin)
    axial_trunk_scene.paint_belly(stage)
    flesh = axial_trunk_scene.draw_flesh(stage)
    axial_trunk_scene.paint_front_muscles(stage, flesh)
    axial_trunk_scene.paint_back_muscles(stage, flesh, fascia)
    axial_trunk_scene.paint_iliac(stage, flesh)
    axial_canal_scene.paint_foramina(stage)
    axial_bone_scene.paint_pedicles(stage)
    axial_bone_scene.paint_arch(stage)
    axial_canal_scene.paint_canal(stage)
    axial_canal_scene.paint_ganglia(stage)
    axial_bone_scene.paint_disc(stage)
    axial_bone_scene.paint_lumps(stage)
    axial_canal_scene.paint_roots(stage)
    axial_trunk_scene.paint_skin(stage, skin)
    return skin


def draw_axial_sequence(rng: np.random.Generator) -> FastSpinEcho:
    """T2 as a rule, T1 often, a few between."""
    kind = rng.random()
    if kind < 0.33:
        return FastSpinEcho(repetition_time=rng.uniform(400, 850), echo_time=rng.uniform(8, 20))
    if kind < 0.38:
        return FastSpinEcho(repetition_time=rng.uniform(1500, 3500), echo_time=rng.uniform(20, 60))
    return FastSpinEcho(repetition_time=rng.uniform(2500, 6500), echo_time=rng.uniform(80, 130))


def draw_axial_artefacts(rng: np.random.Generator) -> Artefacts:
    """Axial images are often dark and noisy in front: the coil is behind, a saturation band before the spine."""
    return Artefacts(
        noise=float(np.exp(rng.uniform(np.log(0.004), np.log(0.03)))),
        coil_reach=rng.uniform(45, 130),
        evenness=rng.uniform(0.0, 0.9),
        saturation_gap=rng.uniform(-14, 50) if rng.random() < 0.6 else None,
        bandwidth_hz_per_pixel=rng.uniform(120, 380),
        readout_axis=int(rng.integers(2)),
        sampled=(rng.uniform(0.6, 1.0), rng.uniform(0.6, 1.0)),
        edge_softness=rng.uniform(0.05, 0.7),
        motion=Motion(phase=rng.uniform(0.01, 0.06), period=rng.uniform(5, 24)) if rng.random() < 0.3 else None,
    )


def training_axial(rng: np.random.Generator, *, section: AxialSection | None = None) -> AxialSlice:
    """A new person, contrast, resolution and set of artefacts each time; about 100 mm around the canal."""
    section = section or draw_section(rng)
    pixel = rng.uniform(0.45, 0.8)
    side = round(100 / pixel)
    border = (side * 0.5, side * 0.5)
    grid = plane(rows=side, columns=side, pixel_mm=pixel, border=border)
    base = palette(float(rng.choice([1.5, 3.0])))
    acquisition = AxialAcquisition(
        palette=strayed(base, rng, Jitter(density=0.10, t1=0.12, t2=0.15)),
        sequence=draw_axial_sequence(rng),
        artefacts=draw_axial_artefacts(rng),
    )
    truth = truth_of_section(section)
    image = image_axial(section, truth, grid, acquisition, seed=int(rng.integers(2**31)))
    shifted = (border[0] + section.shift[1] / pixel, border[1] + section.shift[0] / pixel)
    return AxialSlice(image=image, pixel_mm=pixel, border=shifted, section=section, truth=truth)
