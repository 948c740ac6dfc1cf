"""PDUs as an acceptor of associations meets them (PS3.8 9.3): bytes to values and back. Pure."""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

APPLICATION_CONTEXT: Final = "1.2.840.10008.3.1.1.1"
RELEASE_RESPONSE: Final = b"\x06\x00\x00\x00\x00\x04\x00\x00\x00\x00"
HEADER_LENGTH: Final = 6

_FIXED_PART: Final = struct.Struct(">HH16s16s32s")
_ITEM: Final = struct.Struct(">BxH")
_PDV: Final = struct.Struct(">IBB")
_LENGTH: Final = struct.Struct(">I")


class PduType(IntEnum):
    ASSOCIATE_REQUEST = 0x01
    ASSOCIATE_ACCEPT = 0x02
    ASSOCIATE_REJECT = 0x03
    DATA = 0x04
    RELEASE_REQUEST = 0x05
    RELEASE_RESPONSE = 0x06
    ABORT = 0x07


class AbortReason(IntEnum):
    """Why the service provider aborts (PS3.8 table 9-26)."""

    NOT_SPECIFIED = 0
    UNRECOGNIZED_PDU = 1
    UNEXPECTED_PDU = 2
    INVALID_PARAMETER = 6


class ProtocolViolation(Exception):
    """The peer does not speak the upper layer as PS3.8 has it; the association is aborted for this reason."""

    def __init__(self, message: str, reason: AbortReason = AbortReason.INVALID_PARAMETER) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class ProposedContext:
    identifier: int
    abstract_syntax: str
    transfer_syntaxes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Role:
    """What the caller wants to be for a SOP class (PS3.7 D.3.3.4); without it, it is the user."""

    abstract_syntax: str
    user: bool
    provider: bool


@dataclass(frozen=True, kw_only=True)
class AssociateRequest:
    """maximum_length: the longest P-DATA that the caller takes, 0 for any."""

    protocol_version: int
    called_ae: str
    calling_ae: str
    application_context: str
    contexts: tuple[ProposedContext, ...]
    maximum_length: int
    roles: tuple[Role, ...] = ()


class ContextResult(IntEnum):
    """PS3.8 table 9-18."""

    ACCEPTED = 0
    ABSTRACT_SYNTAX_NOT_SUPPORTED = 3
    TRANSFER_SYNTAXES_NOT_SUPPORTED = 4


@dataclass(frozen=True, kw_only=True)
class AnsweredContext:
    """transfer_syntax: the one chosen; of a context that is not accepted, any of the proposed ones."""

    identifier: int
    abstract_syntax: str
    transfer_syntax: str
    result: ContextResult


@dataclass(frozen=True, kw_only=True)
class Rejection:
    """Fields of an A-ASSOCIATE-RJ (PS3.8 table 9-21), and the same in words for the log."""

    result: int
    source: int
    reason: int
    words: str


@dataclass(frozen=True, kw_only=True)
class DataValue:
    """A fragment of a command or of a dataset; data is a window on the received PDU and dies with it."""

    context: int
    is_command: bool
    is_last: bool
    data: memoryview


def decode_associate_request(body: bytes) -> AssociateRequest:
    """The A-ASSOCIATE-RQ whose bytes after the PDU header are body. Raises ProtocolViolation."""
    if len(body) < _FIXED_PART.size:
        raise ProtocolViolation("the A-ASSOCIATE-RQ is shorter than its fixed part")
    version, _, called, calling, _ = _FIXED_PART.unpack_from(body)
    items = list(_items(body[_FIXED_PART.size :]))
    return AssociateRequest(
        protocol_version=version,
        called_ae=_text(called),
        calling_ae=_text(calling),
        application_context=_first(items, 0x10),
        contexts=tuple(_proposed_context(content) for kind, content in items if kind == 0x20),
        maximum_length=_maximum_length(items),
        roles=tuple(_roles(items)),
    )


def _items(content: bytes) -> Iterator[tuple[int, bytes]]:
    """(item type, content) of each item in a row of items (PS3.8 9.3.2.1)."""
    at = 0
    while at < len(content):
        if at + _ITEM.size > len(content):
            raise ProtocolViolation("an item header is cut off")
        kind, length = _ITEM.unpack_from(content, at)
        at += _ITEM.size
        if at + length > len(content):
            raise ProtocolViolation("an item is longer than what holds it")
        yield kind, content[at : at + length]
        at += length


def _first(items: Sequence[tuple[int, bytes]], wanted: int) -> str:
    return next((_text(content) for kind, content in items if kind == wanted), "")


def _text(content: bytes) -> str:
    """AE titles and UIDs: ASCII, padded with spaces or NUL; what is not printable becomes a question mark."""
    text = content.decode("ascii", errors="replace").strip(" \0")
    return "".join(char if char.isascii() and char.isprintable() else "?" for char in text)


def _proposed_context(content: bytes) -> ProposedContext:
    if len(content) < 4 or content[0] % 2 == 0:
        raise ProtocolViolation("a presentation context without an odd identifier")
    items = list(_items(content[4:]))
    return ProposedContext(
        identifier=content[0],
        abstract_syntax=_first(items, 0x30),
        transfer_syntaxes=tuple(_text(value) for kind, value in items if kind == 0x40),
    )


def _user_information(items: Sequence[tuple[int, bytes]], wanted: int) -> Iterator[bytes]:
    """The sub-items of one type."""
    for kind, content in items:
        if kind == 0x50:
            yield from (value for inner, value in _items(content) if inner == wanted)


def _maximum_length(items: Sequence[tuple[int, bytes]]) -> int:
    return next((int(_LENGTH.unpack(value)[0]) for value in _user_information(items, 0x51) if len(value) == 4), 0)


def _roles(items: Sequence[tuple[int, bytes]]) -> Iterator[Role]:
    for value in _user_information(items, 0x54):
        length = int.from_bytes(value[:2], "big")
        if len(value) != length + 4:
            raise ProtocolViolation("a role selection that does not fit")
        yield Role(abstract_syntax=_text(value[2:-2]), user=value[-2] == 1, provider=value[-1] == 1)


@dataclass(frozen=True, kw_only=True)
class Acceptor:
    """What we say of ourselves in an A-ASSOCIATE-AC."""

    maximum_length: int
    implementation_class_uid: str
    implementation_version_name: str
    roles: tuple[Role, ...] = ()


def encode_associate_accept(
    request: AssociateRequest, contexts: Sequence[AnsweredContext], acceptor: Acceptor
) -> bytes:
    """acceptor.roles are those of the request that we agree to."""
    user_information = b"".join(
        [
            _item(0x51, _LENGTH.pack(acceptor.maximum_length)),
            _item(0x52, acceptor.implementation_class_uid.encode("ascii")),
            *(_item(0x54, _role(role)) for role in acceptor.roles),
            _item(0x55, acceptor.implementation_version_name.encode("ascii")),
        ]
    )
    body = b"".join(
        [
            _FIXED_PART.pack(1, 0, _padded(request.called_ae), _padded(request.calling_ae), b""),
            _item(0x10, APPLICATION_CONTEXT.encode("ascii")),
            *(_item(0x21, _answered_context(context)) for context in contexts),
            _item(0x50, user_information),
        ]
    )
    return _pdu(PduType.ASSOCIATE_ACCEPT, body)


def _role(role: Role) -> bytes:
    uid = role.abstract_syntax.encode("ascii")
    return len(uid).to_bytes(2, "big") + uid + bytes([role.user, role.provider])


def _answered_context(context: AnsweredContext) -> bytes:
    syntax = _item(0x40, context.transfer_syntax.encode("ascii"))
    return bytes([context.identifier, 0, context.result, 0]) + syntax


def encode_reject(rejection: Rejection) -> bytes:
    return _pdu(PduType.ASSOCIATE_REJECT, bytes([0, rejection.result, rejection.source, rejection.reason]))


def encode_abort(reason: AbortReason) -> bytes:
    """An A-ABORT by the service provider (source 2)."""
    return _pdu(PduType.ABORT, bytes([0, 0, 2, reason]))


def encode_command(context: int, command: bytes) -> bytes:
    """A P-DATA-TF with one whole command in it: the answers we send are always shorter than any PDU limit."""
    return _pdu(PduType.DATA, _PDV.pack(len(command) + 2, context, 0b11) + command)


def data_values(body: memoryview) -> Iterator[DataValue]:
    """The presentation data values of a P-DATA-TF. Raises ProtocolViolation."""
    at = 0
    while at < len(body):
        if at + _PDV.size > len(body):
            raise ProtocolViolation("the header of a presentation data value is cut off")
        length, context, control = _PDV.unpack_from(body, at)
        end = at + 4 + length
        if length < 2 or end > len(body):
            raise ProtocolViolation("a presentation data value does not fit into its PDU")
        yield DataValue(
            context=context,
            is_command=bool(control & 0b01),
            is_last=bool(control & 0b10),
            data=body[at + _PDV.size : end],
        )
        at = end


def _padded(title: str) -> bytes:
    return title.encode("ascii").ljust(16)


def _item(kind: int, content: bytes) -> bytes:
    return _ITEM.pack(kind, len(content)) + content


def _pdu(kind: PduType, body: bytes) -> bytes:
    return struct.pack(">BxI", kind, len(body)) + body
