"""Draw an axial section: a person, a level, wear, and one or more reasons for the canal or the roots to suffer. Pure.

Sizes by level, L1/L2 to L5/S1: end plates after Panjabi 1992 (Spine 17:299), bearings of joints after van Schaik
1985 (Spine 10:59), flava after Sakamaki 2009 (Surg Radiol Anat 31:705), sacs after Hamanishi 1994 (J Spinal Disord
7:388), roots after Hogan 1996 (Anesthesiology 85:37). Spread and wear are set by eye beside real images.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from inference.phantom.axial_section import (
    SIDES,
    AxialSection,
    DiscOutline,
    Facet,
    Lumen,
    Lump,
    RestingRoot,
    Sac,
    Surroundings,
)
from inference.phantom.axial_shapes import medial_edge
from inference.phantom.wear import clipped_normal

_WIDTH = (44.5, 46.5, 49.0, 51.0, 50.5)
_DEPTH = (34.0, 34.5, 34.8, 34.5, 33.5)
_HOLLOW = (1.8, 1.6, 1.1, 0.5, -0.6)
_FACET_X = (11.6, 12.0, 12.8, 14.4, 16.8)
_FACET_Y = (14.2, 14.4, 14.6, 14.6, 14.8)
_FACET_RADIUS = (4.7, 5.0, 5.3, 5.7, 6.0)
_FACET_BEARING = (-28.0, -33.0, -40.0, -48.0, -55.0)
_SAC_WIDTH = (10.6, 10.4, 10.2, 10.0, 8.6)
_SAC_DEPTH = (7.6, 7.4, 7.2, 7.2, 6.4)
_SAC_GAP = (0.7, 0.8, 0.9, 1.3, 2.8)
_FAT_BEHIND = (1.8, 2.2, 2.8, 3.2, 3.6)
_ROOTLETS = (28, 24, 20, 16, 11)
_ROOT_RADIUS = (1.2, 1.4, 1.7, 2.0, 2.3)
_GANGLION = (2.1, 2.4, 2.7, 3.0, 3.2)
_SPINOUS = (30.0, 31.0, 30.0, 25.0, 17.0)


class Cause(StrEnum):
    """What is wrong with a section."""

    NOTHING = "nothing"
    BULGE = "bulge"
    CENTRAL = "central herniation"
    LATERAL = "subarticular herniation"
    FAR_LATERAL = "foraminal herniation"
    STENOSIS = "worn joints and thick flava"
    NARROW = "narrow from birth"


CAUSE_ODDS = {
    Cause.NOTHING: 0.16,
    Cause.BULGE: 0.10,
    Cause.CENTRAL: 0.19,
    Cause.LATERAL: 0.22,
    Cause.FAR_LATERAL: 0.08,
    Cause.STENOSIS: 0.28,
    Cause.NARROW: 0.09,
}


@dataclass(frozen=True, kw_only=True)
class Build:
    """What size, age and wear say of a section before its parts are drawn."""

    level: int
    size: float
    age: float
    grade: float
    stenosis: float
    narrow: float

    def of(self, table: tuple[float, ...]) -> float:
        """A length of this level at this size."""
        return table[self.level - 1] * self.size


def draw_section(
    rng: np.random.Generator, *, level: int | None = None, cause: Cause | None = None, age: float | None = None
) -> AxialSection:
    """A random person's section through a disc; level 1 (L1/L2) to 5."""
    drawn_level = int(rng.choice(5, p=[0.08, 0.12, 0.2, 0.32, 0.28])) + 1
    drawn_cause = list(CAUSE_ODDS)[int(rng.choice(len(CAUSE_ODDS), p=_odds()))]
    drawn_age = float(rng.uniform(20, 85))
    cause = cause or drawn_cause
    build = _build(rng, level or drawn_level, cause=cause, age=drawn_age if age is None else age)
    section = _section(rng, build)
    return replace(section, lumps=_lumps(rng, section, cause))


def _odds() -> list[float]:
    total = sum(CAUSE_ODDS.values())
    return [share / total for share in CAUSE_ODDS.values()]


def _build(rng: np.random.Generator, level: int, *, cause: Cause, age: float) -> Build:
    stenosis = max(0.0, rng.normal(0.1, 0.12)) * (age > 45)
    if cause is Cause.STENOSIS:
        stenosis = rng.uniform(0.35, 1.7)
    herniated = cause in {Cause.CENTRAL, Cause.LATERAL, Cause.FAR_LATERAL}
    worn = {Cause.NOTHING: 0.0, Cause.STENOSIS: 1.0, Cause.BULGE: 0.5}.get(cause, 0.4)
    mean = float(np.interp(age, [20, 50, 85], [1.9, 2.7, 3.5])) + worn
    return Build(
        level=level,
        size=clipped_normal(rng, 1.0, 0.06, low=0.85, high=1.16),
        age=age,
        grade=clipped_normal(rng, max(mean, 2.6) if herniated else mean, 0.6, low=1.0, high=5.0),
        stenosis=float(stenosis),
        narrow=rng.uniform(0.3, 1.0) if cause is Cause.NARROW else abs(rng.normal(0, 0.12)),
    )


def _section(rng: np.random.Generator, build: Build) -> AxialSection:
    sac = _sac(rng, build)
    section = AxialSection(
        level=build.level,
        size=build.size,
        grade=build.grade,
        disc=_disc(rng, build),
        lumps=(),
        facets=_facets(rng, build),
        lumen=_lumen(rng, build, sac),
        sac=sac,
        traversing=_pair(rng, x=0.0, y=0.0, radius=1.0),
        exiting=_pair(rng, x=0.0, y=0.0, radius=1.0),
        around=_surroundings(rng, build),
        bone=0.0 if rng.random() < 0.8 else rng.uniform(0.1, 0.7),
        pedicles=0.0,
        turn=rng.normal(0, 3.0),
        shift=(rng.normal(0, 2.5), rng.normal(0, 2.0)),
        vacuum=bool(build.grade > 4.2 and rng.random() < 0.3),
        fissure=float(rng.uniform(0.3, 1.0)) if build.grade > 2.4 and rng.random() < 0.25 else 0.0,
        texture_seed=int(rng.integers(2**31)),
    )
    return _with_roots(rng, section, build)


def _disc(rng: np.random.Generator, build: Build) -> DiscOutline:
    bulge = float(np.interp(build.grade, [1, 2, 3, 4, 5], [0.0, 0.3, 1.0, 1.8, 2.3])) * abs(rng.normal(1, 0.4))
    return DiscOutline(
        width=build.of(_WIDTH) * rng.normal(1, 0.03),
        depth=build.of(_DEPTH) * rng.normal(1, 0.04),
        hollow=_HOLLOW[build.level - 1] + rng.normal(0, 0.5),
        roundness=rng.uniform(1.95, 2.25),
        bulge=bulge + 0.8 * build.stenosis * rng.uniform(0.3, 1.4),
        bulge_lean=rng.normal(0, 0.25),
    )


def _facets(rng: np.random.Generator, build: Build) -> tuple[Facet, Facet]:
    """Right and left, alike but not the same; wear makes them thick, effused, and turns them inwards."""
    wear = float(np.clip((build.age - 45) / 50 + 0.6 * build.stenosis + rng.normal(0, 0.15), 0, 1.3))
    bearing = _FACET_BEARING[build.level - 1] + rng.normal(0, 6)
    closer = (0.9 * build.stenosis + 1.8 * build.narrow) * build.size

    def one() -> Facet:
        worn = float(np.clip(wear + rng.normal(0, 0.12), 0, 1.3))
        return Facet(
            x=build.of(_FACET_X) - closer + rng.normal(0, 0.5),
            y=build.of(_FACET_Y) - 1.1 * build.stenosis - 1.8 * build.narrow + rng.normal(0, 0.5),
            radius=build.of(_FACET_RADIUS) * rng.normal(1, 0.05),
            gap=clipped_normal(rng, 1.8 - 0.4 * worn, 0.3, low=0.9, high=2.6),
            thickness=(7.2 + 1.6 * worn) * build.size * rng.normal(1, 0.08),
            bearing=bearing + rng.normal(0, 4),
            reach=clipped_normal(rng, 56, 5, low=44, high=66),
            effusion=float(rng.uniform(0.2, 1.0)) if rng.random() < 0.15 + 0.3 * worn else 0.0,
            worn=worn,
        )

    return one(), one()


def _lumen(rng: np.random.Generator, build: Build, sac: Sac) -> Lumen:
    thick = 3.4 + 2.6 * build.stenosis * rng.uniform(0.5, 1.2) + 0.012 * (build.age - 50) + rng.normal(0, 0.35)
    apex = sac.gap + 2 * sac.half_depth + build.of(_FAT_BEHIND) * rng.uniform(0.7, 1.3)
    sides = float(np.clip(thick + rng.normal(0, 0.4), 2.2, 8.0)), float(np.clip(thick + rng.normal(0, 0.4), 2.2, 8.0))
    return Lumen(
        apex=float(apex), half_width=build.of(_FACET_X) - 1.0 * build.stenosis - 1.2 * build.narrow, flavum=sides
    )


def _sac(rng: np.random.Generator, build: Build) -> Sac:
    fill = clipped_normal(rng, 1.0, 0.08, low=0.8, high=1.2) * (1 - 0.30 * build.narrow)
    if rng.random() < 0.04:
        fill *= rng.uniform(0.55, 0.8)  # epidural lipomatosis
    return Sac(
        x=rng.normal(0, 0.5),
        gap=build.of(_SAC_GAP) * abs(rng.normal(1, 0.3)) + 0.2,
        half_width=build.of(_SAC_WIDTH) * fill * rng.normal(1, 0.04),
        half_depth=build.of(_SAC_DEPTH) * fill * rng.normal(1, 0.05),
        rootlets=max(6, round(_ROOTLETS[build.level - 1] * rng.normal(1, 0.08))),
        rootlet_radius=float(np.clip(0.74 * build.size * rng.normal(1, 0.06), 0.55, 0.95)),
    )


def _pair(rng: np.random.Generator, *, x: float, y: float, radius: float) -> tuple[RestingRoot, RestingRoot]:
    right, left = (
        RestingRoot(
            side=side,
            x=side * x + rng.normal(0, 0.4),
            y=y + rng.normal(0, 0.35),
            radius=float(radius * np.clip(rng.normal(1, 0.08), 0.8, 1.25)),
        )
        for side in SIDES
    )
    return right, left


def _with_roots(rng: np.random.Generator, section: AxialSection, build: Build) -> AxialSection:
    """Traversing roots before the medial edges of the joints, exiting ones beside the disc in the foramina."""
    edges = [abs(float(medial_edge(section, side)[0])) for side in SIDES]
    radius = build.of(_ROOT_RADIUS)
    x = min(float(np.mean(edges)) - 1.3, section.lumen.half_width - radius - 0.3, section.disc.width / 2 - 9)
    beside = section.disc.width / 2 * rng.uniform(0.86, 0.98)
    hind = section.disc.bulge * rng.uniform(0.3, 0.9)
    return replace(
        section,
        traversing=_pair(rng, x=x, y=radius + 1.7 + 0.5 * hind + rng.uniform(0, 1.2), radius=radius),
        exiting=_pair(rng, x=beside, y=rng.uniform(0.5, 4.5), radius=build.of(_GANGLION)),
    )


def _lumps(rng: np.random.Generator, section: AxialSection, cause: Cause) -> tuple[Lump, ...]:
    """Bearings aim at the zone; sizes are drawn against the way to the intra-facet line."""
    edge = abs(float(medial_edge(section, 1)[0]))
    aims = {Cause.CENTRAL: (0.0, 0.45), Cause.LATERAL: (0.5, 0.95), Cause.FAR_LATERAL: (1.25, 2.0)}
    if cause in aims:
        return (_lump(rng, section, x=rng.uniform(*aims[cause]) * edge),)
    if cause is Cause.STENOSIS and rng.random() < 0.3:
        return (_lump(rng, section, x=rng.uniform(0, 0.9) * edge),)
    return ()


def _lump(rng: np.random.Generator, section: AxialSection, *, x: float) -> Lump:
    way = float(medial_edge(section, 1)[1]) - section.disc.bulge
    extension = max(1.4, way * rng.uniform(0.2, 1.45))
    aside = float(rng.choice(SIDES)) * x
    flat = min(0.97, abs(aside) / (section.disc.width / 2))
    return Lump(
        bearing=float(np.sign(aside) * np.arctan2(abs(aside), 0.5 * section.disc.depth * (1 - 0.75 * flat**3))),
        extension=float(min(extension, 11.0)),
        half_width=float(np.clip(rng.uniform(4.5, 10.0) * (1 if x < edge_limit(section) else 0.8), 3.5, 10.0)),
        necked=bool(extension > 4.5 and rng.random() < 0.35),
        nucleus=rng.uniform(0.0, 1.0),
    )


def edge_limit(section: AxialSection) -> float:
    """Beyond this many millimetres from the midline a herniation lies in the foramen."""
    return abs(float(medial_edge(section, 1)[0]))


def _surroundings(rng: np.random.Generator, build: Build) -> Surroundings:
    fatty = float(np.interp(build.age, [20, 50, 85], [0.06, 0.2, 0.5])) * clipped_normal(rng, 1, 0.5, low=0.2, high=2)
    return Surroundings(
        muscle_fat=min(fatty, 0.8),
        marrow_fat=clipped_normal(rng, 0.25 + 0.005 * build.age, 0.1, low=0.2, high=0.9),
        fat_behind=float(np.clip(rng.gamma(3.0, 7.0), 4, 60)),
        psoas=(6.0, 13.0, 18.0, 20.5, 19.0)[build.level - 1] * build.size * rng.uniform(0.75, 1.25),
        multifidus=(9.0, 10.5, 13.0, 15.0, 16.0)[build.level - 1] * build.size * rng.uniform(0.85, 1.2),
        spinous_length=build.of(_SPINOUS) * rng.uniform(0.7, 1.15),
        spinous_width=rng.uniform(2.6, 4.8),
        aorta_left=rng.normal(11, 5),
        prevertebral_fat=rng.uniform(2, 12),
        iliac=float(np.clip(rng.normal({4: 0.4, 5: 1.0}.get(build.level, -1.0), 0.25), 0, 1)),
        kidneys=float(build.level <= 2) * rng.uniform(0.3, 1.0),
        veins=rng.uniform(0, 1),
    )
