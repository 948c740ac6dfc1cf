"""The bytes of one connection that somebody opened to us, plain or secured by TLS. Talks to: PACS."""

import contextlib
import socket
import ssl
import struct
from typing import Final, Protocol

from dicom_io.tls import reason_of

_TIMEVAL: Final = struct.Struct("@ll")
_DRAINED_AT_ONCE: Final = 65_536


class HandshakeFailed(Exception):
    """No TLS with this caller; the text says why, in our words."""


class Line(Protocol):
    """One thread reads and writes; shut_down() may be called from another and ends its wait. All raise OSError."""

    def open(self, seconds: float) -> None:
        """Until both sides may speak, within so many seconds; 0 waits for ever. Raises HandshakeFailed."""
        ...

    def wait_at_most(self, seconds: float) -> None:
        """For each read and write from now on; 0 waits for ever."""
        ...

    def read_into(self, window: memoryview) -> int:
        """How many bytes came: at most as many as fit, 0 at the end."""
        ...

    def send(self, content: bytes) -> None: ...

    def shut_down(self) -> None:
        """Nothing more is sent or received; a waiting read ends."""
        ...

    def close(self) -> None:
        """At once, whatever is on its way."""
        ...

    def close_after_peer(self, seconds: float) -> None:
        """Ends our side, waits for the peer to end its own, closes: so our last word is not lost to a reset."""
        ...


class PlainLine:
    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def open(self, seconds: float) -> None:
        self.wait_at_most(seconds)
        _send_at_once(self._connection)

    def wait_at_most(self, seconds: float) -> None:
        """Set in the kernel: no call of its own per read."""
        limit = _TIMEVAL.pack(int(seconds), int(seconds % 1 * 1e6))
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)

    def read_into(self, window: memoryview) -> int:
        return self._connection.recv_into(window, 0, socket.MSG_WAITALL)

    def send(self, content: bytes) -> None:
        self._connection.sendall(content)

    def shut_down(self) -> None:
        _shut_down(self._connection)

    def close(self) -> None:
        self._connection.close()

    def close_after_peer(self, seconds: float) -> None:
        self.wait_at_most(seconds)
        _close_after_peer(self._connection)


class TlsLine:
    """Decrypts into the reader's own buffer: OpenSSL's is the only copy between. A record is 16 KiB at most."""

    def __init__(self, connection: socket.socket, context: ssl.SSLContext) -> None:
        """No handshake yet. Raises OSError if the caller is gone again."""
        self._connection = context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)

    def open(self, seconds: float) -> None:
        self.wait_at_most(seconds)
        _send_at_once(self._connection)
        try:
            self._connection.do_handshake()
        except OSError as error:
            raise HandshakeFailed(reason_of(error)) from error

    def wait_at_most(self, seconds: float) -> None:
        """Not in the kernel: over a blocking socket OpenSSL would begin a wait that ended there again, for ever."""
        self._connection.settimeout(seconds or None)

    def read_into(self, window: memoryview) -> int:
        return self._connection.recv_into(window)

    def send(self, content: bytes) -> None:
        self._connection.sendall(content)

    def shut_down(self) -> None:
        _shut_down(self._connection)

    def close(self) -> None:
        self._connection.close()

    def close_after_peer(self, seconds: float) -> None:
        """A peer that leaves without TLS's own goodbye said DICOM's before, or is told of as lost."""
        self.wait_at_most(seconds)
        with contextlib.suppress(OSError, ValueError):  # ValueError: the caller was gone before TLS began
            self._connection.unwrap()
        _close_after_peer(self._connection)


def _send_at_once(connection: socket.socket) -> None:
    """Without it an answer may wait some 40 ms for the peer's delayed acknowledgement of the one before."""
    with contextlib.suppress(OSError):  # the peer is gone: the first read tells
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _shut_down(connection: socket.socket) -> None:
    """By the socket's own method: an SSLSocket's drops its TLS under the thread that reads from it."""
    with contextlib.suppress(OSError):  # the peer was faster
        socket.socket.shutdown(connection, socket.SHUT_RDWR)


def _close_after_peer(connection: socket.socket) -> None:
    """Below TLS, as in _shut_down()."""
    rest = bytearray(_DRAINED_AT_ONCE)
    try:
        socket.socket.shutdown(connection, socket.SHUT_WR)
        while socket.socket.recv_into(connection, rest):
            pass
    except OSError:
        return  # it broke off, or kept silent: nothing is owed to it any more
    finally:
        connection.close()
