"""Axial series of a phantom person, in the frame of reference of its sagittal series. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dicom_io.volume import Volume
from inference.phantom.artefacts import Artefacts
from inference.phantom.axial_person import Crossing, crossing, section_at
from inference.phantom.axial_slice import AxialAcquisition, image_axial, plane
from inference.phantom.axial_truth import AxialTruth, truth_of_section
from inference.phantom.body_parts import Spine
from inference.phantom.grid import ImageGrid, Point
from inference.phantom.morphology import L1, S1
from inference.phantom.series import SEQUENCES, Contrast
from inference.phantom.stored import stored
from inference.phantom.tissues import palette

_BORDER_SHARE = 0.45  # of the rows lies before the disc's posterior border


@dataclass(frozen=True, kw_only=True, eq=False)
class Stack:
    """Parallel planes from head to feet: a point (y, z) of the first, tilt in radians, how many, how far apart (mm)."""

    point: Point
    tilt: float
    slices: int
    spacing: float

    @property
    def back(self) -> Point:
        """Unit vector (y, z) down the rows."""
        return np.array([np.cos(self.tilt), np.sin(self.tilt)])

    @property
    def up(self) -> Point:
        """Unit vector (y, z) towards the slice before."""
        return np.array([-np.sin(self.tilt), np.cos(self.tilt)])


@dataclass(frozen=True, kw_only=True, eq=False)
class PhantomAxialSeries:
    """stacks: volumes of whole numbers from 0 to 4095; rows run to the back, columns to the left, slices to the feet.

    discs: per stack and slice the level above the nearest disc (L1 is 1); above: how far over its middle (mm).
    truths: per stack and slice. repetition_time and echo_time in milliseconds; slice_thickness in millimetres.
    """

    stacks: tuple[Volume, ...]
    discs: tuple[tuple[int, ...], ...]
    above: tuple[tuple[float, ...], ...]
    truths: tuple[tuple[AxialTruth, ...], ...]
    contrast: Contrast
    field_strength: float
    repetition_time: float
    echo_time: float
    slice_thickness: float


def angled_stacks(spine: Spine, *, slices: int = 5, spacing: float = 4.0) -> tuple[Stack, ...]:
    """One stack along each lumbar disc."""
    return tuple(
        _stack(np.array([disc.frame.y, disc.frame.z]), tilt=disc.frame.tilt, slices=slices, spacing=spacing)
        for disc in spine.lumbar_discs
    )


def one_stack(spine: Spine, *, spacing: float = 5.0) -> tuple[Stack, ...]:
    """From L1 to S1, all planes parallel to L3/L4."""
    top, bottom = spine.vertebra(L1).frame, spine.vertebra(S1).frame
    tilt = spine.disc(3).frame.tilt
    up = np.array([-np.sin(tilt), np.cos(tilt)])
    first, last = np.array([top.y, top.z]), np.array([bottom.y, bottom.z])
    slices = int(np.ceil((first - last) @ up / spacing)) + 1
    return (_stack((first + last) / 2, tilt=tilt, slices=slices, spacing=spacing),)


def _stack(middle: Point, *, tilt: float, slices: int, spacing: float) -> Stack:
    up = np.array([-np.sin(tilt), np.cos(tilt)])
    return Stack(point=middle + (slices - 1) / 2 * spacing * up, tilt=tilt, slices=slices, spacing=spacing)


def axial_series(  # noqa: PLR0913 - the settings of a scanner's protocol card
    spine: Spine,
    stacks: Sequence[Stack],
    *,
    contrast: Contrast = "T2",
    field_strength: float = 1.5,
    matrix: int = 320,
    field_of_view: float = 180.0,
    seed: int = 0,
    artefacts: Artefacts | None = None,
) -> PhantomAxialSeries:
    """Series of one spine share a frame of reference. Same arguments, same bytes."""
    sequence = SEQUENCES[contrast]
    acquisition = AxialAcquisition(
        palette=palette(field_strength), sequence=sequence, artefacts=artefacts or Artefacts(saturation_gap=None)
    )
    scanner = _Scanner(spine=spine, acquisition=acquisition, matrix=matrix, pixel_mm=field_of_view / matrix, seed=seed)
    shot = [scanner.shoot(stack, number) for number, stack in enumerate(stacks)]
    return PhantomAxialSeries(
        stacks=tuple(each.volume for each in shot),
        discs=tuple(tuple(where.disc.level for where in each.crossings) for each in shot),
        above=tuple(tuple(where.above for where in each.crossings) for each in shot),
        truths=tuple(each.truths for each in shot),
        contrast=contrast,
        field_strength=field_strength,
        repetition_time=sequence.repetition_time,
        echo_time=sequence.echo_time,
        slice_thickness=min(stack.spacing for stack in stacks),
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Shot:
    volume: Volume
    crossings: tuple[Crossing, ...]
    truths: tuple[AxialTruth, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class _Scanner:
    spine: Spine
    acquisition: AxialAcquisition
    matrix: int
    pixel_mm: float
    seed: int

    def shoot(self, stack: Stack, number: int) -> _Shot:
        points = [stack.point - k * stack.spacing * stack.up for k in range(stack.slices)]
        crossings = tuple(crossing(self.spine, point=point, tilt=stack.tilt) for point in points)
        middle = crossings[len(crossings) // 2]
        row = float((np.array(middle.place) - points[len(points) // 2]) @ stack.back) - _BORDER_SHARE * self._side
        images, truths = [], []
        for k, (point, where) in enumerate(zip(points, crossings, strict=True)):
            section = section_at(self.spine, where)
            truths.append(truth_of_section(section))
            grid = self._plane(where, behind=float((np.array(where.place) - point) @ stack.back) - row)
            seed = self.seed * 1000 + 100 * number + k
            images.append(image_axial(section, truths[-1], grid, self.acquisition, seed=seed))
        return _Shot(
            volume=self._volume(np.stack(images), stack, first=points[0] + row * stack.back),
            crossings=crossings,
            truths=tuple(truths),
        )

    def _plane(self, where: Crossing, *, behind: float) -> ImageGrid:
        """behind: the disc's posterior border from the first row, in millimetres."""
        aside = float(self.spine.lateral.at(where.place[1])) + self._side / 2
        border = (behind / self.pixel_mm, aside / self.pixel_mm)
        return plane(rows=self.matrix, columns=self.matrix, pixel_mm=self.pixel_mm, border=border)

    @property
    def _side(self) -> float:
        return self.matrix * self.pixel_mm

    def _volume(self, images: np.ndarray, stack: Stack, *, first: Point) -> Volume:
        """first: (y, z) of the first row of the first slice."""
        to_patient = np.eye(4)
        to_patient[:3, 0] = [0.0, *(-stack.spacing * stack.up)]
        to_patient[:3, 1] = [0.0, *(self.pixel_mm * stack.back)]
        to_patient[:3, 2] = [self.pixel_mm, 0.0, 0.0]
        to_patient[:3, 3] = [-self._side / 2, *first]
        return Volume(voxels=stored(images), to_patient=to_patient, frame_of_reference=self.spine.frame_of_reference)
