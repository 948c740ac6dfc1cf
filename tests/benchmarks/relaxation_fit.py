"""Fitting every voxel of a spin-lock volume beside scipy voxel by voxel: `python -m tests.benchmarks.relaxation_fit`.

Both run in the same process on one thread; seconds are of the processor, so that a loaded machine changes the ratio
little. scipy is timed on a part of the voxels and reckoned up. Both must find the same times within a thousandth.
"""

import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import OptimizeWarning, curve_fit

from inference.relaxometry.fit import FitSettings, fit

FLOOR, AIM = 500, 1500
TIMES_MS = (0.0, 10.0, 40.0, 80.0)
VOXELS, SAMPLED, REPEATS = 655_360, 2_000, 5


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Processor seconds for all voxels; worst: relative difference of the times of the sampled voxels."""

    ours: float
    scipy: float
    worst: float

    @property
    def ratio(self) -> float:
        return self.scipy / self.ours


def measure() -> Measured:
    signals = _signals()
    settings = FitSettings(longest_ms=4000, lowest_signal=0)
    fit(signals[:, :SAMPLED], TIMES_MS, settings)
    ours = min(_seconds(lambda: fit(signals, TIMES_MS, settings)) for _ in range(REPEATS))
    begin = time.process_time()
    expected = _by_scipy(signals[:, :SAMPLED])
    scipy = (time.process_time() - begin) * VOXELS / SAMPLED
    found = fit(signals, TIMES_MS, settings).times[:SAMPLED]
    return Measured(ours=ours, scipy=scipy, worst=float(np.nanmax(np.abs(found / expected - 1))))


def _signals() -> NDArray[np.float32]:
    rng = np.random.default_rng(1)
    amplitude, constant = rng.uniform(200, 1500, VOXELS), rng.uniform(20, 200, VOXELS)
    clean = amplitude * np.exp(-np.array(TIMES_MS)[:, None] / constant)
    return np.hypot(clean + rng.normal(0, 15, clean.shape), rng.normal(0, 15, clean.shape)).astype(np.float32)


def _by_scipy(signals: NDArray[np.float32]) -> NDArray[np.float64]:
    times = np.array(TIMES_MS)
    found = np.full(signals.shape[1], np.nan)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", OptimizeWarning)
        for voxel, signal in enumerate(signals.T.astype(np.float64)):
            try:
                found[voxel] = curve_fit(_decay, times, signal, p0=(signal[0], 60.0), method="lm")[0][1]
            except RuntimeError:
                continue
    return found


def _decay(time_ms: NDArray[np.float64], amplitude: float, constant: float) -> NDArray[np.float64]:
    return amplitude * np.exp(-time_ms / constant)


def _seconds(work: Callable[[], object]) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin


def main() -> int:
    """1 if the ratio is under its floor, or the values differ by more than .1 %."""
    found = measure()
    print(f"fit of {VOXELS} voxels x {len(TIMES_MS)} spin-lock times, one thread, processor seconds")
    print(f"  ours {found.ours:.3f} s, scipy curve_fit per voxel {found.scipy:.0f} s (from {SAMPLED} voxels)")
    verdict = "reached" if found.ratio >= AIM else "not reached"
    print(f"  ratio {found.ratio:.0f}, floor {FLOOR}, aim {AIM}: {verdict}")
    print(f"  times differ by {100 * found.worst:.4f} % at most")
    return 0 if found.ratio >= FLOOR and found.worst < 1e-3 else 1


if __name__ == "__main__":
    sys.exit(main())
