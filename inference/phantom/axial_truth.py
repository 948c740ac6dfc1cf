"""The grades of an axial section, measured on its geometry. Pure.

Herniation: MSU (Mysliwiec 2010, Eur Spine J 19:1087), size against the intra-facet line. Canal: Lee 2011 (Skeletal
Radiol 40:1033), cerebrospinal fluid before the cauda equina and how far its rootlets are apart. Roots: Pfirrmann 2004
(Radiology 230:583), contact, deviation, compression by disc matter. A diffuse bulge alone is no herniation.
"""

from dataclasses import dataclass

import numpy as np

from inference.phantom.axial_roots import Bundle, Root, bare_border, exiting_root, lay_rootlets, traversing_root
from inference.phantom.axial_section import SIDES, AxialSection, Lump, Zone
from inference.phantom.axial_shapes import facet_line_at, lump_base, medial_edge

LEAST_HERNIATION = 1.2  # millimetres: less is roughness of the border
FREE_FRONT = 0.24  # share of the sac's depth; less free fluid before the rootlets is an obliterated space
SOME_BUNDLED, ALL_BUNDLED = 0.36, 0.60  # share of the sac's area that rootlets take


@dataclass(frozen=True, kw_only=True, eq=False)
class AxialTruth:
    """Grades 0 to 3; roots: right, left, each the worse of traversing and exiting; where things came to lie."""

    herniation: int
    zone: Zone | None
    herniation_side: int
    canal: int
    right_root: int
    left_root: int
    bundle: Bundle
    traversing: tuple[Root, Root]
    exiting: tuple[Root, Root]

    @property
    def grades(self) -> tuple[int, int, int, int]:
        """Herniation, canal, left root, right root: the order of the network's heads."""
        return (self.herniation, self.canal, self.left_root, self.right_root)


def truth_of_section(section: AxialSection) -> AxialTruth:
    worst = max(section.lumps, key=lambda lump: lump_grade(section, lump), default=None)
    bundle = lay_rootlets(section)
    right_through, left_through = (traversing_root(section, root) for root in section.traversing)
    right_out, left_out = (exiting_root(section, root) for root in section.exiting)
    return AxialTruth(
        herniation=lump_grade(section, worst) if worst else 0,
        zone=zone_of(section, worst) if worst else None,
        herniation_side=_side(section, worst) if worst else 0,
        canal=canal_grade(bundle),
        right_root=max(right_through.grade, right_out.grade),
        left_root=max(left_through.grade, left_out.grade),
        bundle=bundle,
        traversing=(right_through, left_through),
        exiting=(right_out, left_out),
    )


def lump_share(section: AxialSection, lump: Lump) -> float:
    """Extension against the way from the bulging border to the intra-facet line; far lateral ones by the same way."""
    right, left = (float(medial_edge(section, side)[0]) for side in SIDES)
    x = float(np.clip(lump_base(section, lump)[0][0], right, left))
    return lump.extension / max(facet_line_at(section, x) - bare_border(section, x), 1.0)


def lump_grade(section: AxialSection, lump: Lump) -> int:
    """MSU size."""
    if lump.extension < LEAST_HERNIATION:
        return 0
    share = lump_share(section, lump)
    return 1 if share <= 0.5 else (2 if share <= 1.0 else 3)


def zone_of(section: AxialSection, lump: Lump) -> Zone:
    """The quarter of the intra-facet line that the middle of a herniation lies before."""
    x = float(lump_base(section, lump)[0][0])
    right, left = (float(medial_edge(section, side)[0]) for side in SIDES)
    share = abs(x - (right + left) / 2) / ((left - right) / 2)
    if share > 1:
        return Zone.FAR_LATERAL
    return Zone.LATERAL if share > 0.5 else Zone.CENTRAL


def _side(section: AxialSection, lump: Lump) -> int:
    """-1 right, 1 left, 0 within 2 mm of the midline."""
    x = float(lump_base(section, lump)[0][0])
    return 0 if abs(x) < 2 else int(np.sign(x))


def canal_grade(bundle: Bundle) -> int:
    if bundle.crowding >= ALL_BUNDLED:
        return 3
    if bundle.crowding >= SOME_BUNDLED:
        return 2
    return 1 if bundle.free_front < FREE_FRONT else 0
