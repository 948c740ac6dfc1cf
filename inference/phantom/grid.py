"""The plane an image lies in, and windows of it. Lengths in LPS millimetres. Pure."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.floating[Any]]
Point = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Window:
    """A rectangle of an image: rows and columns as slices."""

    rows: slice
    columns: slice

    @property
    def index(self) -> tuple[slice, slice]:
        return (self.rows, self.columns)

    @property
    def shape(self) -> tuple[int, int]:
        return (self.rows.stop - self.rows.start, self.columns.stop - self.columns.start)


@dataclass(frozen=True, kw_only=True, eq=False)
class Coordinates:
    """Where each pixel of a window lies: x to the left, y to the back, z upwards; each broadcasts to (row, column)."""

    x: Field
    y: Field
    z: Field


@dataclass(frozen=True, kw_only=True, eq=False)
class ImageGrid:
    """origin: centre of pixel (0, 0); down and right: steps to the next row and column; square pixels."""

    origin: Point
    down: Point
    right: Point
    rows: int
    columns: int

    @property
    def pixel_mm(self) -> float:
        return float(np.linalg.norm(self.down))

    @property
    def whole(self) -> Window:
        return Window(rows=slice(0, self.rows), columns=slice(0, self.columns))

    def coordinates(self, window: Window) -> Coordinates:
        row = np.arange(window.rows.start, window.rows.stop, dtype=np.float32)[:, None]
        column = np.arange(window.columns.start, window.columns.stop, dtype=np.float32)[None, :]
        x, y, z = (
            (np.float32(o) + row * np.float32(d) + column * np.float32(r)).astype(np.float32)
            for o, d, r in zip(self.origin, self.down, self.right, strict=True)
        )
        return Coordinates(x=x, y=y, z=z)

    def around(self, centre: Point, radius: float) -> Window | None:
        """The window that holds the cut with a ball, None if it misses the image."""
        step = self.pixel_mm
        offset = centre - self.origin
        row, column = offset @ self.down / step**2, offset @ self.right / step**2
        normal = np.cross(self.down, self.right) / step**2
        reach = radius**2 - float(offset @ normal) ** 2
        if reach <= 0:
            return None
        half = np.sqrt(reach) / step
        top, bottom = max(0, int(np.floor(row - half))), min(self.rows, int(np.ceil(row + half)) + 1)
        left, right = max(0, int(np.floor(column - half))), min(self.columns, int(np.ceil(column + half)) + 1)
        if bottom - top < 2 or right - left < 2:
            return None
        return Window(rows=slice(top, bottom), columns=slice(left, right))

    def to_patient(self, slice_spacing: float) -> NDArray[np.float64]:
        """4 x 4 of a stack that begins with this plane and goes to the left: (slice, row, column) index -> LPS mm."""
        affine = np.eye(4)
        affine[:3, 0] = [slice_spacing, 0.0, 0.0]
        affine[:3, 1], affine[:3, 2], affine[:3, 3] = self.down, self.right, self.origin
        return affine

    def padded(self, margin: int) -> "ImageGrid":
        """The same plane with a margin of pixels on every side."""
        return ImageGrid(
            origin=self.origin - margin * (self.down + self.right),
            down=self.down,
            right=self.right,
            rows=self.rows + 2 * margin,
            columns=self.columns + 2 * margin,
        )


def window_of(mask: NDArray[np.bool_]) -> Window | None:
    """The smallest window that holds a mask, None if it is empty or a single line."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if rows.size < 2 or columns.size < 2:
        return None
    return Window(rows=slice(int(rows[0]), int(rows[-1]) + 1), columns=slice(int(columns[0]), int(columns[-1]) + 1))


def sagittal_grid(
    *, centre: Point, rows: int, columns: int, pixel_mm: float, rotation_degrees: float = 0.0
) -> ImageGrid:
    """Rows run from head to feet, columns from front to back; centre is the middle of the image."""
    angle = np.deg2rad(rotation_degrees)
    down = pixel_mm * np.array([0.0, np.sin(angle), -np.cos(angle)])
    right = pixel_mm * np.array([0.0, np.cos(angle), np.sin(angle)])
    origin = centre - (rows - 1) / 2 * down - (columns - 1) / 2 * right
    return ImageGrid(origin=origin, down=down, right=right, rows=rows, columns=columns)
