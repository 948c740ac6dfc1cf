"""Draw bodies and discs one by one: individual shape, and what wear adds to it. Pure."""

from dataclasses import dataclass

import numpy as np

from inference.anatomy import Sex
from inference.phantom.body_parts import Disc, Frame, Haemangioma, Herniation, Plate, Schmorl, Vertebra
from inference.phantom.morphology import BODIES, DISCS, L1, L5, S1

NOWHERE = Frame(y=0.0, z=0.0, tilt=0.0)
_GRADES = (1.0, 2.0, 3.0, 4.0, 4.6, 5.0)
_HEIGHT_LEFT = (1.03, 1.03, 0.99, 0.84, 0.64, 0.42)
_BULGE = (0.2, 0.6, 1.3, 2.3, 2.6, 2.8)
_BODY_GROWTH, _DISC_GROWTH = 0.35, 1.6  # heights against size: small people have bodies nearly as tall, discs less so


@dataclass(frozen=True, kw_only=True)
class Person:
    """size: 1 is the mean of both sexes."""

    sex: Sex
    age: float
    size: float


def clipped_normal(rng: np.random.Generator, mean: float, sd: float, *, low: float, high: float) -> float:
    return float(np.clip(rng.normal(mean, sd), low, high))


def draw_grade(rng: np.random.Generator, level: int, age: float) -> float:
    """Wear of the disc below a level by age; the two lowest are worse, as in every series of patients."""
    if level >= S1:
        return float(rng.uniform(3.0, 4.8))
    extra = {3: 0.15, 4: 0.55, 5: 0.5}.get(level, 0.0)
    mean = float(np.interp(age, [18, 40, 60, 85], [1.6, 2.3, 3.0, 3.6]))
    return clipped_normal(rng, mean + extra * rng.uniform(0.0, 1.8), 0.75, low=1.0, high=5.0)


def draw_disc(rng: np.random.Generator, level: int, *, grade: float, person: Person, findings: bool) -> Disc:
    """A disc not yet in its place; findings False draws neither herniation nor stenosis."""
    shape = DISCS[level]
    bulge = float(np.interp(grade, _GRADES, _BULGE)) * abs(rng.normal(1, 0.35)) * (0.1 if level >= S1 else 1.0)
    left = float(np.interp(grade, _GRADES, _HEIGHT_LEFT))
    spread = 0.25 if level >= S1 else 0.06
    height = shape.height * person.size**_DISC_GROWTH * left * abs(rng.normal(1, spread))
    lumbar = L1 <= level <= L5
    return Disc(
        level=level,
        frame=NOWHERE,
        height=float(height),
        wedge_degrees=shape.wedge * float(np.interp(grade, [1, 4, 5], [1, 0.9, 0.6])) + rng.normal(0, 1),
        grade=grade,
        bulge_front=bulge * abs(rng.normal(1.1, 0.3)),
        bulge_back=bulge,
        herniation=_herniation(rng, grade) if findings and lumbar else None,
        nucleus_centre=rng.normal(0.05, 0.04),
        nucleus_reach=clipped_normal(rng, 0.66, 0.04, low=0.52, high=0.78),
        cleft=float(np.interp(grade, [1, 1.6, 2, 3, 3.6], [0, 0.5, 1, 0.8, 0]))
        * clipped_normal(rng, 0.8, 0.3, low=0, high=1.2),
        vacuum=bool(grade > 4.5 and rng.random() < 0.35),
        high_intensity_zone=bool(findings and grade > 2.6 and rng.random() < 0.25),
        modic=int(rng.integers(1, 4)) if grade > 3.6 and rng.random() < 0.4 else 0,
        modic_reach=rng.uniform(4, 10),
        stenosis=_stenosis(rng, grade) if findings and lumbar else 0.0,
        signal_scale=clipped_normal(rng, 1.0, 0.03, low=0.9, high=1.1),
    )


def _herniation(rng: np.random.Generator, grade: float) -> Herniation | None:
    if grade < 2.6 or rng.random() > 0.18:
        return None
    return Herniation(size=rng.uniform(2.5, 8.0), aside=rng.normal(0, 4), drift=rng.normal(0, 2.5))


def _stenosis(rng: np.random.Generator, grade: float) -> float:
    """Share of the sac's depth lost at this disc."""
    worn = 0.06 * max(0.0, grade - 3)
    return float(worn + (rng.uniform(0.15, 0.6) if grade > 3 and rng.random() < 0.2 else 0.0))


def draw_vertebra(
    rng: np.random.Generator, level: int, *, person: Person, wear: tuple[float, float], findings: bool
) -> Vertebra:
    """wear: grades of the disc above and below; a body not yet in its place."""
    shape = BODIES[level]
    sacral = level >= S1
    following = BODIES.get(level + 1, shape)
    return Vertebra(
        level=level,
        frame=NOWHERE,
        depth=shape.depth * person.size * rng.normal(1, 0.03),
        width=shape.width * person.size * rng.normal(1, 0.03),
        height=shape.height * person.size**_BODY_GROWTH * rng.normal(1, 0.03),
        wedge_degrees=shape.wedge + rng.normal(0, 1.0),
        taper=1 - following.depth / shape.depth if sacral else 0.0,
        upper=_plate(rng, wear[0], hollow=0.3 if sacral else 1.3, dents=findings and not sacral),
        lower=_plate(rng, wear[1], hollow=0.2 if sacral else 1.9, dents=findings and not sacral),
        waist_front=0.6 if sacral else clipped_normal(rng, 2.0, 0.6, low=0.4, high=3.6),
        waist_back=0.4 if sacral else clipped_normal(rng, 1.1, 0.4, low=0.0, high=2.0),
        collapse=rng.uniform(0.1, 0.45) if findings and not sacral and rng.random() < 0.015 * person.age / 50 else 0.0,
        fat_fraction=clipped_normal(rng, 0.30 + 0.0042 * (person.age - 20), 0.08, low=0.12, high=0.8),
        haemangioma=_haemangioma(rng) if findings and rng.random() < 0.06 else None,
        vein_is_fat=bool(rng.random() < 0.3),
        spinous_scale=clipped_normal(rng, 1.0, 0.08, low=0.75, high=1.2),
        spinous_drop=rng.normal(0, 5),
    )


def _plate(rng: np.random.Generator, grade: float, *, hollow: float, dents: bool) -> Plate:
    spur = max(0.0, grade - 3.0) * abs(rng.normal(1.2, 0.7))
    dent = dents and rng.random() < 0.05
    return Plate(
        hollow=abs(rng.normal(hollow, 0.35 * hollow)),
        lip_front=spur * abs(rng.normal(1, 0.4)),
        lip_back=spur * 0.4 * abs(rng.normal(1, 0.5)),
        schmorl=Schmorl(back=rng.normal(0, 5), depth=rng.uniform(2.5, 6), width=rng.uniform(2.5, 5)) if dent else None,
    )


def _haemangioma(rng: np.random.Generator) -> Haemangioma:
    return Haemangioma(back=rng.normal(0, 4), up=rng.normal(0, 3), radius=rng.uniform(2.5, 6))
