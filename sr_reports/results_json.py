"""`results.json` of `analyze`: every finding and every refusal, for machines. Pure.

Schema version 1; what is not known is null, nothing is left out:

* schema, schema_version, software {name, version}, created (ISO 8601, site time)
* findings: one per number or grade: study_uid, series_uid, role, level, kind ("measurement" or "grade"), name, value,
  unit (UCUM; null for grades), probability and probabilities (from the scale's lowest grade; null for measurements),
  reference {group, count, mean, sd, z_score, percentile}, level_doubt, image {sop_instance_uid, frame (1-based)},
  method {name, version, paper, weights [{name, sha256}]}
* refusals: study_uid, series_uid (null: the whole study), role, level (null: all of it), reason, method (as above;
  null: refused before a method was asked)
* refused_files: file (relative to the folder that was given), reason: what is no usable MR object
* objects: what was written: kind, file, sop_class_uid, sop_instance_uid, series_uid

No patient data stands in it.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from dicom_io.sources import SourceSeries
from inference.results import Grade, Measurement, NotAnalysed
from sr_reports.findings import Findings

SCHEMA: Final = "lumbar-node results"
SCHEMA_VERSION: Final = 1


@dataclass(frozen=True, kw_only=True, eq=False)
class AnalysedSeries:
    """One series with what the methods found in it."""

    source: SourceSeries
    findings: tuple[Findings, ...]


@dataclass(frozen=True, kw_only=True)
class RefusedSeries:
    """A series, or a whole study (series_uid None), that no method was run on. role None: none was recognised."""

    study_uid: str
    series_uid: str | None
    role: str | None
    reason: str


@dataclass(frozen=True, kw_only=True)
class RefusedFile:
    """A file that is no usable MR object."""

    file: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class WrittenObject:
    """kind: "SEG", "SR" or "PNG"; the UIDs are None for what is no DICOM object. file: relative to results.json."""

    kind: str
    file: str
    sop_class_uid: str | None = None
    sop_instance_uid: str | None = None
    series_uid: str | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Analysis:
    """All that one call of `analyze` did."""

    software_version: str
    created: datetime
    analysed: tuple[AnalysedSeries, ...]
    refused: tuple[RefusedSeries, ...]
    objects: tuple[WrittenObject, ...]
    refused_files: tuple[RefusedFile, ...] = ()


def results_json(analysis: Analysis) -> str:
    """Indented JSON text; keys in the order of the module's description."""
    document = {
        "schema": SCHEMA,
        "schema_version": SCHEMA_VERSION,
        "software": {"name": "lumbar-node", "version": analysis.software_version},
        "created": analysis.created.isoformat(timespec="seconds"),
        "findings": [finding for series in analysis.analysed for finding in _findings(series)],
        "refusals": [
            *(refusal for series in analysis.analysed for refusal in _refusals(series)),
            *(_refused_series(refused) for refused in analysis.refused),
        ],
        "refused_files": [asdict(refused) for refused in analysis.refused_files],
        "objects": [asdict(written) for written in analysis.objects],
    }
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _findings(series: AnalysedSeries) -> list[dict[str, Any]]:
    return [
        _measurement(result, one, series.source)
        if isinstance(result, Measurement)
        else _grade(result, one, series.source)
        for one in series.findings
        for result in one.results
        if isinstance(result, Measurement | Grade)
    ]


def _measurement(measurement: Measurement, one: Findings, source: SourceSeries) -> dict[str, Any]:
    reference = measurement.reference
    return {
        **_where(one, source),
        "level": measurement.disc.value,
        "kind": "measurement",
        "name": measurement.quantity.value,
        "value": measurement.value,
        "unit": measurement.unit.value,
        "probability": None,
        "probabilities": None,
        "reference": None if reference is None else asdict(reference),
        "level_doubt": measurement.level_doubt,
        "image": _image(measurement.key_slice, source),
        "method": asdict(one.method),
    }


def _grade(grade: Grade, one: Findings, source: SourceSeries) -> dict[str, Any]:
    return {
        **_where(one, source),
        "level": grade.disc.value,
        "kind": "grade",
        "name": grade.scale.value,
        "value": grade.value,
        "unit": None,
        "probability": grade.probability,
        "probabilities": list(grade.probabilities),
        "reference": None,
        "level_doubt": grade.level_doubt,
        "image": _image(grade.key_slice, source),
        "method": asdict(one.method),
    }


def _where(one: Findings, source: SourceSeries) -> dict[str, Any]:
    return {
        "study_uid": str(source.first.StudyInstanceUID),
        "series_uid": str(source.first.SeriesInstanceUID),
        "role": one.role.value,
    }


def _image(key_slice: int, source: SourceSeries) -> dict[str, Any]:
    image = source.images[key_slice]
    return {"sop_instance_uid": str(image.header.SOPInstanceUID), "frame": image.frame}


def _refusals(series: AnalysedSeries) -> list[dict[str, Any]]:
    return [_refusal(refusal, one, series.source) for one in series.findings for refusal in one.refusals]


def _refusal(refusal: NotAnalysed, one: Findings, source: SourceSeries) -> dict[str, Any]:
    return {
        **_where(one, source),
        "level": None if refusal.disc is None else refusal.disc.value,
        "reason": refusal.reason,
        "method": asdict(one.method),
    }


def _refused_series(refused: RefusedSeries) -> dict[str, Any]:
    return {
        "study_uid": refused.study_uid,
        "series_uid": refused.series_uid,
        "role": refused.role,
        "level": None,
        "reason": refused.reason,
        "method": None,
    }
