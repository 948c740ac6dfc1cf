"""Checks of a structured report read back. Pure."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from pydicom.dataset import Dataset

from sr_reports.content_tree import children, evidence_uids, referenced_uids, walk
from sr_reports.ohif_safety import ohif_faults

_FLAGS: Final = {"CompletionFlag": "COMPLETE", "VerificationFlag": "UNVERIFIED", "PreliminaryFlag": "PRELIMINARY"}


def report_faults(document: Dataset, *, sources: Sequence[Dataset]) -> list[str]:
    images = {str(source.SOPInstanceUID): source for source in sources}
    return [
        *_flag_faults(document),
        *_reference_faults(document),
        *_coordinate_faults(document, images=images),
        *_container_faults(document),
        *ohif_faults(document),
    ]


def _flag_faults(document: Dataset) -> list[str]:
    return [f"{name} is not {value}" for name, value in _FLAGS.items() if document.get(name) != value]


def _reference_faults(document: Dataset) -> list[str]:
    lost = referenced_uids(document) - evidence_uids(document)
    return [f"{len(lost)} objects are pointed at and not listed as evidence"] if lost else []


def _coordinate_faults(document: Dataset, *, images: Mapping[str, Dataset]) -> list[str]:
    faults = []
    for region in walk(document):
        if region.get("ValueType") == "SCOORD":
            faults += _region_faults(region, images=images)
    return faults


def _region_faults(region: Dataset, *, images: Mapping[str, Dataset]) -> list[str]:
    points = np.reshape(region.GraphicData, (-1, 2))
    faults = [] if np.array_equal(points[0], points[-1]) else ["an outline is not closed"]
    for uid in referenced_uids(region):
        image = images.get(uid)
        if image is None:
            faults.append("an outline lies on an image that is no source")
        elif points.min() < 0 or (points > (int(image.Columns), int(image.Rows))).any():
            faults.append("an outline leaves its image")
    return faults


def _container_faults(document: Dataset) -> list[str]:
    """CONTINUOUS hides the concept names in DCMTK, dcm4che, Weasis and OHIF; a report says something."""
    containers = [item for item in walk(document) if item.get("ValueType") == "CONTAINER"]
    joined = sum(item.get("ContinuityOfContent") != "SEPARATE" for item in containers)
    empty = sum(not children(item) for item in containers)
    faults = [f"{joined} containers are not SEPARATE"] if joined else []
    return [*faults, *([f"{empty} containers are empty"] if empty else [])]
