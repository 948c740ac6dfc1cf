"""Spin-lock and multi-echo stacks of the phantom, with the true time of every voxel and every disc. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dicom_io.volume import Volume
from inference.anatomy import DISC_STRUCTURES, Disc
from inference.phantom.artefacts import Artefacts
from inference.phantom.body_parts import Spine
from inference.phantom.grid import ImageGrid, sagittal_grid
from inference.phantom.relaxation import SPIN_LOCK, RelaxationSequence
from inference.phantom.relaxation_slice import Movement, RelaxationScan, RelaxationSlice, relaxation_slice
from inference.phantom.slice_image import layers_across
from inference.phantom.stored import stored
from inference.phantom.tissues import palette

_CENTRE = (8.0, -25.0)  # of the image, (y, z) from the middle of L3


@dataclass(frozen=True, kw_only=True)
class RelaxationProtocol:
    """Of the scanner; lengths in millimetres. layers: across a slice, for its partial volume."""

    sequence: RelaxationSequence = SPIN_LOCK
    field_strength: float = 3.0
    slices: int = 5
    slice_thickness: float = 4.0
    slice_spacing: float = 4.0
    matrix: int = 256
    field_of_view: float = 220.0
    layers: int = 1
    artefacts: Artefacts = field(default_factory=lambda: Artefacts(noise=0.01))
    movements: tuple[Movement, ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class RelaxationSeries:
    """Slices run from right to left, rows from head to feet, columns from front to back.

    volumes: one per time, whole numbers from 0 to 4095; true_times: T1rho or T2 in ms, NaN in gas; labels (Tissue) and
    levels (Structure channels): uint8; all (slice, row, column).
    """

    protocol: RelaxationProtocol
    volumes: tuple[Volume, ...]
    true_times: NDArray[np.float32]
    labels: NDArray[np.uint8]
    levels: NDArray[np.uint8]

    @property
    def times_ms(self) -> tuple[float, ...]:
        return self.protocol.sequence.times

    @property
    def mid_slice(self) -> int:
        return len(self.labels) // 2

    def true_means(self) -> Mapping[Disc, float]:
        """ms, over the voxels of each disc that are in the stack."""
        masks = {disc: self.levels == each.channel for disc, each in zip(Disc, DISC_STRUCTURES, strict=True)}
        return {disc: float(np.nanmean(self.true_times[mask])) for disc, mask in masks.items() if mask.any()}


def relaxation_series(spine: Spine, protocol: RelaxationProtocol | None = None, *, seed: int = 0) -> RelaxationSeries:
    """Same arguments, same bytes; shares its frame of reference with every other series of the spine."""
    protocol = protocol or RelaxationProtocol()
    offsets = (np.arange(protocol.slices) - (protocol.slices - 1) / 2) * protocol.slice_spacing
    grids = [_grid(protocol, float(x)) for x in offsets]
    scan = RelaxationScan(
        sequence=protocol.sequence,
        palette=palette(protocol.field_strength),
        artefacts=protocol.artefacts,
        layers=layers_across(protocol.slice_thickness, protocol.layers),
        movements=protocol.movements,
    )
    cuts = [relaxation_slice(spine, grid, scan, seed=seed * 1000 + place) for place, grid in enumerate(grids)]
    return RelaxationSeries(
        protocol=protocol,
        volumes=_volumes(cuts, grids[0], protocol, spine),
        true_times=np.stack([cut.times_ms for cut in cuts]),
        labels=np.stack([cut.labels for cut in cuts]),
        levels=np.stack([cut.levels for cut in cuts]),
    )


def _grid(protocol: RelaxationProtocol, x: float) -> ImageGrid:
    side = protocol.matrix
    centre = np.array([x, *_CENTRE])
    return sagittal_grid(centre=centre, rows=side, columns=side, pixel_mm=protocol.field_of_view / side)


def _volumes(
    cuts: Sequence[RelaxationSlice], first: ImageGrid, protocol: RelaxationProtocol, spine: Spine
) -> tuple[Volume, ...]:
    """One scale for all echoes: what decays is what is seen."""
    echoes = np.stack([cut.echoes for cut in cuts], axis=1)
    to_patient = first.to_patient(protocol.slice_spacing)
    return tuple(
        Volume(voxels=stored(echo, like=echoes[0]), to_patient=to_patient, frame_of_reference=spine.frame_of_reference)
        for echo in echoes
    )
