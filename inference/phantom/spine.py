"""Draw a person: sex, age, curves, shapes, and the wear of each disc. Pure."""

from collections.abc import Mapping, Sequence

import numpy as np

from inference.anatomy import Sex
from inference.phantom.body_parts import Body, Disc, LateralCurve, Spine, Transition, Vertebra
from inference.phantom.canal import Canal, build_lookup, smooth_curve
from inference.phantom.column import Column, change_transition, draw_posture, stand
from inference.phantom.grid import Point
from inference.phantom.morphology import (
    ANTERIOR_GAP,
    LEVELS,
    POSTERIOR_GAP,
    SAC_DEPTH,
    SAC_HALF_WIDTH,
    along,
)
from inference.phantom.wear import Person, clipped_normal, draw_disc, draw_grade, draw_vertebra

__all__ = ["Spine", "sample_spine"]


def sample_spine(  # noqa: PLR0913 - each of a person's traits may be set or drawn
    rng: np.random.Generator,
    *,
    grades: Mapping[int, float] | None = None,
    sex: Sex | None = None,
    age: float | None = None,
    transition: Transition | None = None,
    findings: bool = True,
) -> Spine:
    """grades: level above a disc (L1 is 1) to its grade 1..5, drawn by age where not given.

    findings False leaves out what is not wear alone: slips, herniation, stenosis, dents, collapse, scoliosis.
    """
    person = _person(rng, sex=sex, age=age)
    if transition is None:
        transition = Transition.NONE if not findings or rng.random() > 0.08 else rng.choice(list(Transition)[1:])
    column = change_transition(_parts(rng, person, grades=grades or {}, findings=findings), Transition(transition))
    posture = draw_posture(rng, findings=findings)
    column = stand(column, posture)
    return Spine(
        sex=person.sex,
        age=person.age,
        size=person.size,
        transition=Transition(transition),
        slipped_level=posture.slipped_level,
        slip=posture.slip,
        vertebrae=column.vertebrae,
        discs=column.discs,
        canal=_canal(rng, column, size=person.size),
        lateral=_lateral(rng, findings=findings),
        body=_body(rng, person),
        texture_seed=int(rng.integers(2**31)),
    )


def _person(rng: np.random.Generator, *, sex: Sex | None, age: float | None) -> Person:
    drawn_sex, drawn_age = list(Sex)[rng.integers(2)], rng.uniform(18, 85)
    sex = sex or drawn_sex
    return Person(
        sex=sex,
        age=float(drawn_age if age is None else age),
        size=(0.95 if sex is Sex.FEMALE else 1.04) * clipped_normal(rng, 1, 0.04, low=0.9, high=1.1),
    )


def _parts(rng: np.random.Generator, person: Person, *, grades: Mapping[int, float], findings: bool) -> Column:
    drawn = {level: draw_grade(rng, level, person.age) for level in LEVELS[:-1]}
    worn = drawn | dict(grades)
    discs = [draw_disc(rng, i, grade=worn[i], person=person, findings=findings) for i in LEVELS[:-1]]
    vertebrae = [
        draw_vertebra(rng, i, person=person, wear=(worn.get(i - 1, 1.0), worn.get(i, 1.0)), findings=findings)
        for i in LEVELS
    ]
    return Column(vertebrae=tuple(vertebrae), discs=tuple(discs))


def _lateral(rng: np.random.Generator, *, findings: bool) -> LateralCurve:
    strong = findings and rng.random() < 0.15
    amplitude = rng.normal(0, 4.5 if strong else 1.0)
    return LateralCurve(amplitude=amplitude, wavelength=rng.uniform(140, 240), phase=rng.uniform(0, 2 * np.pi))


def _body(rng: np.random.Generator, person: Person) -> Body:
    muscle_fat = float(np.interp(person.age, [20, 50, 85], [0.05, 0.18, 0.4]))
    return Body(
        fat_behind=float(np.clip(rng.gamma(3.0, 7.0), 5, 60)),
        muscle_fat=muscle_fat * clipped_normal(rng, 1, 0.45, low=0.2, high=2.2),
        abdomen_depth=rng.uniform(55, 140),
        prevertebral_fat=rng.uniform(3, 18),
        presacral_fat=rng.uniform(9, 17) * person.size,
        aorta_left=rng.normal(11, 5),
    )


def _canal(rng: np.random.Generator, column: Column, *, size: float) -> Canal:
    anchors, levels = _posterior_wall(column.vertebrae, column.discs)
    points, level = smooth_curve(anchors, levels)
    gap = along(ANTERIOR_GAP, level) * clipped_normal(rng, 1, 0.15, low=0.5, high=1.6)
    depth = along(SAC_DEPTH, level) * size * clipped_normal(rng, 0.97, 0.09, low=0.72, high=1.2)
    width = along(SAC_HALF_WIDTH, level) * size * clipped_normal(rng, 1, 0.06, low=0.8, high=1.2)
    for disc in column.discs:
        waist = np.exp(-(((level - disc.level - 0.5) / 0.17) ** 2))
        depth, width = depth * (1 - disc.stenosis * waist), width * (1 - 0.55 * disc.stenosis * waist)
        gap = gap + (disc.bulge_back * 0.75 + disc.stenosis) * waist * (disc.level < 6)
    return Canal(
        points=points,
        level=level,
        gap=gap,
        depth=np.maximum(depth, 0.2),
        half_width=np.maximum(width, 0.3),
        gap_behind=along(POSTERIOR_GAP, level),
        conus_end=clipped_normal(rng, 1.0, 0.35, low=0.2, high=2.0),
        sac_end=7.4 + rng.normal(0, 0.35),
        lookup=build_lookup(points, level),
    )


def _posterior_wall(vertebrae: Sequence[Vertebra], discs: Sequence[Disc]) -> tuple[Point, Point]:
    """Points (y, z) down the back of the column and their level coordinates."""
    points, levels = [], []
    for vertebra, disc in zip(vertebrae, [*discs, None], strict=True):
        for share in (0.28, -0.28):
            back = vertebra.depth / 2 * (1 - vertebra.taper * 0.8 * (0.5 - share)) - vertebra.waist_back * 0.7
            points.append(vertebra.frame.at(back=back, up=share * vertebra.height))
            levels.append(vertebra.level - share)
        if disc is not None:
            following = vertebrae[disc.level + 1 - vertebrae[0].level]
            depth = (vertebra.depth * (1 - vertebra.taper * 0.8) + following.depth) / 2
            points.append(disc.frame.at(back=depth / 2, up=0.0))
            levels.append(disc.level + 0.5)
    beyond = points[0] + 3 * (points[0] - points[1])
    return np.array([beyond, *points]), np.array([levels[0] - 1.3, *levels])
