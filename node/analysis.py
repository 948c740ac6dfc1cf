"""Files of DICOM -> result objects, the picture sheet and results.json, without a network. Talks to: disk, GPU.

Plans, executes and publishes with the very code of the node; what cannot be used is listed and the rest goes on.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydicom import dcmread

from dicom_io.encapsulated_pdf import pdf_content
from dicom_io.errors import DicomError
from inference.errors import InferenceError
from node.dicom_folder import Found, candidate_of, sha256_of, sorted_files
from node.documents import CAPTURE, PDF, Job
from node.errors import ObjectInvalid
from node.execution import execute, roles_of
from node.job_keys import job_keys
from node.ledger.rows import Choice, Instance, ResultObject, Verdict
from node.planning import Plan, decide
from node.study_work import Workshop
from sr_reports.errors import ReportError
from sr_reports.results_json import (
    AnalysedSeries,
    Analysis,
    RefusedSeries,
    WrittenObject,
    results_json,
)
from sr_reports.sheet.documents import capture_as_png

OWN_ERRORS = (DicomError, InferenceError, ReportError, ObjectInvalid)
_NO_CALLER = ""


@dataclass(frozen=True, kw_only=True)
class Request:
    """folder: where the objects go. begin: told what is done next."""

    paths: Sequence[Path]
    folder: Path
    created: datetime
    begin: Callable[[str], None] = lambda _: None


def analyse(request: Request, workshop: Workshop) -> Analysis:
    """Writes into request.folder, results.json last. Raises OSError if the folder cannot be written."""
    request.folder.mkdir(parents=True, exist_ok=True)
    found = sorted_files(request.paths, begin=request.begin)
    answers = [
        _analyse_study(study_uid, series, request, workshop) for study_uid, series in sorted(found.studies.items())
    ]
    analysis = Analysis(
        software_version=workshop.equipment.software_version,
        created=request.created,
        analysed=tuple(one for answer in answers for one in answer.analysed),
        refused=tuple(one for answer in answers for one in answer.refused),
        objects=tuple(one for answer in answers for one in answer.objects),
        refused_files=tuple(found.refused),
    )
    (request.folder / "results.json").write_text(results_json(analysis), encoding="utf-8")
    return analysis


@dataclass(frozen=True, kw_only=True)
class _Answer:
    analysed: tuple[AnalysedSeries, ...] = ()
    refused: tuple[RefusedSeries, ...] = ()
    objects: tuple[WrittenObject, ...] = ()


def _analyse_study(
    study_uid: str, series: Mapping[str, Sequence[Found]], request: Request, workshop: Workshop
) -> _Answer:
    files = {series_uid: [one.path for one in found] for series_uid, found in series.items()}
    decision = decide(
        [candidate_of(found) for found in series.values()], calling_ae=_NO_CALLER, rulebook=workshop.rulebook
    )
    refused = tuple(_refused(study_uid, choice) for choice in decision.choices if choice.verdict is Verdict.REFUSED)
    if not isinstance(decision.what, Plan):
        return _Answer(refused=(*refused, _of_study(study_uid, decision.what.reason)))
    plan = decision.what
    try:
        execution = execute(
            plan,
            methods=workshop.methods,
            files_of=lambda series_uid: files[series_uid],
            begin=request.begin,
            relaxometry=workshop.relaxometry,
        )
        job = _job(plan, series, request, workshop)
        request.begin("writing objects")
        objects = workshop.publisher.publish(
            execution.analysed, job, files_of=lambda series_uid: files[series_uid], report_refusals=True
        )
    except OWN_ERRORS as why:
        return _Answer(refused=(*refused, _of_study(study_uid, str(why))))
    written: list[ResultObject | Path] = [*objects, *_page_files(objects)]
    return _Answer(
        analysed=execution.analysed,
        refused=refused,
        objects=tuple(_written(one, request.folder) for one in written),
    )


def _job(plan: Plan, series: Mapping[str, Sequence[Found]], request: Request, workshop: Workshop) -> Job:
    inputs = {
        series_uid: [
            Instance(sop_instance_uid=one.header.identity.sop_instance_uid, sha256=sha256_of(one.path), path=one.path)
            for one in series[series_uid]
        ]
        for series_uid in roles_of(plan)
    }
    means = workshop.means(plan)
    keys = job_keys(plan, inputs=inputs, means=means)
    return Job(
        key=keys.study,
        series_keys=keys.series,
        created=request.created,
        equipment=workshop.equipment,
        kinds=means.kinds,
    )


def _page_files(objects: Sequence[ResultObject]) -> Iterator[Path]:
    """The sheet as files that open without a viewer, beside the objects that hold it."""
    for one in objects:
        if one.kind == CAPTURE:
            picture = one.path.with_name("sheet.png")
            picture.write_bytes(capture_as_png(dcmread(one.path)))
            yield picture
        elif one.kind == PDF:
            pdf = one.path.with_name("sheet.pdf")
            pdf.write_bytes(pdf_content(dcmread(one.path)))
            yield pdf


def _written(one: ResultObject | Path, folder: Path) -> WrittenObject:
    if isinstance(one, Path):
        return WrittenObject(kind=one.suffix.removeprefix(".").upper(), file=str(one.relative_to(folder)))
    return WrittenObject(
        kind=one.kind,
        file=str(one.path.relative_to(folder)),
        sop_class_uid=one.sop_class_uid,
        sop_instance_uid=one.sop_instance_uid,
        series_uid=one.series_uid,
    )


def _refused(study_uid: str, choice: Choice) -> RefusedSeries:
    reason = f"{choice.method}: {choice.reason}" if choice.method is not None else choice.reason
    return RefusedSeries(study_uid=study_uid, series_uid=choice.series_uid, role=None, reason=reason)


def _of_study(study_uid: str, reason: str) -> RefusedSeries:
    return RefusedSeries(study_uid=study_uid, series_uid=None, role=None, reason=reason)
