"""Mean cross-sections through the lowest three discs, for the localiser. Needs the data sets. Talks to: disk.

Four slices that a person pointed at start it; each round averages the likest slices of the training patients anew.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np

from inference.axial_grading.localise import GRID_MM, HALF, Image, likenesses, local_contrast
from inference.axial_grading.sudirman import LEVELS, PIXEL_MM, axial_images

SEEDS = {"0389_D3": (189, 161), "0551_D4": (186, 172), "0534_D5": (161, 160), "0552_D5": (173, 166)}
AVERAGED = (60, 120, 200, 250, 250, 250)  # slices per level and round
WINDOW_MM = ((94, 141), (88, 131))  # where the published fields of view hold the spine


def build(root: Path, path: Path) -> None:
    """Writes means float16 (level, row, column), made mirror-symmetric, from images of training patients below root."""
    images = [each for each in axial_images(root) if not each.held_out]
    grounds = {each.name: local_contrast(each.image.astype(np.float32), (PIXEL_MM, PIXEL_MM)) for each in images}
    means = [_section(grounds[name], _on_grid(place)) for name, place in SEEDS.items()]
    for count in AVERAGED:
        found = {name: _best(ground, means) for name, ground in grounds.items()}
        means = [_mean(grounds, _likest(found, level.name, count)) for level in LEVELS]
    np.savez_compressed(path, means=np.stack(means).astype(np.float16))


def _likest(
    found: Mapping[str, tuple[float, tuple[int, int]]], level: str, count: int
) -> Sequence[tuple[str, tuple[int, int]]]:
    names = sorted((name for name in found if name.endswith(level)), key=lambda name: -found[name][0])
    return [(name, found[name][1]) for name in names[:count]]


def _best(ground: Image, means: Sequence[Image]) -> tuple[float, tuple[int, int]]:
    (top, bottom), (left, right) = ([round(mm / GRID_MM) for mm in edge] for edge in WINDOW_MM)
    window = likenesses(ground, means).max(axis=0)[top:bottom, left:right]
    row, column = np.unravel_index(int(window.argmax()), window.shape)
    return float(window[row, column]), (int(row) + top, int(column) + left)


def _mean(grounds: Mapping[str, Image], places: Sequence[tuple[str, tuple[int, int]]]) -> Image:
    mean = np.mean([_section(grounds[name], place) for name, place in places], axis=0)
    return np.asarray((mean + mean[:, ::-1]) / 2, np.float32)


def _section(ground: Image, place: tuple[int, int]) -> Image:
    edges = np.asarray(cv2.copyMakeBorder(ground, HALF, HALF, HALF, HALF, cv2.BORDER_CONSTANT, value=0))
    return np.asarray(edges[place[0] : place[0] + 2 * HALF, place[1] : place[1] + 2 * HALF], np.float32)


def _on_grid(place: tuple[int, int]) -> tuple[int, int]:
    row, column = (round((index + 0.5) * PIXEL_MM / GRID_MM) for index in place)
    return row, column
