"""A spine seen through one image plane: where every pixel lies in the body's own coordinates. Pure."""

from dataclasses import dataclass

import numpy as np

from inference.phantom.body_parts import Frame, Spine
from inference.phantom.canal import CanalCoordinates
from inference.phantom.canvas import Canvas
from inference.phantom.grid import Coordinates, Field, ImageGrid, Window


@dataclass(frozen=True, kw_only=True, eq=False)
class Local:
    """Coordinates in a part's frame over a window: back and up in its frame, aside to the left of its middle."""

    window: Window
    back: Field
    up: Field
    aside: Field


@dataclass(frozen=True, kw_only=True, eq=False)
class Stage:
    """place: x straightened by the lateral curve, y, z; canal: the canal's coordinates; all over the whole image."""

    spine: Spine
    canvas: Canvas
    place: Coordinates
    canal: CanalCoordinates

    @property
    def grid(self) -> ImageGrid:
        return self.canvas.grid

    def local(self, frame: Frame, radius: float) -> Local | None:
        """A part's coordinates, None where the plane misses the ball around it."""
        centre = np.array([float(self.spine.lateral.at(frame.z)), frame.y, frame.z])
        window = self.grid.around(centre, radius)
        if window is None:
            return None
        y, z = self.place.y[window.index], self.place.z[window.index]
        return Local(
            window=window,
            back=frame.local_back(y, z),
            up=frame.local_up(y, z),
            aside=self.place.x[window.index],
        )


def set_stage(spine: Spine, canvas: Canvas) -> Stage:
    raw = canvas.grid.coordinates(canvas.grid.whole)
    straight = (raw.x - spine.lateral.at(raw.z)).astype(np.float32)
    place = Coordinates(x=straight, y=raw.y, z=raw.z)
    return Stage(spine=spine, canvas=canvas, place=place, canal=spine.canal.locate(raw.y, raw.z))
