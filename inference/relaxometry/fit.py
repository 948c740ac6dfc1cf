"""T1rho or T2 of every voxel of a stack of echoes, with what tells how far to trust it. Talks to: GPU, if asked.

Iriondo 2020: S = A exp(-t / T) by Levenberg-Marquardt per voxel; times over 250 ms (2D acquisitions), or over 200 ms
(T1rho) and 150 ms (T2) in 3D, are left out. inference.relaxometry.decay gives the same minimum for all voxels at once.
"""

from dataclasses import dataclass, fields
from enum import IntEnum
from importlib import import_module
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special

from inference.errors import InputUnsuitable
from inference.relaxometry.decay import Decays, decays

Image = NDArray[np.float32]
LONGEST_2D_MS: Final = 250.0
LONGEST_3D_T1RHO_MS: Final = 200.0
LONGEST_3D_T2_MS: Final = 150.0
_BLOCK: Final = 32_768  # voxels at a time: they stay in the processor's cache
_RICIAN_ROUNDS: Final = 12


class Outcome(IntEnum):
    """Of one voxel; only FITTED has a time."""

    FITTED = 0
    NO_SIGNAL = 1
    NOT_FINITE = 2
    SATURATED = 3
    NO_DECAY = 4  # constant, rising, or no minimum was found
    TOO_LONG = 5


@dataclass(frozen=True, kw_only=True)
class FitSettings:
    """longest_ms: of a time that is believed. lowest_signal: of the first echo, share of its 99th percentile.

    offset: three parameters, S = A exp(-t / T) + C. noise: sd of each channel in units of the image; above 0 the
    model is the mean of a Rician magnitude. excluded: places of echoes that are left out. saturated: the value at
    which the receiver clips.
    """

    longest_ms: float = LONGEST_2D_MS
    lowest_signal: float = 0.03
    offset: bool = False
    noise: float = 0.0
    excluded: tuple[int, ...] = ()
    saturated: float | None = None
    backend: Literal["numpy", "torch"] = "numpy"


@dataclass(frozen=True, kw_only=True, eq=False)
class Fitted:
    """All on the grid of one echo; float32, NaN where there is no fit.

    times in ms; amplitudes, offsets, residuals (root mean square over the echoes) in units of the image; r_squared.
    outcomes: uint8 Outcome.
    """

    times: Image
    amplitudes: Image
    offsets: Image
    residuals: Image
    r_squared: Image
    outcomes: NDArray[np.uint8]

    @property
    def failed(self) -> NDArray[np.bool_]:
        return np.asarray(self.outcomes != Outcome.FITTED)


def fit(echoes: NDArray[np.floating], times_ms: tuple[float, ...], settings: FitSettings | None = None) -> Fitted:
    """echoes: (time, ...). Raises InputUnsuitable for too few or unordered times; no voxel's value raises."""
    settings = settings or FitSettings()
    kept = [place for place in range(len(times_ms)) if place not in settings.excluded]
    times = np.array([times_ms[place] for place in kept])
    _check(times, parameters=3 if settings.offset else 2)
    signals = np.asarray(echoes[kept] if settings.excluded else echoes, np.float32).reshape(len(kept), -1)
    outcomes = _outcomes_before(signals, settings)
    usable = np.flatnonzero(outcomes == Outcome.FITTED)
    all_usable = len(usable) == len(outcomes)
    found = _decays(signals if all_usable else signals[:, usable], times, settings)
    outcomes[usable] = _outcomes_after(found, settings)
    return _on_grid(found, usable, outcomes, shape=echoes.shape[1:])


def background_noise(echo: Image) -> float:
    """sd of each channel, from the darkest eighth by eighth of all slices (slice, row, column); 0 where air is blanked.

    The median of a Rayleigh magnitude is sd sqrt(2 ln 2). Where the coil's falling off was corrected, noise is larger
    in front than this tells: the answer errs to the small side.
    """
    blocks = [block for rows in np.array_split(echo, 8, axis=1) for block in np.array_split(rows, 8, axis=2)]
    return min(float(np.median(block)) for block in blocks) / float(np.sqrt(2 * np.log(2)))


def _check(times: NDArray[np.float64], *, parameters: int) -> None:
    if len(times) < parameters:
        raise InputUnsuitable(f"{len(times)} echoes do not determine {parameters} parameters")
    if not np.isfinite(times).all() or (np.diff(times) <= 0).any() or times[0] < 0:
        raise InputUnsuitable("the times of the echoes do not ascend from 0 or more")


def _outcomes_before(signals: Image, settings: FitSettings) -> NDArray[np.uint8]:
    finite = np.isfinite(signals).all(0)
    bright = signals[0][finite]
    floor = (
        settings.lowest_signal * float(np.percentile(bright[:: 1 + bright.size // _BLOCK], 99)) if bright.size else 0.0
    )
    outcomes = np.full(signals.shape[1], Outcome.FITTED, np.uint8)
    with np.errstate(invalid="ignore"):
        outcomes[(signals[0] <= max(floor, 0.0)) | (signals < 0).all(0)] = Outcome.NO_SIGNAL
        if settings.saturated is not None:
            outcomes[(signals >= settings.saturated).any(0)] = Outcome.SATURATED
    outcomes[~finite] = Outcome.NOT_FINITE
    return outcomes


def _outcomes_after(found: Decays, settings: FitSettings) -> NDArray[np.uint8]:
    outcomes = np.full(found.time.shape, Outcome.FITTED, np.uint8)
    outcomes[found.time > settings.longest_ms] = Outcome.TOO_LONG
    outcomes[~found.converged] = Outcome.NO_DECAY
    return outcomes


def _decays(signals: Image, times: NDArray[np.float64], settings: FitSettings) -> Decays:
    if settings.noise <= 0:
        return _plain(signals, times, settings)
    corrected = signals
    found = _plain(corrected, times, settings)
    for _ in range(_RICIAN_ROUNDS):
        with np.errstate(over="ignore", invalid="ignore"):
            clean = found.amplitude * np.exp(-times[:, None] / found.time) + found.offset
        lifted = _rician_mean(np.nan_to_num(clean), settings.noise) - np.nan_to_num(clean)
        corrected = (signals - lifted).astype(np.float32)
        found = _plain(np.where(corrected.max(0) > 0, corrected, signals), times, settings)
    return found


def _rician_mean(clean: NDArray[np.floating], noise: float) -> NDArray[np.float64]:
    """Mean magnitude of a signal with Gaussian noise in both channels."""
    x = (np.asarray(clean, np.float64) / noise) ** 2 / 4
    return np.asarray(noise * np.sqrt(np.pi / 2) * ((1 + 2 * x) * special.ive(0, x) + 2 * x * special.ive(1, x)))


def _plain(signals: Image, times: NDArray[np.float64], settings: FitSettings) -> Decays:
    if settings.backend == "torch":
        found: Decays = import_module("inference.relaxometry.decay_torch").torch_decays(
            signals, times, offset=settings.offset
        )
        return found
    short = times.astype(np.float32)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        blocks = [
            decays(np, np.ascontiguousarray(signals[:, start : start + _BLOCK]), short, offset=settings.offset)
            for start in range(0, max(signals.shape[1], 1), _BLOCK)
        ]
    return Decays(
        **{each.name: np.concatenate([getattr(block, each.name) for block in blocks]) for each in fields(Decays)}
    )


def _on_grid(found: Decays, usable: NDArray[np.intp], outcomes: NDArray[np.uint8], *, shape: tuple[int, ...]) -> Fitted:
    failed = outcomes[usable] != Outcome.FITTED
    all_usable = len(usable) == len(outcomes)

    def image(values: Image) -> Image:
        values[failed] = np.nan
        if all_usable:
            return values.reshape(shape)
        whole = np.full(len(outcomes), np.nan, np.float32)
        whole[usable] = values
        return whole.reshape(shape)

    return Fitted(
        times=image(found.time),
        amplitudes=image(found.amplitude),
        offsets=image(found.offset),
        residuals=image(found.residual),
        r_squared=image(found.r_squared),
        outcomes=outcomes.reshape(shape),
    )
