"""The four corners of a vertebral body in a mask. Pure.

Masks are bool (row, column) on an isotropic grid, rows to the feet, columns to the back;
points are (row, column) in pixels.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Point = NDArray[np.float64]
QUALITY = 0.01
NEAREST_MM = 12.0  # 21 pixels of a 300 mm field of view exported at 512
BLOCK_MM = 5.2  # 9 pixels of the same
INWARD_MM = 2.0  # so far inside a corner Shi-Tomasi answers strongest (its block holds both edges there); moved back


@dataclass(frozen=True, kw_only=True, eq=False)
class Corners:
    upper_anterior: Point
    upper_posterior: Point
    lower_anterior: Point
    lower_posterior: Point

    @property
    def mean_width(self) -> float:
        """Mean length of the upper and the lower end plate, pixels."""
        upper = np.linalg.norm(self.upper_posterior - self.upper_anterior)
        lower = np.linalg.norm(self.lower_posterior - self.lower_anterior)
        return float(upper + lower) / 2


def find_corners(mask: Mask, up: Point, *, millimetres: float) -> Corners:
    """Shi-Tomasi on the mask; a quarter of the body in which it finds none gives its outermost point instead.

    up: unit vector along the body towards the head.
    """
    points = np.argwhere(mask).astype(np.float64)
    centre = points.mean(axis=0)
    frame = np.stack([-up, np.array([-up[1], up[0]])])  # downwards, backwards
    frame[1] *= 1.0 if frame[1][1] > 0 else -1.0
    strongest = _shi_tomasi(mask, millimetres)
    quarters = {
        (down, back): _corner(
            points - centre, strongest - centre, frame=frame, quarter=np.array([down, back]), millimetres=millimetres
        )
        + centre
        for down in (-1.0, 1.0)
        for back in (-1.0, 1.0)
    }
    return Corners(
        upper_anterior=quarters[-1.0, -1.0],
        upper_posterior=quarters[-1.0, 1.0],
        lower_anterior=quarters[1.0, -1.0],
        lower_posterior=quarters[1.0, 1.0],
    )


def _shi_tomasi(mask: Mask, millimetres: float) -> NDArray[np.float64]:
    found = cv2.goodFeaturesToTrack(
        mask.astype(np.uint8) * 255,
        maxCorners=4,
        qualityLevel=QUALITY,
        minDistance=NEAREST_MM / millimetres,
        blockSize=2 * round(BLOCK_MM / millimetres / 2) + 1,
    )
    points = np.zeros((0, 2)) if found is None else np.asarray(found, np.float64)
    return points.reshape(-1, 2)[:, ::-1]


def _corner(body: Point, strongest: Point, *, frame: NDArray[np.float64], quarter: Point, millimetres: float) -> Point:
    """Relative to the centre: the Shi-Tomasi corner in this quarter if it is one, else the extreme of the quarter."""
    turned = body @ frame.T
    half = np.percentile(np.abs(turned), 95, axis=0)
    extreme: Point = body[int(np.argmax((turned / half) @ quarter))]
    inside = [each for each in strongest if (frame @ each / half * quarter > 0.55).all()]
    return inside[0] + frame.T @ quarter * (INWARD_MM / millimetres) if inside else extreme
