"""A made-up study in which all five methods found something, disc by disc worse, for the picture sheet."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from dicom_io.sources import SourceImage, SourceSeries
from dicom_io.uids import derived_uid
from dicom_io.volume import Volume
from inference.anatomy import Disc
from inference.results import AxialGrade, DiscPart, Grade, MapKind, Measurement, Quantity, Result, Scale, Statistic
from sr_reports.change import DiscChange
from sr_reports.findings import Findings
from sr_reports.results_json import AnalysedSeries
from sr_reports.sheet.study import SheetStudy
from tests import lumbar
from tests.every_finding import UNSURE, axial, degeneration, phases, relaxation, sure

AXIAL_SLICES = 15
GRADES: dict[Scale, Sequence[int]] = {
    Scale.MODIFIED_PFIRRMANN: (1, 2, 4, 5, 7),
    Scale.PFIRRMANN: (1, 1, 3, 1, 5),
    Scale.DEGENERATION_GROUP: (1, 1, 2, 1, 3),  # L4/L5 contradicts its modified Pfirrmann grade 5
    Scale.PREDICTED_T1RHO_PHASE: (1, 1, 2, 3, 3),
    Scale.MEASURED_T1RHO_PHASE: (1, 2, 2, 3, 3),
}
TIMES: dict[tuple[Quantity, DiscPart | None, Statistic], tuple[float, float]] = {
    # of L1/L2 in ms, and how much less it is from disc to disc
    (Quantity.PREDICTED_T1RHO, None, Statistic.MINIMUM): (88, 8),
    (Quantity.PREDICTED_T1RHO, None, Statistic.MEAN): (121, 12),
    (Quantity.PREDICTED_T1RHO, None, Statistic.MAXIMUM): (154, 15),
    (Quantity.T1RHO, DiscPart.WHOLE, Statistic.MEAN): (104, 9),
    (Quantity.T1RHO, DiscPart.WHOLE, Statistic.SD): (14.2, 0),
    (Quantity.T1RHO, DiscPart.NUCLEUS, Statistic.MEAN): (116, 9),
    (Quantity.T2, DiscPart.WHOLE, Statistic.MEAN): (88, 9),
    (Quantity.T2, DiscPart.WHOLE, Statistic.SD): (14.2, 0),
    (Quantity.T2, DiscPart.NUCLEUS, Statistic.MEAN): (100, 9),
}
AXIAL: dict[Disc | None, Sequence[int]] = {  # herniation, canal, left root, right root
    Disc.L2_L3: (0, 0, 0, 0),
    Disc.L3_L4: (1, 0, 0, 1),
    Disc.L4_L5: (2, 2, 1, 3),
    Disc.L5_S1: (3, 1, 2, 0),
    None: (1, 1, 0, 0),
}


def whole_study(*, level_doubt: str | None = None) -> SheetStudy:
    """Sagittal T2 and T1, axial T2, spin-lock and multi-echo, with doubts, contradictions, refusals and changes."""
    unmeasured = (Disc.L1_L2,)
    sagittal = (
        (lumbar.findings(level_doubt=level_doubt), degeneration()),
        (phases(),),
        (relaxation(MapKind.T1RHO, without=unmeasured),),
        (relaxation(MapKind.T2, without=unmeasured),),
    )
    analysed = [
        AnalysedSeries(source=lumbar.source(), findings=tuple(_each(one, _worse) for one in found))
        for found in sagittal
    ]
    axials = AnalysedSeries(source=axial_source(), findings=(_axial(),))
    return SheetStudy(analysed=(*analysed, axials), changes=tuple(_changes()))


def axial_source() -> SourceSeries:
    images = tuple(SourceImage(header=lumbar.header(index)) for index in range(AXIAL_SLICES))
    to_patient = np.diag([0.6, 0.6, 4.0, 1.0])[:, [2, 1, 0, 3]]
    voxels = np.random.default_rng(2).normal(200, 30, (AXIAL_SLICES, 256, 256)).astype(np.float32)
    voxels[:, 90:140, 100:156] += 300
    volume = Volume(voxels=voxels, to_patient=to_patient, frame_of_reference=derived_uid("test", "axial"))
    return SourceSeries(images=images, volume=volume)


def _each(found: Findings, change: Callable[[Result], Result]) -> Findings:
    return replace(found, results=tuple(change(result) for result in found.results))


def _worse(result: Result) -> Result:
    """From disc to disc, so that the tables show every kind of cell; of L3/L4 all that degeneration_grade doubts."""
    if isinstance(result, Grade):
        value = GRADES[result.scale][_place(result.disc)]
        odds = sure(value, count=len(result.probabilities)) if result.probabilities else ()
        unsure = result.disc is Disc.L3_L4 and result.scale in (Scale.PFIRRMANN, Scale.DEGENERATION_GROUP)
        return replace(result, value=value, probabilities=odds, doubt=UNSURE if unsure else None)
    return _shorter(result) if isinstance(result, Measurement) else result


def _shorter(result: Measurement) -> Measurement:
    step = _place(result.disc)
    if result.reference is not None:
        position = replace(result.reference, z_score=1.4 - 1.3 * step, percentile=max(88.0 - 22 * step, 0.4))
        return replace(result, value=result.value * (1.1 - 0.15 * step), reference=position)
    if result.statistic is None:
        return result
    first, less = TIMES.get((result.quantity, result.part, result.statistic), (result.value, 0))
    return replace(result, value=first - less * step)


def _place(disc: Disc) -> int:
    return list(Disc).index(disc)


def _axial() -> Findings:
    """Every third slice cuts the next disc; of the last nobody knows which it is."""
    found = axial(tuple(AXIAL), slices=AXIAL_SLICES)
    grades = iter([value for values in AXIAL.values() for value in values])
    return _each(found, lambda result: _axially(result, grades) if isinstance(result, AxialGrade) else result)


def _axially(result: AxialGrade, grades: Iterator[int]) -> AxialGrade:
    value = next(grades)
    index = 2 + 3 * list(AXIAL).index(result.disc)
    return replace(result, value=value, probabilities=sure(value, count=4, lowest=0), slice_index=index, doubt=None)


def _changes() -> Iterator[DiscChange]:
    for disc, difference in ((Disc.L3_L4, -4.1), (Disc.L4_L5, -18.4)):
        yield DiscChange(
            disc=disc,
            quantity=Quantity.SIGNAL_INTENSITY_DIFFERENCE,
            before=72.345 - difference,
            now=72.345,
            performed=date(2023, 5, 6),
            detectable=9.0,
            same_method=True,
        )
    yield DiscChange(
        disc=Disc.L5_S1,
        quantity=Quantity.DISC_HEIGHT_INDEX,
        before=0.39,
        now=0.3456,
        performed=date(2023, 5, 6),
        detectable=None,
        same_method=True,
    )
