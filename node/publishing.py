"""Findings as files that passed every check; the same job gives the same bytes. Talks to: disk.

Nothing is written under its final name before our own checks and, where it is installed, dciodvfy found no fault.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from config.settings import ObjectKind, Relaxometry
from dicom_io.durable import DurableDirectories, fsync_path
from dicom_io.equipment import Equipment
from dicom_io.roles import ECHO_ROLES
from dicom_io.written import part10
from node.documents import Draft, Job, drafts
from node.errors import ObjectInvalid
from node.execution import ReadyMethod
from node.ledger.rows import Instance, ResultObject
from node.plan_json import plan_to_json
from node.planning import Plan
from node.reading import FilesOf
from sr_reports.change import NO_PRIORS, Priors
from sr_reports.dciodvfy import dciodvfy_faults
from sr_reports.results_json import AnalysedSeries
from sr_reports.validate import faults


@dataclass(frozen=True, kw_only=True)
class Gate:
    """What checks objects before they may leave. dciodvfy: None where it is not installed."""

    dciodvfy: Path | None


@dataclass(frozen=True, kw_only=True)
class Means:
    """What a plan is carried out with, as far as its results depend on it. kinds: of objects, that are to be made."""

    methods: Mapping[str, ReadyMethod]
    equipment: Equipment
    kinds: frozenset[ObjectKind]
    priors: Priors = NO_PRIORS
    relaxometry: Relaxometry = field(default_factory=Relaxometry)


def job_key(plan: Plan, *, inputs: Iterable[Instance], means: Means) -> str:
    """Equal for equal work, whenever and wherever it is done."""
    digest = hashlib.sha256(plan_to_json(plan).encode())
    for one in sorted(inputs, key=lambda instance: instance.sop_instance_uid):
        digest.update(f"{one.sop_instance_uid}={one.sha256};".encode())
    for step in plan.steps:
        digest.update(repr(means.methods[step.method].used).encode())
    digest.update(repr(means.equipment).encode())
    digest.update(repr(sorted(means.kinds)).encode())
    if any(one.role in ECHO_ROLES for step in plan.steps for one in step.inputs):
        digest.update(repr(means.relaxometry).encode())
    if means.priors != NO_PRIORS:
        digest.update(repr([one.sop_instance_uid for one in means.priors.reports]).encode())
        digest.update(repr(means.priors.trouble).encode())
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
            self._write(draft, job, image=files_of(str(draft.source.first.SeriesInstanceUID))[0])
            for draft in drafts(analysed, job, report_refusals=report_refusals)
        ]

    def _write(self, draft: Draft, job: Job, *, image: Path) -> ResultObject:
        """image: one of the series that the object was made from."""
        document = draft.document
        content = part10(document, source=draft.source.first)
        found = faults(content, sources=draft.source.headers)
        if found:
            raise ObjectInvalid(f"{draft.kind}: {'; '.join(found)}")
        study_uid, sop_instance_uid = str(document.StudyInstanceUID), str(document.SOPInstanceUID)
        path = self._directories.durable(study_uid) / f"{draft.kind}.{sop_instance_uid}.dcm"
        self._put(path, content, kind=draft.kind, image=image)
        return ResultObject(
            sop_instance_uid=sop_instance_uid,
            sop_class_uid=str(document.SOPClassUID),
            series_uid=str(document.SeriesInstanceUID),
            study_uid=study_uid,
            kind=draft.kind,
            job=job.key,
            path=path,
        )

    def _put(self, path: Path, content: bytes, *, kind: str, image: Path) -> None:
        """Under its name, whole and durable, or not at all."""
        draft = path.with_suffix(".part")
        draft.write_bytes(content)
        fsync_path(draft)
        if self._gate.dciodvfy is not None:
            found = dciodvfy_faults(draft, program=self._gate.dciodvfy, source=image)
            if found:
                raise ObjectInvalid(f"{kind}: dciodvfy: {'; '.join(found)}")
        draft.replace(path)
        fsync_path(path.parent)
