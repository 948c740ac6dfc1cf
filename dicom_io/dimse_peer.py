"""Associations that we ask for: the one door to pynetdicom. Talks to: PACS."""

import logging
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from pydicom.dataset import Dataset
from pynetdicom import AE, build_role, evt
from pynetdicom.association import Association
from pynetdicom.pdu_primitives import A_ASSOCIATE

from config.settings import DimsePeer
from dicom_io.calling_tls import tls_of
from dicom_io.commitment import REQUEST_ACTION, WELL_KNOWN_INSTANCE, Commitments, report_of
from dicom_io.errors import PeerBusy, PeerRefused, PeerUnreachable
from dicom_io.identity import Identity
from dicom_io.uids import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from dicom_io.upper_layer.negotiation import STORAGE_COMMITMENT, VERIFICATION

UNCOMPRESSED: Final = ("1.2.840.10008.1.2.1", "1.2.840.10008.1.2")

_ON_THIS_ASSOCIATION: Final = 2.0  # seconds; after that a peer that wants to report calls us
_LONGEST_PDU: Final = 131_072
_PERMANENT: Final = 1
_TRANSIENT: Final = 2
# PS3.8 table 9-21, by result source and reason.
_REJECTIONS: Final[Mapping[tuple[int, int], str]] = {
    (1, 1): "no reason given",
    (1, 2): "application context name not supported",
    (1, 3): "calling AE title not recognized",
    (1, 7): "called AE title not recognized",
    (2, 1): "no reason given",
    (2, 2): "protocol version not supported",
    (3, 1): "temporary congestion",
    (3, 2): "local limit exceeded",
}


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A presentation context that we ask for."""

    abstract_syntax: str
    transfer_syntaxes: tuple[str, ...] = UNCOMPRESSED


@contextmanager
def association(
    peer: DimsePeer,
    *,
    calling_ae: str,
    proposals: Sequence[Proposal],
    timeout: float,
    taking: Sequence[str] = (),
) -> Iterator[Association]:
    """An established association, released at the end. timeout: for each answer, seconds.

    taking: abstract syntaxes that the peer may send to us on it (C-GET, PS3.7 D.3.3.4).

    Raises PeerUnreachable, PeerBusy, PeerRefused.
    """
    logging.getLogger("pynetdicom").setLevel(logging.CRITICAL)  # it logs identifiers, and headers in tracebacks
    ae = AE(ae_title=calling_ae)
    ae.implementation_class_uid = IMPLEMENTATION_CLASS_UID
    ae.implementation_version_name = IMPLEMENTATION_VERSION_NAME
    ae.acse_timeout = ae.dimse_timeout = ae.network_timeout = ae.connection_timeout = timeout
    for proposal in proposals:
        ae.add_requested_context(proposal.abstract_syntax, list(proposal.transfer_syntaxes))
    tls = tls_of(peer)
    wanted = ae.associate(
        peer.host,
        peer.port,
        ae_title=peer.ae_title,
        max_pdu=_LONGEST_PDU,
        ext_neg=[build_role(abstract_syntax, scp_role=True) for abstract_syntax in taking],
        evt_handlers=[(evt.EVT_CONN_OPEN, _opened, [timeout])],
        tls_args=tls,
    )
    if not wanted.is_established:
        raise _no_association(peer, wanted, tls_failure=tls[0].failure if tls is not None else "")
    try:
        yield wanted
    finally:
        wanted.release()


def _opened(event: evt.Event, timeout: float) -> None:
    """Without TCP_NODELAY each request waits some 40 ms for the peer's delayed acknowledgement.

    pynetdicom reads where something is readable: that may be half a PDU, or TLS's own affair. With a limit, its thread
    is not lost to a peer that then says nothing more.
    """
    connection = event.assoc.dul.socket
    if connection is not None and connection.socket is not None:
        connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.socket.settimeout(timeout)


def answer_to(wanted: Association) -> A_ASSOCIATE | None:
    """The peer's answer to an association request, None if none came.

    pynetdicom 3.0.4 looks whether the connection still stands before it looks for an answer: a rejection that came
    before the calling thread ran again, and the end of the connection with it, lies unread in its queue.
    """
    answer = wanted.acceptor.primitive or wanted.dul.receive_pdu(wait=False)
    return answer if isinstance(answer, A_ASSOCIATE) else None


def _no_association(
    peer: DimsePeer, wanted: Association, *, tls_failure: str
) -> PeerUnreachable | PeerBusy | PeerRefused:
    answer = answer_to(wanted)
    if answer is not None and answer.result in (_PERMANENT, _TRANSIENT):
        words = _REJECTIONS.get((answer.result_source or 0, answer.diagnostic or 0), "reason unknown")
        if answer.result == _TRANSIENT:
            return PeerBusy(f"{peer.name} rejected the association for now: {words}")
        return PeerRefused(f"{peer.name} rejected the association", words=words)
    if answer is not None and not wanted.accepted_contexts:
        return PeerRefused(f"{peer.name} accepted none of the presentation contexts")
    where = f"{peer.name} ({peer.host}:{peer.port})"
    if tls_failure:
        return PeerUnreachable(f"{where} and we have no TLS with each other: {tls_failure}")
    return PeerUnreachable(f"{where} did not answer the association request")


def answered_status(peer: DimsePeer, response: Dataset) -> int:
    """The status of a response. Raises PeerUnreachable where there is none: time-out, abort, or no valid answer."""
    if "Status" not in response:
        raise PeerUnreachable(f"{peer.name} broke off, or did not answer in time")
    return int(response.Status)


def ask_for_commitment(
    peer: DimsePeer, *, calling_ae: str, timeout: float, objects: Sequence[Identity], commitments: Commitments
) -> None:
    """Asks the peer to answer for these objects, and waits until it does, on this association or on one of its own.

    Raises PeerUnreachable, PeerRefused; PeerBusy if the report is not there after timeout seconds.
    """
    transaction_uid = commitments.ask([each.sop_instance_uid for each in objects])
    with association(
        peer, calling_ae=calling_ae, proposals=[Proposal(abstract_syntax=STORAGE_COMMITMENT)], timeout=timeout
    ) as open_association:
        open_association.bind(evt.EVT_N_EVENT_REPORT, _take_report, [commitments])
        response, _ = open_association.send_n_action(
            _commitment_request(transaction_uid, objects), REQUEST_ACTION, STORAGE_COMMITMENT, WELL_KNOWN_INSTANCE
        )
        status = answered_status(peer, response)
        if status:
            raise PeerRefused(f"{peer.name} answered the request for storage commitment with 0x{status:04X}")
        commitments.wait(transaction_uid, timeout=min(timeout, _ON_THIS_ASSOCIATION))
    if not commitments.wait(transaction_uid, timeout=timeout):
        raise PeerBusy(f"{peer.name} has not reported on the storage commitment yet")


def _commitment_request(transaction_uid: str, objects: Sequence[Identity]) -> Dataset:
    request = Dataset()
    request.TransactionUID = transaction_uid
    request.ReferencedSOPSequence = []
    for each in objects:
        item = Dataset()
        item.ReferencedSOPClassUID = each.sop_class_uid
        item.ReferencedSOPInstanceUID = each.sop_instance_uid
        request.ReferencedSOPSequence.append(item)
    return request


def _take_report(event: evt.Event, commitments: Commitments) -> tuple[int, None]:
    commitments.report(report_of(event.event_information))
    return 0, None


def echo(peer: DimsePeer, *, calling_ae: str, timeout: float) -> None:
    """C-ECHO. Raises PeerUnreachable, PeerBusy, PeerRefused."""
    with association(
        peer, calling_ae=calling_ae, proposals=[Proposal(abstract_syntax=VERIFICATION)], timeout=timeout
    ) as open_association:
        status = answered_status(peer, open_association.send_c_echo())
    if status:
        raise PeerRefused(f"{peer.name} answered the C-ECHO with 0x{status:04X}")
