"""`results.json` of `analyze`: every finding and every refusal, for machines. Pure.

Schema version 2; what is not known, or does not apply, is null, and nothing is left out:

* schema, schema_version, software {name, version}, created (ISO 8601, site time)
* findings: one per number, grade or detected disc: study_uid, series_uid, role, level (null: not known),
  kind ("measurement", "grade" or "detection"), name, value, unit (UCUM), statistic and part of the disc (where there
  are several numbers), side (of a nerve root), inferred_from (name of the map), probability and probabilities (from the
  scale's lowest grade), reference {group, count, mean, sd, z_score, percentile}, repeatability (within-subject SD),
  box {top, left, bottom, right} in pixels from the first pixel's corner, level_doubt, doubt (about the grade),
  image {sop_instance_uid, frame (1-based)}, method {name, version, paper, weights [{name, sha256}], caveat}
* maps: one per scalar map: study_uid, series_uid, role, method, name, unit; its values lie in the object of kind "PM"
* remarks: study_uid, series_uid, role, method, text: what was noticed about a whole series
* refusals: study_uid, series_uid (null: the whole study), role, level (null: all of it), reason, method (null: refused
  before a method was asked)
* refused_files: file (relative to the folder that was given), reason: what is no usable MR object
* objects: what was written: kind, file, sop_class_uid, sop_instance_uid, series_uid

No patient data stands in it.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from dicom_io.sources import SourceSeries
from inference.results import NotAnalysed
from sr_reports.finding_json import finding_json, map_json, remark_json, where
from sr_reports.findings import Findings

SCHEMA: Final = "lumbar-node results"
SCHEMA_VERSION: Final = 2


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
    """kind: a config.settings.ObjectKind, or "PNG" or "PDF" of a plain file, which has no UIDs.

    file: relative to results.json.
    """

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
        "maps": [
            map_json(scalar_map, one, series.source)
            for series in analysis.analysed
            for one in series.findings
            for scalar_map in one.maps
        ],
        "remarks": [
            remark_json(remark, one, series.source)
            for series in analysis.analysed
            for one in series.findings
            for remark in one.remarks
        ],
        "refusals": [
            *(refusal for series in analysis.analysed for refusal in _refusals(series)),
            *(_refused_series(refused) for refused in analysis.refused),
        ],
        "refused_files": [asdict(refused) for refused in analysis.refused_files],
        "objects": [asdict(written) for written in analysis.objects],
    }
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _findings(series: AnalysedSeries) -> list[dict[str, Any]]:
    told = (finding_json(result, one, series.source) for one in series.findings for result in one.results)
    return [finding for finding in told if finding is not None]


def _refusals(series: AnalysedSeries) -> list[dict[str, Any]]:
    return [_refusal(refusal, one, series.source) for one in series.findings for refusal in one.refusals]


def _refusal(refusal: NotAnalysed, one: Findings, source: SourceSeries) -> dict[str, Any]:
    return {
        **where(one, source),
        "level": None if refusal.disc is None else refusal.disc.value,
        "reason": refusal.reason,
    }


def _refused_series(refused: RefusedSeries) -> dict[str, Any]:
    return {
        "study_uid": refused.study_uid,
        "series_uid": refused.series_uid,
        "role": refused.role,
        "method": None,
        "level": None,
        "reason": refused.reason,
    }
