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

Fit = Callable[[Values, tuple[float, ...]], Values]
"""Signals (time, pixel) and times (ms) -> relaxation times (pixel,) in ms, NaN where there is none."""


@dataclass(frozen=True, kw_only=True, eq=False)
class EchoSeries:
    """The field is applied to every echo before the fit, as Iriondo 2020 does."""

    echoes: Echoes
    fit: Fit

    def brought(self, registered: Registered) -> Values:
        return self.fit(warped_echoes(self.echoes, registered), self.echoes.times_ms)


@dataclass(frozen=True, kw_only=True, eq=False)
class FittedMap:
    """values: (slice, row, column) in ms on the grid of volume; the field is applied to what was fitted before."""

    values: Values
    volume: Volume

    def brought(self, registered: Registered) -> Values:
        return warped(self.values, self.volume, registered)


@dataclass(frozen=True, kw_only=True, eq=False)
class Drawing:
    """The outlines that guide the registration, and the volume they are drawn on."""

    label_map: LabelMap
    volume: Volume


@dataclass(frozen=True, kw_only=True, eq=False)
class Study:
    """drawing: whose field a map is brought by; two maps in one frame of reference share one.

    whole_discs: (disc,) means in the source geometry, ms, NaN where none.
    """

    series: Mapping[MapKind, EchoSeries | FittedMap]
    drawings: Mapping[MapKind, Drawing]
    whole_discs: Mapping[MapKind, NDArray[np.float64]]


@dataclass(frozen=True, kw_only=True, eq=False)
class StudyInAtlas:
    """maps: (voxel,) in the order of VoxelSpace. qualities: of the first map's fields.

    left_out: why a disc is missing from one of the maps.
    """

    maps: Mapping[MapKind, Values]
    whole_discs: Mapping[MapKind, NDArray[np.float64]]
    qualities: Mapping[Disc, Quality]
    left_out: Mapping[Disc, str] = field(default_factory=dict)


def brought_into_atlas(study: Study, *, atlas: Atlas, settings: Settings) -> StudyInAtlas:
    """Raises InputUnsuitable where there is no map, or where the numbering of the levels is in doubt."""
    if not study.series:
        raise InputUnsuitable("there is neither a T1rho nor a T2 map")
    fields: dict[int, _Fields] = {}
    maps: dict[MapKind, Values] = {}
    for kind, series in study.series.items():
        drawing = study.drawings[kind]
        own = fields.setdefault(id(drawing), _Fields())
        if own.is_empty:
            own.fill(drawing, atlas=atlas, settings=settings)
        by_disc = {disc: series.brought(one) for disc, one in own.found.items()}
        maps[kind] = VoxelSpace(atlas=atlas).joined(by_disc)
    first, *others = fields.values()
    return StudyInAtlas(
        maps=maps,
        whole_discs=study.whole_discs,
        qualities={disc: one.quality for disc, one in first.found.items()},
        left_out={disc: why for one in (*others, first) for disc, why in one.left_out.items()},
    )


@dataclass(kw_only=True, eq=False)
class _Fields:
    """Of one drawing; every disc stands in one of the two."""

    found: dict[Disc, Registered] = field(default_factory=dict)
    left_out: dict[Disc, str] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return not self.found and not self.left_out

    def fill(self, drawing: Drawing, *, atlas: Atlas, settings: Settings) -> None:
        """Raises InputUnsuitable."""
        if drawing.label_map.level_doubt is not None:
            raise InputUnsuitable(f"the levels are in doubt: {drawing.label_map.level_doubt}")
        for disc in Disc:
            try:
                self.found[disc] = register(
                    drawing.label_map, drawing.volume, disc=disc, atlas=atlas, settings=settings
                )
            except (InputUnsuitable, ImplausibleResult) as why:
                self.left_out[disc] = str(why)
