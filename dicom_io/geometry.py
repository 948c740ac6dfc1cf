"""Slices of a series put in order: stacks with their affine, or the reason why there is none. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dicom_io.errors import InconsistentSeries
from dicom_io.headers import Frame, InstanceHeader, Plane, Vector, plane_of

_SAME_DIRECTION: Final = float(np.cos(np.radians(0.1)))  # blocks along the discs may differ by half a degree only
_SAME_POSITION_MM: Final = 0.05
_EVEN: Final = 0.05  # of the usual spacing; vendors round positions
_SHEAR: Final = float(np.sin(np.radians(2)))


@dataclass(frozen=True, kw_only=True)
class Slice:
    """One image plane of a stack: frame_number (from 1) of an object. position: LPS mm of its first pixel's centre."""

    sop_instance_uid: str
    sop_class_uid: str
    frame_number: int
    position: Vector


@dataclass(frozen=True, kw_only=True, eq=False)
class SliceStack:
    """Parallel slices, evenly spaced, in the order of their normal (row direction x column direction).

    to_patient: 4 x 4, homogeneous (slice, row, column, 1) of a voxel centre -> LPS millimetres.
    """

    slices: tuple[Slice, ...]
    to_patient: NDArray[np.float64]
    frame_of_reference: str
    rows: int
    columns: int

    @property
    def normal(self) -> NDArray[np.float64]:
        axis = np.cross(self.to_patient[:3, 2], self.to_patient[:3, 1])
        return np.asarray(axis / np.linalg.norm(axis))


@dataclass(frozen=True, kw_only=True, eq=False)
class _Placed:
    """A frame that has a place in the patient."""

    header: InstanceHeader
    frame: Frame
    position: NDArray[np.float64]
    along_row: NDArray[np.float64]
    along_column: NDArray[np.float64]
    pixel_spacing: tuple[float, float]

    @property
    def normal(self) -> NDArray[np.float64]:
        return np.cross(self.along_row, self.along_column)

    @property
    def contrast(self) -> tuple[object, ...]:
        """What tells two images of one position apart."""
        frame = self.frame
        return (frame.echo_time, frame.inversion_time, frame.b_value, frame.temporal_position, frame.kind)


def single_stack(headers: Sequence[InstanceHeader]) -> SliceStack:
    """Raises InconsistentSeries if the series is not exactly one regular stack."""
    stacks = stacks_of(headers)
    if len(stacks) != 1:
        raise InconsistentSeries(f"the series holds {len(stacks)} stacks (orientations, echoes or blocks), not one")
    return stacks[0]


def stacks_of(headers: Sequence[InstanceHeader]) -> tuple[SliceStack, ...]:
    """One stack per orientation, per image at each position (echo, inversion, b value, time, kind), per axial block.

    Raises InconsistentSeries for gaps, duplicates, uneven or sheared stacks, mixed frames of reference or sizes.
    """
    frame_of_reference = _one_frame_of_reference(headers)
    placed = [_place(header, frame) for header in headers for frame in header.frames]
    if not placed:
        raise InconsistentSeries("a series without an image")
    groups = (
        block for aligned in _by_orientation(placed) for image in _by_contrast(aligned) for block in _blocks(image)
    )
    return tuple(_stack(group, frame_of_reference=frame_of_reference) for group in groups)


def repeated_stack(headers: Sequence[InstanceHeader]) -> SliceStack:
    """The first image of each position, where every position holds equally many.

    Raises InconsistentSeries.
    """
    frame_of_reference = _one_frame_of_reference(headers)
    placed = [_place(header, frame) for header in headers for frame in header.frames]
    if not placed:
        raise InconsistentSeries("a series without an image")
    (aligned, *others) = _by_orientation(placed)
    if others:
        raise InconsistentSeries("images of several orientations")
    positions = _by_position(aligned)
    counts = {len(position) for position in positions}
    if len(counts) > 1:
        raise InconsistentSeries(f"{min(counts)} images at one position, {max(counts)} at another: echoes are missing")
    return _stack([min(position, key=_order) for position in positions], frame_of_reference=frame_of_reference)


def _one_frame_of_reference(headers: Sequence[InstanceHeader]) -> str:
    found = {header.frame_of_reference_uid for header in headers}
    if len(found) > 1:
        raise InconsistentSeries(f"{len(found)} frames of reference in one series")
    uid = next(iter(found), None)
    if uid is None:
        raise InconsistentSeries("no frame of reference")
    return uid


def _place(header: InstanceHeader, frame: Frame) -> _Placed:
    if frame.position is None or frame.along_row is None or frame.along_column is None:
        raise InconsistentSeries("an image without position or orientation")
    if frame.pixel_spacing is None:
        raise InconsistentSeries("an image without pixel spacing")
    return _Placed(
        header=header,
        frame=frame,
        position=np.array(frame.position),
        along_row=np.array(frame.along_row),
        along_column=np.array(frame.along_column),
        pixel_spacing=frame.pixel_spacing,
    )


def _by_orientation(placed: Iterable[_Placed]) -> list[list[_Placed]]:
    groups: list[list[_Placed]] = []
    for image in placed:
        home = next((group for group in groups if _aligned(group[0], image)), None)
        if home is None:
            groups.append([image])
        else:
            home.append(image)
    return groups


def _aligned(one: _Placed, other: _Placed) -> bool:
    cosines = (one.along_row @ other.along_row, one.along_column @ other.along_column)
    return bool(min(cosines) >= _SAME_DIRECTION)


def _by_contrast(aligned: list[_Placed]) -> list[list[_Placed]]:
    """Only where positions repeat: a value that changes from slice to slice makes no second stack."""
    if not _repeats(aligned):
        return [aligned]
    groups: dict[tuple[object, ...], list[_Placed]] = defaultdict(list)
    for image in aligned:
        groups[image.contrast].append(image)
    twice = sum(_repeats(group) for group in groups.values())
    if twice:
        raise InconsistentSeries(f"{twice} images lie where another of the same kind lies")
    return list(groups.values())


def _repeats(aligned: list[_Placed]) -> int:
    return int(np.sum(np.diff(np.sort(_locations(aligned))) < _SAME_POSITION_MM))


def _by_position(aligned: Sequence[_Placed]) -> list[list[_Placed]]:
    """In the order of the normal."""
    order = np.argsort(_locations(aligned), kind="stable")
    steps = np.diff(_locations(aligned)[order]) >= _SAME_POSITION_MM
    return [[aligned[index] for index in group] for group in np.split(order, np.flatnonzero(steps) + 1)]


def _order(image: _Placed) -> tuple[int, int, str]:
    header = image.header
    return (header.instance_number or 0, image.frame.number, header.identity.sop_instance_uid)


def _locations(aligned: Sequence[_Placed]) -> NDArray[np.float64]:
    """Millimetres along the normal of the first."""
    return np.array([image.position for image in aligned]) @ aligned[0].normal


def _blocks(aligned: list[_Placed]) -> Iterator[list[_Placed]]:
    """Axial slices come in blocks, one per disc; other planes do not, so a hole there is a missing slice."""
    order = np.argsort(_locations(aligned))
    ordered = [aligned[index] for index in order]
    if plane_of(aligned[0].normal) is not Plane.AXIAL or len(ordered) < 4:
        yield ordered
        return
    steps = np.diff(_locations(ordered))
    usual = float(np.median(steps))
    ends = [index + 1 for index, step in enumerate(steps) if _is_block_end(float(step), usual=usual)]
    for start, end in zip([0, *ends], [*ends, len(ordered)], strict=True):
        yield ordered[start:end]


def _is_block_end(step: float, *, usual: float) -> bool:
    """A step of twice or three times the usual is a missing slice; any other long step is a gap between blocks."""
    ratio = step / usual
    return ratio > 3.5 or (ratio > 1.2 and abs(ratio - round(ratio)) > 0.1)


def _stack(ordered: list[_Placed], *, frame_of_reference: str) -> SliceStack:
    first = ordered[0]
    _check_same_grid(ordered)
    step = _step(ordered)
    to_patient = np.eye(4)
    to_patient[:3, 0] = step
    to_patient[:3, 1] = first.along_column * first.pixel_spacing[0]
    to_patient[:3, 2] = first.along_row * first.pixel_spacing[1]
    to_patient[:3, 3] = first.position
    return SliceStack(
        slices=tuple(_slice(image) for image in ordered),
        to_patient=to_patient,
        frame_of_reference=frame_of_reference,
        rows=first.header.rows,
        columns=first.header.columns,
    )


def _slice(image: _Placed) -> Slice:
    left, back, head = (float(value) for value in image.position)
    return Slice(
        sop_instance_uid=image.header.identity.sop_instance_uid,
        sop_class_uid=image.header.identity.sop_class_uid,
        frame_number=image.frame.number,
        position=(left, back, head),
    )


def _check_same_grid(ordered: Sequence[_Placed]) -> None:
    if len({(image.header.rows, image.header.columns) for image in ordered}) > 1:
        raise InconsistentSeries("images of different sizes in one stack")
    spacings = np.array([image.pixel_spacing for image in ordered])
    if np.ptp(spacings, axis=0).max() > _EVEN * spacings.min():
        raise InconsistentSeries("images of different pixel spacing in one stack")


def _step(ordered: Sequence[_Placed]) -> NDArray[np.float64]:
    """From one slice to the next, LPS millimetres. One slice: as far as the header says neighbours would be."""
    first = ordered[0]
    declared = first.frame.spacing_between_slices
    if len(ordered) == 1:
        return first.normal * (declared or first.frame.slice_thickness or 1.0)
    positions = np.array([image.position for image in ordered])
    steps = np.diff(_locations(ordered))
    _check_even(steps, declared=declared)
    step = (positions[-1] - positions[0]) / (len(ordered) - 1)
    expected = positions[0] + np.arange(len(ordered))[:, None] * step
    if np.abs(positions - expected).max() > _EVEN * 2 * float(np.median(steps)):
        raise InconsistentSeries("slices do not lie on one line")
    if np.linalg.norm(np.cross(step, first.normal)) > _SHEAR * np.linalg.norm(step):
        raise InconsistentSeries("slices are shifted against each other: a sheared stack")
    return np.asarray(step)


def _check_even(steps: NDArray[np.float64], *, declared: float | None) -> None:
    usual, longest = float(np.median(steps)), float(steps.max())
    if longest > (2 - _EVEN) * usual:
        missing = int(sum(round(float(step) / usual) - 1 for step in steps))
        raise InconsistentSeries(f"a gap of {longest:.2f} mm where {usual:.2f} mm is usual; slices missing: {missing}")
    if float(np.abs(steps - usual).max()) > _EVEN * usual:
        raise InconsistentSeries(f"uneven slices: {steps.min():.2f} to {longest:.2f} mm apart")
    ratio = usual / declared if declared else 1.0
    if ratio > 1.5 and abs(ratio - round(ratio)) < _EVEN:
        raise InconsistentSeries(
            f"slices {usual:.2f} mm apart where the header says {declared:.2f} mm: slices are missing"
        )
