"""A TCP port that is listened on, with a thread that does nothing but accept. Talks to: PACS."""

import logging
import socket
import threading
from collections.abc import Callable
from typing import Final

LOG: Final = logging.getLogger(__name__)

_BACKLOG: Final = 128
_BEFORE_THE_NEXT_CALLER: Final = 0.2  # seconds

Welcome = Callable[[socket.socket, str], None]


class Listener:
    """Bound once it is made, accepts from start() to stop()."""

    def __init__(self, host: str, port: int, *, welcome: Welcome) -> None:
        """welcome: called with each connection and the caller's address; must not wait, for the next caller does.

        Raises OSError if the address cannot be bound.
        """
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.create_server((host, port), family=family, backlog=_BACKLOG)
        self._welcome = welcome
        self._is_stopping = threading.Event()
        self._acceptor = threading.Thread(target=self._accept, name="scp")

    def start(self) -> None:
        self._acceptor.start()

    def stop(self) -> None:
        """Returns when nobody is accepted any more; also where start() never came."""
        self._is_stopping.set()
        if self._acceptor.ident is not None:
            self._socket.shutdown(socket.SHUT_RDWR)
            self._acceptor.join()
        self._socket.close()

    def _accept(self) -> None:
        while not self._is_stopping.is_set():
            try:
                connection, address = self._socket.accept()
            except OSError as error:
                self._wait_for_better_times(error)
            else:
                self._welcome(connection, str(address[0]))

    def _wait_for_better_times(self, error: OSError) -> None:
        """No descriptor left, or the caller is gone again: none of it is a reason to stop listening."""
        if not self._is_stopping.wait(_BEFORE_THE_NEXT_CALLER):
            LOG.error("a connection could not be accepted: %s", error.strerror)
