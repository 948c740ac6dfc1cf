"""A document as the bytes of a DICOM file, with the source's patient and study texts byte for byte. Pure."""

from io import BytesIO
from typing import Final

from pydicom import dcmread, dcmwrite
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag
from pydicom.uid import UID
from pydicom.valuerep import PersonName

from dicom_io.inherited import decoded
from dicom_io.uids import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME

_TEXT_VRS: Final = frozenset({"LO", "LT", "PN", "SH", "ST", "UC", "UT"})


def part10(document: Dataset, *, source: Dataset) -> bytes:
    """source: a header of the series that document was made from, as it was read (no value looked at before).

    pydicom decodes texts and encodes them again; where ISO 2022 has several spellings of one text the bytes then differ
    from the source's, and a PACS that compares bytes sees another patient. So the source's own bytes are put back.
    """
    document.file_meta.ImplementationClassUID = UID(IMPLEMENTATION_CLASS_UID)
    document.file_meta.ImplementationVersionName = IMPLEMENTATION_VERSION_NAME
    written = dcmread(BytesIO(_file(document)))
    inherited = decoded(source)
    for tag in sorted(set(written.keys()) & set(inherited.keys())):
        original = _text_bytes(source.get_item(tag))
        if original is not None and inherited[tag].VR in _TEXT_VRS and document[tag].value == inherited[tag].value:
            written[tag] = _raw(tag, vr=inherited[tag].VR, value=original)
    return _file(written)


def _file(dataset: Dataset) -> bytes:
    into = BytesIO()
    dcmwrite(into, dataset, enforce_file_format=True)
    return into.getvalue()


def _text_bytes(element: object) -> bytes | None:
    """The bytes a text was read as; None where they are gone, or where the source has no such element."""
    if isinstance(element, RawDataElement):
        return element.value
    value = getattr(element, "value", None)
    return value.original_string if isinstance(value, PersonName) and isinstance(value.original_string, bytes) else None


def _raw(tag: BaseTag, *, vr: str, value: bytes) -> RawDataElement:
    padded = value + b" " * (len(value) % 2)
    return RawDataElement(
        tag=tag, VR=vr, length=len(padded), value=padded, value_tell=0, is_implicit_VR=False, is_little_endian=True
    )
