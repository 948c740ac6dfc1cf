"""Findings -> SEG and SR as files that passed every check; the same job gives the same bytes. Talks to: disk.

Nothing is written under its final name before our own checks and, where it is installed, dciodvfy found no fault.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from pydicom.dataset import Dataset

from dicom_io.durable import DurableDirectories, fsync_path
from dicom_io.equipment import Equipment
from dicom_io.object_identity import ObjectIdentity, Superseded
from dicom_io.sources import SourceSeries
from dicom_io.uids import derived_uid
from dicom_io.written import part10
from node.errors import ObjectInvalid
from node.execution import FilesOf, ReadyMethod
from node.ledger.rows import Instance, ResultObject
from node.plan_json import plan_to_json
from node.planning import Plan
from sr_reports.dciodvfy import dciodvfy_faults
from sr_reports.findings import Findings
from sr_reports.regions import region_segmentation
from sr_reports.report import sagittal_report
from sr_reports.results_json import AnalysedSeries
from sr_reports.validate import faults

SEGMENTATION: Final = "SEG"
REPORT: Final = "SR"
_SERIES_NUMBER: Final = {SEGMENTATION: 9901, REPORT: 9902}


@dataclass(frozen=True, kw_only=True)
class Gate:
    """What checks objects before they may leave. dciodvfy: None where it is not installed."""

    dciodvfy: Path | None


@dataclass(frozen=True, kw_only=True)
class Job:
    """What objects are derived from: inputs, methods, weights and settings stand in key, and so in every UID."""

    key: str
    created: datetime
    equipment: Equipment
    supersedes: tuple[Superseded, ...] = ()


def job_key(plan: Plan, *, inputs: Iterable[Instance], methods: Mapping[str, ReadyMethod], equipment: Equipment) -> str:
    """Equal for equal work, whenever and wherever it is done."""
    digest = hashlib.sha256(plan_to_json(plan).encode())
    for one in sorted(inputs, key=lambda instance: instance.sop_instance_uid):
        digest.update(f"{one.sop_instance_uid}={one.sha256};".encode())
    for step in plan.steps:
        digest.update(repr(methods[step.method].used).encode())
    digest.update(repr(equipment).encode())
    return digest.hexdigest()


class Publisher:
    """Files are <root>/<study>/<kind>.<sop>.dcm."""

    def __init__(self, root: Path, *, gate: Gate) -> None:
        self._directories = DurableDirectories(root)
        self._gate = gate

    def publish(
        self, analysed: Sequence[AnalysedSeries], job: Job, *, files_of: FilesOf, report_refusals: bool
    ) -> list[ResultObject]:
        """report_refusals: also where nothing but refusals was found.

        Raises ObjectInvalid, ObjectUnwritable, FindingsContradict, ValidatorUnusable."""
        return [
            self._write(document, one.source, _Paper(kind=kind, job=job, image=_first_file(one, files_of)))
            for one in analysed
            if report_refusals or _has_findings(one)
            for kind, document in _documents(one, job)
        ]

    def _write(self, document: Dataset, source: SourceSeries, paper: "_Paper") -> ResultObject:
        content = part10(document, source=source.first)
        found = faults(content, sources=source.headers)
        if found:
            raise ObjectInvalid(f"{paper.kind}: {'; '.join(found)}")
        study_uid, sop_instance_uid = str(document.StudyInstanceUID), str(document.SOPInstanceUID)
        path = self._directories.durable(study_uid) / f"{paper.kind}.{sop_instance_uid}.dcm"
        self._put(path, content, paper)
        return ResultObject(
            sop_instance_uid=sop_instance_uid,
            sop_class_uid=str(document.SOPClassUID),
            series_uid=str(document.SeriesInstanceUID),
            study_uid=study_uid,
            kind=paper.kind,
            job=paper.job.key,
            path=path,
        )

    def _put(self, path: Path, content: bytes, paper: "_Paper") -> None:
        """Under its name, whole and durable, or not at all."""
        draft = path.with_suffix(".part")
        draft.write_bytes(content)
        fsync_path(draft)
        if self._gate.dciodvfy is not None:
            found = dciodvfy_faults(draft, program=self._gate.dciodvfy, source=paper.image)
            if found:
                raise ObjectInvalid(f"{paper.kind}: dciodvfy: {'; '.join(found)}")
        draft.replace(path)
        fsync_path(path.parent)


@dataclass(frozen=True, kw_only=True)
class _Paper:
    """What a document is, and an image of the series that it was made from."""

    kind: str
    job: Job
    image: Path


def _first_file(one: AnalysedSeries, files_of: FilesOf) -> Path:
    return files_of(str(one.source.first.SeriesInstanceUID))[0]


def _documents(one: AnalysedSeries, job: Job) -> Iterator[tuple[str, Dataset]]:
    """One SEG per method that drew something, then one SR for the series."""
    first_segmentation: Dataset | None = None
    for findings in one.findings:
        if findings.label_map is not None:
            identity = _identity(SEGMENTATION, one.source, job, method=findings.method.name)
            document = region_segmentation(findings, source=one.source, identity=identity)
            first_segmentation = first_segmentation or document
            yield SEGMENTATION, document
    identity = _identity(REPORT, one.source, job)
    yield REPORT, sagittal_report(one.findings, source=one.source, identity=identity, segmentation=first_segmentation)


def _identity(kind: str, source: SourceSeries, job: Job, *, method: str = "") -> ObjectIdentity:
    series_uid = str(source.first.SeriesInstanceUID)
    return ObjectIdentity(
        series_uid=derived_uid("series", kind, method, series_uid, job.key),
        sop_instance_uid=derived_uid("object", kind, method, series_uid, job.key),
        series_number=_SERIES_NUMBER[kind],
        created=job.created,
        equipment=job.equipment,
        supersedes=job.supersedes if kind == REPORT else (),
    )


def _has_findings(one: AnalysedSeries) -> bool:
    return any(not _only_refusals(findings) for findings in one.findings)


def _only_refusals(findings: Findings) -> bool:
    return len(findings.refusals) == len(findings.results)
