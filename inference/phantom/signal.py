"""How bright a matter is under a sequence. Times in milliseconds. Pure."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from inference.phantom.grid import Field
from inference.phantom.tissues import Matter


class Sequence(Protocol):
    def brightness(self, density: Field | float, t1: Field | float, t2: Field | float) -> Field: ...


@dataclass(frozen=True, kw_only=True)
class FastSpinEcho:
    """S = PD (1 - exp(-(TR - TE) / T1)) exp(-TE / T2), TE the effective echo time.

    With an inversion time: S = PD |1 - 2 exp(-TI / T1) + exp(-TR / T1)| exp(-TE / T2), the magnitude of STIR.
    """

    repetition_time: float
    echo_time: float
    inversion_time: float | None = None

    def brightness(self, density: Field | float, t1: Field | float, t2: Field | float) -> Field:
        decay = np.exp(-self.echo_time / np.asarray(t2, dtype=np.float32))
        t1 = np.asarray(t1, dtype=np.float32)
        if self.inversion_time is None:
            recovery = 1 - np.exp(-(self.repetition_time - self.echo_time) / t1)
        else:
            recovery = np.abs(1 - 2 * np.exp(-self.inversion_time / t1) + np.exp(-self.repetition_time / t1))
        return np.asarray(density * recovery * decay, dtype=np.float32)


@dataclass(frozen=True, kw_only=True, eq=False)
class WaterAndFat:
    """The two parts of a pixel's signal: they are shifted against each other."""

    water: Field
    fat: Field


def split_signal(matter: Matter, fat: Matter, sequence: Sequence) -> WaterAndFat:
    """Water and fat part of a matter; fat gives the density and times of pure fat."""
    water = sequence.brightness(matter.density, matter.t1, matter.t2)
    pure = sequence.brightness(fat.density, fat.t1, fat.t2)
    share = np.asarray(matter.fat, dtype=np.float32)
    return WaterAndFat(water=water * (1 - share), fat=pure * share)
