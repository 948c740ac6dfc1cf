"""What the status of a C-STORE, or the reasons in a STOW-RS answer, mean for a sender (PS3.4 B.2.3, PS3.18 I). Pure."""

from typing import Final

from dicom_io.deliver.channel import Verdict

_PROCESSING_FAILURE: Final = 0x0110
_RESOURCE_LIMITATION: Final = 0x0213


def verdict(status: int) -> Verdict:
    """Warnings (coerced, discarded, data set does not match) are of objects that are stored."""
    if status == 0 or status & 0xF000 == 0xB000 or status in (0x0001, 0x0107, 0x0116):
        return Verdict.STORED
    if status & 0xFF00 == 0xA700 or status in (_PROCESSING_FAILURE, _RESOURCE_LIMITATION):
        return Verdict.BUSY
    return Verdict.REFUSED


_MEANINGS: Final = {
    0x0110: "processing failure",
    0x0111: "duplicate SOP instance",
    0x0117: "invalid SOP instance",
    0x0122: "SOP class not supported",
    0x0124: "not authorized",
    0x0213: "resource limitation",
    0xB000: "coercion of data elements",
    0xB006: "elements discarded",
    0xB007: "data set does not match SOP class",
}
_RANGES: Final = {0xA700: "out of resources", 0xA900: "data set does not match SOP class"}


def meaning(status: int) -> str:
    """In the standard's words, "" for success."""
    if status == 0:
        return ""
    if status & 0xF000 == 0xC000:
        return "cannot understand"
    return _MEANINGS.get(status) or _RANGES.get(status & 0xFF00, "no meaning known")
