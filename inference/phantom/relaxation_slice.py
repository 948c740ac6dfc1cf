"""Spin-lock and multi-echo series of the phantom: one slice, and a stack per time, with what is true. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.phantom.artefacts import Artefacts, Depths, acquire, chemical_shift, fat_shift_pixels, warp_border
from inference.phantom.body_parts import Spine
from inference.phantom.canvas import Canvas
from inference.phantom.grid import Field, ImageGrid
from inference.phantom.relaxation import RelaxationSequence, echo_of, true_times
from inference.phantom.scene import paint
from inference.phantom.signal import WaterAndFat
from inference.phantom.texture import Texture
from inference.phantom.tissues import Palette

MARGIN = 8  # pixels painted around the image, so that nothing wraps


@dataclass(frozen=True, kw_only=True)
class Movement:
    """Of the patient before one echo, in the plane of the slices: millimetres, and degrees about the middle."""

    down: float = 0.0
    back: float = 0.0
    degrees: float = 0.0


@dataclass(frozen=True, kw_only=True)
class RelaxationScan:
    """layers: offsets (mm) across the slice whose mean is the slice. movements: one per time, or none at all.

    noise of the artefacts is against the bright fat and water of the first echo, and the same in all.
    """

    sequence: RelaxationSequence
    palette: Palette
    artefacts: Artefacts = field(default_factory=Artefacts)
    layers: tuple[float, ...] = (0.0,)
    movements: tuple[Movement, ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class RelaxationSlice:
    """echoes: float32 (time, row, column); times_ms: what is true of each pixel, (row, column), T1rho or T2.

    labels are Tissue values, levels Structure channels.
    """

    echoes: NDArray[np.float32]
    times_ms: NDArray[np.float32]
    labels: NDArray[np.uint8]
    levels: NDArray[np.uint8]


def relaxation_slice(spine: Spine, grid: ImageGrid, scan: RelaxationScan, *, seed: int) -> RelaxationSlice:
    """The seed moves the noise; the grain of the tissues belongs to the spine."""
    painted = [_painted(spine, grid, scan.palette, offset) for offset in scan.layers]
    canvas, depths = painted[len(painted) // 2]
    rng = np.random.default_rng([seed, spine.texture_seed])
    moves = scan.movements or (Movement(),) * len(scan.sequence.times)
    artefacts = scan.artefacts
    echoes: list[Field] = []
    loudness: float | None = None
    for time, movement in zip(scan.sequence.times, moves, strict=True):
        parts = _moved(_mean([echo_of(one, scan.sequence, time) for one, _ in painted]), movement, grid.pixel_mm)
        bright = _bright(parts, scan)
        loudness = bright * artefacts.noise if loudness is None else loudness
        echoes.append(_acquired(parts, depths, scan, noise=loudness / bright, rng=rng))
    inner = (slice(MARGIN, -MARGIN), slice(MARGIN, -MARGIN))
    return RelaxationSlice(
        echoes=np.stack([echo[inner] for echo in echoes]),
        times_ms=true_times(canvas, scan.sequence.decay)[inner].astype(np.float32),
        labels=canvas.labels[inner].copy(),
        levels=canvas.levels[inner].copy(),
    )


def _painted(spine: Spine, grid: ImageGrid, palette: Palette, offset: float) -> tuple[Canvas, Depths]:
    normal = np.cross(grid.right, grid.down)
    shifted = replace(grid, origin=grid.origin + offset * normal / np.linalg.norm(normal)).padded(MARGIN)
    texture = Texture(rng=np.random.default_rng(spine.texture_seed), pixel_mm=grid.pixel_mm)
    canvas = Canvas(grid=shifted, palette=palette, texture=texture)
    return canvas, paint(spine, canvas)


def _mean(parts: Sequence[WaterAndFat]) -> WaterAndFat:
    water, fat = (np.mean([getattr(each, name) for each in parts], axis=0) for name in ("water", "fat"))
    return WaterAndFat(water=water, fat=fat)


def _moved(parts: WaterAndFat, movement: Movement, pixel_mm: float) -> WaterAndFat:
    if movement == Movement():
        return parts
    rows, columns = parts.water.shape
    turn = np.asarray(cv2.getRotationMatrix2D(((columns - 1) / 2, (rows - 1) / 2), movement.degrees, 1.0), np.float64)
    turn[:, 2] += np.array([movement.back, movement.down]) / pixel_mm
    water, fat = (
        cv2.warpAffine(np.asarray(part, np.float32), turn, (columns, rows), flags=cv2.INTER_CUBIC).clip(0)
        for part in (parts.water, parts.fat)
    )
    return WaterAndFat(water=water, fat=fat)


def _bright(parts: WaterAndFat, scan: RelaxationScan) -> float:
    """What `acquire` scales its noise by."""
    pixels = fat_shift_pixels(
        field_strength=scan.palette.field_strength, bandwidth_hz_per_pixel=scan.artefacts.bandwidth_hz_per_pixel
    )
    image = chemical_shift(parts, pixels=pixels, axis=scan.artefacts.readout_axis)
    return max(float(np.percentile(image[::4, ::4], 99)), 1e-6)


def _acquired(
    parts: WaterAndFat, depths: Depths, scan: RelaxationScan, *, noise: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    image = acquire(
        parts,
        depths,
        artefacts=replace(scan.artefacts, noise=noise),
        field_strength=scan.palette.field_strength,
        rng=rng,
    )
    return warp_border(image, bend=scan.artefacts.warped_border).astype(np.float32)
