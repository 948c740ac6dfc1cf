"""A scalar map of a series as a Parametric Map with our codes. Pure."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from dicom_io.object_identity import ObjectIdentity
from dicom_io.parametric_map import MapWords, parametric_map
from dicom_io.sources import SourceSeries
from inference.results import MapKind, ScalarMap
from sr_reports.measured_terms import MAP, UNIT
from sr_reports.vocabulary import LUMBAR_SPINE, coding_schemes

RELAXATION: Final = frozenset({MapKind.T1RHO, MapKind.T2})
SHOWN_MS: Final = (0.0, 150.0)
"""What windows and colours of relaxation times span: discs, from degenerated to healthy. Beyond lies the fluid."""

_EXPLANATION: Final = {
    MapKind.T1RHO: "T1rho relaxation time, fitted per voxel; 0: no value",
    MapKind.T2: "T2 relaxation time, fitted per voxel; 0: no value",
    MapKind.T1RHO_RESIDUAL: "Residual of the T1rho fit; 0: no value",
    MapKind.T2_RESIDUAL: "Residual of the T2 fit; 0: no value",
}


def map_object(scalar_map: ScalarMap, *, source: SourceSeries, identity: ObjectIdentity) -> Dataset:
    """On the grid of source. Raises ObjectUnwritable where none can be made, and for a map without a value."""
    return parametric_map(
        scalar_map.values,
        source=source,
        words=_words(scalar_map),
        coding_schemes=coding_schemes(),
        identity=identity,
    )


def _words(scalar_map: ScalarMap) -> MapWords:
    kind = scalar_map.kind
    return MapWords(
        label=f"{kind.value} map",
        content_label=kind.name,
        explanation=_EXPLANATION[kind],
        series_description=f"AI {kind.value} map (research use only)",
        quantity=MAP[kind],
        unit=UNIT[scalar_map.unit],
        anatomic_region=LUMBAR_SPINE,
        window=SHOWN_MS if kind in RELAXATION else _spread(scalar_map.values),
    )


def _spread(values: NDArray[np.float32]) -> tuple[float, float]:
    """From zero to nearly all of the values."""
    usable = values[np.isfinite(values)]
    return 0.0, max(round(float(np.percentile(usable, 99)), 3), 0.001) if usable.size else 1.0
