"""Command sets of C-STORE, C-ECHO and N-EVENT-REPORT (PS3.7 9.3, 10.3): bytes to values and back. Pure.

They are in implicit VR little endian whatever the context's transfer syntax is.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from dicom_io.upper_layer.pdu import ProtocolViolation

LONGEST_COMMAND: Final = 65_536
LONGEST_COMMENT: Final = 64
SUCCESS: Final = 0x0000
SOP_CLASS_NOT_SUPPORTED: Final = 0x0122
INVALID_ARGUMENT: Final = 0x0115
UNRECOGNIZED_OPERATION: Final = 0x0211

_ELEMENT: Final = struct.Struct("<HHI")
_US: Final = struct.Struct("<H")
_NO_DATASET: Final = 0x0101
_RESPONSE: Final = 0x8000


class Field(IntEnum):
    """Command Field (0000,0100) of the requests that we know."""

    C_STORE = 0x0001
    C_ECHO = 0x0030
    C_CANCEL = 0x0FFF
    N_EVENT_REPORT = 0x0100


class _Element(IntEnum):
    """Elements of group 0000."""

    GROUP_LENGTH = 0x0000
    AFFECTED_SOP_CLASS_UID = 0x0002
    COMMAND_FIELD = 0x0100
    MESSAGE_ID = 0x0110
    MESSAGE_ID_RESPONDED_TO = 0x0120
    COMMAND_DATA_SET_TYPE = 0x0800
    STATUS = 0x0900
    ERROR_COMMENT = 0x0902
    AFFECTED_SOP_INSTANCE_UID = 0x1000


@dataclass(frozen=True, kw_only=True)
class Request:
    field: int
    message_id: int
    sop_class_uid: str
    sop_instance_uid: str
    has_dataset: bool


def decode_request(command: bytes) -> Request:
    """Raises ProtocolViolation for what is no command set, and for a response: we ask nothing."""
    elements = _elements(command)
    field = _number(elements, _Element.COMMAND_FIELD)
    if field & _RESPONSE:
        raise ProtocolViolation("a response to a question that was not asked")
    return Request(
        field=field,
        message_id=0 if field == Field.C_CANCEL else _number(elements, _Element.MESSAGE_ID),
        sop_class_uid=_uid(elements, _Element.AFFECTED_SOP_CLASS_UID),
        sop_instance_uid=_uid(elements, _Element.AFFECTED_SOP_INSTANCE_UID),
        has_dataset=_number(elements, _Element.COMMAND_DATA_SET_TYPE) != _NO_DATASET,
    )


def _elements(command: bytes) -> dict[int, bytes]:
    elements: dict[int, bytes] = {}
    at = 0
    while at < len(command):
        if at + _ELEMENT.size > len(command):
            raise ProtocolViolation("a command element is cut off")
        group, element, length = _ELEMENT.unpack_from(command, at)
        at += _ELEMENT.size
        if group != 0 or at + length > len(command):
            raise ProtocolViolation("a command set with an element that does not belong there or does not fit")
        elements[element] = command[at : at + length]
        at += length
    return elements


def _number(elements: Mapping[int, bytes], element: _Element) -> int:
    value = elements.get(element, b"")
    if len(value) != _US.size:
        raise ProtocolViolation(f"the command has no usable (0000,{element:04X})")
    return int(_US.unpack(value)[0])


def _uid(elements: Mapping[int, bytes], element: _Element) -> str:
    return elements.get(element, b"").decode("ascii", errors="replace").rstrip(" \0")


def encode_response(request: Request, *, status: int, comment: str = "") -> bytes:
    """The answer to request; comment (at most 64 ASCII characters) says why it is no success."""
    elements = [
        (_Element.AFFECTED_SOP_CLASS_UID, _even(request.sop_class_uid, b"\0")),
        (_Element.COMMAND_FIELD, _US.pack(request.field | _RESPONSE)),
        (_Element.MESSAGE_ID_RESPONDED_TO, _US.pack(request.message_id)),
        (_Element.COMMAND_DATA_SET_TYPE, _US.pack(_NO_DATASET)),
        (_Element.STATUS, _US.pack(status)),
        (_Element.ERROR_COMMENT, _even(comment[:LONGEST_COMMENT], b" ")),
        (_Element.AFFECTED_SOP_INSTANCE_UID, _even(request.sop_instance_uid, b"\0")),
    ]
    encoded = b"".join(_ELEMENT.pack(0, element, len(value)) + value for element, value in elements if value)
    return _ELEMENT.pack(0, _Element.GROUP_LENGTH, 4) + struct.pack("<I", len(encoded)) + encoded


def _even(text: str, padding: bytes) -> bytes:
    value = text.encode("ascii", errors="replace")
    return value + padding if len(value) % 2 else value
