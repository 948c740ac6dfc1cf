"""Where bodies and the sacrum lie in masks that name neither. Pure.

Masks are bool (row, column); points are (row, column) in pixels, discs ordered from the lowest upwards.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
OPENING_MM, RECOVERY_MM = 7.0, 4.5


def centres(disc: NDArray[np.bool_], *, millimetres: float) -> Points:
    """Centres of the discs' pieces over 20 square millimetres, from the lowest upwards; (n, 2)."""
    count, _, stats, middle = cv2.connectedComponentsWithStats(disc.astype(np.uint8), connectivity=8)
    kept = [i for i in range(1, count) if stats[i, cv2.CC_STAT_AREA] * millimetres**2 > 20]
    points = np.array([(middle[i][1], middle[i][0]) for i in kept], np.float64).reshape(-1, 2)
    return points[np.argsort(-points[:, 0])]


def sacral_spot(discs: Points, *, millimetres: float) -> tuple[float, float]:
    """A point inside S1: below the lowest disc, on the way of the column turned further backwards."""
    along = discs[0] - discs[1]
    turn = np.deg2rad(18)
    way = np.array(
        [
            along[0] * np.cos(turn) - along[1] * np.sin(turn),
            along[1] * np.cos(turn) + along[0] * np.sin(turn),
        ]
    )
    row, column = discs[0] + way / np.linalg.norm(way) * (16 / millimetres)
    return float(row), float(column)


def bodies_of(vertebra: NDArray[np.bool_], disc: NDArray[np.bool_], *, millimetres: float) -> NDArray[np.bool_]:
    """The bodies in a mask of whole vertebrae: the pieces on the column's line, pedicles cut off."""
    points = centres(disc, millimetres=millimetres)
    line = _column_line(vertebra.shape, points, millimetres=millimetres)
    found = np.zeros(vertebra.shape, bool)
    count, pieces = cv2.connectedComponents(vertebra.astype(np.uint8), connectivity=4)
    for number in range(1, count):
        piece = pieces == number
        if (piece & line).any():
            found |= _without_arch(piece, millimetres=millimetres)
    return found


def _column_line(shape: tuple[int, ...], points: Points, *, millimetres: float) -> NDArray[np.bool_]:
    canvas = np.zeros(shape, np.uint8)
    if len(points) < 2:
        return canvas.astype(bool)
    top = points[-1] + (points[-1] - points[-2])
    bottom = np.array(sacral_spot(points, millimetres=millimetres))
    way = np.round(np.vstack([bottom, points, top]))[:, ::-1].astype(np.int32)
    cv2.polylines(canvas, [way.reshape(-1, 1, 2)], isClosed=False, color=1, thickness=max(1, round(6 / millimetres)))
    return canvas.astype(bool)


def _without_arch(piece: NDArray[np.bool_], *, millimetres: float) -> NDArray[np.bool_]:
    """Only where the piece is too long for a body: opened, its corners given back."""
    (_, size, _) = cv2.minAreaRect(np.argwhere(piece)[:, ::-1].astype(np.float32))
    if max(size) * millimetres < 46 and piece.sum() > 0.75 * size[0] * size[1]:
        return piece
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * round(OPENING_MM / millimetres) + 1,) * 2)
    opened = cv2.morphologyEx(piece.astype(np.uint8), cv2.MORPH_OPEN, kernel)
    if not opened.any():
        return piece
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(opened)
    largest = pieces == 1 + int(np.argmax(stats[1:count, cv2.CC_STAT_AREA]))
    reach = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * round(RECOVERY_MM / millimetres) + 1,) * 2)
    return (np.asarray(cv2.dilate(largest.astype(np.uint8), reach)) > 0) & piece
