"""One slice of a spine as a scanner would show it, with its labels. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.phantom.artefacts import Artefacts, Depths, acquire, warp_border
from inference.phantom.body_parts import Spine
from inference.phantom.canvas import Canvas
from inference.phantom.grid import Field, ImageGrid
from inference.phantom.scene import paint
from inference.phantom.signal import FastSpinEcho, WaterAndFat
from inference.phantom.texture import Texture
from inference.phantom.tissues import Palette

_MARGIN = 8  # pixels painted around the image, so that nothing wraps


@dataclass(frozen=True, kw_only=True)
class Acquisition:
    """layers: offsets (mm) across the slice whose mean is the slice, its partial volume; their middle is labelled."""

    palette: Palette
    sequence: FastSpinEcho
    artefacts: Artefacts
    layers: tuple[float, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class SliceImage:
    """image float32; labels are Tissue values, levels Structure channels; all (row, column)."""

    image: NDArray[np.float32]
    labels: NDArray[np.uint8]
    levels: NDArray[np.uint8]


def layers_across(thickness: float, count: int) -> tuple[float, ...]:
    """Offsets of the middles of count equal layers of a slice."""
    return tuple(((i + 0.5) / count - 0.5) * thickness for i in range(count))


def image_slice(spine: Spine, grid: ImageGrid, acquisition: Acquisition, *, seed: int) -> SliceImage:
    """The seed moves the noise; the grain of the tissues belongs to the spine."""
    painted = [_painted(spine, grid, acquisition.palette, offset) for offset in acquisition.layers]
    parts = [canvas.render(acquisition.sequence) for canvas, _ in painted]
    canvas, depths = painted[len(painted) // 2]
    image = acquire(
        WaterAndFat(water=_mean([p.water for p in parts]), fat=_mean([p.fat for p in parts])),
        depths,
        artefacts=acquisition.artefacts,
        field_strength=acquisition.palette.field_strength,
        rng=np.random.default_rng([seed, spine.texture_seed]),
    )
    inner = (slice(_MARGIN, -_MARGIN), slice(_MARGIN, -_MARGIN))
    return SliceImage(
        image=warp_border(image[inner], bend=acquisition.artefacts.warped_border).astype(np.float32),
        labels=canvas.labels[inner].copy(),
        levels=canvas.levels[inner].copy(),
    )


def _painted(spine: Spine, grid: ImageGrid, palette: Palette, offset: float) -> tuple[Canvas, Depths]:
    normal = np.cross(grid.right, grid.down)
    shifted = ImageGrid(
        origin=grid.origin + offset * normal / np.linalg.norm(normal),
        down=grid.down,
        right=grid.right,
        rows=grid.rows,
        columns=grid.columns,
    ).padded(_MARGIN)
    texture = Texture(rng=np.random.default_rng(spine.texture_seed), pixel_mm=grid.pixel_mm)
    canvas = Canvas(grid=shifted, palette=palette, texture=texture)
    return canvas, paint(spine, canvas)


def _mean(images: Sequence[Field]) -> Field:
    return np.asarray(sum(images[1:], images[0]) / np.float32(len(images)))
