"""SPIDER (CC BY 4.0) as training material: SPACE slices with masks, mid-slices with gradings. Talks to: disk.

Its masks mark whole vertebrae (76), discs (29) and the dural sac (150); no sacrum, no levels. (data/README.md names
29 and 76 the other way round; the pictures decide.)

The published mid-slices are not the scanner's pixels: three in five were brought to other numbers of rows, some of
columns too, without their spacing following (a vertebra may look twice as tall as it is). Their field of view was
square: restored_spacing gives it back. Discs L1/2 to L5/S1 then stand 28 to 42 mm apart but in one,
where before it was 23 to 57.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.phantom.labels import Tissue
from inference.training.column import bodies_of, centres, sacral_spot
from inference.training.samples import Sample

VERTEBRA, DISC, CANAL = 76, 29, 150
SPACE_MM = 0.46875
COLUMNS_OF_SPACING = {  # the scanner's matrix, by the published spacing in micrometres
    286: 1024, 365: 768, 391: 768, 456: 704, 471: 672, 478: 658, 500: 640, 573: 512, 586: 512, 625: 448, 664: 512,
    677: 384, 729: 384, 875: 320, 938: 320,
}  # fmt: skip
NOT_SPINE = (Tissue.BACKGROUND, Tissue.CANAL, Tissue.S1, Tissue.SACRUM, Tissue.PRESACRAL_FAT)


@dataclass(frozen=True, kw_only=True, eq=False)
class MaskedSlice:
    """body, disc, canal, posterior: bool (row, column). posterior is what of the vertebra mask is no body."""

    patient: int
    name: str
    image: NDArray[np.uint8]
    body: NDArray[np.bool_]
    disc: NDArray[np.bool_]
    canal: NDArray[np.bool_]
    posterior: NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True, eq=False)
class MidSlice:
    """spacing: millimetres per (row, column), restored. grades: Pfirrmann 1-5 by disc, from the lowest (1) upwards.

    female: None where the table does not say.
    """

    patient: int
    name: str
    contrast: str
    image: NDArray[np.uint8]
    spacing: tuple[float, float]
    disc_count: int | None
    female: bool | None
    grades: dict[int, int]


def bits(*tissues: Tissue) -> int:
    return sum(1 << tissue for tissue in tissues)


def masked_slices(root: Path) -> Iterator[MaskedSlice]:
    for path in sorted((root / "spider_space" / "images").glob("*.png")):
        image = _grey(path)
        mask = _grey(root / "spider_space" / "masks" / path.name)
        disc = mask == DISC
        body = bodies_of(mask == VERTEBRA, disc, millimetres=SPACE_MM)
        yield MaskedSlice(
            patient=int(path.name.split("_")[0]),
            name=path.stem,
            image=image,
            body=body,
            disc=disc,
            canal=mask == CANAL,
            posterior=(mask == VERTEBRA) & ~body,
        )


def space_samples(root: Path) -> Iterator[Sample]:
    for each in masked_slices(root):
        yield Sample(
            source="space",
            patient=each.patient,
            name=f"space_{each.name}",
            image=each.image,
            bits=_bits_of(each),
            spacing=(SPACE_MM, SPACE_MM),
        )


def _bits_of(each: MaskedSlice) -> NDArray[np.uint16]:
    found = np.full(each.image.shape, bits(*NOT_SPINE), np.uint16)
    found[each.canal] = bits(Tissue.CSF, Tissue.CANAL)
    found[each.posterior] = bits(Tissue.POSTERIOR_ELEMENT)
    found[each.body] = bits(Tissue.VERTEBRA)
    found[each.disc] = bits(Tissue.DISC)
    return _sacrum_marked(found, each.disc)


def _sacrum_marked(found: NDArray[np.uint16], disc: NDArray[np.bool_]) -> NDArray[np.uint16]:
    """Above the lowest disc there is no sacrum; a spot where S1 must be is S1; sacral arches may be found."""
    points = centres(disc, millimetres=SPACE_MM)
    lowest = int(points[0][0])
    above = found[: max(0, lowest - round(25 / SPACE_MM))]
    above[above == bits(*NOT_SPINE)] = bits(Tissue.BACKGROUND, Tissue.CANAL)
    below = found[lowest:]
    below[below == bits(*NOT_SPINE)] = bits(*NOT_SPINE, Tissue.POSTERIOR_ELEMENT)
    if len(points) >= 2:
        row, column = sacral_spot(points, millimetres=SPACE_MM)
        spot = np.zeros(found.shape, np.uint8)
        cv2.circle(spot, (round(column), round(row)), round(4 / SPACE_MM), 1, -1)
        free = (found & bits(Tissue.S1)) > 0
        found[(spot > 0) & free] = bits(Tissue.S1)
    return found


def mid_slices(root: Path, contrasts: tuple[str, ...] = ("t2",)) -> Iterator[MidSlice]:
    overview = {row["new_file_name"]: row for row in _rows(root / "spider_midslices" / "overview.csv")}
    grades = _grades(root / "spider_midslices" / "radiological_gradings.csv")
    for path in sorted((root / "spider_midslices" / "images").glob("*.png")):
        number, contrast = path.stem.split("_", 1)
        if contrast in contrasts and path.stem in overview:
            row = overview[path.stem]
            image = _grey(path)
            yield MidSlice(
                patient=int(number),
                name=path.stem,
                contrast=contrast,
                image=image,
                spacing=restored_spacing((image.shape[0], image.shape[1]), _published_spacing(overview, path.stem)),
                disc_count=int(row["num_discs"]) if row["num_discs"].isdigit() else None,
                female={"F": True, "M": False}.get(row["sex"].strip()),
                grades=grades.get(int(number), {}),
            )


def restored_spacing(shape: tuple[int, int], millimetres: float) -> tuple[float, float]:
    """Millimetres per (row, column) of a published mid-slice of this shape and published spacing."""
    side = millimetres * COLUMNS_OF_SPACING.get(round(1000 * millimetres), shape[1])
    return side / shape[0], side / shape[1]


def _published_spacing(overview: Mapping[str, Mapping[str, str]], name: str) -> float:
    """Of the series itself: beside a SPACE series, the T2's line may be the SPACE's, and T1 has the T2's grid."""
    row, number = overview[name], name.split("_", maxsplit=1)[0]
    space, t1 = overview.get(f"{number}_t2_SPACE"), overview.get(f"{number}_t1")
    if space and t1 and name.endswith("_t2") and row["RepetitionTime"] == space["RepetitionTime"]:
        row = t1
    return float(re.findall(r"[\d.]+", row["PixelSpacing"])[0])


def _grades(path: Path) -> dict[int, dict[int, int]]:
    found: dict[int, dict[int, int]] = {}
    for row in _rows(path):
        found.setdefault(int(row["Patient"]), {})[int(row["IVD label"])] = int(row["Pfirrman grade"])
    return found


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def _grey(path: Path) -> NDArray[np.uint8]:
    image = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if image is None:
        raise FileNotFoundError(path)
    return np.asarray(image, np.uint8)
