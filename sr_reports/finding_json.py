"""One result as a plain mapping for results.json; every finding has every key, null where it does not apply. Pure."""

from dataclasses import asdict
from typing import Any, Final

from dicom_io.sources import SourceSeries
from inference.results import AxialGrade, DetectedDisc, Grade, Measurement, Remark, Result, ScalarMap
from sr_reports.findings import Findings

Told = dict[str, Any]

_FINDING: Final = (
    *("study_uid", "series_uid", "role", "level", "kind", "name", "value", "unit", "statistic", "part", "side"),
    *("inferred_from", "probability", "probabilities", "reference", "repeatability", "box", "level_doubt", "doubt"),
    *("image", "method"),
)


def finding_json(result: Result, one: Findings, source: SourceSeries) -> Told | None:
    """None for what is no finding about a disc."""
    match result:
        case Measurement():
            told = _measurement(result)
        case Grade() | AxialGrade():
            told = _grade(result)
        case DetectedDisc():
            told = _detection(result)
        case _:
            return None
    image = _image(result.slice_index if isinstance(result, AxialGrade) else result.key_slice, source)
    known = {**where(one, source), **told, "level_doubt": result.level_doubt, "image": image}
    return {key: known.get(key) for key in _FINDING}


def map_json(scalar_map: ScalarMap, one: Findings, source: SourceSeries) -> Told:
    return {**where(one, source), "name": scalar_map.kind.value, "unit": scalar_map.unit.value}


def remark_json(remark: Remark, one: Findings, source: SourceSeries) -> Told:
    return {**where(one, source), "text": remark.text}


def where(one: Findings, source: SourceSeries) -> Told:
    return {
        "study_uid": str(source.first.StudyInstanceUID),
        "series_uid": str(source.first.SeriesInstanceUID),
        "role": one.role.value,
        "method": asdict(one.method),
    }


def _measurement(measurement: Measurement) -> Told:
    reference, part, statistic = measurement.reference, measurement.part, measurement.statistic
    return {
        "level": measurement.disc.value,
        "kind": "measurement",
        "name": measurement.quantity.value,
        "value": measurement.value,
        "unit": measurement.unit.value,
        "statistic": None if statistic is None else statistic.value,
        "part": None if part is None else part.value,
        "inferred_from": None if measurement.inferred_from is None else measurement.inferred_from.value,
        "reference": None if reference is None else asdict(reference),
        "repeatability": measurement.repeatability,
    }


def _grade(grade: Grade | AxialGrade) -> Told:
    """An axial grade says where it was read."""
    told: Told = {
        "level": None if grade.disc is None else grade.disc.value,
        "kind": "grade",
        "name": grade.scale.value,
        "value": grade.value,
        "probability": grade.probability,
        "probabilities": list(grade.probabilities) or None,
        "doubt": grade.doubt,
    }
    if isinstance(grade, AxialGrade):
        told |= {"side": None if grade.side is None else grade.side.value, "box": asdict(grade.box)}
    return told


def _detection(seen: DetectedDisc) -> Told:
    return {
        "level": seen.disc.value,
        "kind": "detection",
        "name": "disc",
        "probability": seen.confidence,
        "box": asdict(seen.box),
    }


def _image(index: int, source: SourceSeries) -> Told:
    image = source.images[index]
    return {"sop_instance_uid": str(image.header.SOPInstanceUID), "frame": image.frame}
