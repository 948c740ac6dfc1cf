"""What highdicom 0.28.2 leaves to be done on a content tree before viewers and validators take it. Pure.

* It calls every container CONTINUOUS; DCMTK, dcm4che, Weasis and OHIF then drop the concept names.
* TIDs 1410 and 1501 are "Order: Significant"; it appends the region after the numbers.
"""

from typing import Final

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

_MEASUREMENT_GROUP: Final = "125007"
_BY_NAME: Final = {
    "112039": 0,  # Tracking Identifier
    "112040": 1,  # Tracking Unique Identifier
    "276214006": 2,  # Finding category
    "121071": 3,  # Finding
    "111030": 4,  # Image Region
    "363698007": 5,  # Finding Site
    "111001": 6,  # Algorithm Name
    "111003": 6,  # Algorithm Version
    "122405": 6,  # Algorithm Manufacturer
    "111002": 6,  # Algorithm Parameters
    "121106": 10,  # Comment
}
_BY_VALUE_TYPE: Final = {"NUM": 7, "CODE": 8, "IMAGE": 9}
_LAST: Final = 11


def put_in_template_order(item: Dataset) -> None:
    """Changes the tree below and including item."""
    if item.ValueType == "CONTAINER":
        item.ContinuityOfContent = "SEPARATE"
    children = list(item.get("ContentSequence", ()))
    for child in children:
        put_in_template_order(child)
    if _name(item) == _MEASUREMENT_GROUP:
        item.ContentSequence = Sequence(sorted(children, key=_rank))


def _rank(child: Dataset) -> int:
    return _BY_NAME.get(_name(child), _BY_VALUE_TYPE.get(str(child.ValueType), _LAST))


def _name(item: Dataset) -> str:
    names = item.get("ConceptNameCodeSequence")
    return str(names[0].CodeValue) if names else ""
