"""Which slices show which disc, and where in them the spine lies. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from inference.anatomy import Disc
from inference.axial_grading.axial_stack import AxialStack
from inference.axial_grading.disc_places import DiscPlace, slices_of
from inference.axial_grading.localise import LEAST_LIKENESS, Image, sight
from inference.axial_grading.preprocess import PIXEL_MM, SIDE, Point, network_image
from inference.results import Box


@dataclass(frozen=True, kw_only=True, eq=False)
class Section:
    """One slice through a disc. centre: (row, column) of the view. tilt: degrees against the disc, 0 if not known."""

    stack: AxialStack
    index: int
    centre: Point
    likeness: float
    tilt: float = 0.0

    @property
    def slice_index(self) -> int:
        """In the series."""
        return self.stack.first + self.index

    @property
    def image(self) -> Image:
        """(1, 1, SIDE, SIDE) for the network."""
        return network_image(self.stack.voxels[self.index], self.stack.spacing, self.centre)

    @property
    def box(self) -> Box:
        """What the network sees, as far as it lies in the slice, in pixels of the volume."""
        rows, columns = self.stack.voxels.shape[1:]
        half = SIDE * PIXEL_MM / 2
        row, column = (place + 0.5 for place in self.centre)
        down, across = (half / mm for mm in self.stack.spacing)
        seen = Box(
            top=float(np.clip(row - down, 0, rows)),
            left=float(np.clip(column - across, 0, columns)),
            bottom=float(np.clip(row + down, 0, rows)),
            right=float(np.clip(column + across, 0, columns)),
        )
        return self.stack.back(seen)


def sections_of_discs(
    places: Mapping[Disc, DiscPlace], stacks: Sequence[AxialStack]
) -> Mapping[Disc, tuple[Section, ...]]:
    """By geometry; of the slices through a disc those that look like it, if any do.

    The middle of the spine is looked for near the projected border of the disc.
    """
    found = {disc: tuple(_near_border(place, stacks)) for disc, place in places.items()}
    return {disc: _alike(sections) or sections for disc, sections in found.items()}


def sections_by_likeness(stacks: Sequence[AxialStack]) -> tuple[tuple[Section, ...], ...]:
    """Without a sagittal result: each run of neighbouring slices that look like sections through a lumbar disc."""
    return tuple(run for stack in stacks for run in _runs(stack))


def _alike(sections: Sequence[Section]) -> tuple[Section, ...]:
    return tuple(section for section in sections if section.likeness >= LEAST_LIKENESS)


def _near_border(place: DiscPlace, stacks: Sequence[AxialStack]) -> Iterator[Section]:
    for each in slices_of(place, stacks):
        projected = each.stack.pixel_of(each.index, place.border)
        seen = sight(each.stack.voxels[each.index], each.stack.spacing, near=projected)
        yield Section(
            stack=each.stack,
            index=each.index,
            centre=seen.centre if seen.likeness >= LEAST_LIKENESS else projected,
            likeness=seen.likeness,
            tilt=each.tilt,
        )


def _runs(stack: AxialStack) -> Iterator[tuple[Section, ...]]:
    run: list[Section] = []
    for index, slice_ in enumerate(stack.voxels):
        seen = sight(np.ascontiguousarray(slice_), stack.spacing)
        if seen.likeness >= LEAST_LIKENESS:
            run.append(Section(stack=stack, index=index, centre=seen.centre, likeness=seen.likeness))
        elif run:
            yield tuple(run)
            run = []
    if run:
        yield tuple(run)
