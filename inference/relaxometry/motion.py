"""Movement of the patient between echoes, found as a rigid shift and turn in the plane of the slices. Pure.

Echoes of one series are minutes apart. Each is laid onto the last that is known to lie where the first does,
by the enhanced correlation coefficient (Evangelidis 2008, OpenCV): it does not mind that an echo is darker. Edges are
compared, because tissues darken unequally. Slices are thick: movement across them can be neither seen nor mended.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.relaxometry.fit import Image

Turn = NDArray[np.float32]
Mask = NDArray[np.bool_]
_STILL_PIXELS: Final = 0.3  # less than this, anywhere in the field: left as it is, because moving blurs
_FARTHEST_MM: Final = 20.0
_ALIKE: Final = 0.25  # correlation of the edges below which nothing is believed
_EDGE_PIXELS: Final = (3.0, 1.5)  # from coarse to fine
_AROUND_MM: Final = 25.0
_CRITERIA: Final = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 80, 1e-5)
_FLAGS: Final = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP


@dataclass(frozen=True, kw_only=True)
class Shift:
    """Of one echo against the first: millimetres at the middle of the image, degrees. known: it could be judged."""

    millimetres: float
    degrees: float
    known: bool
    corrected: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class Steadied:
    """echoes: float32 (time, slice, row, column), all where the first is. shifts: of the second echo and on."""

    echoes: Image
    shifts: tuple[Shift, ...]


def steadied(echoes: Image, *, pixel_mm: float, spine: Mask | None = None) -> Steadied:
    """echoes: (time, slice, row, column). The middle third of the slices tells; all slices are moved alike.

    spine: (row, column), what must come to lie on itself: it and 25 mm around it are compared; None: the whole image.
    """
    where = _around(np.ones(echoes.shape[2:], bool) if spine is None else spine, pixel_mm)
    moved, steady = [echoes[0]], echoes[0]
    shifts = []
    for echo in echoes[1:]:
        turn = _turn(_middle(steady), _middle(echo), where=where, farthest=_FARTHEST_MM / pixel_mm)
        mended = turn is not None and _farthest(turn, echo.shape) > _STILL_PIXELS
        moved.append(_moved(echo, turn) if turn is not None and mended else echo)
        steady = steady if turn is None else moved[-1]
        shifts.append(_shift(turn, echo.shape, pixel_mm=pixel_mm, corrected=mended))
    return Steadied(echoes=np.stack(moved), shifts=tuple(shifts))


def told(shifts: Sequence[Shift], times_ms: Sequence[float]) -> str | None:
    """A sentence on what was mended or could not be judged; times_ms: of the same echoes."""
    pairs = list(zip(shifts, times_ms, strict=True))
    mended = [
        f"{one.millimetres:.1f} mm and {one.degrees:.1f} degrees at {time:g} ms" for one, time in pairs if one.corrected
    ]
    unknown = [f"{time:g}" for one, time in pairs if not one.known]
    words = []
    if mended:
        words.append(f"Motion between echoes was corrected by rigid registration: {', '.join(mended)}.")
    if unknown:
        words.append(f"Motion could not be judged at {', '.join(unknown)} ms; these echoes were used as they are.")
    return " ".join(words) or None


def _middle(volume: Image) -> Image:
    """The mean of the middle third of the slices."""
    third = len(volume) // 3
    return np.asarray(np.nan_to_num(volume[third : len(volume) - third]).mean(axis=0), np.float32)


def _around(spine: Mask, pixel_mm: float) -> NDArray[np.uint8]:
    side = 2 * round(_AROUND_MM / pixel_mm) + 1
    return np.asarray(cv2.dilate(spine.astype(np.uint8), np.ones((side, side), np.uint8)), np.uint8)


def _edges(image: Image, pixels: float) -> Image:
    """The length of the gradient, limited so that the skin does not outshout the spine."""
    smooth = np.asarray(cv2.GaussianBlur(image, (0, 0), pixels), np.float32)
    down, across = (np.asarray(each, np.float32) for each in np.gradient(smooth))
    length = np.hypot(down, across)
    limit = max(float(np.percentile(length, 97)), 1e-6)
    return np.asarray(np.minimum(length, limit) / limit, np.float32)


def _turn(first: Image, other: Image, *, where: NDArray[np.uint8], farthest: float) -> Turn | None:
    """2 x 3, from a place in the first to the same place in the other; None where it cannot be told."""
    turn = _start(_edges(first, _EDGE_PIXELS[0]), _edges(other, _EDGE_PIXELS[0]), farthest=farthest)
    alike = 0.0
    for pixels in _EDGE_PIXELS:
        try:
            alike, found = cv2.findTransformECC(
                _edges(first, pixels), _edges(other, pixels), turn, cv2.MOTION_EUCLIDEAN, _CRITERIA, where, 3
            )
        except cv2.error:
            return None  # no correlation to climb
        turn = np.asarray(found, np.float32)
    return turn if alike >= _ALIKE and _farthest(turn, first.shape) <= 2 * farthest else None


def _start(first: Image, other: Image, *, farthest: float) -> Turn:
    """The shift by phase correlation, none where it is too far to be believed."""
    window = np.asarray(cv2.createHanningWindow((first.shape[1], first.shape[0]), cv2.CV_32F), np.float32)
    (right, down), _ = cv2.phaseCorrelate(first, other, window)
    if np.hypot(right, down) > farthest:
        right = down = 0.0
    return np.array([[1, 0, right], [0, 1, down]], np.float32)


def _farthest(turn: Turn, shape: tuple[int, ...]) -> float:
    """Pixels that the corners of the middle half of the field are moved by, at most."""
    rows, columns = shape[-2:]
    corners = np.array([[c * columns, r * rows] for r in (0.25, 0.75) for c in (0.25, 0.75)])
    return float(np.linalg.norm(corners @ turn[:, :2].T + turn[:, 2] - corners, axis=1).max())


def _moved(echo: Image, turn: Turn) -> Image:
    size = (echo.shape[2], echo.shape[1])
    slices = (cv2.warpAffine(each, turn, size, flags=_FLAGS, borderMode=cv2.BORDER_REPLICATE) for each in echo)
    return np.stack([np.asarray(each, np.float32) for each in slices])


def _shift(turn: Turn | None, shape: tuple[int, ...], *, pixel_mm: float, corrected: bool) -> Shift:
    if turn is None:
        return Shift(millimetres=0.0, degrees=0.0, known=False, corrected=False)
    middle = np.array([shape[-1] / 2, shape[-2] / 2])
    moved = turn[:, :2] @ middle + turn[:, 2] - middle
    degrees = float(np.degrees(np.arctan2(turn[1, 0], turn[0, 0])))
    return Shift(
        millimetres=float(np.linalg.norm(moved)) * pixel_mm, degrees=abs(degrees), known=True, corrected=corrected
    )
