"""Findings of every method on small series: boxes, phases, groups, maps, parts of discs, axial slices."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from dicom_io.roles import Role
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
from sr_reports.findings import Findings, MethodUsed, WeightsUsed
from tests import lumbar

CAVEAT = "learned on a digital phantom; not validated on patients"
UNSURE = "the two most probable answers are nearly equal"
QUANTITY_OF = {MapKind.T1RHO: Quantity.T1RHO, MapKind.T2: Quantity.T2}
RESIDUAL_OF = {MapKind.T1RHO: MapKind.T1RHO_RESIDUAL, MapKind.T2: MapKind.T2_RESIDUAL}
ROLE_OF = {MapKind.T1RHO: Role.SPIN_LOCK, MapKind.T2: Role.MULTI_ECHO}


def method(name: str, *, caveat: str | None = None) -> MethodUsed:
    weights = (WeightsUsed(name=f"{name}.onnx", sha256="cd" * 32),)
    return MethodUsed(name=name, version="2.0.0", paper="a paper", weights=weights, caveat=caveat)


def sure(value: int, *, count: int, lowest: int = 1) -> tuple[float, ...]:
    rest = 0.21 / (count - 1)
    return tuple(0.79 if grade == value else rest for grade in range(lowest, lowest + count))


def grade(disc: Disc, scale: Scale, value: int, *, count: int, role: Role, slices: int) -> Grade:
    """count: of the scale's grades; 0 for a grade that was measured."""
    return Grade(
        role=role,
        disc=disc,
        scale=scale,
        value=value,
        probabilities=sure(value, count=count) if count else (),
        key_slice=slices // 2,
        level_doubt=None,
    )


def degeneration(*, slices: int = 5, without: Sequence[Disc] = (), role: Role = lumbar.ROLE) -> Findings:
    """Without a label map; the grade of L3/L4 deserves little trust."""
    results: list[Result] = []
    for disc in Disc:
        if disc not in without:
            group = grade(disc, Scale.DEGENERATION_GROUP, 2, count=3, role=role, slices=slices)
            results.append(replace(group, doubt=UNSURE) if disc is Disc.L3_L4 else group)
            results.append(grade(disc, Scale.PFIRRMANN, 3, count=5, role=role, slices=slices))
    return Findings(method=method("degeneration_grade"), role=role, results=tuple(results))


def phases(*, slices: int = 5, without: Sequence[Disc] = (), level_doubt: str | None = None) -> Findings:
    """Boxes, phases and predicted T1rho on a T1 series."""
    role = Role.SAGITTAL_T1
    results: list[Result] = [_missing(role, disc) for disc in without]
    for index, disc in enumerate(Disc):
        if disc in without:
            continue
        top = 63 + 45 * index
        box = Box(top=top - 11, left=100, bottom=top + 11, right=150)
        results += [
            DetectedDisc(
                role=role, disc=disc, key_slice=slices // 2, box=box, confidence=0.97, level_doubt=level_doubt
            ),
            replace(
                grade(disc, Scale.PREDICTED_T1RHO_PHASE, 2, count=3, role=role, slices=slices), level_doubt=level_doubt
            ),
        ]
        for statistic, value in ((Statistic.MINIMUM, 61.2), (Statistic.MEAN, 92.34), (Statistic.MAXIMUM, 120.0)):
            found = _time(disc, Quantity.PREDICTED_T1RHO, statistic, value, role=role, slices=slices)
            results.append(replace(found, level_doubt=level_doubt))
    return Findings(method=method("t1rho_phase", caveat=CAVEAT), role=role, results=tuple(results))


def _missing(role: Role, disc: Disc) -> NotAnalysed:
    return NotAnalysed(role=role, disc=disc, reason="outside the field of view")


def _time(
    disc: Disc, quantity: Quantity, statistic: Statistic, value: float, *, role: Role, slices: int
) -> Measurement:
    return Measurement(
        role=role,
        disc=disc,
        quantity=quantity,
        value=value,
        unit=Unit.COUNT if statistic is Statistic.COUNT else Unit.MILLISECOND,
        key_slice=slices // 2,
        level_doubt=None,
        statistic=statistic,
    )


def relaxation(kind: MapKind, *, slices: int = 5, without: Sequence[Disc] = ()) -> Findings:
    """A label map, a map and its residual, every statistic of every part; of T1rho a measured phase too."""
    role = ROLE_OF[kind]
    drawn = replace(lumbar.label_map(slices=slices, without=without), role=role)
    values = np.where(drawn.labels > 0, 40 + 7.5 * drawn.labels, np.nan).astype(np.float32)
    results: list[Result] = [
        drawn,
        ScalarMap(role=role, kind=kind, values=values, unit=Unit.MILLISECOND),
        ScalarMap(role=role, kind=RESIDUAL_OF[kind], values=values / 100, unit=Unit.ARBITRARY),
        Remark(role=role, text="the patient moved by 1.2 mm between echoes; this was corrected"),
        *(_missing(role, disc) for disc in without),
    ]
    for disc in Disc:
        if disc not in without:
            results += _parts(disc, kind, slices=slices)
    return Findings(method=method("relaxometry"), role=role, results=tuple(results))


def _parts(disc: Disc, kind: MapKind, *, slices: int) -> Iterator[Result]:
    role = ROLE_OF[kind]
    values = zip(Statistic, (88.25, 12.5, 40.0, 131.0, 412), strict=True)
    for statistic, value in values:
        for part in DiscPart:
            found = _time(disc, QUANTITY_OF[kind], statistic, value, role=role, slices=slices)
            yield replace(found, part=part, inferred_from=kind)
    if kind is MapKind.T1RHO:
        yield grade(disc, Scale.MEASURED_T1RHO_PHASE, 2, count=0, role=role, slices=slices)


AXIAL_KINDS = (
    (Scale.DISC_HERNIATION, None),
    (Scale.CANAL_STENOSIS, None),
    (Scale.ROOT_COMPRESSION, Side.LEFT),
    (Scale.ROOT_COMPRESSION, Side.RIGHT),
)


def axial(
    discs: Sequence[Disc | None] = tuple(Disc),
    *,
    slices: int = 5,
    level_doubt: str | None = None,
    values: Sequence[int] = (1, 0, 2, 3),
) -> Findings:
    """Every scale of every level; the canal of L4/L5 is graded on another slice than its disc, where there is one."""
    role = Role.AXIAL_T2
    results: list[Result] = [_missing(role, disc) for disc in Disc if disc not in discs]
    for index, disc in enumerate(discs):
        at = min(index, slices - 1)
        for (scale, side), value in zip(AXIAL_KINDS, values, strict=True):
            moved = disc is Disc.L4_L5 and scale is Scale.CANAL_STENOSIS
            results.append(
                AxialGrade(
                    role=role,
                    disc=disc,
                    side=side,
                    scale=scale,
                    value=value,
                    probabilities=sure(value, count=4, lowest=0),
                    slice_index=max(at - 1, 0) if moved else at,
                    box=Box(top=70, left=60, bottom=186, right=190),
                    level_doubt="no sagittal series" if disc is None else level_doubt,
                    doubt=UNSURE if disc is Disc.L5_S1 and scale is Scale.DISC_HERNIATION else None,
                )
            )
    return Findings(method=method("axial_grading", caveat=CAVEAT), role=role, results=tuple(results))
