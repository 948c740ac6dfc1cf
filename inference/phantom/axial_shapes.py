"""Signed distances of the parts of an axial section, negative inside, in millimetres. Pure."""

import numpy as np

from inference.phantom.axial_section import SIDES, AxialSection, Lump
from inference.phantom.grid import Field, Point
from inference.phantom.solids import intersect, super_ellipse

NORMAL_FLAVUM = 3.4  # included in where the lumen is drawn
_CLEARANCE = 0.5  # dura and a film of fat between the sac and what bounds it
_SOLID_CLEARANCE = 0.5


def disc_distance(section: AxialSection, x: Field, y: Field, *, bulge: bool = True) -> Field:
    """The disc with its bulge, without herniations."""
    disc = section.disc
    hull = super_ellipse(
        x, y + 0.49 * disc.depth, half_a=disc.width / 2, half_b=0.535 * disc.depth, power=disc.roundness
    )
    border = disc.hollow * (1 - np.exp(-((x / 8.0) ** 2))) - 0.006 * x**2
    front = intersect(hull, y - border, rounding=4.0)
    if not bulge:
        return front
    lean = np.clip(1 + disc.bulge_lean * x / 20.0, 0.2, 2.0)
    hind = np.clip((y + 0.7 * disc.depth) / (0.5 * disc.depth), 0.35, 1.0)
    return np.asarray(front - disc.bulge * lean * hind)


def solid_distance(section: AxialSection, x: Field, y: Field) -> Field:
    """All disc matter: disc, bulge and herniations."""
    solid = disc_distance(section, x, y)
    for lump in section.lumps:
        solid = smooth_union(solid, lump_distance(section, lump, x, y), blend=2.5)
    return np.asarray(solid)


def lump_distance(section: AxialSection, lump: Lump, x: Field, y: Field) -> Field:
    base, outwards = lump_base(section, lump)
    out = (x - base[0]) * outwards[0] + (y - base[1]) * outwards[1]
    along = (x - base[0]) * -outwards[1] + (y - base[1]) * outwards[0]
    if lump.necked:
        middle = 0.45 * lump.extension
        head = super_ellipse(
            along, out - middle, half_a=lump.half_width, half_b=lump.extension - middle + 0.01, power=2.2
        )
        neck = np.maximum(np.abs(along) - 0.5 * lump.half_width, np.maximum(out - middle, -3.0 - out))
        return smooth_union(head, neck, blend=1.5)
    return super_ellipse(along, out, half_a=lump.half_width, half_b=lump.extension + 0.01, power=2.2)


def lump_base(section: AxialSection, lump: Lump) -> tuple[Point, Point]:
    """Where a herniation leaves the bulging border, and the unit vector out of the disc there."""
    middle = np.array([0.0, -0.5 * section.disc.depth])
    ray = np.array([np.sin(lump.bearing), np.cos(lump.bearing)])
    reach = np.linspace(0.0, 40.0, 321)
    distance = disc_distance(section, middle[0] + reach * ray[0], middle[1] + reach * ray[1])
    base = middle + ray * reach[int(np.argmax(distance > 0))]
    step = 0.2
    slope = np.array(
        [
            float(
                disc_distance(section, base[0] + dx, base[1] + dy) - disc_distance(section, base[0] - dx, base[1] - dy)
            )
            for dx, dy in ((step, 0.0), (0.0, step))
        ]
    )
    return base, slope / max(float(np.hypot(*slope)), 1e-6)


def medial_edge(section: AxialSection, side: int) -> Point:
    """The medial edge of a facet joint, where the intra-facet line ends; x outwards counts as in the section."""
    facet = section.facet(side)
    angle = np.deg2rad(facet.bearing - facet.reach)
    reach = facet.radius + facet.gap / 2
    return np.array([side * (facet.x + reach * np.cos(angle)), facet.y + reach * np.sin(angle)])


def facet_line_at(section: AxialSection, x: float) -> float:
    """y of the intra-facet line at x."""
    right, left = (medial_edge(section, side) for side in SIDES)
    return float(np.interp(x, [right[0], left[0]], [right[1], left[1]]))


def polar(section: AxialSection, side: int, x: Field, y: Field) -> tuple[Field, Field]:
    """Distance from the middle of an inferior process, and degrees off the middle of its joint."""
    facet = section.facet(side)
    out, back = side * x - facet.x, y - facet.y
    off = np.rad2deg(np.arctan2(back, out)) - facet.bearing
    return np.hypot(out, back), (off + 180) % 360 - 180


def superior_process(section: AxialSection, side: int, x: Field, y: Field) -> Field:
    """The shell before and outside the joint; thicker in its outer half, and where it is worn."""
    facet = section.facet(side)
    rho, off = polar(section, side, x, y)
    share = np.clip(off / facet.reach, -1, 1)
    thick = facet.thickness * (0.9 - 0.25 * share**2 + 0.32 * share + 0.25 * facet.worn * np.clip(-share, 0, 1))
    inner = facet.radius + facet.gap
    shell = np.abs(rho - inner - thick / 2) - thick / 2
    return intersect(shell, (np.abs(off) - facet.reach - 4) * np.pi / 180 * rho, rounding=2.5)


def inferior_process(section: AxialSection, side: int, x: Field, y: Field) -> Field:
    """The nose of the lamina inside the joint, and the lamina up to the midline."""
    facet = section.facet(side)
    rho, _ = polar(section, side, x, y)
    lamina = capsule(
        side * x,
        y,
        start=(facet.x, facet.y + 0.5),
        end=(-0.5, section.lumen.apex + 4.2),
        radii=(0.62 * facet.radius, 3.4),
    )
    return np.asarray(smooth_union(rho - facet.radius, lamina, blend=3.0))


def capsule(
    x: Field, y: Field, *, start: tuple[float, float], end: tuple[float, float], radii: tuple[float, float]
) -> Field:
    """A rounded bar between two points whose radius changes along it."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    share = np.clip(((x - start[0]) * dx + (y - start[1]) * dy) / (dx * dx + dy * dy), 0, 1)
    away = np.hypot(x - start[0] - share * dx, y - start[1] - share * dy)
    return np.asarray(away - radii[0] - share * (radii[1] - radii[0]))


def smooth_union(first: Field, second: Field, *, blend: float) -> Field:
    """Either, the inner edge filled over about that many millimetres."""
    return np.asarray(-intersect(-first, -second, rounding=blend))


def flavum_inner(section: AxialSection, side: int, x: Field, y: Field) -> Field:
    """Distance beyond the inner face of the ligament: it bows inwards, and thickens most beside the joint."""
    edge = medial_edge(section, side)
    start, end = (abs(edge[0]) - 0.3, edge[1]), (0.3, section.lumen.apex)
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = float(np.hypot(dx, dy))
    along, off = side * x - start[0], y - start[1]
    run = np.clip((along * dx + off * dy) / length**2, 0, 1)
    healthy = (along * dy - off * dx) / length + 3.2 * run * (1 - run) - 0.4
    return np.asarray(healthy + (section.flavum(side) - NORMAL_FLAVUM) * (1 - 0.65 * run**2))


def flavum_distance(section: AxialSection, side: int, x: Field, y: Field) -> Field:
    """The ligament: from its inner face to the lamina, ending before the joint and at the apex."""
    beyond = flavum_inner(section, side, x, y)
    edge = medial_edge(section, side)
    band = np.maximum(beyond - section.flavum(side), -beyond)
    ends = np.maximum(edge[1] - 3.0 - y, np.maximum(-0.6 - side * x, side * x - abs(edge[0]) - 3.0))
    return intersect(band, ends, rounding=2.0)


def lumen_distance(section: AxialSection, x: Field, y: Field) -> Field:
    """The canal between disc border, lateral recesses and ligamenta flava; the disc itself is not cut out."""
    sides = np.abs(x) - section.lumen.half_width
    found = np.maximum(sides, -y - 1.5)
    for side in SIDES:
        inner = np.where(side * x > -1.5, flavum_inner(section, side, x, y), -9.0)
        found = intersect(found, inner, rounding=1.5)
        found = np.maximum(found, -superior_process(section, side, x, y))
    return np.asarray(found)


def sac_distance(section: AxialSection, x: Field, y: Field) -> Field:
    """The dural sac, kept off everything that presses on it."""
    sac = section.sac
    natural = super_ellipse(
        x - sac.x, y - sac.gap - sac.half_depth, half_a=sac.half_width, half_b=sac.half_depth, power=2.25
    )
    within = intersect(natural, lumen_distance(section, x, y) + _CLEARANCE, rounding=2.5)
    return intersect(within, _SOLID_CLEARANCE - solid_distance(section, x, y), rounding=1.5)
