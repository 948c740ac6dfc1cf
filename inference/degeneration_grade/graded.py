"""Slices with graded discs, as training and evaluation use them: SPIDER and Sudirman, masks found once. Talks to: disk.

Discs are counted as SPIDER does: rank 1 is the lowest, L5/S1.
"""

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.runtime import Network
from inference.sagittal.segment import on_grid, segment, views_of
from inference.training.spider import SPACE_MM, masked_slices, mid_slices
from inference.training.sudirman import PIXEL_MM, boxed_slices, pfirrmann_grades

SMALLEST_PIECE_MM2 = 25.0


@dataclass(frozen=True, kw_only=True, eq=False)
class GradedSlice:
    """image uint8 and ranks uint8, (row, column); a disc's pixels hold its rank. grades: Pfirrmann 1-5 by rank.

    source: "spider", "space" (same patients, another T2) or "sudirman". spacing: millimetres per (row, column).
    """

    source: str
    patient: int
    name: str
    image: NDArray[np.uint8]
    ranks: NDArray[np.uint8]
    spacing: tuple[float, float]
    grades: Mapping[int, int]


def gather(network: Network, root: Path, folder: Path) -> int:
    """Writes every graded slice in which discs were found, those already there left; answers how many there are.

    network: tissues (inference.phantom.labels), of whatever room.
    """
    folder.mkdir(parents=True, exist_ok=True)
    there = {path.stem for path in folder.glob("*.npz")}
    for each in chain(_space(root), _spider(network, root, there), _sudirman(network, root, there)):
        save(each, folder)
    return sum(1 for _ in folder.glob("*.npz"))


def _spider(network: Network, root: Path, there: Container[str]) -> Iterator[GradedSlice]:
    for each in mid_slices(root):
        name = f"spider_{each.name}"
        if name in there or not each.grades:
            continue
        ranks = found_ranks(network, each.image, each.spacing)
        if ranks is not None:
            yield GradedSlice(
                source="spider",
                patient=each.patient,
                name=name,
                image=each.image,
                ranks=ranks,
                spacing=each.spacing,
                grades=each.grades,
            )


def _space(root: Path) -> Iterator[GradedSlice]:
    grades = {each.patient: each.grades for each in mid_slices(root)}
    for each in masked_slices(root):
        if grades.get(each.patient):
            yield GradedSlice(
                source="space",
                patient=each.patient,
                name=f"space_{each.name}",
                image=each.image,
                ranks=drawn_ranks(each.disc, SPACE_MM),
                spacing=(SPACE_MM, SPACE_MM),
                grades=grades[each.patient],
            )


def _sudirman(network: Network, root: Path, there: Container[str]) -> Iterator[GradedSlice]:
    grades = pfirrmann_grades(root)
    for each in boxed_slices(root, ("t2",)):
        name = f"sudirman_{each.name}"
        if name in there or each.patient not in grades:
            continue
        ranks = found_ranks(network, each.image, (PIXEL_MM, PIXEL_MM))
        if ranks is not None:
            yield GradedSlice(
                source="sudirman",
                patient=each.patient,
                name=name,
                image=each.image,
                ranks=ranks,
                spacing=(PIXEL_MM, PIXEL_MM),
                grades=grades[each.patient],
            )


def found_ranks(network: Network, image: NDArray[np.uint8], spacing: tuple[float, float]) -> NDArray[np.uint8] | None:
    """Ranks of the discs of the best chain in this slice; None where there is none."""
    shape = image.shape[0], image.shape[1]
    found = segment(views_of(network, image.astype(np.float32), spacing), shape, spacing)
    if found is None:
        return None
    ranks = np.zeros(found.levels.labels.shape, np.uint8)
    for rank, disc in enumerate(found.levels.chain.discs, start=1):
        if disc.mask is not None:
            ranks[disc.mask] = rank
    return on_grid(ranks, shape)


def drawn_ranks(disc: NDArray[np.bool_], millimetres: float) -> NDArray[np.uint8]:
    """Ranks of the pieces of a mask of discs, from the lowest upwards."""
    count, pieces, stats, middle = cv2.connectedComponentsWithStats(disc.astype(np.uint8), connectivity=8)
    large = [i for i in range(1, count) if stats[i, cv2.CC_STAT_AREA] * millimetres**2 > SMALLEST_PIECE_MM2]
    ranks = np.zeros(disc.shape, np.uint8)
    for rank, number in enumerate(sorted(large, key=lambda i: -float(middle[i][1])), start=1):
        ranks[pieces == number] = rank
    return ranks


def save(each: GradedSlice, folder: Path) -> None:
    graded = sorted(each.grades.items())
    draft = folder / f".{each.name}.npz"
    np.savez_compressed(
        draft,
        source=each.source,
        patient=each.patient,
        image=each.image,
        ranks=each.ranks,
        spacing=np.asarray(each.spacing),
        grades=np.asarray(graded, np.int64).reshape(-1, 2),
    )
    draft.rename(folder / f"{each.name}.npz")


def load(path: Path) -> GradedSlice:
    with np.load(path) as stored:
        return GradedSlice(
            source=str(stored["source"]),
            patient=int(stored["patient"]),
            name=path.stem,
            image=stored["image"],
            ranks=stored["ranks"],
            spacing=(float(stored["spacing"][0]), float(stored["spacing"][1])),
            grades={int(rank): int(grade) for rank, grade in stored["grades"]},
        )
