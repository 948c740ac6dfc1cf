"""PDUs from and to one connection. Talks to: PACS."""

import struct
from dataclasses import dataclass
from typing import Final

from dicom_io.upper_layer.line import Line
from dicom_io.upper_layer.pdu import HEADER_LENGTH, AbortReason, PduType, ProtocolViolation

_HEADER: Final = struct.Struct(">BxI")
# What comes besides P-DATA is small; only the request to associate can be some kilobytes (128 contexts).
_LONGEST_OTHER: Final = 65_536
_TLS_HANDSHAKE: Final = 0x16
_KNOWN: Final = frozenset(PduType)


class ConnectionLost(Exception):
    """The peer closed the connection, or broke it, or fell silent, and did not say so before."""


@dataclass(frozen=True, kw_only=True)
class Pdu:
    """body is a window on the receive buffer: it holds until the next PDU is asked for."""

    kind: int
    body: memoryview


class PduStream:
    """On a line that is open; whoever opened it closes it."""

    def __init__(self, line: Line, *, maximum_length: int) -> None:
        """maximum_length: of the P-DATA that we announce to take."""
        self._line = line
        self._maximum_length = maximum_length
        self._buffer = memoryview(bytearray(max(maximum_length, _LONGEST_OTHER)))
        self._header = memoryview(bytearray(HEADER_LENGTH))

    def wait_at_most(self, seconds: float) -> None:
        """For each read and write from now on; 0 waits for ever."""
        self._line.wait_at_most(seconds)

    def next(self) -> Pdu:
        """Raises ConnectionLost, ProtocolViolation."""
        self._fill(self._header)
        kind, length = _HEADER.unpack(self._header)
        if kind not in _KNOWN:
            words = "TLS on a plain port" if kind == _TLS_HANDSHAKE else "a PDU of unknown type"
            raise ProtocolViolation(words, AbortReason.UNRECOGNIZED_PDU)
        if length > (self._maximum_length if kind == PduType.DATA else _LONGEST_OTHER):
            raise ProtocolViolation("a PDU longer than agreed")
        body = self._buffer[:length]
        self._fill(body)
        return Pdu(kind=kind, body=body)

    def _fill(self, window: memoryview) -> None:
        while window:
            try:
                got = self._line.read_into(window)
            except OSError as error:
                raise ConnectionLost from error
            if not got:
                raise ConnectionLost
            window = window[got:]

    def send(self, pdu: bytes) -> None:
        """Raises ConnectionLost."""
        try:
            self._line.send(pdu)
        except OSError as error:
            raise ConnectionLost from error
