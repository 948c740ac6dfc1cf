"""A cohort's study from the objects that the node wrote before: maps, segmentations and reports. Talks to: disk."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydicom import dcmread
from pydicom.errors import InvalidDicomError
from pydicom.uid import Comprehensive3DSRStorage

from dicom_io.read_maps import DrawnSegments, WrittenMap, is_map, is_segmentation, read_map, read_segments
from dicom_io.volume import Volume
from inference.anatomy import DISC_STRUCTURES, Disc, Structure
from inference.errors import InputUnsuitable
from inference.relaxometry.cohort.study import Drawing, FittedMap, Study
from inference.relaxometry.method import CARD, RELAXATIONS
from inference.results import LabelMap, MapKind
from sr_reports.read_back import read_report
from sr_reports.vocabulary import REGION

_KIND_OF: Final = {kind.map.name: kind.map for kind in RELAXATIONS}
_ROLE_OF: Final = {kind.map: kind.role for kind in RELAXATIONS}


@dataclass(frozen=True, kw_only=True, eq=False)
class Written:
    """What lies in one folder. reports: how many; doubts: what they say of the numbering of the levels."""

    maps: tuple[WrittenMap, ...]
    segmentations: tuple[DrawnSegments, ...]
    reports: int
    doubts: tuple[str, ...]


def written_in(folder: Path) -> Written:
    """Raises InconsistentSeries for a map or segmentation that is no regular stack."""
    maps: list[WrittenMap] = []
    segmentations: list[DrawnSegments] = []
    doubts: list[str] = []
    reports = 0
    for path in _dicom_files(folder):
        header = dcmread(path, stop_before_pixels=True)
        if is_map(header):
            maps.append(read_map(path))
        elif is_segmentation(header):
            segmentations.append(read_segments(path))
        elif header.get("SOPClassUID") == Comprehensive3DSRStorage:
            doubts.extend(read_report(header).doubts)
            reports += 1
    return Written(maps=tuple(maps), segmentations=tuple(segmentations), reports=reports, doubts=tuple(doubts))


def study_of_objects(written: Written) -> Study:
    """The fitted maps as they are: no echo is left to bring into the atlas before the fit.

    Raises InputUnsuitable where a map, its segmentation or the report is missing, or there are several.
    """
    maps = _one_of_each(written.maps)
    if not written.reports:
        raise InputUnsuitable("maps without a report: whether the levels are in doubt is not known")
    doubt = written.doubts[0] if written.doubts else None
    own = {kind: _segments_of(one, written.segmentations) for kind, one in maps.items()}
    drawings = {kind: _drawing(one, kind, doubt) for kind, one in own.items()}
    first = next(iter(drawings.values()))
    shared = {kind: first if one.volume.shares_space_with(first.volume) else one for kind, one in drawings.items()}
    return Study(
        series={kind: FittedMap(values=one.volume.voxels, volume=one.volume) for kind, one in maps.items()},
        drawings=shared,
        whole_discs={kind: _means(maps[kind].volume, drawings[kind]) for kind in maps},
    )


def _dicom_files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and _is_dicom(path):
            yield path


def _is_dicom(path: Path) -> bool:
    try:
        dcmread(path, specific_tags=["SOPClassUID"], stop_before_pixels=True)
    except (InvalidDicomError, EOFError):
        return False
    return True


def _one_of_each(maps: Sequence[WrittenMap]) -> Mapping[MapKind, WrittenMap]:
    """T1rho before T2. Raises InputUnsuitable."""
    found: dict[MapKind, WrittenMap] = {}
    for kind in _KIND_OF.values():
        own = [one for one in maps if _KIND_OF.get(one.content_label) is kind]
        if len(own) > 1:
            raise InputUnsuitable(f"the folder holds {len(own)} {kind.value} maps; it must hold one")
        if own:
            found[kind] = own[0]
    if not found:
        raise InputUnsuitable("the folder holds neither MR images nor a T1rho or T2 map")
    return found


def _segments_of(one: WrittenMap, segmentations: Sequence[DrawnSegments]) -> DrawnSegments:
    """Drawn on the series that the map was made of. Raises InputUnsuitable."""
    own = [each for each in segmentations if each.algorithm == CARD.name and each.source_series & one.source_series]
    if len(own) != 1:
        raise InputUnsuitable(f"the folder holds {len(own)} segmentations that belong to a map; it must hold one")
    return own[0]


def _drawing(segments: DrawnSegments, kind: MapKind, doubt: str | None) -> Drawing:
    """The key slice is the one with most disc on it."""
    drawn = segments.volume.voxels
    labels = np.zeros(drawn.shape, np.uint8)
    for structure in DISC_STRUCTURES:
        value = segments.value_of.get(REGION[structure].label)
        if value is not None:
            labels[drawn == value] = structure.channel
    label_map = LabelMap(
        role=_ROLE_OF[kind],
        labels=labels,
        structures=DISC_STRUCTURES,
        key_slice=int(np.argmax((labels > 0).sum(axis=(1, 2)))),
        level_doubt=doubt,
    )
    return Drawing(label_map=label_map, volume=segments.volume)


def _means(values: Volume, drawing: Drawing) -> NDArray[np.float64]:
    """(disc,) of the voxels of the map whose centres lie in a disc, ms, NaN where there are none."""
    index = np.argwhere(np.isfinite(values.voxels))
    there = values.to_patient @ np.column_stack([index, np.ones(len(index))]).T
    own = np.rint(np.linalg.inv(drawing.volume.to_patient) @ there)[:3].astype(int)
    inside = ((own >= 0) & (drawing.label_map.labels.shape > own.T).T).all(axis=0)
    labels = drawing.label_map.labels[tuple(own[:, inside])]
    found = values.voxels[tuple(index[inside].T)]
    channels = [Structure(disc.value).channel for disc in Disc]
    return np.array([found[labels == one].mean() if (labels == one).any() else np.nan for one in channels])
