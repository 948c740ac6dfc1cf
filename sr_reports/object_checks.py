"""Checks that hold for every object of ours, whatever it is. Pure."""

from collections.abc import Iterator, Sequence
from typing import Final

from pydicom.dataset import Dataset

from dicom_io.inherited import decoded
from dicom_io.uids import is_valid_uid

_LONGEST_VALUE: Final = 16
_LONGEST_MEANING: Final = 64
_STANDARD_SCHEMES: Final = frozenset({"DCM", "SCT", "UCUM", "LN", "UMLS", "RFC5646"})
_KEPT: Final = (
    "StudyInstanceUID",
    "PatientID",
    "PatientName",
    "IssuerOfPatientID",
    "AccessionNumber",
)
_WRITTEN_BY_US: Final = (
    "ConceptNameCodeSequence",
    "ContentSequence",
    "SegmentSequence",
    "SharedFunctionalGroupsSequence",
    "PerFrameFunctionalGroupsSequence",
    "ContributingEquipmentSequence",
)
_OURS: Final = ("SOPInstanceUID", "SeriesInstanceUID")


def uid_faults(document: Dataset, *, sources: Sequence[Dataset]) -> list[str]:
    """Valid UIDs, the file's head agrees with its dataset, and nothing poses as one of the sources."""
    names = ("SOPClassUID", "StudyInstanceUID", *_OURS)
    faults = [f"{name} is no valid UID" for name in names if not is_valid_uid(str(document.get(name, "")))]
    if document.file_meta.MediaStorageSOPInstanceUID != document.get("SOPInstanceUID"):
        faults.append("the file's head names another SOP Instance UID")
    if document.file_meta.MediaStorageSOPClassUID != document.get("SOPClassUID"):
        faults.append("the file's head names another SOP Class UID")
    for name in _OURS:
        if document.get(name) in {source.get(name) for source in sources}:
            faults.append(f"{name} is one of the source's")
    return faults


def inheritance_faults(document: Dataset, *, source: Dataset) -> list[str]:
    """Patient, study and character set are the source's."""
    inherited = decoded(source)
    faults = [
        f"{name} differs from the source's" for name in _KEPT if _filled(document, name) != _filled(inherited, name)
    ]
    if _filled(document, "SpecificCharacterSet") != _filled(source, "SpecificCharacterSet"):
        faults.append("SpecificCharacterSet differs from the source's")
    return faults


def _filled(dataset: Dataset, keyword: str) -> object:
    """An empty value and an absent one say the same."""
    return dataset.get(keyword) or None


def code_faults(document: Dataset) -> list[str]:
    """Every code is whole and within its limits, and its scheme is standard or declared."""
    declared = {
        str(item.get("CodingSchemeDesignator", "")) for item in _schemes(document) if item.get("CodingSchemeUID")
    }
    faults = [fault for code in _codes(document) for fault in _one_code(code, declared=declared | _STANDARD_SCHEMES)]
    return list(dict.fromkeys(faults))


def _one_code(code: Dataset, *, declared: frozenset[str] | set[str]) -> Iterator[str]:
    value, scheme = str(code.get("CodeValue", "")), str(code.get("CodingSchemeDesignator", ""))
    meaning = str(code.get("CodeMeaning", ""))
    if not (value and scheme and meaning):
        yield f"a code lacks value, scheme or meaning: ({value}, {scheme}, {meaning!r})"
    if len(value) > _LONGEST_VALUE:
        yield f"a code value of {len(value)} characters, {_LONGEST_VALUE} are allowed: {value}"
    if len(meaning) > _LONGEST_MEANING:
        yield f"a code meaning of {len(meaning)} characters, {_LONGEST_MEANING} are allowed: {meaning}"
    if scheme not in declared:
        yield f"coding scheme {scheme!r} is neither standard nor declared"


def _schemes(document: Dataset) -> Sequence[Dataset]:
    return document.get("CodingSchemeIdentificationSequence") or ()


def _codes(document: Dataset) -> Iterator[Dataset]:
    """Items of the code sequences that we wrote; those that came with patient and study are not ours to judge."""
    for keyword in _WRITTEN_BY_US:
        items = document.get(keyword, ())
        if keyword.endswith("CodeSequence"):
            yield from items
        for item in items:
            yield from _codes_below(item)


def _codes_below(item: Dataset) -> Iterator[Dataset]:
    for element in item:
        if element.VR == "SQ":
            for below in element.value:
                if element.keyword.endswith("CodeSequence"):
                    yield below
                yield from _codes_below(below)
