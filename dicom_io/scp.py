"""The Storage and Verification SCP: one thread per association, none of them decodes anything. Talks to: PACS, disk.

    with StorageScp(settings.receiver, spool=spool, intake=intake) as scp: ...

The upper layer is our own (dicom_io/upper_layer): see deploy/decisions/0005-receiver.md.
"""

import contextlib
import itertools
import logging
import socket
import ssl
import threading
import time
from types import TracebackType
from typing import Final, Self

from config.settings import Receiver
from dicom_io.association import Agreed, Association, Connection, Duties, Tally, negotiate
from dicom_io.commitment import Commitments
from dicom_io.durable_intake import DurableIntake
from dicom_io.errors import SpoolFull
from dicom_io.listener import Listener, Welcome
from dicom_io.received import AssociationEnd, Ending, Intake, Turned
from dicom_io.spool import Spool
from dicom_io.tls import accepting
from dicom_io.upper_layer.line import HandshakeFailed, Line, PlainLine, TlsLine
from dicom_io.upper_layer.negotiation import NO_SPACE, TOO_MANY_ASSOCIATIONS
from dicom_io.upper_layer.pdu import ProtocolViolation, Rejection, encode_abort
from dicom_io.upper_layer.stream import ConnectionLost, PduStream

LOG: Final = logging.getLogger(__name__)

# Connections that are not associations: callers to be told that there are too many, and callers that say nothing.
_MORE_CONNECTIONS: Final = 32


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
        self._open: dict[Line, threading.Thread] = {}
        self._lock = threading.Lock()
        self._listeners: list[Listener] = []

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Listens once this returns. Raises OSError if an address cannot be bound, CertificateUnusable."""
        settings, listeners = self._settings, list[Listener]()
        with contextlib.ExitStack() as binding:
            if settings.tls is not None:
                welcome = self._welcome_by_tls(accepting(settings.tls))
                listeners.append(Listener(settings.host, settings.tls.port, welcome=welcome))
                binding.callback(listeners[-1].stop)
            if settings.port:
                listeners.append(Listener(settings.host, settings.port, welcome=self._welcome_plain))
                binding.callback(listeners[-1].stop)
            binding.pop_all()
        for listener in listeners:
            listener.start()
        self._listeners = listeners
        LOG.info("listening as %s on %s", settings.ae_title, ports_of(settings))

    def stop(self) -> None:
        """Closes the ports, cuts every association off and waits for its end; what is answered stays durable."""
        if not self._listeners:
            return
        for listener in self._listeners:
            listener.stop()
        self._listeners = []
        with self._lock:
            left = dict(self._open)
        for line, thread in left.items():
            line.shut_down()
            thread.join()
        self._durable.close()

    def _welcome_plain(self, connection: socket.socket, address: str) -> None:
        self._welcome(PlainLine(connection), address)

    def _welcome_by_tls(self, context: ssl.SSLContext) -> Welcome:
        """The handshake comes in the connection's own thread."""

        def welcome(connection: socket.socket, address: str) -> None:
            try:
                line = TlsLine(connection, context)
            except OSError as error:
                connection.close()
                LOG.warning("a connection from %s was gone before TLS: %s", address, error.strerror)
            else:
                self._welcome(line, address)

        return welcome

    def _welcome(self, line: Line, address: str) -> None:
        thread = threading.Thread(target=self._run, args=(line, address), name="scp-association")
        with self._lock:
            if len(self._open) >= self._settings.maximum_associations + _MORE_CONNECTIONS:
                line.close()
                return
            self._open[line] = thread
        thread.start()

    def _run(self, line: Line, address: str) -> None:
        identifier = str(next(self._numbers))
        try:
            line.open(self._settings.acse_timeout)
            self._associate(line, identifier=identifier, address=address)
        except HandshakeFailed as failure:
            LOG.warning("association %s from %s refused, no TLS: %s", identifier, address, failure)
            self._intake.turned_away(Turned(calling_ae="", address=address, reason=f"no TLS: {failure}"))
        finally:
            line.close_after_peer(self._settings.acse_timeout)
            with self._lock:
                del self._open[line]

    def _associate(self, line: Line, *, identifier: str, address: str) -> None:
        """Who did not get through the handshake holds none of the places for associations."""
        has_slot = self._associations.acquire(blocking=False)
        try:
            rejection = self._objection(has_slot=has_slot)
            stream = PduStream(line, maximum_length=self._settings.maximum_pdu)
            self._converse(stream, Connection(identifier=identifier, address=address, rejection=rejection))
        finally:
            if has_slot:
                self._associations.release()

    def _objection(self, *, has_slot: bool) -> Rejection | None:
        if not has_slot:
            return TOO_MANY_ASSOCIATIONS
        try:
            self._spool.require_space()
        except SpoolFull:
            return NO_SPACE
        return None

    def _converse(self, stream: PduStream, connection: Connection) -> None:
        """Until one side has said its last word; a peer that breaks the protocol is told so."""
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


def ports_of(settings: Receiver) -> str:
    """In words."""
    plain = [f"port {settings.port}"] if settings.port else []
    return " and ".join(plain + ([f"port {settings.tls.port} (TLS)"] if settings.tls is not None else []))


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
