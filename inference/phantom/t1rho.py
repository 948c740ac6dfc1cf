"""T1rho of discs at 1.5 T: nucleus and annulus by grade, person to person, tied to the disc's T1. Milliseconds. Pure.

What is published fixes the nucleus: Li 2024 (doi:10.1002/jmri.29499, Table 1, 300 discs) counts 48 % of discs over
110 ms, 25 % from 80 to 110 and 27 % under 80 ms in people with 48 % of grades I-II, 28 % of III and 24 % of IV-V, so
that 110 ms lies between II and III and 80 ms between III and IV. Means fall linearly with the grade and spread widely
in sound discs; the nucleus lies over the annulus at every level (Wang 2012, Spine 37:1224, 315 discs at 1.5 T).
T1rho and grade correlate by -.51 (Auerbach 2006, Eur Spine J 15:338, 1.5 T) to -.84 (Blumenkrantz 2010, MRM 63:1193,
3 T): SPREAD gives about -.8 in a mix like Li's. Nobody has published how T1rho and T1 of one disc stray together:
T1_TIE is assumed. The annulus's means are assumed, too, within "under the nucleus, falling less".
"""

from dataclasses import dataclass

import numpy as np

from inference.phantom.grid import Field

GRADES = (1.0, 2.0, 3.0, 4.0, 5.0)
NUCLEUS_MS = (148.0, 127.0, 95.0, 68.0, 56.0)
ANNULUS_MS = (76.0, 73.0, 68.0, 60.0, 52.0)
SPREAD = 0.15  # sd of the logarithm of one disc's T1rho about the mean of its grade
T1_SPREAD = 0.07  # sd of the logarithm of one disc's T1 about the mean of its grade
T1_TIE = 0.6  # correlation of the two: water and proteoglycan lengthen both
PATCHINESS = 0.035  # sd of T1rho from place to place in one nucleus


@dataclass(frozen=True, kw_only=True)
class DiscT1rho:
    """One disc: T1rho of pure nucleus and pure annulus in milliseconds; t1_gain multiplies the T1 of its grade."""

    nucleus: float
    annulus: float
    t1_gain: float

    def field(self, nucleus_share: Field, patches: Field | float = 0.0) -> Field:
        """T1rho (ms) where the share of nucleus is 0 to 1; patches: noise of sd 1 from place to place."""
        mixed = self.annulus + (self.nucleus - self.annulus) * nucleus_share
        return np.asarray(mixed * (1 + PATCHINESS * patches), np.float32)


def mean_nucleus(grade: float) -> float:
    return float(np.interp(grade, GRADES, NUCLEUS_MS))


def mean_annulus(grade: float) -> float:
    return float(np.interp(grade, GRADES, ANNULUS_MS))


def disc_t1rho(grade: float, *, person: int, level: int) -> DiscT1rho:
    """The same disc of the same person (Spine.texture_seed) always answers the same; level above the disc, L1 is 1."""
    shared, own, t1_own = np.random.default_rng([person, level + 100]).normal(size=3)
    stray = T1_TIE**0.5 * shared + (1 - T1_TIE) ** 0.5 * own
    t1_stray = T1_TIE**0.5 * shared + (1 - T1_TIE) ** 0.5 * t1_own
    gain = float(np.exp(SPREAD * stray))
    return DiscT1rho(
        nucleus=mean_nucleus(grade) * gain,
        annulus=mean_annulus(grade) * gain**0.5,
        t1_gain=float(np.exp(T1_SPREAD * t1_stray)),
    )


def phase_of(mean_ms: float) -> int:
    """Li 2024: 1 over 110 ms, 2 from 80 to 110 ms, 3 under 80 ms."""
    if mean_ms > 110:
        return 1
    return 2 if mean_ms >= 80 else 3
