"""What tissues are made of, at 1.5 and 3 T: proton density, T1, T2, fat. Milliseconds. Pure.

T1 and T2 after Stanisz 2005 (MRM 54:507: muscle, cord, fluid), de Bazelaire 2004 (Radiology 230:652: marrow, fat,
organs), Gold 2004 (AJR 183:343: muscle, fat, marrow, joint fluid), Hopkins 1986 (MRM 3:303: CSF), Smith 2008
(MRM 60:213: cord at 3 T); discs after Watanabe 2007 (AJR 189:936: T2 of nucleus and annulus by grade).
T2 are those of a fast spin echo: fat is long (J coupling broken), CSF is short of its 2 s (it flows).
Disc values between the published means are tuned so that dSI by grade meets reference/delta_si_by_grade.csv.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from inference.phantom.grid import Field


class Substance(StrEnum):
    AIR = "air"
    CSF = "cerebrospinal fluid"
    CORD = "cord"
    ROOT = "nerve root"
    FAT = "fat"
    RED_MARROW = "red marrow, water part"
    CORTEX = "cortical bone"
    LIGAMENT = "ligament"
    MUSCLE = "muscle"
    FLOWING_BLOOD = "flowing blood"
    BOWEL = "bowel wall and content"
    FLUID = "resting fluid"
    ORGAN = "organ"
    SKIN = "skin"


@dataclass(frozen=True, kw_only=True, eq=False)
class Matter:
    """Proton density against water, T1, T2 and T1rho of the water part, share of fat; each a number or one per pixel.

    t1rho None: nobody has asked for it yet; inference.phantom.relaxation then takes it from T2.
    """

    density: Field | float
    t1: Field | float
    t2: Field | float
    fat: Field | float = 0.0
    t1rho: Field | float | None = None


@dataclass(frozen=True, kw_only=True)
class Relaxation:
    """One row of the table: at 1.5 T, and T1 and T2 at 3 T."""

    density: float
    t1: float
    t2: float
    t1_at_3: float
    t2_at_3: float
    fat: float = 0.0

    def at(self, field_strength: float) -> Matter:
        strong = field_strength > 2
        return Matter(
            density=self.density,
            t1=self.t1_at_3 if strong else self.t1,
            t2=self.t2_at_3 if strong else self.t2,
            fat=self.fat,
        )


_S = Substance
TABLE = {
    _S.AIR: Relaxation(density=0.0, t1=1000, t2=10, t1_at_3=1000, t2_at_3=10),
    _S.CSF: Relaxation(density=1.0, t1=4200, t2=750, t1_at_3=4300, t2_at_3=700),
    _S.CORD: Relaxation(density=0.72, t1=820, t2=80, t1_at_3=960, t2_at_3=75),
    _S.ROOT: Relaxation(density=0.72, t1=850, t2=78, t1_at_3=1050, t2_at_3=74),
    _S.FAT: Relaxation(density=0.95, t1=300, t2=110, t1_at_3=370, t2_at_3=102, fat=1.0),
    _S.RED_MARROW: Relaxation(density=0.80, t1=1000, t2=46, t1_at_3=1250, t2_at_3=42),
    _S.CORTEX: Relaxation(density=0.08, t1=500, t2=12, t1_at_3=600, t2_at_3=11, fat=0.1),
    _S.LIGAMENT: Relaxation(density=0.30, t1=650, t2=24, t1_at_3=800, t2_at_3=22),
    _S.MUSCLE: Relaxation(density=0.82, t1=980, t2=42, t1_at_3=1380, t2_at_3=38, fat=0.03),
    _S.FLOWING_BLOOD: Relaxation(density=0.06, t1=1400, t2=60, t1_at_3=1700, t2_at_3=50),
    _S.BOWEL: Relaxation(density=0.78, t1=900, t2=60, t1_at_3=1150, t2_at_3=55, fat=0.05),
    _S.FLUID: Relaxation(density=1.0, t1=3000, t2=450, t1_at_3=3500, t2_at_3=400),
    _S.ORGAN: Relaxation(density=0.80, t1=650, t2=52, t1_at_3=850, t2_at_3=44, fat=0.04),
    _S.SKIN: Relaxation(density=0.55, t1=600, t2=40, t1_at_3=750, t2_at_3=36, fat=0.15),
}

# Disc grades 1 to 5.
_GRADES = (1.0, 2.0, 3.0, 4.0, 5.0)
_NUCLEUS_DENSITY = (0.80, 0.76, 0.71, 0.62, 0.53)
_NUCLEUS_T1 = (1250.0, 1130.0, 960.0, 760.0, 620.0)
_NUCLEUS_T2 = (100.0, 85.0, 75.0, 61.0, 51.0)
_ANNULUS_DENSITY = (0.55, 0.53, 0.50, 0.45, 0.41)
_ANNULUS_T1 = (760.0, 740.0, 700.0, 640.0, 590.0)
_ANNULUS_T2 = (40.0, 40.0, 39.0, 37.0, 34.0)
_DISC_T1_GAIN_AT_3 = 1.12
_DISC_T2_GAIN_AT_3 = 0.97


@dataclass(frozen=True, kw_only=True)
class Jitter:
    """How far single values may stray, as the sd of their logarithm: contrast made random for training."""

    density: float = 0.0
    t1: float = 0.0
    t2: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Palette:
    """The table at one field strength; disc_scale multiplies density, T1, T2 of every disc."""

    matters: dict[Substance, Matter]
    field_strength: float
    disc_scale: Matter

    def of(self, substance: Substance) -> Matter:
        return self.matters[substance]

    def marrow(self, fat: Field | float) -> Matter:
        return replace(self.of(Substance.RED_MARROW), fat=fat)

    def disc(self, *, grade: float, nucleus: Field | float, scale: float) -> Matter:
        """A mixture of nucleus (share 0 to 1) and annulus as worn as the grade says."""
        strong = self.field_strength > 2
        t1_gain, t2_gain = (_DISC_T1_GAIN_AT_3, _DISC_T2_GAIN_AT_3) if strong else (1.0, 1.0)
        return Matter(
            density=_blend(grade, _NUCLEUS_DENSITY, _ANNULUS_DENSITY, nucleus) * self.disc_scale.density,
            t1=_blend(grade, _NUCLEUS_T1, _ANNULUS_T1, nucleus) * t1_gain * self.disc_scale.t1,
            t2=_blend(grade, _NUCLEUS_T2, _ANNULUS_T2, nucleus) * t2_gain * scale * self.disc_scale.t2,
        )


def _blend(grade: float, inner: tuple[float, ...], outer: tuple[float, ...], share: Field | float) -> Field:
    """Linear between the two tables at a grade."""
    within, without = np.interp(grade, _GRADES, inner), np.interp(grade, _GRADES, outer)
    return np.asarray(np.float32(without) + np.float32(within - without) * share)


def palette(field_strength: float) -> Palette:
    matters = {substance: row.at(field_strength) for substance, row in TABLE.items()}
    return Palette(matters=matters, field_strength=field_strength, disc_scale=Matter(density=1.0, t1=1.0, t2=1.0))


def strayed(base: Palette, rng: np.random.Generator, jitter: Jitter) -> Palette:
    """Each substance, and all discs together, moved at random."""

    def stray(matter: Matter) -> Matter:
        gains = np.exp(rng.normal(0, [jitter.density, jitter.t1, jitter.t2]))
        return replace(matter, density=matter.density * gains[0], t1=matter.t1 * gains[1], t2=matter.t2 * gains[2])

    matters = {substance: stray(matter) for substance, matter in base.matters.items()}
    return replace(base, matters=matters, disc_scale=stray(base.disc_scale))
