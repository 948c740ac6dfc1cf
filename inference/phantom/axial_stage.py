"""An axial section seen through one image plane: where every pixel lies in the section's own coordinates. Pure."""

from dataclasses import dataclass

import numpy as np

from inference.phantom.axial_section import AxialSection
from inference.phantom.axial_truth import AxialTruth
from inference.phantom.canvas import Canvas
from inference.phantom.grid import Field, Window, window_of
from inference.phantom.texture import Grain
from inference.phantom.tissues import Matter, Substance

_UNEVEN_CANAL, _UNEVEN_TRUNK = 0.25, 1.3  # millimetres by which outlines stray, near the canal and far from it


@dataclass(frozen=True, kw_only=True, eq=False)
class AxialStage:
    """x to the left, y to the back, in the section's millimetres, over the whole image; unevenly bent a little."""

    section: AxialSection
    truth: AxialTruth
    canvas: Canvas
    x: Field
    y: Field

    @property
    def shape(self) -> tuple[int, int]:
        return self.canvas.grid.whole.shape

    def texture(self, grain: Grain, *, stretch: tuple[float, float] = (1.0, 1.0)) -> Field:
        return self.canvas.texture.field(self.shape, grain, stretch=stretch)

    def fill(
        self,
        distance: Field,
        matter: Matter | Substance,
        *,
        gain: Field | float = 1.0,
        softness: float | None = None,
        strength: Field | float = 1.0,
    ) -> None:
        """Lay matter where a distance over the whole image is negative, as strongly as strength says."""
        soft = softness or 0.9 * self.canvas.grid.pixel_mm
        window = window_of(distance < soft)
        if window is None:
            return
        cover = np.clip(0.5 - distance[window.index] / soft, 0, 1) * _cut(strength, window)
        self.canvas.cover(window, cover, _cut_matter(matter, window), gain=_cut(gain, window))

    def cover(self, coverage: Field, matter: Matter | Substance, *, gain: Field | float = 1.0) -> None:
        window = window_of(coverage > 0.01)
        if window is not None:
            self.canvas.cover(window, coverage[window.index], _cut_matter(matter, window), gain=_cut(gain, window))


def _cut(value: Field | float, window: Window) -> Field | float:
    return value[window.index] if isinstance(value, np.ndarray) and value.ndim == 2 else value


def _cut_matter(matter: Matter | Substance, window: Window) -> Matter | Substance:
    if isinstance(matter, Substance):
        return matter
    return Matter(
        density=_cut(matter.density, window),
        t1=_cut(matter.t1, window),
        t2=_cut(matter.t2, window),
        fat=_cut(matter.fat, window),
    )


def set_axial_stage(
    section: AxialSection, truth: AxialTruth, canvas: Canvas, *, aside: Field, behind: Field
) -> AxialStage:
    """aside, behind: millimetres to the left of and behind the disc's posterior border, per pixel."""
    angle = np.deg2rad(section.turn)
    x, y = aside - section.shift[0], behind - section.shift[1]
    x, y = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    far = np.clip(np.hypot(x, y - 7.0) / 22.0 - 0.5, 0, 1)
    amount = _UNEVEN_CANAL + (_UNEVEN_TRUNK - _UNEVEN_CANAL) * far
    shape = canvas.grid.whole.shape
    bend = [canvas.texture.field(shape, Grain.BROAD), canvas.texture.field(shape, Grain.BROAD)]
    return AxialStage(
        section=section,
        truth=truth,
        canvas=canvas,
        x=np.asarray(x + amount * bend[0], np.float32),
        y=np.asarray(y + amount * bend[1], np.float32),
    )
