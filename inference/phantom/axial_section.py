"""One axial section through a lumbar disc as values. Millimetres; x to the left, y to the back. Pure.

The origin is the middle of the disc's posterior border, as it would be without bulge or herniation. Levels count
downwards: 1 is L1/L2, 5 is L5/S1. Sides are the patient's: -1 right, 1 left.
"""

from dataclasses import dataclass
from enum import StrEnum

RIGHT, LEFT = -1, 1
SIDES = (RIGHT, LEFT)


class Zone(StrEnum):
    """Where a herniation lies: quarters of the intra-facet line, and what is beyond it (Mysliwiec 2010)."""

    CENTRAL = "A"
    LATERAL = "B"
    FAR_LATERAL = "C"


@dataclass(frozen=True, kw_only=True)
class DiscOutline:
    """hollow: how far the middle of the posterior border lies before its corners; bulge: all round; lean: to a side."""

    width: float
    depth: float
    hollow: float
    roundness: float
    bulge: float
    bulge_lean: float


@dataclass(frozen=True, kw_only=True)
class Lump:
    """A herniation: bearing in radians seen from the disc's middle, 0 straight back, positive to the left.

    extension: how far it passes the bulging border; necked: wider than its base; nucleus: share of nucleus in it.
    """

    bearing: float
    extension: float
    half_width: float
    necked: bool
    nucleus: float


@dataclass(frozen=True, kw_only=True)
class Facet:
    """One joint: the inferior process is a disc of a radius, the superior one a shell around it, a gap apart.

    x, y: middle of the inferior process, x counted outwards. bearing: degrees from outwards towards the back of the
    middle of the joint; reach: half its arc in degrees. effusion 0 to 1; worn 0 to 1.
    """

    x: float
    y: float
    radius: float
    gap: float
    thickness: float
    bearing: float
    reach: float
    effusion: float
    worn: float


@dataclass(frozen=True, kw_only=True)
class Lumen:
    """What bounds the canal: apex between the laminae, half width of the lateral recesses, ligamenta flava by side.

    flavum: thickness (right, left); 3 to 4 is normal.
    """

    apex: float
    half_width: float
    flavum: tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Sac:
    """The dural sac where nothing presses on it; gap: fat before it. rootlets: how many, of what radius."""

    x: float
    gap: float
    half_width: float
    half_depth: float
    rootlets: int
    rootlet_radius: float


@dataclass(frozen=True, kw_only=True)
class RestingRoot:
    """A root where nothing touches it."""

    side: int
    x: float
    y: float
    radius: float


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """muscle_fat, marrow_fat and veins 0 to 1; depths in millimetres; iliac: how much of the iliac bones is in view."""

    muscle_fat: float
    marrow_fat: float
    fat_behind: float
    psoas: float
    multifidus: float
    spinous_length: float
    spinous_width: float
    aorta_left: float
    prevertebral_fat: float
    iliac: float
    kidneys: float
    veins: float


@dataclass(frozen=True, kw_only=True)
class AxialSection:
    """grade: of the disc, 1 to 5. bone: share of the slice in an end plate; pedicles: in slices off the disc.

    turn (degrees) and shift (mm): how the person lies in the scanner. facets and roots: right, left.
    """

    level: int
    size: float
    grade: float
    disc: DiscOutline
    lumps: tuple[Lump, ...]
    facets: tuple[Facet, Facet]
    lumen: Lumen
    sac: Sac
    traversing: tuple[RestingRoot, RestingRoot]
    exiting: tuple[RestingRoot, RestingRoot]
    around: Surroundings
    bone: float
    pedicles: float
    turn: float
    shift: tuple[float, float]
    vacuum: bool
    fissure: float
    texture_seed: int

    def facet(self, side: int) -> Facet:
        return self.facets[0 if side < 0 else 1]

    def flavum(self, side: int) -> float:
        return self.lumen.flavum[0 if side < 0 else 1]
