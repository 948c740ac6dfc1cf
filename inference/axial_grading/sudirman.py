"""Sudirman et al. (CC BY 4.0), axial T1 through the lowest three discs, with what the reports say. Talks to: disk.

The images carry no pixel size: at PIXEL_MM the discs are 50 to 53 mm wide, as they are in adults.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.anatomy import Disc
from inference.axial_grading.localise import LEAST_LIKENESS, sight
from inference.axial_grading.preprocess import Point
from inference.axial_grading.report_rules import Herniation, Pressure, Said, read_report
from inference.training.samples import is_held_out

PIXEL_MM = 0.6875


class Level(StrEnum):
    """As the files are named."""

    D3 = "D3"
    D4 = "D4"
    D5 = "D5"


LEVELS = tuple(Level)
DISCS: Mapping[Level, Disc] = {Level.D3: Disc.L3_L4, Level.D4: Disc.L4_L5, Level.D5: Disc.L5_S1}


class Significance(IntEnum):
    """The radiologists' own coding of a level."""

    NO = 0
    MILD = 1
    SERIOUS = 2


@dataclass(frozen=True, kw_only=True)
class Possible:
    """Grades of one head that agree with the text: from lowest to highest, both included."""

    lowest: int
    highest: int


@dataclass(frozen=True, kw_only=True)
class Labels:
    """Of the four heads; None where the text does not tell."""

    herniation: Possible | None
    canal: Possible | None
    left: Possible | None
    right: Possible | None


@dataclass(frozen=True, kw_only=True, eq=False)
class AxialImage:
    """image: uint8 (row, column), radiological orientation, PIXEL_MM. said is None where there is no report.

    significance: None where it is not coded.
    """

    patient: int
    level: Level
    image: NDArray[np.uint8]
    said: Said | None
    significance: Significance | None

    @property
    def name(self) -> str:
        return f"{self.patient:04d}_{self.level}"

    @property
    def held_out(self) -> bool:
        return is_held_out(self.patient)


@dataclass(frozen=True, kw_only=True, eq=False)
class Example:
    """What the network learns from: an image, where to cut it (row, column), and what the text allows."""

    source: AxialImage
    centre: Point
    labels: Labels


_HERNIATIONS = {
    Herniation.NONE: Possible(lowest=0, highest=0),
    Herniation.BULGE: Possible(lowest=0, highest=1),
    Herniation.PROTRUSION: Possible(lowest=1, highest=2),
    Herniation.EXTRUSION: Possible(lowest=2, highest=3),
}
_CANAL = {
    Pressure.NONE: Possible(lowest=0, highest=0),
    Pressure.TOUCHED: Possible(lowest=0, highest=1),
    Pressure.MILD: Possible(lowest=1, highest=1),
    Pressure.COMPRESSED: Possible(lowest=1, highest=2),
    Pressure.SEVERE: Possible(lowest=2, highest=3),
}
_ROOTS = {
    Pressure.NONE: Possible(lowest=0, highest=0),
    Pressure.TOUCHED: Possible(lowest=1, highest=1),
    Pressure.MILD: Possible(lowest=1, highest=2),
    Pressure.COMPRESSED: Possible(lowest=2, highest=3),
    Pressure.SEVERE: Possible(lowest=3, highest=3),
}


def labels_of(said: Said) -> Labels:
    """Words as ranges of grades: a bulge is no MSU herniation, "compressing" may be Lee 1 or 2."""
    return Labels(
        herniation=None if said.herniation is None else _HERNIATIONS[said.herniation],
        canal=None if said.sac is None else _CANAL[said.sac],
        left=None if said.left is None else _ROOTS[said.left],
        right=None if said.right is None else _ROOTS[said.right],
    )


def axial_images(root: Path) -> Iterator[AxialImage]:
    """Every image of the folder sudirman_axial_t1 below root, with and without report, by patient and level."""
    folder = root / "sudirman_axial_t1"
    with (folder / "reports.csv").open(newline="", encoding="utf-8-sig") as file:
        reports = {int(row["patient"]): row for row in csv.DictReader(file)}
    for path in sorted((folder / "images").glob("*.jpg")):
        number, _, level = path.stem.partition("_")
        image = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        if image is None or level not in LEVELS:
            raise FileNotFoundError(path)
        yield _axial_image(int(number), Level(level), np.asarray(image, np.uint8), reports.get(int(number)))


def examples(root: Path) -> Iterator[Example]:
    """Images with a report where the spine was found; held-out patients too, so ask source.held_out."""
    return examples_of(axial_images(root))


def examples_of(images: Iterable[AxialImage]) -> Iterator[Example]:
    for each in images:
        if each.said is None:
            continue
        seen = sight(each.image.astype(np.float32), (PIXEL_MM, PIXEL_MM))
        if seen.likeness >= LEAST_LIKENESS:
            yield Example(source=each, centre=seen.centre, labels=labels_of(each.said))


def _axial_image(patient: int, level: Level, image: NDArray[np.uint8], report: Mapping[str, str] | None) -> AxialImage:
    text = report["notes"].strip() if report is not None else ""
    coded = report[f"{level}_significance"].strip().upper() if report is not None else ""
    return AxialImage(
        patient=patient,
        level=level,
        image=image,
        said=read_report(text)[DISCS[level]] if text else None,
        significance=Significance[coded] if coded in Significance.__members__ else None,
    )
