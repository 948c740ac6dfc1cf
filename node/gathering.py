"""Series that fill one role together: one spin-lock or echo time each, on one grid. Pure."""

from collections import defaultdict
from collections.abc import Hashable, Sequence
from typing import Protocol, TypeVar

from dicom_io.headers import SeriesTraits


class HasTraits(Protocol):
    @property
    def traits(self) -> SeriesTraits: ...


Member = TypeVar("Member", bound=HasTraits)


def holds_times(traits: SeriesTraits) -> bool:
    """Several images of one position: all times are in this one series."""
    return traits.image_count > traits.slice_count


def gathered(candidates: Sequence[Member]) -> list[tuple[Member, ...]]:
    """Each series that holds all its times by itself, and every two or more that hold one each, alike in geometry.

    Those of a group are in the order of their series numbers; whether their times can be told is for the reader.
    """
    whole: list[tuple[Member, ...]] = [(one,) for one in candidates if holds_times(one.traits)]
    groups: dict[Hashable, list[Member]] = defaultdict(list)
    for one in candidates:
        if not holds_times(one.traits):
            groups[_geometry(one.traits)].append(one)
    return whole + [tuple(sorted(group, key=_number)) for group in groups.values() if len(group) > 1]


def _geometry(traits: SeriesTraits) -> Hashable:
    spacing = tuple(round(each, 3) for each in traits.pixel_spacing or ())
    return (traits.frame_of_reference_uid, traits.plane, traits.rows, traits.columns, spacing, traits.slice_count)


def _number(member: HasTraits) -> tuple[int, str]:
    return (member.traits.series_number or 0, member.traits.series_uid)
