"""Which object a dataset says it is, and whether its elements fill it exactly; no value is decoded. Pure.

Reads bytes, not pydicom: the receiver does this for every object while its sender waits.
"""

import struct
import zlib
from dataclasses import dataclass
from mmap import mmap
from typing import Final, NamedTuple

from dicom_io.errors import InvalidInstance
from dicom_io.uids import checked_uid

_IMPLICIT: Final = "1.2.840.10008.1.2"
_BIG_ENDIAN: Final = "1.2.840.10008.1.2.2"
_DEFLATED: Final = "1.2.840.10008.1.2.1.99"

_WANTED: Final = {
    0x00080016: "SOPClassUID",
    0x00080018: "SOPInstanceUID",
    0x0020000D: "StudyInstanceUID",
    0x0020000E: "SeriesInstanceUID",
}
_LAST_WANTED: Final = max(_WANTED)
_LONG_VRS: Final = frozenset(b"OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())
_ITEM_GROUP: Final = 0xFFFE
_ITEM: Final = 0xFFFEE000
_ITEM_END: Final = 0xFFFEE00D
_SEQUENCE_END: Final = 0xFFFEE0DD
_UNDEFINED: Final = 0xFFFFFFFF
_LONGEST_UID: Final = 64
_DEEPEST: Final = 32
_INFLATED_HEAD: Final = 4 * 1024 * 1024

Encoded = bytes | mmap | memoryview


@dataclass(frozen=True, kw_only=True)
class Identity:
    sop_class_uid: str
    sop_instance_uid: str
    study_uid: str
    series_uid: str


def identify(dataset: Encoded, transfer_syntax_uid: str) -> Identity:
    """The four UIDs of an encoded dataset. Raises InvalidInstance if it does not parse or one is missing or no UID.

    A deflated dataset is inflated only as far as the UIDs are sure to lie, so that a bomb stays small.
    """
    if transfer_syntax_uid == _DEFLATED:
        head, is_whole = _inflated(dataset)
        walk = _Walk(head, transfer_syntax_uid, is_whole=is_whole)
    else:
        walk = _Walk(dataset, transfer_syntax_uid, is_whole=True)
    uids = {_WANTED[tag]: value for tag, value in walk.wanted().items()}
    checked = {name: checked_uid(uids.get(name, ""), name=name) for name in _WANTED.values()}
    return Identity(
        sop_class_uid=checked["SOPClassUID"],
        sop_instance_uid=checked["SOPInstanceUID"],
        study_uid=checked["StudyInstanceUID"],
        series_uid=checked["SeriesInstanceUID"],
    )


def _inflated(dataset: Encoded) -> tuple[bytes, bool]:
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        head = inflate.decompress(dataset, _INFLATED_HEAD)
    except zlib.error as error:
        raise InvalidInstance("the deflated dataset does not inflate") from error
    if not inflate.eof and not inflate.unconsumed_tail:
        raise InvalidInstance("the deflated dataset is cut off")
    return head, inflate.eof


class _Element(NamedTuple):
    tag: int
    vr: bytes
    length: int
    start: int  # of the value


class _Walk:
    """From element to element over an encoded dataset; `_at` is always where the next one starts."""

    def __init__(self, dataset: Encoded, transfer_syntax_uid: str, *, is_whole: bool) -> None:
        self._bytes = memoryview(dataset)
        self._end = len(self._bytes)
        self._is_whole = is_whole
        self._explicit = transfer_syntax_uid != _IMPLICIT
        order = ">" if transfer_syntax_uid == _BIG_ENDIAN else "<"
        self._short = struct.Struct(f"{order}HH2sH")
        self._plain = struct.Struct(f"{order}HHI")
        self._long = struct.Struct(f"{order}I")
        self._at = 0

    def wanted(self) -> dict[int, str]:
        found: dict[int, str] = {}
        while self._at < self._end:
            tag, vr, length, start = self._next()
            if tag in _WANTED and length <= _LONGEST_UID:
                found[tag] = bytes(self._bytes[start : start + length]).decode("ascii", "replace").rstrip(" \0")
            elif length == _UNDEFINED:
                self._skip_items(vr, depth=0)
            if tag > _LAST_WANTED and not self._is_whole:
                break
        return found

    def _next(self) -> _Element:
        """The next element; moves behind it if its length is defined, to its first item if not."""
        at = self._at
        try:
            element = self._explicit_header(at) if self._explicit else self._implicit_header(at)
        except struct.error as error:
            raise InvalidInstance("the dataset is cut off inside an element's header") from error
        self._at = element.start if element.length == _UNDEFINED else element.start + element.length
        if self._at > self._end and self._is_whole:
            raise InvalidInstance("the dataset is cut off: an element is longer than what came")
        return element

    def _explicit_header(self, at: int) -> _Element:
        group, number, vr, length = self._short.unpack_from(self._bytes, at)
        if group == _ITEM_GROUP:
            return self._implicit_header(at)
        if vr in _LONG_VRS:
            (length,) = self._long.unpack_from(self._bytes, at + 8)
            return _Element(group << 16 | number, vr, length, at + 12)
        if not (vr.isalpha() and vr.isupper()):
            raise InvalidInstance("the dataset does not parse: an element has no value representation")
        return _Element(group << 16 | number, vr, length, at + 8)

    def _implicit_header(self, at: int) -> _Element:
        group, number, length = self._plain.unpack_from(self._bytes, at)
        return _Element(group << 16 | number, b"", length, at + 8)

    def _skip_items(self, vr: bytes, *, depth: int) -> None:
        """Past the end of a sequence, or of encapsulated pixels, of undefined length.

        Of unknown representation (UN) it is in implicit VR, whatever surrounds it (PS3.5 6.2.2).
        """
        if depth > _DEEPEST:
            raise InvalidInstance("the dataset's sequences are nested too deeply")
        outside = self._explicit
        self._explicit = outside and vr != b"UN"
        while self._at < self._end:
            tag, _, length, _ = self._next()
            if tag == _SEQUENCE_END:
                self._explicit = outside
                return
            if tag != _ITEM:
                raise InvalidInstance("the dataset does not parse: a sequence holds something that is no item")
            if length == _UNDEFINED:
                self._skip_elements(depth=depth)
        if self._is_whole:
            raise InvalidInstance("the dataset is cut off inside a sequence")

    def _skip_elements(self, *, depth: int) -> None:
        """Past the end of an item of undefined length."""
        while self._at < self._end:
            tag, vr, length, _ = self._next()
            if tag == _ITEM_END:
                return
            if length == _UNDEFINED:
                self._skip_items(vr, depth=depth + 1)
        if self._is_whole:
            raise InvalidInstance("the dataset is cut off inside an item")
