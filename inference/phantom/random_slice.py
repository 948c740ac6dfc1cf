"""Mid-sagittal slices of random people on random scanners, to train on. Pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.phantom.artefacts import draw_artefacts
from inference.phantom.body_parts import Spine
from inference.phantom.grid import ImageGrid, sagittal_grid
from inference.phantom.signal import FastSpinEcho
from inference.phantom.slice_image import Acquisition, image_slice, layers_across
from inference.phantom.spine import sample_spine
from inference.phantom.tissues import Jitter, palette, strayed

_MATRICES = (256, 288, 320, 352, 384, 400, 448, 512, 512, 576, 640)


@dataclass(frozen=True, kw_only=True, eq=False)
class TrainingSlice:
    """image float32 (row, column), not scaled; labels are Tissue values, levels Structure channels."""

    image: NDArray[np.float32]
    labels: NDArray[np.uint8]
    levels: NDArray[np.uint8]
    pixel_mm: float
    spine: Spine


def training_slice(rng: np.random.Generator) -> TrainingSlice:
    """A new person, contrast, resolution, field of view and set of artefacts each time."""
    spine = sample_spine(rng)
    grid = draw_grid(rng, spine)
    base = palette(float(rng.choice([1.5, 3.0])))
    acquisition = Acquisition(
        palette=strayed(base, rng, Jitter(density=0.10, t1=0.12, t2=0.15)),
        sequence=draw_sequence(rng),
        artefacts=draw_artefacts(rng),
        layers=layers_across(rng.uniform(3, 5), 2) if rng.random() < 0.25 else (0.0,),
    )
    cut = image_slice(spine, grid, acquisition, seed=int(rng.integers(2**31)))
    return TrainingSlice(image=cut.image, labels=cut.labels, levels=cut.levels, pixel_mm=grid.pixel_mm, spine=spine)


def draw_sequence(rng: np.random.Generator) -> FastSpinEcho:
    """Mostly T2; some T1 and STIR."""
    kind = rng.random()
    if kind < 0.08:
        return FastSpinEcho(repetition_time=rng.uniform(400, 800), echo_time=rng.uniform(8, 16))
    if kind < 0.15:
        return FastSpinEcho(
            repetition_time=rng.uniform(3000, 6000), echo_time=rng.uniform(30, 75), inversion_time=rng.uniform(140, 220)
        )
    return FastSpinEcho(repetition_time=rng.uniform(1800, 6000), echo_time=rng.uniform(70, 130))


def draw_grid(rng: np.random.Generator, spine: Spine) -> ImageGrid:
    """Sometimes T10 to S3, sometimes little more than L1 to S1; a little beside the midline, a little turned."""
    field_of_view = rng.uniform(240, 360)
    side = int(rng.choice(_MATRICES))
    wide = 1.0 if rng.random() < 0.6 else rng.uniform(0.55, 0.95)
    centre = np.array(
        [
            float(spine.lateral.at(np.linspace(70, -110, 7)).mean()) + rng.normal(0, 1.8),
            rng.normal(8, 12) * wide + (1 - wide) * 25,
            rng.normal(-25, 16),
        ]
    )
    return sagittal_grid(
        centre=centre,
        rows=side,
        columns=int(side * wide),
        pixel_mm=field_of_view / side,
        rotation_degrees=float(np.clip(rng.normal(0, 4), -12, 12)),
    )
