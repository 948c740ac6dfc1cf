"""What stands before a dataset in a file: preamble and file meta information (PS3.10 7.1). Pure."""

import struct
from typing import Final

from dicom_io.errors import InvalidInstance
from dicom_io.uids import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME

_PREAMBLE: Final = b"\0" * 128 + b"DICM"
_SHORT: Final = struct.Struct("<HH2sH")
_GROUP_LENGTH: Final = _SHORT.pack(0x0002, 0x0000, b"UL", 4)
_VERSION: Final = struct.pack("<HH2sxxI", 0x0002, 0x0001, b"OB", 2) + b"\0\1"
_LENGTH: Final = struct.Struct("<I")

LONGEST_HEAD: Final = len(_PREAMBLE) + len(_GROUP_LENGTH) + _LENGTH.size


def file_preface(*, sop_class_uid: str, sop_instance_uid: str, transfer_syntax_uid: str, source_ae: str) -> bytes:
    """The bytes before the dataset; source_ae: who sent it."""
    meta = b"".join(
        [
            _VERSION,
            _text(0x0002, b"UI", sop_class_uid),
            _text(0x0003, b"UI", sop_instance_uid),
            _text(0x0010, b"UI", transfer_syntax_uid),
            _text(0x0012, b"UI", IMPLEMENTATION_CLASS_UID),
            _text(0x0013, b"SH", IMPLEMENTATION_VERSION_NAME),
            _text(0x0016, b"AE", source_ae),
        ]
    )
    return _PREAMBLE + _GROUP_LENGTH + _LENGTH.pack(len(meta)) + meta


def _text(element: int, vr: bytes, text: str) -> bytes:
    value = text.encode("ascii")
    if len(value) % 2:
        value += b"\0" if vr == b"UI" else b" "
    return _SHORT.pack(0x0002, element, vr, len(value)) + value


def dataset_start(head: bytes) -> int:
    """Where the dataset starts in the file whose first LONGEST_HEAD bytes are head. Raises InvalidInstance."""
    if len(head) < LONGEST_HEAD or not head.startswith(_GROUP_LENGTH, len(_PREAMBLE)) or head[128:132] != b"DICM":
        raise InvalidInstance("not a DICOM file with file meta information")
    return LONGEST_HEAD + int(_LENGTH.unpack_from(head, LONGEST_HEAD - _LENGTH.size)[0])
