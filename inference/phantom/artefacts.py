"""What the scanner adds: coil shading, saturation bands, chemical shift, motion, ringing, noise, warped borders. Pure.

Images are (row, column); axis 0 is head-foot, axis 1 front-back in a sagittal image.
"""

from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from inference.phantom.grid import Field
from inference.phantom.signal import WaterAndFat

Spectrum = NDArray[np.complex64]
_FAT_SHIFT_PPM = 3.4
_PROTON_MHZ_PER_TESLA = 42.577


@dataclass(frozen=True, kw_only=True)
class Motion:
    """phase: radians of the periodic error; period: lines of k-space per cycle."""

    phase: float
    period: float


@dataclass(frozen=True, kw_only=True)
class Artefacts:
    """noise: sd of each channel against bright fat; readout_axis 0 or 1.

    saturation_gap: millimetres from the foremost body forwards to a saturation band, None without one; then its width.

    coil_reach: millimetres in which the surface coil's sensitivity falls; evenness: 0 no correction of it, 1 full.
    sampled: share of k-space filled along (rows, columns); edge_softness: 0 rings fully, 1 is a Hann window.
    """

    noise: float = 0.006
    coil_reach: float = 75.0
    evenness: float = 1.0
    saturation_gap: float | None = 30.0
    saturation_width: float = 200.0
    bandwidth_hz_per_pixel: float = 260.0
    readout_axis: int = 1
    sampled: tuple[float, float] = (0.8, 0.8)
    edge_softness: float = 0.4
    motion: Motion | None = None
    warped_border: float = 0.0


NO_ARTEFACTS = Artefacts(
    noise=0.0,
    evenness=1.0,
    saturation_gap=None,
    bandwidth_hz_per_pixel=1e9,
    sampled=(1.0, 1.0),
    edge_softness=0.0,
)


def fat_shift_pixels(*, field_strength: float, bandwidth_hz_per_pixel: float) -> float:
    """How far fat is displaced along the readout."""
    return _FAT_SHIFT_PPM * _PROTON_MHZ_PER_TESLA * field_strength / bandwidth_hz_per_pixel


@dataclass(frozen=True, kw_only=True, eq=False)
class Depths:
    """Millimetres per pixel: under the skin of the back, and before the foremost body of the lumbar spine."""

    under_skin: Field
    before_spine: Field


def chemical_shift(parts: WaterAndFat, *, pixels: float, axis: int) -> Field:
    """Water and fat together, fat displaced by a number of pixels that need not be whole."""
    whole = int(np.floor(pixels))
    share = pixels - whole
    near, far = np.roll(parts.fat, whole, axis), np.roll(parts.fat, whole + 1, axis)
    return np.asarray(parts.water + (1 - share) * near + share * far)


def coil_sensitivity(depth: Field, *, reach: float) -> Field:
    """A surface coil under the back: 1 at the skin, falling with depth (mm)."""
    return np.asarray(np.clip(1 / (1 + (np.clip(depth, 0, None) / reach) ** 2) ** 1.1, 0.02, None))


def saturate(image: Field, before_spine: Field, *, gap: float, width: float) -> Field:
    """A saturation band in front, from gap on, width wide: what lies in it nearly vanishes; its edges are soft."""
    inside = np.clip((before_spine - gap) / 12, 0, 1) * np.clip((gap + width - before_spine) / 12, 0, 1)
    return np.asarray(image * (1 - 0.88 * inside))


def to_spectrum(image: Field) -> Spectrum:
    return np.asarray(scipy.fft.fftshift(scipy.fft.fft2(image.astype(np.complex64))), dtype=np.complex64)


def to_image(spectrum: Spectrum) -> Field:
    """Magnitude."""
    return np.abs(scipy.fft.ifft2(scipy.fft.ifftshift(spectrum))).astype(np.float32)


def add_noise(spectrum: Spectrum, *, sd: float, rng: np.random.Generator) -> Spectrum:
    """Complex white noise, sd per real channel of an image of full k-space: the magnitude becomes Rician."""
    channels = rng.standard_normal((2, *spectrum.shape), dtype=np.float32)
    scale = np.float32(sd * np.sqrt(spectrum.size))
    return np.asarray(spectrum + scale * (channels[0] + np.complex64(1j) * channels[1]), dtype=np.complex64)


def move(spectrum: Spectrum, motion: Motion, *, readout_axis: int) -> Spectrum:
    """A periodic phase error from line to line: ghosts along the phase-encoding axis."""
    lines = spectrum.shape[1 - readout_axis]
    error = np.exp(1j * motion.phase * np.sin(2 * np.pi * np.arange(lines) / motion.period)).astype(np.complex64)
    return np.asarray(spectrum * (error[:, None] if readout_axis == 1 else error[None, :]), dtype=np.complex64)


def truncate(spectrum: Spectrum, *, sampled: tuple[float, float], edge_softness: float) -> Spectrum:
    """Keep the middle of k-space; a hard edge rings, a soft one less."""
    rows, columns = (_edge(size, share, edge_softness) for size, share in zip(spectrum.shape, sampled, strict=True))
    return np.asarray(spectrum * rows[:, None] * columns[None, :], dtype=np.complex64)


def _edge(size: int, share: float, softness: float) -> NDArray[np.float32]:
    """The window along one axis: flat, then a cosine down to zero at the edge of what was sampled."""
    where = np.abs(np.arange(size) - size // 2) / (size / 2 * share)
    if softness == 0:
        return (where <= 1).astype(np.float32)
    fall = np.clip((where - (1 - softness)) / softness, 0, 1)
    return np.where(where <= 1, 0.5 + 0.5 * np.cos(np.pi * fall), 0).astype(np.float32)


def warp_border(image: Field, *, bend: float) -> Field:
    """Zero beyond the curved border that distortion correction leaves; bend: share of the side at the corners."""
    row, column = (np.linspace(-1, 1, size, dtype=np.float32) for size in image.shape)
    outside = (np.abs(row)[:, None] > 1 - bend * column[None, :] ** 2) | (
        np.abs(column)[None, :] > 1 - bend * row[:, None] ** 2
    )
    return np.where(outside, np.float32(0), image)


def acquire(
    parts: WaterAndFat, depths: Depths, *, artefacts: Artefacts, field_strength: float, rng: np.random.Generator
) -> Field:
    """The magnitude image of a slice."""
    shift = fat_shift_pixels(field_strength=field_strength, bandwidth_hz_per_pixel=artefacts.bandwidth_hz_per_pixel)
    image = chemical_shift(parts, pixels=shift, axis=artefacts.readout_axis)
    bright = float(np.percentile(image[::4, ::4], 99))
    coil = coil_sensitivity(depths.under_skin, reach=artefacts.coil_reach)
    image = image * coil
    if artefacts.saturation_gap is not None:
        gap, width = artefacts.saturation_gap, artefacts.saturation_width
        image = saturate(image, depths.before_spine, gap=gap, width=width)
    spectrum = to_spectrum(image)
    if artefacts.motion is not None:
        spectrum = move(spectrum, artefacts.motion, readout_axis=artefacts.readout_axis)
    if artefacts.noise > 0:
        spectrum = add_noise(spectrum, sd=artefacts.noise * bright, rng=rng)
    spectrum = truncate(spectrum, sampled=artefacts.sampled, edge_softness=artefacts.edge_softness)
    return np.asarray(to_image(spectrum) / coil**artefacts.evenness, dtype=np.float32)


def draw_artefacts(rng: np.random.Generator) -> Artefacts:
    """As seen on many scanners, good and bad."""
    return Artefacts(
        noise=float(np.exp(rng.uniform(np.log(0.004), np.log(0.035)))),
        coil_reach=rng.uniform(50, 140),
        evenness=rng.uniform(0.2, 1.0),
        saturation_gap=rng.uniform(-4, 60) if rng.random() < 0.65 else None,
        saturation_width=rng.uniform(35, 90) if rng.random() < 0.35 else 200.0,
        bandwidth_hz_per_pixel=rng.uniform(110, 380),
        readout_axis=int(rng.integers(2)),
        sampled=(rng.uniform(0.55, 1.0), rng.uniform(0.55, 1.0)),
        edge_softness=rng.uniform(0.05, 0.8),
        motion=Motion(phase=rng.uniform(0.01, 0.09), period=rng.uniform(5, 24)) if rng.random() < 0.4 else None,
        warped_border=rng.uniform(0.005, 0.03) if rng.random() < 0.35 else 0.0,
    )
