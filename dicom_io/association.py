"""One association from request to end: C-STORE, C-ECHO, reports of storage commitment. Talks to: PACS, disk."""

import logging
from dataclasses import dataclass, field
from typing import Final, Protocol

from config.settings import Receiver
from dicom_io.commitment import Commitments
from dicom_io.incoming import Incoming, IncomingReport, Outcome, Record, Unread
from dicom_io.received import Caller, StoreStatus, Turned
from dicom_io.spool import Expected, Spool
from dicom_io.uids import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from dicom_io.upper_layer import dimse
from dicom_io.upper_layer.negotiation import agreed_roles, answer, objection
from dicom_io.upper_layer.pdu import (
    RELEASE_RESPONSE,
    AbortReason,
    Acceptor,
    AnsweredContext,
    AssociateRequest,
    ContextResult,
    DataValue,
    PduType,
    ProtocolViolation,
    Rejection,
    data_values,
    decode_associate_request,
    encode_associate_accept,
    encode_command,
    encode_reject,
)
from dicom_io.upper_layer.stream import ConnectionLost, PduStream

LOG: Final = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Duties:
    """What every association of a receiver shares.

    record: makes an object and its ledger row durable, then answers. commitments: where reports go.
    """

    settings: Receiver
    spool: Spool
    record: Record
    commitments: Commitments


@dataclass(frozen=True, kw_only=True)
class Agreed:
    """Who calls, and what was agreed; contexts by identifier, accepted ones only."""

    caller: Caller
    contexts: dict[int, AnsweredContext]


class Message(Protocol):
    """A request whose dataset is on its way."""

    def take(self, fragment: memoryview) -> None: ...

    def finish(self) -> Outcome: ...

    def drop(self) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Connection:
    """Where a connection comes from; rejection: what speaks against any association now, whoever calls."""

    identifier: str
    address: str
    rejection: Rejection | None


def negotiate(stream: PduStream, connection: Connection, settings: Receiver) -> Agreed | Turned:
    """Reads the request to associate and answers it, with acceptance or rejection.

    Raises ConnectionLost, ProtocolViolation.
    """
    stream.wait_at_most(settings.acse_timeout)
    pdu = stream.next()
    if pdu.kind != PduType.ASSOCIATE_REQUEST:
        raise ProtocolViolation("the first PDU is no A-ASSOCIATE-RQ", AbortReason.UNEXPECTED_PDU)
    request = decode_associate_request(bytes(pdu.body))
    rejection = objection(request, address=connection.address, receiver=settings) or connection.rejection
    if rejection is not None:
        where = (connection.identifier, request.calling_ae, connection.address)
        LOG.warning("association %s: %s at %s rejected: %s", *where, rejection.words)
        stream.send(encode_reject(rejection))
        return Turned(calling_ae=request.calling_ae, address=connection.address, reason=rejection.words)
    contexts = [answer(context) for context in request.contexts]
    stream.send(encode_associate_accept(request, contexts, _acceptor(settings, request)))
    return Agreed(
        caller=Caller(
            association_id=connection.identifier,
            calling_ae=request.calling_ae,
            called_ae=request.called_ae,
            address=connection.address,
        ),
        contexts={context.identifier: context for context in contexts if context.result == ContextResult.ACCEPTED},
    )


def _acceptor(settings: Receiver, request: AssociateRequest) -> Acceptor:
    return Acceptor(
        maximum_length=settings.maximum_pdu,
        implementation_class_uid=IMPLEMENTATION_CLASS_UID,
        implementation_version_name=IMPLEMENTATION_VERSION_NAME,
        roles=agreed_roles(request),
    )


@dataclass
class Tally:
    """What an association brought so far; bytes are of datasets that were stored."""

    stored: int = 0
    refused: int = 0
    bytes: int = 0
    series_uids: set[str] = field(default_factory=set)
    refusals: set[str] = field(default_factory=set)

    def count(self, outcome: Outcome) -> None:
        if outcome.status != StoreStatus.SUCCESS:
            self.refused += 1
            self.refusals.add(outcome.comment)
        elif outcome.series_uid is not None:
            self.stored += 1
            self.bytes += outcome.size
            self.series_uids.add(outcome.series_uid)


class Association:
    """An accepted association; serve() walks it to its end in the thread that calls it."""

    def __init__(self, stream: PduStream, agreed: Agreed, duties: Duties) -> None:
        self.tally = Tally()
        self._stream = stream
        self._agreed = agreed
        self._duties = duties
        self._command = bytearray()
        self._awaited: _Awaited | None = None

    def serve(self) -> None:
        """Returns after a release that both sides know of. Raises ConnectionLost, ProtocolViolation."""
        self._stream.wait_at_most(self._duties.settings.network_timeout)
        try:
            while (pdu := self._stream.next()).kind == PduType.DATA:
                for value in data_values(pdu.body):
                    self._take(value)
        finally:
            if self._awaited is not None:
                self._awaited.message.drop()
        if pdu.kind == PduType.ABORT:
            raise ConnectionLost
        if pdu.kind != PduType.RELEASE_REQUEST:
            raise ProtocolViolation("a PDU that has no place in an association", AbortReason.UNEXPECTED_PDU)
        self._stream.send(RELEASE_RESPONSE)

    def _take(self, value: DataValue) -> None:
        context = self._agreed.contexts.get(value.context)
        if context is None:
            raise ProtocolViolation("a message in a context that was not accepted")
        if value.is_command:
            self._take_command(value, context)
        else:
            self._take_dataset(value)

    def _take_command(self, value: DataValue, context: AnsweredContext) -> None:
        if self._awaited is not None:
            raise ProtocolViolation("a command where a dataset was announced")
        if not self._command:
            self._stream.wait_at_most(self._duties.settings.dimse_timeout)
        self._command += value.data
        if len(self._command) > dimse.LONGEST_COMMAND:
            raise ProtocolViolation("a command set without end")
        if not value.is_last:
            return
        request = dimse.decode_request(bytes(self._command))
        self._command.clear()
        if request.field != dimse.Field.C_CANCEL:
            self._begin(request, context)

    def _begin(self, request: dimse.Request, context: AnsweredContext) -> None:
        awaited = _Awaited(request=request, context=context.identifier, message=self._message_for(request, context))
        if request.has_dataset:
            self._awaited = awaited
        else:
            self._answer(awaited)

    def _message_for(self, request: dimse.Request, context: AnsweredContext) -> Message:
        if request.field == dimse.Field.C_ECHO:
            return Unread(dimse.SUCCESS, "")
        if request.field == dimse.Field.N_EVENT_REPORT:
            return IncomingReport(self._duties.commitments, context.transfer_syntax)
        if request.field != dimse.Field.C_STORE:
            return Unread(dimse.UNRECOGNIZED_OPERATION, "this operation is not known here")
        if request.sop_class_uid != context.abstract_syntax:
            return Unread(dimse.SOP_CLASS_NOT_SUPPORTED, "the SOP class is not the one of its context")
        caller = self._agreed.caller
        expected = Expected(
            sop_class_uid=request.sop_class_uid,
            sop_instance_uid=request.sop_instance_uid,
            transfer_syntax_uid=context.transfer_syntax,
            source_ae=caller.calling_ae,
        )
        return Incoming(self._duties.spool, expected=expected, caller=caller, record=self._duties.record)

    def _take_dataset(self, value: DataValue) -> None:
        awaited = self._awaited
        if awaited is None or awaited.context != value.context:
            raise ProtocolViolation("a dataset that was not announced")
        awaited.message.take(value.data)
        if value.is_last:
            self._awaited = None
            self._answer(awaited)

    def _answer(self, awaited: "_Awaited") -> None:
        outcome = awaited.message.finish()
        self.tally.count(outcome)
        response = dimse.encode_response(awaited.request, status=outcome.status, comment=outcome.comment)
        self._stream.send(encode_command(awaited.context, response))
        self._stream.wait_at_most(self._duties.settings.network_timeout)


@dataclass(frozen=True, kw_only=True)
class _Awaited:
    """A request, the context it came in, and what becomes of it."""

    request: dimse.Request
    context: int
    message: Message
