"""Sudirman et al. (CC BY 4.0) as training material: boxes round discs say where they are and are not. Talks to: disk.

Boxes are (x0, y0, x1, y1) in pixels; the published images carry no spacing.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.phantom.labels import Tissue
from inference.training.column import sacral_spot
from inference.training.samples import Sample
from inference.training.spider import bits

PIXEL_MM = 0.71  # discs L2/3 to L4/5 then stand 36 mm apart, as they do in SPIDER
SAME_DISC_PIXELS = 14
NEIGHBOUR_PIXELS = (34, 64)
EVERYTHING = bits(*Tissue)
GRADED_LEVELS = ("L5/S1", "L4/L5", "L3/L4")


@dataclass(frozen=True, kw_only=True, eq=False)
class BoxedSlice:
    """boxes: float (n, 4), one per disc, from the lowest (L5/S1) upwards."""

    patient: int
    name: str
    contrast: str
    image: NDArray[np.uint8]
    boxes: NDArray[np.float64]

    @property
    def centres(self) -> NDArray[np.float64]:
        """(n, 2) as (row, column)."""
        return np.stack([self.boxes[:, [1, 3]].mean(axis=1), self.boxes[:, [0, 2]].mean(axis=1)], axis=1)


def boxed_slices(root: Path, contrasts: tuple[str, ...] = ("t1", "t2")) -> Iterator[BoxedSlice]:
    folder = root / "sudirman_sagittal"
    found: dict[str, list[list[float]]] = {}
    with (folder / "boxes.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            if row["finding"].startswith("disc") and row["sequence"] in contrasts:
                found.setdefault(row["image"], []).append([float(row[edge]) for edge in ("x0", "y0", "x1", "y1")])
    for name, boxes in sorted(found.items()):
        image = cv2.imread(str(folder / "images" / name), cv2.IMREAD_GRAYSCALE)
        if image is None:
            raise FileNotFoundError(folder / "images" / name)
        patient, contrast, _ = name.split("_")
        yield BoxedSlice(
            patient=int(patient),
            name=Path(name).stem,
            contrast=contrast,
            image=np.asarray(image, np.uint8),
            boxes=_one_per_disc(np.array(boxes)),
        )


def pfirrmann_grades(root: Path) -> dict[int, dict[int, int]]:
    """Pfirrmann by rank from the lowest disc (1, L5/S1), by patient; the lowest three discs only."""
    with (root / "sudirman_sagittal" / "pfirrmann.csv").open(newline="") as file:
        return {
            int(row["patient"]): {
                rank: int(row[level]) for rank, level in enumerate(GRADED_LEVELS, start=1) if row[level].isdigit()
            }
            for row in csv.DictReader(file)
        }


def box_samples(root: Path) -> Iterator[Sample]:
    for each in boxed_slices(root):
        if len(each.boxes) >= 5:
            yield Sample(
                source=f"boxes_{each.contrast}",
                patient=each.patient,
                name=f"boxes_{each.name}",
                image=each.image,
                bits=constraints(each),
                spacing=(PIXEL_MM, PIXEL_MM),
            )


def _one_per_disc(boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Boxes from below; a second box round the same disc (another finding) is left out."""
    kept: list[NDArray[np.float64]] = []
    for box in boxes[np.argsort(-(boxes[:, 1] + boxes[:, 3]))]:
        if not kept or abs(kept[-1][[1, 3]].mean() - box[[1, 3]].mean()) > SAME_DISC_PIXELS:
            kept.append(box)
    return np.stack(kept)


def constraints(each: BoxedSlice) -> NDArray[np.uint16]:
    """What the boxes alone say of each pixel."""
    found = np.full(each.image.shape, EVERYTHING, np.uint16)
    _forbid_discs_outside_boxes(found, each)
    _forbid_levels(found, each)
    _mark_middles(found, each)
    return found


def _forbid_discs_outside_boxes(found: NDArray[np.uint16], each: BoxedSlice) -> None:
    inside = np.zeros(found.shape, bool)
    for x0, y0, x1, y1 in np.round(each.boxes).astype(int):
        inside[max(0, y0 - 2) : y1 + 3, max(0, x0 - 2) : x1 + 3] = True
    highest = each.boxes[-1]
    inside[: max(0, int(highest[1] - 25))] = True
    lost = np.argwhere(np.abs(np.diff(each.centres[:, 0])) > NEIGHBOUR_PIXELS[1]).ravel()
    for gap in lost:
        inside[int(each.boxes[gap + 1][3]) : int(each.boxes[gap][1])] = True
    found[~inside] &= EVERYTHING ^ bits(Tissue.DISC)


def _forbid_levels(found: NDArray[np.uint16], each: BoxedSlice) -> None:
    _, top, _, bottom = np.round(each.boxes[0]).astype(int)
    found[: max(0, top - 3)] &= EVERYTHING ^ bits(Tissue.S1, Tissue.SACRUM, Tissue.PRESACRAL_FAT)
    found[bottom + 2 :] &= EVERYTHING ^ bits(Tissue.VERTEBRA)


def _mark_middles(found: NDArray[np.uint16], each: BoxedSlice) -> None:
    points = each.centres
    for index, (x0, y0, x1, y1) in enumerate(each.boxes):
        share = 0.08 if index == 0 else 0.2
        _mark(found, points[index], share * (x1 - x0), share / 2 * (y1 - y0), Tissue.DISC)
    for lower, upper in pairwise(points):
        if NEIGHBOUR_PIXELS[0] < np.linalg.norm(lower - upper) < NEIGHBOUR_PIXELS[1]:
            _mark(found, (lower + upper) / 2, 10, 6, Tissue.VERTEBRA)
    _mark(found, np.array(sacral_spot(points, millimetres=PIXEL_MM)), 5, 5, Tissue.S1)


def _mark(
    found: NDArray[np.uint16], centre: NDArray[np.float64], half_width: float, half_height: float, tissue: Tissue
) -> None:
    row, column = centre
    rows = slice(max(0, round(row - half_height)), round(row + half_height) + 1)
    columns = slice(max(0, round(column - half_width)), round(column + half_width) + 1)
    found[rows, columns] = bits(tissue)
