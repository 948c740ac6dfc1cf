"""What makes OHIF 3.13 show nothing, crash, or offer an edit that fails, though the SR is valid. Pure.

dicom-encoding 5.1 and 11; shared examples/dicom/fixtures_ohif_unsafe hold three SRs that are caught here.
"""

from collections import defaultdict
from typing import Final

from pydicom.dataset import Dataset

from sr_reports.content_tree import children, measurement_groups_of, name_of, walk

_TITLE: Final = "126000"
_TRACKING_IDENTIFIER: Final = "112039"
_TRACKING_UID: Final = "112040"
_TAKEN_FOR_RECTANGLE: Final = (4, 5)
_TAKEN_FOR_A_TOOL: Final = "Cornerstone3DTools@"
_COORDINATES: Final = ("SCOORD", "SCOORD3D")


def ohif_faults(document: Dataset) -> list[str]:
    """Empty if OHIF shows every group of the report."""
    groups = measurement_groups_of(document)
    faults = [] if name_of(document) == _TITLE else ["OHIF: the title is not Imaging Measurement Report (126000, DCM)"]
    for number, group in enumerate(groups, 1):
        faults += [f"OHIF: measurement group {number}: {fault}" for fault in _group_faults(group)]
    return faults + _untraced(groups)


def _group_faults(group: Dataset) -> list[str]:
    identifiers = [str(item.get("TextValue", "")) for item in children(group, name=_TRACKING_IDENTIFIER)]
    faults = []
    if not any(identifiers):
        faults.append("no tracking identifier")
    if any(identifier.startswith(_TAKEN_FOR_A_TOOL) for identifier in identifiers):
        faults.append("the tracking identifier is one of a drawing tool")
    if not _tracking_uid(group):
        faults.append("no tracking unique identifier")
    for region in _regions(group):
        faults += _region_faults(region)
    return faults


def _region_faults(region: Dataset) -> list[str]:
    faults = []
    if not name_of(region):
        faults.append("coordinates without a concept name")
    if not children(region, value_type="IMAGE"):
        faults.append("coordinates that name no image")
    points = len(region.get("GraphicData", ())) // 2
    if region.get("GraphicType") == "POLYLINE" and points in _TAKEN_FOR_RECTANGLE:
        faults.append(f"a polyline of {points} points is taken for a rectangle to edit")
    return faults


def _untraced(groups: list[Dataset]) -> list[str]:
    """OHIF merges groups by tracking UID; one UID without coordinates makes the whole report fail."""
    regions: dict[str, int] = defaultdict(int)
    for group in groups:
        regions[_tracking_uid(group)] += len(_regions(group))
    lost = sum(count == 0 for count in regions.values())
    return [f"OHIF: {lost} tracking UIDs have no group with coordinates"] if lost else []


def _regions(group: Dataset) -> list[Dataset]:
    return [item for item in walk(group) if item.get("ValueType") in _COORDINATES]


def _tracking_uid(group: Dataset) -> str:
    return next((str(item.get("UID", "")) for item in children(group, name=_TRACKING_UID)), "")
