"""What the relaxometry method saw and found in one study, as a cohort needs it. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from dicom_io.volume import Volume
from inference.anatomy import Disc
from inference.contract import Case, Echoes
from inference.errors import InputUnsuitable
from inference.relaxometry.cohort.space import Values
from inference.relaxometry.cohort.study import Drawing, EchoSeries, Study
from inference.relaxometry.fit import LONGEST_2D_MS, FitSettings, fit
from inference.relaxometry.method import RELAXATIONS, Relaxation
from inference.relaxometry.motion import steadied
from inference.results import DiscPart, LabelMap, MapKind, Measurement, Result, Statistic


def study_of(case: Case, results: Sequence[Result]) -> Study:
    """The echoes of case with the outlines and the means of results.

    T2 is brought by the field of T1rho where both lie in one frame of reference, as in Iriondo 2020, else by its own.
    Raises InputUnsuitable where no series was outlined.
    """
    drawings: dict[MapKind, Drawing] = {}
    for kind in RELAXATIONS:
        drawing = _drawing(case, results, kind)
        if drawing is not None:
            earlier = (one for one in drawings.values() if one.volume.shares_space_with(drawing.volume))
            drawings[kind.map] = next(earlier, drawing)
    if not drawings:
        raise InputUnsuitable("no spin-lock or multi-echo series in which discs were found")
    kinds = [kind for kind in RELAXATIONS if kind.map in drawings]
    return Study(
        series={kind.map: _series(case.echoes[kind.role], kind) for kind in kinds},
        drawings=drawings,
        whole_discs={kind.map: whole_discs(results, kind.map) for kind in kinds},
    )


def whole_discs(results: Iterable[Result], kind: MapKind) -> NDArray[np.float64]:
    """(disc,) mean of each whole disc in ms, NaN where it was not measured."""
    means: Mapping[Disc, float] = {
        one.disc: one.value
        for one in results
        if isinstance(one, Measurement)
        and (one.inferred_from, one.statistic, one.part) == (kind, Statistic.MEAN, DiscPart.WHOLE)
    }
    return np.array([means.get(disc, np.nan) for disc in Disc])


def _drawing(case: Case, results: Sequence[Result], kind: Relaxation) -> Drawing | None:
    for one in results:
        if isinstance(one, LabelMap) and one.role is kind.role and kind.role in case.echoes:
            return Drawing(label_map=one, volume=case.echoes[kind.role].volumes[0])
    return None


def _series(echoes: Echoes, kind: Relaxation) -> EchoSeries:
    """Movement between echoes is mended first, as the method does."""
    first = echoes.volumes[0]
    steady = steadied(
        np.stack([volume.voxels for volume in echoes.volumes]), pixel_mm=float(np.mean(first.spacing[1:]))
    )
    volumes: tuple[Volume, ...] = tuple(replace(first, voxels=echo) for echo in steady.echoes)
    longest = kind.longest_3d if echoes.is_3d else LONGEST_2D_MS
    return EchoSeries(echoes=replace(echoes, volumes=volumes), fit=partial(_times, longest_ms=longest))


def _times(signals: Values, times_ms: tuple[float, ...], *, longest_ms: float) -> Values:
    return fit(signals, times_ms, FitSettings(longest_ms=longest_ms)).times
