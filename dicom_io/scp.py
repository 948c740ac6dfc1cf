"""The Storage and Verification SCP: one thread per association, none of them decodes anything. Talks to: PACS, disk.

    with StorageScp(settings.receiver, spool=spool, intake=intake) as scp: ...

The upper layer is our own (dicom_io/upper_layer): see deploy/decisions/0005-receiver.md.
"""

import contextlib
import itertools
import logging
import socket
import threading
import time
from types import TracebackType
from typing import Final, Self

from config.settings import Receiver
from dicom_io.association import Agreed, Association, Connection, Duties, Tally, negotiate
from dicom_io.commitment import Commitments
from dicom_io.durable_intake import DurableIntake
from dicom_io.errors import SpoolFull
from dicom_io.received import AssociationEnd, Ending, Intake, Turned
from dicom_io.spool import Spool
from dicom_io.upper_layer.negotiation import NO_SPACE, TOO_MANY_ASSOCIATIONS
from dicom_io.upper_layer.pdu import ProtocolViolation, Rejection, encode_abort
from dicom_io.upper_layer.stream import ConnectionLost, PduStream

LOG: Final = logging.getLogger(__name__)

_BACKLOG: Final = 128
# Connections that are not associations: callers to be told that there are too many, and callers that say nothing.
_MORE_CONNECTIONS: Final = 32
_BEFORE_THE_NEXT_CALLER: Final = 0.2  # seconds


class StorageScp:
    """Listens from start() to stop(). The intake is called from the threads of the associations."""

    def __init__(
        self, settings: Receiver, *, spool: Spool, intake: Intake, commitments: Commitments | None = None
    ) -> None:
        """commitments: those that channels wait for; none, where no channel does."""
        self._durable = DurableIntake(intake)
        self._settings = settings
        self._spool = spool
        self._intake = intake
        self._duties = Duties(
            settings=settings, spool=spool, record=self._durable.record, commitments=commitments or Commitments()
        )
        self._numbers = itertools.count(1)
        self._associations = threading.BoundedSemaphore(settings.maximum_associations)
        self._open: dict[PduStream, threading.Thread] = {}
        self._lock = threading.Lock()
        self._is_stopping = threading.Event()
        self._listener: socket.socket | None = None
        self._acceptor: threading.Thread | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Listens once this returns. Raises OSError if the address cannot be bound."""
        address = (self._settings.host, self._settings.port)
        family = socket.AF_INET6 if ":" in self._settings.host else socket.AF_INET
        self._listener = socket.create_server(address, family=family, backlog=_BACKLOG)
        self._is_stopping.clear()
        self._acceptor = threading.Thread(target=self._accept, args=(self._listener,), name="scp")
        self._acceptor.start()
        LOG.info("listening as %s on port %d", self._settings.ae_title, self._settings.port)

    def stop(self) -> None:
        """Closes the port, cuts every association off and waits for its end; what is answered stays durable."""
        if self._listener is None or self._acceptor is None:
            return
        self._is_stopping.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._acceptor.join()
        self._listener.close()
        self._listener = self._acceptor = None
        with self._lock:
            left = dict(self._open)
        for stream, thread in left.items():
            stream.shut_down()
            thread.join()
        self._durable.close()

    def _accept(self, listener: socket.socket) -> None:
        while not self._is_stopping.is_set():
            try:
                connection, address = listener.accept()
            except OSError as error:
                self._wait_for_better_times(error)
            else:
                self._welcome(connection, str(address[0]))

    def _wait_for_better_times(self, error: OSError) -> None:
        """No descriptor left, or the caller is gone again: none of it is a reason to stop listening."""
        if not self._is_stopping.wait(_BEFORE_THE_NEXT_CALLER):
            LOG.error("a connection could not be accepted: %s", error.strerror)

    def _welcome(self, connection: socket.socket, address: str) -> None:
        stream = PduStream(connection, maximum_length=self._settings.maximum_pdu)
        thread = threading.Thread(target=self._run, args=(stream, address), name="scp-association")
        with self._lock:
            if len(self._open) >= self._settings.maximum_associations + _MORE_CONNECTIONS:
                connection.close()
                return
            self._open[stream] = thread
        thread.start()

    def _run(self, stream: PduStream, address: str) -> None:
        has_slot = self._associations.acquire(blocking=False)
        connection = Connection(
            identifier=str(next(self._numbers)), address=address, rejection=self._objection(has_slot=has_slot)
        )
        try:
            self._converse(stream, connection)
        finally:
            if has_slot:
                self._associations.release()
            with self._lock:
                del self._open[stream]

    def _objection(self, *, has_slot: bool) -> Rejection | None:
        if not has_slot:
            return TOO_MANY_ASSOCIATIONS
        try:
            self._spool.require_space()
        except SpoolFull:
            return NO_SPACE
        return None

    def _converse(self, stream: PduStream, connection: Connection) -> None:
        """Until the connection is closed; a peer that breaks the protocol is told so."""
        try:
            agreed = negotiate(stream, connection, self._settings)
            if isinstance(agreed, Turned):
                self._intake.turned_away(agreed)
            else:
                self._serve(stream, agreed)
        except ProtocolViolation as violation:
            LOG.warning("association %s from %s aborted: %s", connection.identifier, connection.address, violation)
            _tell(stream, encode_abort(violation.reason))
        except ConnectionLost:
            LOG.warning("association %s from %s: connection lost", connection.identifier, connection.address)
        finally:
            stream.close_after_peer(self._settings.acse_timeout)

    def _serve(self, stream: PduStream, agreed: Agreed) -> None:
        association = Association(stream, agreed, self._duties)
        ending = Ending.ABORTED
        started = time.monotonic()
        try:
            association.serve()
            ending = Ending.RELEASED
        finally:
            _log_end(agreed, association.tally, ending, seconds=time.monotonic() - started)
            self._intake.association_ended(_end(agreed, association.tally, ending))


def _tell(stream: PduStream, pdu: bytes) -> None:
    with contextlib.suppress(ConnectionLost):  # it is told goodbye; it need not be there to hear it
        stream.send(pdu)


def _end(agreed: Agreed, tally: Tally, ending: Ending) -> AssociationEnd:
    return AssociationEnd(
        caller=agreed.caller,
        ending=ending,
        stored=tally.stored,
        refused=tally.refused,
        refusals=tuple(sorted(tally.refusals)),
        series_uids=frozenset(tally.series_uids),
    )


def _log_end(agreed: Agreed, tally: Tally, ending: Ending, *, seconds: float) -> None:
    caller = agreed.caller
    LOG.info(
        "association %s: %s at %s %s; %d stored (%.1f MB), %d refused %s in %.2f s",
        *(caller.association_id, caller.calling_ae, caller.address, ending),
        *(tally.stored, tally.bytes / 1e6, tally.refused, sorted(tally.refusals), seconds),
    )
