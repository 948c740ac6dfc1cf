"""The gate: what is wrong with an object before it may leave. Pure.

`sr_reports.dciodvfy` asks a validator that is not ours the same question.
"""

from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from typing import Final

from highdicom import imread
from highdicom.pm.sop import pmread
from highdicom.seg import segread
from highdicom.sr import srread
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.errors import InvalidDicomError
from pydicom.uid import (
    Comprehensive3DSRStorage,
    EncapsulatedPDFStorage,
    GrayscaleSoftcopyPresentationStateStorage,
    ParametricMapStorage,
    SecondaryCaptureImageStorage,
    SegmentationStorage,
)

from dicom_io.attributes import UNREADABLE
from sr_reports.map_checks import map_faults
from sr_reports.object_checks import code_faults, inheritance_faults, uid_faults
from sr_reports.page_checks import capture_faults, pdf_faults
from sr_reports.presentation_checks import presentation_faults
from sr_reports.report_checks import report_faults
from sr_reports.segmentation_checks import segmentation_faults

_UNREADABLE: Final = (*UNREADABLE, RuntimeError)


def faults(part10: bytes, *, sources: Sequence[Dataset]) -> tuple[str, ...]:
    """One sentence each, none with patient data; empty if the object may leave.

    part10: the file as it would be sent. sources: headers of every object of the series it was made from.
    """
    try:
        document = dcmread(BytesIO(part10))
        found = _all_faults(document, part10, sources=sources)
    except InvalidDicomError:
        return ("not a DICOM file",)
    except UNREADABLE as unreadable:
        return (f"cannot be read back: {type(unreadable).__name__}",)
    return tuple(dict.fromkeys(found))


def _all_faults(document: Dataset, part10: bytes, *, sources: Sequence[Dataset]) -> list[str]:
    kind = _KINDS.get(str(document.SOPClassUID))
    if kind is None:
        return ["an object of a kind that this node does not make"]
    reread, checked = kind
    return [
        *uid_faults(document, sources=sources),
        *inheritance_faults(document, source=sources[0]),
        *code_faults(document),
        *checked(document, sources=sources),
        *_rereading_faults(reread, part10),
    ]


def _rereading_faults(reread: Callable[[BytesIO], Dataset], part10: bytes) -> list[str]:
    try:
        reread(BytesIO(part10))
    except _UNREADABLE as unreadable:
        return [f"highdicom does not read it back: {type(unreadable).__name__}"]
    return []


_KINDS: Final[Mapping[str, tuple[Callable[[BytesIO], Dataset], Callable[..., list[str]]]]] = {
    str(Comprehensive3DSRStorage): (srread, report_faults),
    str(SegmentationStorage): (segread, segmentation_faults),
    str(ParametricMapStorage): (pmread, map_faults),
    str(GrayscaleSoftcopyPresentationStateStorage): (dcmread, presentation_faults),
    str(SecondaryCaptureImageStorage): (imread, capture_faults),
    str(EncapsulatedPDFStorage): (dcmread, pdf_faults),
}
