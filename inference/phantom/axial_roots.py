"""Where roots and rootlets come to lie when disc matter and ligaments take their room. Millimetres. Pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.phantom.axial_section import AxialSection, RestingRoot
from inference.phantom.axial_shapes import disc_distance, lumen_distance, sac_distance, solid_distance, superior_process

TOUCH = 0.7  # a gap this narrow holds no visible layer of fat
FLAT = 0.82  # of its diameter: a root with less room than that is flattened
_COMFORT = 4.6  # square millimetres of sac per rootlet when they have room
_STEP = 0.25


@dataclass(frozen=True, kw_only=True)
class Root:
    """Where a root lies: half axes along x and y; grade: its compromise after Pfirrmann 2004, 0 to 3."""

    side: int
    x: float
    y: float
    half_x: float
    half_y: float
    grade: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Bundle:
    """Rootlets (n, 2) as (x, y). area: of the sac (mm2); free_front: share of its depth that is free of rootlets."""

    places: NDArray[np.float64]
    area: float
    depth: float
    free_front: float
    crowding: float


def traversing_root(section: AxialSection, rest: RestingRoot) -> Root:
    """The root on its way to the next foramen: pushed backwards by disc matter, squeezed against the wall."""
    y = np.arange(-4.0, 24.0, 0.1)
    columns = rest.x + rest.radius * np.array([[-0.5], [0.0], [0.5]])
    solid = solid_distance(section, columns, y) < 0
    front = float(np.max(np.where(solid, y, -4.0)))
    behind = (lumen_distance(section, np.full_like(y, rest.x), y) > 0) & (y > max(front, rest.y))
    wall = float(y[behind].min()) if behind.any() else 24.0
    gap, room = rest.y - rest.radius - front, wall - front
    if gap > TOUCH:
        return _unmoved(rest, grade=0)
    if room < 2 * FLAT * rest.radius:
        return _flattened(rest, y=(front + wall) / 2, room=max(room, 0.8))
    grade = 1 if gap > -TOUCH else 2
    return Root(
        side=rest.side,
        x=rest.x,
        y=max(rest.y, front + rest.radius),
        half_x=rest.radius,
        half_y=rest.radius,
        grade=grade,
    )


def _unmoved(rest: RestingRoot, *, grade: int) -> Root:
    return Root(side=rest.side, x=rest.x, y=rest.y, half_x=rest.radius, half_y=rest.radius, grade=grade)


def _flattened(rest: RestingRoot, *, y: float, room: float) -> Root:
    half = room / 2
    return Root(
        side=rest.side, x=rest.x, y=y, half_x=min(rest.radius**2 / half, 1.7 * rest.radius), half_y=half, grade=3
    )


def exiting_root(section: AxialSection, rest: RestingRoot) -> Root:
    """The root in the foramen: pushed out along the shortest way, squeezed where the joint stops it."""
    here = np.array([rest.x, rest.y])
    gap = _solid(section, here) - rest.radius
    if gap > TOUCH:
        return _unmoved(rest, grade=0)
    pushed = here
    for _ in range(12):
        short = rest.radius - _solid(section, pushed)
        if short <= 0.05:
            break
        pushed = pushed + min(short, 1.0) * _outwards(section, pushed)
    bone = float(superior_process(section, rest.side, np.asarray(pushed[0]), np.asarray(pushed[1])))
    grade = 1 if gap > -TOUCH else (3 if bone < FLAT * rest.radius or gap < -1.9 * rest.radius else 2)
    squeeze = 0.6 if grade == 3 else 1.0
    return Root(
        side=rest.side,
        x=float(pushed[0]),
        y=float(pushed[1]),
        half_x=rest.radius / squeeze,
        half_y=rest.radius * squeeze,
        grade=grade,
    )


def _solid(section: AxialSection, place: NDArray[np.float64]) -> float:
    return float(solid_distance(section, np.asarray(place[0]), np.asarray(place[1])))


def _outwards(section: AxialSection, place: NDArray[np.float64]) -> NDArray[np.float64]:
    step = np.array([0.3, 0.0])
    slope = np.array(
        [
            _solid(section, place + step) - _solid(section, place - step),
            _solid(section, place + step[::-1]) - _solid(section, place - step[::-1]),
        ]
    )
    return np.asarray(slope / max(float(np.hypot(*slope)), 1e-6))


def lay_rootlets(section: AxialSection) -> Bundle:
    """The cauda equina sinks to the back of the sac and spreads as far as it needs, or as far as there is room."""
    rng = np.random.default_rng([section.texture_seed, 5])
    x, y = np.meshgrid(np.arange(-14.0, 14.0, _STEP), np.arange(-3.0, 24.0, _STEP))
    distance = sac_distance(section, x, y)
    inside = distance < 0
    count, radius = section.sac.rootlets, section.sac.rootlet_radius
    area = float(np.count_nonzero(inside)) * _STEP**2
    if area < 8.0:
        return Bundle(places=np.zeros((0, 2)), area=area, depth=0.0, free_front=0.0, crowding=1.0)
    front, back = float(y[inside].min()), float(y[inside].max())
    room = distance < -min(0.8 * radius, 0.35 * -float(distance.min()))
    points = np.stack([x[room], y[room]], axis=1)
    hind = points[:, 1] + 0.05 * points[:, 0] ** 2 * rng.uniform(0.2, 1.0)
    wanted = int(_COMFORT * count * np.exp(rng.normal(0, 0.12)) / _STEP**2)
    points = points[np.argsort(-hind)[:wanted]]
    places = _spread(points, count=count, rng=rng)
    foremost = float(np.percentile(places[:, 1], 8)) - radius
    return Bundle(
        places=places,
        area=area,
        depth=back - front,
        free_front=max(0.0, (foremost - front) / max(back - front, 0.1)),
        crowding=count * np.pi * radius**2 / area,
    )


def _spread(points: NDArray[np.float64], *, count: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Points far from each other, one after another, a little disordered."""
    chosen = [points[int(rng.integers(len(points)))]]
    distance = np.full(len(points), np.inf)
    while len(chosen) < count:
        distance = np.minimum(distance, np.hypot(*(points - chosen[-1]).T))
        chosen.append(points[int(np.argmax(distance * rng.uniform(0.75, 1.0, len(points))))])
    return np.asarray(chosen)


def bare_border(section: AxialSection, x: float) -> float:
    """y of the disc's posterior border with its bulge, without herniations, at x."""
    y = np.arange(-12.0, 8.0, 0.1)
    inside = disc_distance(section, np.full_like(y, x), y) < 0
    return float(y[inside].max()) if inside.any() else -12.0
