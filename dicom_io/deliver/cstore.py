"""Delivery by C-STORE. Talks to: disk, PACS."""

from collections.abc import Sequence
from pathlib import Path

from pydicom import dcmread
from pynetdicom.association import Association

from config.settings import DimsePeer
from dicom_io.commitment import Commitments
from dicom_io.deliver.channel import Receipt, Verdict
from dicom_io.deliver.in_turn import in_turn
from dicom_io.deliver.outgoing import Outgoing, outgoing
from dicom_io.deliver.store_status import meaning, verdict
from dicom_io.dimse_peer import UNCOMPRESSED, Proposal, answered_status, ask_for_commitment, association
from dicom_io.errors import PeerUnreachable
from dicom_io.identity import Identity
from dicom_io.query import DimseQuery


class CStoreChannel:
    """One association per send(), with a context for each SOP class in the syntax that its files are in."""

    def __init__(
        self, peer: DimsePeer, *, calling_ae: str, timeout: float, commitments: Commitments | None = None
    ) -> None:
        """commitments: the receiver's; without it a peer can report only on the association that asked."""
        self._peer = peer
        self._commitments = commitments or Commitments()
        self._calling_ae = calling_ae
        self._timeout = timeout
        self._query = DimseQuery(peer, calling_ae=calling_ae, timeout=timeout)

    def check(self) -> str:
        return self._query.check()

    def send(self, files: Sequence[Path]) -> Sequence[Receipt]:
        objects = [outgoing(path) for path in files]
        with association(
            self._peer, calling_ae=self._calling_ae, proposals=proposals(objects), timeout=self._timeout
        ) as open_association:
            return in_turn(objects, lambda each: self._store(open_association, each))

    def _store(self, open_association: Association, each: Outgoing) -> Receipt:
        if open_association.is_established and not _is_accepted(open_association, each):
            return Receipt(
                path=each.path,
                sop_instance_uid=each.uid,
                verdict=Verdict.REFUSED,
                status="no presentation context",
                words=f"SOP class {each.identity.sop_class_uid} was not accepted in {each.transfer_syntax_uid}",
            )
        if not open_association.is_established:
            raise PeerUnreachable(f"{self._peer.name} ended the association")
        response = open_association.send_c_store(dcmread(each.path))
        return _receipt(each, answered_status(self._peer, response), str(response.get("ErrorComment", "")))

    def confirm(self, files: Sequence[Path]) -> frozenset[str]:
        identities = [outgoing(path).identity for path in files]
        if self._peer.confirm == "none":
            return frozenset(each.sop_instance_uid for each in identities)
        if self._peer.confirm == "query":
            return self._query.known(identities)
        return self._committed(identities)

    def _committed(self, identities: Sequence[Identity]) -> frozenset[str]:
        """A report that came after its question was given up counts, so a slow peer is not asked for ever."""
        uids = [each.sop_instance_uid for each in identities]
        known = self._commitments.known(uids)
        left = [each for each in identities if each.sop_instance_uid not in known]
        if left:
            ask_for_commitment(
                self._peer,
                calling_ae=self._calling_ae,
                timeout=self._timeout,
                objects=left,
                commitments=self._commitments,
            )
        return self._commitments.take(uids)


def proposals(objects: Sequence[Outgoing]) -> list[Proposal]:
    """Each SOP class in the syntax of its files, and where that is uncompressed, in either uncompressed one."""
    wanted = dict.fromkeys((each.identity.sop_class_uid, _syntaxes(each)) for each in objects)
    return [Proposal(abstract_syntax=sop_class_uid, transfer_syntaxes=syntaxes) for sop_class_uid, syntaxes in wanted]


def _syntaxes(each: Outgoing) -> tuple[str, ...]:
    return UNCOMPRESSED if each.transfer_syntax_uid in UNCOMPRESSED else (each.transfer_syntax_uid,)


def _is_accepted(open_association: Association, each: Outgoing) -> bool:
    return any(
        context.abstract_syntax == each.identity.sop_class_uid and context.transfer_syntax[0] in _syntaxes(each)
        for context in open_association.accepted_contexts
    )


def _receipt(each: Outgoing, status: int, comment: str) -> Receipt:
    return Receipt(
        path=each.path,
        sop_instance_uid=each.uid,
        verdict=verdict(status),
        status=f"0x{status:04X}",
        words=": ".join(text for text in (meaning(status), comment) if text),
    )
