"""SPIDER (CC BY 4.0) as training material: SPACE slices with masks, mid-slices with gradings. Talks to: disk.

Its masks mark whole vertebrae (76), discs (29) and the dural sac (150); no sacrum, no levels. (data/README.md names
29 and 76 the other way round; the pictures decide.)
"""

import csv
import re
from collections.abc import Iterator
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
    """grades: modified names dropped, Pfirrmann 1-5 by disc, counted from the lowest disc (1) upwards.

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
            across, down = (float(text) for text in re.findall(r"[\d.]+", row["PixelSpacing"]))
            yield MidSlice(
                patient=int(number),
                name=path.stem,
                contrast=contrast,
                image=_grey(path),
                spacing=(down, across),
                disc_count=int(row["num_discs"]) if row["num_discs"].isdigit() else None,
                female={"F": True, "M": False}.get(row["sex"].strip()),
                grades=grades.get(int(number), {}),
            )


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
