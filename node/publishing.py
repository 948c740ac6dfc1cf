"""Findings as files that passed every check; the same job gives the same bytes. Talks to: disk.

Nothing is written under its final name before our own checks and, where it is installed, dciodvfy found no fault.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dicom_io.durable import DurableDirectories, fsync_path
from dicom_io.written import part10
from node.documents import Draft, Job, drafts
from node.errors import ObjectInvalid
from node.ledger.rows import ResultObject
from node.reading import FilesOf
from sr_reports.dciodvfy import dciodvfy_faults
from sr_reports.results_json import AnalysedSeries
from sr_reports.validate import faults


@dataclass(frozen=True, kw_only=True)
class Gate:
    """What checks objects before they may leave. dciodvfy: None where it is not installed."""

    dciodvfy: Path | None


class Publisher:
    """Files are <root>/<study>/<kind>.<sop>.dcm."""

    def __init__(self, root: Path, *, gate: Gate) -> None:
        self._directories = DurableDirectories(root)
        self._gate = gate

    def publish(
        self, analysed: Sequence[AnalysedSeries], job: Job, *, files_of: FilesOf, report_refusals: bool
    ) -> list[ResultObject]:
        """What the job has not got already. report_refusals: also where nothing but refusals was found.

        Raises ObjectInvalid, ObjectUnwritable, FindingsContradict, ValidatorUnusable."""
        return [
            self._write(draft, image=files_of(str(draft.source.first.SeriesInstanceUID))[0])
            for draft in drafts(analysed, job, report_refusals=report_refusals)
        ]

    def _write(self, draft: Draft, *, image: Path) -> ResultObject:
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
            job=draft.job,
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
