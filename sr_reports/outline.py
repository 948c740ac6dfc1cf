"""From a mask to the closed polygon that an SR and a picture can draw. Pure."""

from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

_FEWEST_CORNERS: Final = 6  # OHIF takes closed polylines of four or five points for rectangles and then fails on them
_FINER: Final = 4  # parts of a pixel; the outline runs an eighth of a pixel inside the pixels' edges
_TOLERANCES: Final = (0.5, 0.25, 0.0)  # pixels that a simplified outline may stray


def outlines(mask: NDArray[np.bool_]) -> list[NDArray[np.float64]]:
    """One closed polygon per piece of the mask, the largest first, holes left out.

    Each is (points, 2) as (column, row), the first point repeated at the end, in the coordinates of an SCOORD: the
    centre of the first pixel is (0.5, 0.5), and every point lies inside the image. At least six corners.
    """
    finer = cv2.resize(mask.astype(np.uint8), None, fx=_FINER, fy=_FINER, interpolation=cv2.INTER_NEAREST)
    found, _ = cv2.findContours(finer, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    largest_first = sorted(found, key=cv2.contourArea, reverse=True)
    return [_polygon(contour) for contour in largest_first]


def _polygon(contour: NDArray[Any]) -> NDArray[np.float64]:
    corners = _simplified(contour)
    while len(corners) < _FEWEST_CORNERS:
        corners = _with_midpoints(corners)
    in_pixels = (corners + 0.5) / _FINER
    return np.vstack([in_pixels, in_pixels[:1]])


def _simplified(contour: NDArray[Any]) -> NDArray[np.float64]:
    for tolerance in _TOLERANCES:
        corners = cv2.approxPolyDP(contour, tolerance * _FINER, True)[:, 0, :]
        if len(corners) >= _FEWEST_CORNERS:
            return corners.astype(np.float64)
    return contour[:, 0, :].astype(np.float64)


def _with_midpoints(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    following = np.roll(corners, -1, axis=0)
    return np.stack([corners, (corners + following) / 2], axis=1).reshape(-1, 2)
