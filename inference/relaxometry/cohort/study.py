"""One study's maps in the space of the atlas, disc by disc, with what was left out and why. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dicom_io.volume import Volume
from inference.anatomy import Disc
from inference.contract import Echoes
from inference.errors import ImplausibleResult, InputUnsuitable
from inference.relaxometry.atlas import Atlas
from inference.relaxometry.cohort.space import Values, VoxelSpace
from inference.relaxometry.registration import Quality, Registered, Settings, register
from inference.relaxometry.registration_warp import warped, warped_echoes
from inference.results import LabelMap, MapKind

Fit = Callable[[tuple[float, ...], Values], Values]
"""Times (ms) and signals (time, pixel) -> relaxation times (pixel,) in ms, NaN where there is none."""


@dataclass(frozen=True, kw_only=True, eq=False)
class EchoSeries:
    """The field is applied to every echo before the fit, as Iriondo 2020 does."""

    echoes: Echoes
    fit: Fit

    def brought(self, registered: Registered) -> Values:
        return self.fit(self.echoes.times_ms, warped_echoes(self.echoes, registered))


@dataclass(frozen=True, kw_only=True, eq=False)
class FittedMap:
    """values: (slice, row, column) in ms on the grid of volume; the field is applied to what was fitted before."""

    values: Values
    volume: Volume

    def brought(self, registered: Registered) -> Values:
        return warped(self.values, self.volume, registered)


@dataclass(frozen=True, kw_only=True, eq=False)
class Study:
    """volume: the one label_map is drawn on. whole_discs: (disc,) means in the source geometry, ms, NaN where none."""

    label_map: LabelMap
    volume: Volume
    series: Mapping[MapKind, EchoSeries | FittedMap]
    whole_discs: Mapping[MapKind, NDArray[np.float64]]


@dataclass(frozen=True, kw_only=True, eq=False)
class StudyInAtlas:
    """maps: (voxel,) in the order of VoxelSpace. left_out: why a disc is missing from them."""

    maps: Mapping[MapKind, Values]
    whole_discs: Mapping[MapKind, NDArray[np.float64]]
    qualities: Mapping[Disc, Quality]
    left_out: Mapping[Disc, str] = field(default_factory=dict)


def brought_into_atlas(study: Study, *, atlas: Atlas, settings: Settings) -> StudyInAtlas:
    """Raises InputUnsuitable where the numbering of the levels is in doubt, or a series lies in another space."""
    if study.label_map.level_doubt is not None:
        raise InputUnsuitable(f"the levels are in doubt: {study.label_map.level_doubt}")
    fields: dict[Disc, Registered] = {}
    left_out: dict[Disc, str] = {}
    for disc in Disc:
        try:
            fields[disc] = register(study.label_map, study.volume, disc=disc, atlas=atlas, settings=settings)
        except (InputUnsuitable, ImplausibleResult) as why:
            left_out[disc] = str(why)
    space = VoxelSpace(atlas=atlas)
    maps = {
        kind: space.joined({disc: series.brought(one) for disc, one in fields.items()})
        for kind, series in study.series.items()
    }
    qualities = {disc: one.quality for disc, one in fields.items()}
    return StudyInAtlas(maps=maps, whole_discs=study.whole_discs, qualities=qualities, left_out=left_out)
