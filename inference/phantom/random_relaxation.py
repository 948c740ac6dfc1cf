"""First echoes of random people under random spin-lock and multi-echo sequences, to train on. Pure."""

import numpy as np

from inference.phantom.artefacts import draw_artefacts
from inference.phantom.body_parts import Spine
from inference.phantom.grid import ImageGrid, sagittal_grid
from inference.phantom.random_slice import TrainingSlice
from inference.phantom.relaxation import Decay, RelaxationSequence
from inference.phantom.relaxation_slice import RelaxationScan, relaxation_slice
from inference.phantom.slice_image import layers_across
from inference.phantom.spine import sample_spine
from inference.phantom.tissues import Jitter, palette, strayed

_MATRICES = (160, 192, 224, 256, 256, 288, 320)


def first_echo_slice(rng: np.random.Generator) -> TrainingSlice:
    """A new person, contrast, resolution, field of view and set of artefacts each time."""
    spine = sample_spine(rng)
    grid = draw_grid(rng, spine)
    scan = RelaxationScan(
        sequence=draw_first_echo(rng),
        palette=strayed(palette(float(rng.choice([1.5, 3.0]))), rng, Jitter(density=0.12, t1=0.12, t2=0.15)),
        artefacts=draw_artefacts(rng),
        layers=layers_across(rng.uniform(3, 8), 2) if rng.random() < 0.25 else (0.0,),
    )
    seen = relaxation_slice(spine, grid, scan, seed=int(rng.integers(2**31)))
    return TrainingSlice(
        image=seen.echoes[0], labels=seen.labels, levels=seen.levels, pixel_mm=grid.pixel_mm, spine=spine
    )


def draw_first_echo(rng: np.random.Generator) -> RelaxationSequence:
    """The first time of a gradient-echo or fast-spin-echo spin lock, or of a multi-echo; fat often saturated."""
    kind = rng.random()
    fat_gain = rng.uniform(0.05, 0.5) if rng.random() < 0.5 else 1.0
    recovery = rng.uniform(900, 2500)
    if kind < 0.3:
        echo = rng.uniform(8, 26)
        return RelaxationSequence(decay=Decay.T2, times=(echo,), recovery_time=recovery, fat_gain=fat_gain)
    lock = float(rng.choice([0.0, 0.0, 1.0, 10.0, 20.0]))
    echo = rng.uniform(2, 12) if kind < 0.7 else rng.uniform(15, 85)
    return RelaxationSequence(
        decay=Decay.T1RHO, times=(lock,), recovery_time=recovery, echo_time=echo, fat_gain=fat_gain
    )


def draw_grid(rng: np.random.Generator, spine: Spine) -> ImageGrid:
    """200 to 320 mm of field of view; a little beside the midline, a little turned."""
    side = int(rng.choice(_MATRICES))
    middle = float(spine.lateral.at(np.linspace(70, -110, 7)).mean())
    aside = rng.normal(0, 3.0) if rng.random() < 0.7 else rng.uniform(-12, 12)
    return sagittal_grid(
        centre=np.array([middle + aside, rng.normal(8, 12), rng.normal(-25, 14)]),
        rows=side,
        columns=side,
        pixel_mm=rng.uniform(200, 320) / side,
        rotation_degrees=float(np.clip(rng.normal(0, 5), -15, 15)),
    )
