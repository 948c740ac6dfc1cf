"""Patient and study of the source, as an object of ours takes them over. Pure."""

import copy
from collections.abc import Callable, Mapping
from typing import Any, Final

from pydicom.dataset import Dataset
from pydicom.tag import Tag
from pydicom.valuerep import DA, TM

from dicom_io.attributes import UNREADABLE

_PIXELS: Final = Tag("FloatPixelData")
_TYPE_2: Final = (
    "PatientID",
    "PatientName",
    "PatientBirthDate",
    "PatientSex",
    "AccessionNumber",
    "StudyID",
    "StudyDate",
    "StudyTime",
    "ReferringPhysicianName",
)


def inheritable(header: Dataset) -> Dataset:
    """A copy that highdicom can build on; header itself, and the bytes it was read as, stay untouched.

    What the standard wants present is there, empty if the source lacks it. A date, time or sex that is none is emptied:
    it would make our object invalid, and it says nothing. Texts are decoded, and Specific Character Set is gone:
    highdicom refuses combinations that scanners write and pydicom reads, so `dicom_io.stamp` puts it back. So it does
    with the patient's name: of an unusual one highdicom warns, and repeats it where nobody may read it.
    """
    taken = decoded(header)
    if "SpecificCharacterSet" in taken:
        del taken.SpecificCharacterSet
    for keyword in _TYPE_2:
        is_valid = _CHECKED.get(keyword, bool)
        if keyword not in taken or not is_valid(taken.get(keyword)):
            setattr(taken, keyword, "")
    taken.PatientName = ""
    return taken


def decoded(header: Dataset) -> Dataset:
    """Every standard attribute that can be decoded, decoded; pixels and private attributes left out."""
    taken = Dataset()
    for tag in sorted(header.keys()):
        if not tag.is_private and tag < _PIXELS:
            taken[tag] = copy.deepcopy(header.get_item(tag, keep_deferred=True))
    for tag in sorted(taken.keys()):
        try:
            taken[tag]
        except UNREADABLE:
            del taken[tag]
    return taken


def _is_date(value: Any) -> bool:
    return _accepts(DA, value)


def _is_time(value: Any) -> bool:
    return _accepts(TM, value)


def _accepts(kind: Callable[[Any], Any], value: Any) -> bool:
    try:
        kind(value)
    except (ValueError, TypeError):
        return False
    return True


def _is_sex(value: Any) -> bool:
    return value in ("M", "F", "O", "", None)


_CHECKED: Final[Mapping[str, Callable[[Any], bool]]] = {
    "PatientBirthDate": _is_date,
    "StudyDate": _is_date,
    "StudyTime": _is_time,
    "PatientSex": _is_sex,
}
