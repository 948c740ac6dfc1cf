"""PDUs from and to one connection. Talks to: PACS."""

import socket
import struct
from dataclasses import dataclass
from typing import Final

from dicom_io.upper_layer.pdu import HEADER_LENGTH, AbortReason, PduType, ProtocolViolation

_HEADER: Final = struct.Struct(">BxI")
_TIMEVAL: Final = struct.Struct("@ll")
# What comes besides P-DATA is small; only the request to associate can be some kilobytes (128 contexts).
_LONGEST_OTHER: Final = 65_536
_KNOWN: Final = frozenset(PduType)


class ConnectionLost(Exception):
    """The peer closed the connection, or broke it, or fell silent, and did not say so before."""


@dataclass(frozen=True, kw_only=True)
class Pdu:
    """body is a window on the receive buffer: it holds until the next PDU is asked for."""

    kind: int
    body: memoryview


class PduStream:
    """One thread reads; shut_down() may be called from another and ends its wait."""

    def __init__(self, connection: socket.socket, *, maximum_length: int) -> None:
        """maximum_length: of the P-DATA that we announce to take."""
        self._connection = connection
        self._maximum_length = maximum_length
        self._buffer = memoryview(bytearray(max(maximum_length, _LONGEST_OTHER)))
        self._header = memoryview(bytearray(HEADER_LENGTH))

    def send_at_once(self) -> None:
        """Without it an answer may wait some 40 ms for the peer's delayed acknowledgement of the one before."""
        self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def wait_at_most(self, seconds: float) -> None:
        """For each read and write from now on; 0 waits for ever. Set in the kernel: no call of its own per read."""
        limit = _TIMEVAL.pack(int(seconds), int(seconds % 1 * 1e6))
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)

    def next(self) -> Pdu:
        """Raises ConnectionLost, ProtocolViolation."""
        self._fill(self._header)
        kind, length = _HEADER.unpack(self._header)
        if kind not in _KNOWN:
            raise ProtocolViolation("a PDU of unknown type", AbortReason.UNRECOGNIZED_PDU)
        if length > (self._maximum_length if kind == PduType.DATA else _LONGEST_OTHER):
            raise ProtocolViolation("a PDU longer than agreed")
        body = self._buffer[:length]
        self._fill(body)
        return Pdu(kind=kind, body=body)

    def _fill(self, window: memoryview) -> None:
        while window:
            try:
                got = self._connection.recv_into(window, 0, socket.MSG_WAITALL)
            except OSError as error:
                raise ConnectionLost from error
            if not got:
                raise ConnectionLost
            window = window[got:]

    def send(self, pdu: bytes) -> None:
        """Raises ConnectionLost."""
        try:
            self._connection.sendall(pdu)
        except OSError as error:
            raise ConnectionLost from error

    def shut_down(self) -> None:
        """Nothing more is sent or received; a waiting read ends."""
        try:
            self._connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # the peer was faster

    def close_after_peer(self, seconds: float) -> None:
        """Ends our side, waits for the peer to end its own, closes: so our last word is not lost to a reset."""
        self.wait_at_most(seconds)
        try:
            self._connection.shutdown(socket.SHUT_WR)
            while self._connection.recv_into(self._buffer):
                pass
        except OSError:
            return  # it broke off, or kept silent: nothing is owed to it any more
        finally:
            self._connection.close()
