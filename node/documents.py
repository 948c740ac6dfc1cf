"""Findings of a study -> the objects that tell of them, in the order they are sent. Pure.

An object comes after those that it names: segmentations and maps before the report of their series; the sheet of the
whole study comes last.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, get_args

import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import (
    UID,
    Comprehensive3DSRStorage,
    EncapsulatedPDFStorage,
    GrayscaleSoftcopyPresentationStateStorage,
    ParametricMapStorage,
    SecondaryCaptureImageStorage,
    SegmentationStorage,
)

from config.settings import ObjectKind
from dicom_io.equipment import Equipment
from dicom_io.object_identity import ObjectIdentity, Superseded
from dicom_io.roles import Role
from dicom_io.sources import SourceSeries
from dicom_io.uids import derived_uid
from inference.results import MapKind
from node.ledger.rows import ResultObject
from sr_reports.change import NO_PRIORS, Priors, changes
from sr_reports.colour_maps import coloured_capture, coloured_slices
from sr_reports.findings import Findings
from sr_reports.presentation import outlines_object
from sr_reports.regions import region_segmentation
from sr_reports.report import Companions, axial_report, sagittal_report
from sr_reports.results_json import AnalysedSeries
from sr_reports.scalar_maps import map_object
from sr_reports.sheet.documents import sheet_capture, sheet_pdf
from sr_reports.sheet.study import SheetStudy
from sr_reports.tracking import followed

SEGMENTATION: Final = "SEG"
REPORT: Final = "SR"
MAP: Final = "PM"
OUTLINES: Final = "GSPS"
CAPTURE: Final = "SC"
PDF: Final = "PDF"
COLOUR: Final = "COLOR"
EVERY_KIND: Final = frozenset[ObjectKind](get_args(ObjectKind))
SHEETS: Final[Mapping[ObjectKind, Callable[..., Dataset]]] = {CAPTURE: sheet_capture, PDF: sheet_pdf}
_AXIAL: Final = frozenset({Role.AXIAL_T1, Role.AXIAL_T2})


@dataclass(frozen=True, kw_only=True)
class KindOfObject:
    """modality: Modality (0008,0060) of its series."""

    sop_class_uid: UID
    modality: str
    series_number: int


KINDS: Final[Mapping[ObjectKind, KindOfObject]] = {
    SEGMENTATION: KindOfObject(sop_class_uid=SegmentationStorage, modality="SEG", series_number=9901),
    REPORT: KindOfObject(sop_class_uid=Comprehensive3DSRStorage, modality="SR", series_number=9902),
    MAP: KindOfObject(sop_class_uid=ParametricMapStorage, modality="OT", series_number=9903),
    CAPTURE: KindOfObject(sop_class_uid=SecondaryCaptureImageStorage, modality="OT", series_number=9904),
    PDF: KindOfObject(sop_class_uid=EncapsulatedPDFStorage, modality="DOC", series_number=9905),
    COLOUR: KindOfObject(sop_class_uid=SecondaryCaptureImageStorage, modality="OT", series_number=9907),
    OUTLINES: KindOfObject(sop_class_uid=GrayscaleSoftcopyPresentationStateStorage, modality="PR", series_number=9906),
}


@dataclass(frozen=True, kw_only=True)
class Job:
    """What objects are derived from: inputs, methods, weights and settings stand in a key, and so in every UID.

    key: of the study. series_keys: of what tells of one series, by its UID, as far as it depends on less than all.
    made: keys whose objects are there already. kinds: those that somebody takes; no other is made. supersedes: what an
    earlier edition of the study got. priors: what an earlier study of the patient got.
    """

    key: str
    series_keys: Mapping[str, str] = field(default_factory=dict)
    made: frozenset[str] = frozenset()
    created: datetime
    equipment: Equipment
    kinds: frozenset[ObjectKind] = EVERY_KIND
    supersedes: tuple[ResultObject, ...] = ()
    priors: Priors = NO_PRIORS

    def key_of(self, kind: ObjectKind, source: SourceSeries) -> str:
        """Of an object of this kind made from this series."""
        return self.key if kind in SHEETS else self.series_keys.get(str(source.first.SeriesInstanceUID), self.key)


@dataclass(frozen=True, kw_only=True, eq=False)
class Draft:
    """An object that nothing has checked yet, the series it was made from, and the key of the work that gave it."""

    job: str
    kind: ObjectKind
    document: Dataset
    source: SourceSeries


def drafts(analysed: Sequence[AnalysedSeries], job: Job, *, report_refusals: bool) -> Iterator[Draft]:
    """report_refusals: also where nothing but refusals was found. Raises ObjectUnwritable, FindingsContradict."""
    told = [one for one in analysed if report_refusals or _has_findings(one)]
    for one in told:
        if job.key_of(REPORT, one.source) not in job.made:
            yield from _of_series(one, job)
    if told and job.key not in job.made:
        yield from _sheets(told, job)


def _of_series(one: AnalysedSeries, job: Job) -> Iterator[Draft]:
    """One SEG per method that drew something, its maps, then one SR for the series, and its outlines."""
    segmentations = list(_segmentations(one, job)) if SEGMENTATION in job.kinds else []
    maps = dict(_maps(one, job)) if MAP in job.kinds else {}
    yield from segmentations
    yield from maps.values()
    if COLOUR in job.kinds:
        yield from _coloured(one, job)
    if REPORT in job.kinds:
        companions = Companions(
            segmentations=tuple(draft.document for draft in segmentations),
            maps={kind: draft.document for kind, draft in maps.items()},
            priors=job.priors,
        )
        write = axial_report if _is_axial(one) else sagittal_report
        identity = identity_of(REPORT, one.source, job)
        document = write(one.findings, source=one.source, identity=identity, companions=companions)
        yield _draft(REPORT, document, one.source, job)
    if OUTLINES in job.kinds:
        outlines = outlines_object(one.findings, source=one.source, identity=identity_of(OUTLINES, one.source, job))
        if outlines is not None:
            yield _draft(OUTLINES, outlines, one.source, job)


def _is_axial(one: AnalysedSeries) -> bool:
    return any(findings.role in _AXIAL for findings in one.findings)


def _maps(one: AnalysedSeries, job: Job) -> Iterator[tuple[MapKind, Draft]]:
    """A map that shows nothing is none: the report says why there is no number."""
    for scalar_map in (each for findings in one.findings for each in findings.maps):
        if np.isfinite(scalar_map.values).any():
            identity = identity_of(MAP, one.source, job, part=scalar_map.kind.value)
            document = map_object(scalar_map, source=one.source, identity=identity)
            yield scalar_map.kind, _draft(MAP, document, one.source, job)


def _coloured(one: AnalysedSeries, job: Job) -> Iterator[Draft]:
    """A series for each map, with one object for each slice."""
    for findings in one.findings:
        for scalar_map in findings.maps:
            part = scalar_map.kind.value
            for coloured in coloured_slices(scalar_map, findings, source=one.source):
                identity = identity_of(COLOUR, one.source, job, part=part, place=coloured.number)
                document = coloured_capture(coloured, scalar_map, source=one.source, identity=identity)
                yield _draft(COLOUR, document, one.source, job)


def _sheets(told: Sequence[AnalysedSeries], job: Job) -> Iterator[Draft]:
    """One page about the whole study; its patient and study are those of the first series."""
    source = told[0].source
    of = followed(source.first, institution=job.equipment.institution)
    changed = [change for one in told for change in changes(one.findings, job.priors.reports, of=of)]
    study = SheetStudy(analysed=tuple(told), priors=job.priors, changes=tuple(changed))
    for kind, write in SHEETS.items():
        if kind in job.kinds:
            yield _draft(kind, write(study, identity=identity_of(kind, source, job)), source, job)


def _segmentations(one: AnalysedSeries, job: Job) -> Iterator[Draft]:
    for findings in one.findings:
        if findings.label_map is not None:
            identity = identity_of(SEGMENTATION, one.source, job, part=findings.method.name)
            document = region_segmentation(findings, source=one.source, identity=identity)
            yield _draft(SEGMENTATION, document, one.source, job)


def _draft(kind: ObjectKind, document: Dataset, source: SourceSeries, job: Job) -> Draft:
    return Draft(job=job.key_of(kind, source), kind=kind, document=document, source=source)


def identity_of(
    kind: ObjectKind, source: SourceSeries, job: Job, *, part: str = "", place: int | None = None
) -> ObjectIdentity:
    """part: what tells several objects of one kind and one series apart, such as the method. place: in their series."""
    series_uid, key = str(source.first.SeriesInstanceUID), job.key_of(kind, source)
    return ObjectIdentity(
        series_uid=_derived_series(kind, part, series_uid, key),
        sop_instance_uid=derived_uid("object", kind, part, series_uid, key, *([] if place is None else [str(place)])),
        series_number=KINDS[kind].series_number,
        created=job.created,
        equipment=job.equipment,
        supersedes=tuple(
            _superseded(earlier)
            for earlier in job.supersedes
            if earlier.kind == kind and earlier.series_uid == _derived_series(kind, part, series_uid, earlier.job)
        ),
    )


def _derived_series(kind: ObjectKind, part: str, source_uid: str, key: str) -> str:
    return derived_uid("series", kind, part, source_uid, key)


def _superseded(earlier: ResultObject) -> Superseded:
    return Superseded(
        study_uid=earlier.study_uid,
        series_uid=earlier.series_uid,
        sop_class_uid=earlier.sop_class_uid,
        sop_instance_uid=earlier.sop_instance_uid,
    )


def _has_findings(one: AnalysedSeries) -> bool:
    return any(not _only_refusals(findings) for findings in one.findings)


def _only_refusals(findings: Findings) -> bool:
    return len(findings.refusals) == len(findings.results)
