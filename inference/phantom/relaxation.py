"""How the phantom decays under spin-lock and multi-echo sequences. Times in milliseconds. Pure.

After Iriondo 2020, Table 1: a spin-lock pulse (or an echo) prepares the magnetisation, a short readout follows. What
has recovered before does not depend on the spin-lock or echo time, so that each matter decays mono-exponentially.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from inference.phantom.canvas import Canvas
from inference.phantom.grid import Field
from inference.phantom.signal import WaterAndFat
from inference.phantom.tissues import Matter, Substance

T1RHO_OVER_T2 = 1.15  # of tissues other than disc: T1rho lies between T2 and T1, at 300 to 500 Hz near T2
_COVERED = 0.5


class Decay(StrEnum):
    """What the series is weighted by."""

    T1RHO = "T1rho"
    T2 = "T2"


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """S = PD (1 - exp(-recovery / T1)) exp(-TE / T2), what is read out after full recovery for a fixed time."""

    recovery_time: float
    echo_time: float

    def brightness(self, density: Field | float, t1: Field | float, t2: Field | float) -> Field:
        recovered = 1 - np.exp(-self.recovery_time / np.asarray(t1, np.float32))
        return np.asarray(density * recovered * np.exp(-self.echo_time / np.asarray(t2, np.float32)), np.float32)


@dataclass(frozen=True, kw_only=True)
class RelaxationSequence:
    """times: of spin lock for T1rho, of echo for T2. echo_time: of the readout after a spin lock.

    fat_gain: what fat saturation leaves of fat; 1 where there is none.
    """

    decay: Decay
    times: tuple[float, ...]
    recovery_time: float = 1500.0
    echo_time: float = 3.0
    fat_gain: float = 1.0


SPIN_LOCK = RelaxationSequence(decay=Decay.T1RHO, times=(0.0, 10.0, 40.0, 80.0), fat_gain=0.3)
"""MAPSS T1rho of the paper's data set B, locked at 300 Hz."""
SPIN_LOCK_FSE = RelaxationSequence(
    decay=Decay.T1RHO, times=(0.0, 40.0, 80.0, 120.0), recovery_time=1950.0, echo_time=30.0
)
"""Single-slice fast spin echo of the paper's data set A; its readout here has a shorter effective echo time."""
MULTI_ECHO = RelaxationSequence(
    decay=Decay.T2, times=(12.0, 24.0, 36.0, 48.0, 60.0, 72.0, 84.0, 96.0), recovery_time=1700.0
)


def t1rho_of(matter: Matter) -> Field | float:
    return matter.t2 * T1RHO_OVER_T2 if matter.t1rho is None else matter.t1rho


def echo_of(canvas: Canvas, sequence: RelaxationSequence, time: float) -> WaterAndFat:
    """What the canvas gives at one of the sequence's times."""
    if sequence.decay is Decay.T2:
        seen = canvas.render(Prepared(recovery_time=sequence.recovery_time, echo_time=time))
    else:
        read_out = Prepared(recovery_time=sequence.recovery_time, echo_time=sequence.echo_time)
        seen = spin_locked(canvas, time).render(read_out)
    return WaterAndFat(water=seen.water, fat=seen.fat * np.float32(sequence.fat_gain))


def spin_locked(canvas: Canvas, time: float) -> Canvas:
    """The same layers after a spin lock: what is left of each counts as its density."""
    fat = _locked(canvas.palette.of(Substance.FAT), time)
    return Canvas(
        grid=canvas.grid,
        palette=replace(canvas.palette, matters={**canvas.palette.matters, Substance.FAT: fat}),
        texture=canvas.texture,
        layers=[replace(layer, matter=_locked(layer.matter, time)) for layer in canvas.layers],
    )


def _locked(matter: Matter, time: float) -> Matter:
    left = np.exp(-np.float32(time) / np.asarray(t1rho_of(matter), np.float32))
    return replace(matter, density=matter.density * left)


def true_times(canvas: Canvas, decay: Decay) -> Field:
    """T1rho or T2 (ms) of the uppermost matter that covers at least half of each pixel, (row, column); NaN in gas."""
    found = np.full((canvas.grid.rows, canvas.grid.columns), np.nan, np.float32)
    for layer in canvas.layers:
        value = t1rho_of(layer.matter) if decay is Decay.T1RHO else layer.matter.t2
        seen = np.where(np.asarray(layer.matter.density) > 0, np.asarray(value, np.float32), np.float32(np.nan))
        view = found[layer.window.index]
        np.copyto(view, seen, where=layer.coverage >= _COVERED)
    return found
