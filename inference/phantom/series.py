"""Series of the phantom as a scanner would give them, with labels and truth. Pure."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from dicom_io.volume import Volume
from inference.phantom.artefacts import Artefacts
from inference.phantom.body_parts import Spine
from inference.phantom.grid import ImageGrid, sagittal_grid
from inference.phantom.signal import FastSpinEcho
from inference.phantom.slice_image import Acquisition, image_slice, layers_across
from inference.phantom.stored import stored
from inference.phantom.tissues import palette
from inference.phantom.truth import SpineTruth, truth_of

_LAYERS = 3  # across a slice, for its partial volume
_CENTRE = (8.0, -25.0)  # of the image, (y, z) from the middle of L3

Contrast = Literal["T2", "T1"]
SEQUENCES: dict[Contrast, FastSpinEcho] = {
    "T2": FastSpinEcho(repetition_time=3500, echo_time=100),
    "T1": FastSpinEcho(repetition_time=560, echo_time=11),
}


@dataclass(frozen=True, kw_only=True, eq=False)
class PhantomSeries:
    """Slices run from right to left, rows from head to feet, columns from front to back.

    volume: whole numbers from 0 to 4095; labels (Tissue) and levels (Structure channels): uint8 (slice, row, column).
    repetition_time and echo_time in milliseconds; slice_thickness in millimetres.
    """

    volume: Volume
    labels: NDArray[np.uint8]
    levels: NDArray[np.uint8]
    truth: SpineTruth
    contrast: Contrast
    field_strength: float
    repetition_time: float
    echo_time: float
    slice_thickness: float

    @property
    def mid_slice(self) -> int:
        return len(self.labels) // 2


def sagittal_series(  # noqa: PLR0913 - the settings of a scanner's protocol card
    spine: Spine,
    *,
    contrast: Contrast = "T2",
    field_strength: float = 1.5,
    slices: int = 15,
    slice_thickness: float = 4.0,
    slice_spacing: float = 4.4,
    matrix: int = 512,
    field_of_view: float = 300.0,
    seed: int = 0,
    artefacts: Artefacts | None = None,
) -> PhantomSeries:
    """A sagittal fast spin echo; series of one spine share a frame of reference.

    artefacts: those of a decent scanner where not given. Same arguments, same bytes.
    """
    sequence = SEQUENCES[contrast]
    offsets = (np.arange(slices) - (slices - 1) / 2) * slice_spacing
    grids = [_slice_grid(matrix, field_of_view=field_of_view, x=float(x)) for x in offsets]
    acquisition = Acquisition(
        palette=palette(field_strength),
        sequence=sequence,
        artefacts=artefacts or Artefacts(),
        layers=layers_across(slice_thickness, _LAYERS),
    )
    cuts = [image_slice(spine, grid, acquisition, seed=seed * 1000 + i) for i, grid in enumerate(grids)]
    return PhantomSeries(
        volume=Volume(
            voxels=stored(np.stack([cut.image for cut in cuts])),
            to_patient=grids[0].to_patient(slice_spacing),
            frame_of_reference=spine.frame_of_reference,
        ),
        labels=np.stack([cut.labels for cut in cuts]),
        levels=np.stack([cut.levels for cut in cuts]),
        truth=truth_of(spine),
        contrast=contrast,
        field_strength=field_strength,
        repetition_time=sequence.repetition_time,
        echo_time=sequence.echo_time,
        slice_thickness=slice_thickness,
    )


def _slice_grid(matrix: int, *, field_of_view: float, x: float) -> ImageGrid:
    return sagittal_grid(centre=np.array([x, *_CENTRE]), rows=matrix, columns=matrix, pixel_mm=field_of_view / matrix)
