"""A made-up study in which all five methods found something, for the picture sheet."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from dicom_io.roles import Role
from dicom_io.sources import SourceImage, SourceSeries
from dicom_io.uids import derived_uid
from dicom_io.volume import Volume
from inference.anatomy import Disc
from inference.results import (
    AxialGrade,
    Box,
    DetectedDisc,
    DiscPart,
    Grade,
    MapKind,
    Measurement,
    NotAnalysed,
    Quantity,
    Remark,
    Result,
    ScalarMap,
    Scale,
    Side,
    Statistic,
    Unit,
)
from sr_reports.change import DiscChange
from sr_reports.findings import Findings, MethodUsed, WeightsUsed
from sr_reports.results_json import AnalysedSeries
from sr_reports.sheet.study import SheetStudy
from tests import lumbar

SLICES = 5
AXIAL_SLICES = 15
_PHANTOM_ONLY = "learned from digital phantoms alone; on patients its accuracy is not known"
_WORN = {Disc.L1_L2: 1, Disc.L2_L3: 2, Disc.L3_L4: 4, Disc.L4_L5: 5, Disc.L5_S1: 7}


def used(name: str, *, caveat: str | None = None) -> MethodUsed:
    weights = (WeightsUsed(name=f"{name}.onnx", sha256="3fa2b1c0d9" * 6 + "abcd"),)
    return MethodUsed(name=name, version="1.0.0", paper="a paper", weights=weights, caveat=caveat)


def whole_study(*, level_doubt: str | None = None) -> SheetStudy:
    """Sagittal T2 and T1, axial T2, spin-lock and multi-echo, with doubts, contradictions, refusals and changes."""
    analysed = (
        AnalysedSeries(source=lumbar.source(), findings=(_quantified(level_doubt), _degeneration())),
        AnalysedSeries(source=lumbar.source(), findings=(_phase(),)),
        AnalysedSeries(source=lumbar.source(), findings=(_relaxation(Role.SPIN_LOCK),)),
        AnalysedSeries(source=lumbar.source(), findings=(_relaxation(Role.MULTI_ECHO),)),
        AnalysedSeries(source=axial_source(), findings=(_axial(),)),
    )
    return SheetStudy(analysed=analysed, changes=tuple(_changes()))


def axial_source() -> SourceSeries:
    images = tuple(SourceImage(header=lumbar.header(index)) for index in range(AXIAL_SLICES))
    to_patient = np.diag([0.6, 0.6, 4.0, 1.0])[:, [2, 1, 0, 3]]
    voxels = np.random.default_rng(2).normal(200, 30, (AXIAL_SLICES, 256, 256)).astype(np.float32)
    voxels[:, 90:140, 100:156] += 300
    volume = Volume(voxels=voxels, to_patient=to_patient, frame_of_reference=derived_uid("test", "axial"))
    return SourceSeries(images=images, volume=volume)


def _quantified(level_doubt: str | None) -> Findings:
    found = lumbar.findings(level_doubt=level_doubt)
    results = [_varied(result) for result in found.results]
    return Findings(method=used("disc_quantification"), role=lumbar.ROLE, results=tuple(results))


def _varied(result: Result) -> Result:
    """Worse from disc to disc, so that the table shows every kind of cell."""
    if isinstance(result, Grade):
        return replace(result, value=_WORN[result.disc], probabilities=_sure(_WORN[result.disc], count=8))
    if isinstance(result, Measurement) and result.reference is not None:
        step = list(Disc).index(result.disc)
        position = replace(result.reference, z_score=1.4 - 1.3 * step, percentile=max(88.0 - 22 * step, 0.4))
        return replace(result, value=result.value * (1.1 - 0.15 * step), reference=position)
    return result


def _sure(value: int, *, count: int, lowest: int = 1) -> tuple[float, ...]:
    rest = 0.21 / (count - 1)
    return tuple(0.79 if grade == value else rest for grade in range(lowest, lowest + count))


def _grade(disc: Disc, scale: Scale, value: int, *, count: int, doubt: str | None = None, role: Role) -> Grade:
    return Grade(
        role=role,
        disc=disc,
        scale=scale,
        value=value,
        probabilities=_sure(value, count=count) if count else (),
        key_slice=2,
        level_doubt=None,
        doubt=doubt,
    )


def _degeneration() -> Findings:
    groups = (1, 1, 2, 1, 3)  # L4/L5 contradicts its modified Pfirrmann grade 5
    results: list[Result] = []
    for disc, group in zip(Disc, groups, strict=True):
        doubt = "the two most probable grades are nearly equal" if disc is Disc.L3_L4 else None
        results.append(_grade(disc, Scale.DEGENERATION_GROUP, group, count=3, doubt=doubt, role=lumbar.ROLE))
        results.append(_grade(disc, Scale.PFIRRMANN, min(2 * group - 1, 5), count=5, doubt=doubt, role=lumbar.ROLE))
    return Findings(method=used("degeneration_grade"), role=lumbar.ROLE, results=tuple(results))


def _phase() -> Findings:
    role = Role.SAGITTAL_T1
    results: list[Result] = []
    for index, disc in enumerate(Disc):
        top = 63 + 45 * index
        box = Box(top=top - 11, left=100, bottom=top + 11, right=150)
        results.append(DetectedDisc(role=role, disc=disc, key_slice=2, box=box, confidence=0.97, level_doubt=None))
        results.append(_grade(disc, Scale.PREDICTED_T1RHO_PHASE, (1, 1, 2, 3, 3)[index], count=3, role=role))
        for statistic, value in (
            (Statistic.MEAN, 121.0 - 12 * index),
            (Statistic.MINIMUM, 88.0 - 8 * index),
            (Statistic.MAXIMUM, 154.0 - 15 * index),
        ):
            results.append(_relaxation_time(disc, Quantity.PREDICTED_T1RHO, statistic, value, role=role))
    caveat = f"{_PHANTOM_ONLY}; T1ρ is guessed from T1-weighted images"
    return Findings(method=used("t1rho_phase", caveat=caveat), role=role, results=tuple(results))


def _relaxation_time(
    disc: Disc, quantity: Quantity, statistic: Statistic, value: float, *, role: Role, part: DiscPart | None = None
) -> Measurement:
    return Measurement(
        role=role,
        disc=disc,
        quantity=quantity,
        value=value,
        unit=Unit.MILLISECOND,
        key_slice=2,
        level_doubt=None,
        statistic=statistic,
        part=part,
    )


def _relaxation(role: Role) -> Findings:
    kind, quantity = (MapKind.T1RHO, Quantity.T1RHO) if role is Role.SPIN_LOCK else (MapKind.T2, Quantity.T2)
    labels = lumbar.labels(SLICES)
    values = np.where(labels > 0, 40 + 7.5 * labels, np.nan).astype(np.float32)
    results: list[Result] = [ScalarMap(role=role, kind=kind, values=values, unit=Unit.MILLISECOND)]
    for index, disc in enumerate(Disc):
        if disc is Disc.L1_L2:
            results.append(NotAnalysed(role=role, disc=disc, reason="fewer than 125 voxels were found"))
            continue
        mean = (104 if quantity is Quantity.T1RHO else 88) - 9 * index
        for part, statistic, value in (
            (DiscPart.WHOLE, Statistic.MEAN, mean),
            (DiscPart.WHOLE, Statistic.SD, 14.2),
            (DiscPart.NUCLEUS, Statistic.MEAN, mean + 12),
            (DiscPart.NUCLEUS, Statistic.SD, 9.0),
        ):
            results.append(_relaxation_time(disc, quantity, statistic, value, role=role, part=part))
        if quantity is Quantity.T1RHO:
            results.append(_grade(disc, Scale.MEASURED_T1RHO_PHASE, (1, 2, 2, 3, 3)[index], count=0, role=role))
    results.append(Remark(role=role, text="the patient moved by 1.2 mm between echoes; this was corrected"))
    return Findings(method=used("relaxometry"), role=role, results=tuple(results))


def _axial() -> Findings:
    role = Role.AXIAL_T2
    results: list[Result] = [NotAnalysed(role=role, disc=Disc.L1_L2, reason="no axial slice cuts this disc")]
    for index, disc in enumerate((Disc.L2_L3, Disc.L3_L4, Disc.L4_L5, Disc.L5_S1, None)):
        results += _axial_grades(
            disc,
            slice_index=2 + 3 * index,
            grades=((0, 0, 0, 0), (1, 0, 0, 1), (2, 2, 1, 3), (3, 1, 2, 0), (1, 1, 0, 0))[index],
        )
    return Findings(method=used("axial_grading", caveat=_PHANTOM_ONLY), role=role, results=tuple(results))


def _axial_grades(disc: Disc | None, *, slice_index: int, grades: Sequence[int]) -> Iterator[AxialGrade]:
    kinds = (
        (Scale.DISC_HERNIATION, None),
        (Scale.CANAL_STENOSIS, None),
        (Scale.ROOT_COMPRESSION, Side.LEFT),
        (Scale.ROOT_COMPRESSION, Side.RIGHT),
    )
    for (scale, side), value in zip(kinds, grades, strict=True):
        yield AxialGrade(
            role=Role.AXIAL_T2,
            disc=disc,
            side=side,
            scale=scale,
            value=value,
            probabilities=_sure(value, count=4, lowest=0),
            slice_index=slice_index,
            box=Box(top=70, left=70, bottom=186, right=186),
            level_doubt="no sagittal segmentation of these slices" if disc is None else None,
            doubt=None,
        )


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
