"""Layers of matter laid over each other, with their labels; rendered under any sequence. Pure."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from inference.phantom.grid import Field, ImageGrid, Window
from inference.phantom.labels import Tissue
from inference.phantom.signal import Sequence, WaterAndFat, split_signal
from inference.phantom.solids import inside
from inference.phantom.texture import Texture
from inference.phantom.tissues import Matter, Palette, Substance


@dataclass(frozen=True, kw_only=True, eq=False)
class Layer:
    """coverage 0..1 per pixel of the window; gain multiplies the signal."""

    window: Window
    coverage: Field
    matter: Matter
    gain: Field | float


@dataclass(frozen=True, kw_only=True)
class Name:
    """What a layer is called in the label maps; channel 0 has no named level."""

    tissue: Tissue
    channel: int = 0


@dataclass(kw_only=True, eq=False)
class Canvas:
    """Collects layers, later ones over earlier ones."""

    grid: ImageGrid
    palette: Palette
    texture: Texture
    layers: list[Layer] = field(default_factory=list)
    labels: NDArray[np.uint8] = field(init=False)
    levels: NDArray[np.uint8] = field(init=False)

    def __post_init__(self) -> None:
        self.labels = np.zeros((self.grid.rows, self.grid.columns), np.uint8)
        self.levels = np.zeros_like(self.labels)

    def cover(self, window: Window, coverage: Field, matter: Matter | Substance, *, gain: Field | float = 1.0) -> None:
        """Lay matter over a window."""
        if isinstance(matter, Substance):
            matter = self.palette.of(matter)
        if coverage.max() > 0.01:
            self.layers.append(Layer(window=window, coverage=coverage, matter=matter, gain=gain))

    def fill(
        self,
        window: Window,
        distance: Field,
        matter: Matter | Substance,
        *,
        gain: Field | float = 1.0,
        softness: float | None = None,
    ) -> None:
        """Lay matter where a signed distance is negative; softness in millimetres, by default nearly a pixel."""
        self.cover(window, inside(distance, softness=softness or 0.9 * self.grid.pixel_mm), matter, gain=gain)

    def call(self, window: Window, mask: NDArray[np.bool_], name: Name) -> None:
        """Write the labels of a part."""
        self.labels[window.index][mask] = name.tissue
        self.levels[window.index][mask] = name.channel

    def render(self, sequence: Sequence) -> WaterAndFat:
        water = np.zeros((self.grid.rows, self.grid.columns), np.float32)
        fat = np.zeros_like(water)
        pure_fat = self.palette.of(Substance.FAT)
        for layer in self.layers:
            parts = split_signal(layer.matter, pure_fat, sequence)
            share = layer.coverage * layer.gain
            for image, part in ((water, parts.water), (fat, parts.fat)):
                view = image[layer.window.index]
                view *= 1 - layer.coverage
                view += share * part
        return WaterAndFat(water=np.clip(water, 0, None), fat=np.clip(fat, 0, None))
