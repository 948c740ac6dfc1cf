"""Results on their way to one peer: the intention before the act, a receipt per object, proof after it.

Talks to: PACS, disk.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from config.settings import Delivery as Patience
from dicom_io.deliver.channel import Channel, Receipt, Verdict
from dicom_io.errors import PeerError
from node.clock import Clock
from node.ledger import Ledger
from node.ledger.deliveries import Step
from node.ledger.rows import Delivery
from node.lifecycle import DeliveryState
from node.log import tell, trace_of
from node.outcomes import Outcome, next_wait, outcome_of

LOG: Final = logging.getLogger(__name__)
_D: Final = DeliveryState
_LOOKS: Final = 6  # first waits that a peer has to find what it stored, before it gets it again
_NOT_FOUND: Final = "answered as stored, but is not found there"


@dataclass(frozen=True, kw_only=True)
class Destination:
    """can_confirm: the peer can be asked which objects it has."""

    name: str
    channel: Channel
    can_confirm: bool


class Courier:
    """Takes what is due for one destination, one study at a time."""

    def __init__(self, ledger: Ledger, destination: Destination, *, patience: Patience, clock: Clock) -> None:
        self._ledger = ledger
        self._destination = destination
        self._patience = patience
        self._clock = clock

    def take(self) -> "Parcel | None":
        deliveries = self._ledger.deliveries.lease_next(self._destination.name)
        return Parcel(self, deliveries) if deliveries else None

    def next_due(self) -> float | None:
        return self._ledger.deliveries.next_due(self._destination.name)

    def deliver(self, deliveries: Sequence[Delivery]) -> None:
        """What was on its way before is asked for first, so that nothing is sent twice."""
        sent = _in(deliveries, _D.SENT)
        self._confirm(sent, since=min((one.changed_at for one in sent), default=0))
        self._settle_unsure(_in(deliveries, _D.SENDING))
        self._send(_in(deliveries, _D.WAITING))

    def release(self, deliveries: Sequence[Delivery]) -> None:
        """Something else took their place while they were in hand."""
        self._ledger.deliveries.put_back(deliveries, due=0, words="")

    def give_up(self, deliveries: Sequence[Delivery], *, words: str) -> None:
        """Wherever they got to."""
        self._ledger.deliveries.give_up(deliveries, words=words)

    def _settle_unsure(self, unsure: Sequence[Delivery]) -> None:
        """The answer to an earlier attempt never came. A peer that cannot be asked gets the object again."""
        if not unsure:
            return
        try:
            there = self._there(unsure) if self._destination.can_confirm else frozenset[str]()
        except PeerError as error:
            self._later(unsure, at=_D.SENDING, words=str(error))
            return
        self._move([one for one in unsure if one.sop_instance_uid in there], _D.SENDING, _D.DELIVERED)
        self._move([one for one in unsure if one.sop_instance_uid not in there], _D.SENDING, _D.WAITING)

    def _send(self, waiting: Sequence[Delivery]) -> None:
        if not waiting:
            return
        self._ledger.deliveries.begin_sending(waiting)
        try:
            receipts = self._destination.channel.send([one.path for one in waiting])
        except PeerError as error:
            self._failed(waiting, error)
            return
        sent = [one for one, receipt in zip(waiting, receipts, strict=True) if self._file(one, receipt)]
        self._confirm(sent, since=self._clock())

    def _file(self, delivery: Delivery, receipt: Receipt) -> bool:
        """True if the peer named it as stored."""
        words = f"{receipt.status} {receipt.words}".strip()
        if receipt.verdict is Verdict.STORED:
            self._move([delivery], _D.SENDING, _D.SENT, words=words)
        elif receipt.verdict is Verdict.REFUSED:
            self._move([delivery], _D.SENDING, _D.REFUSED, words=words)
        elif receipt.verdict is Verdict.BUSY:
            after = _D.GIVEN_UP if self._is_over([delivery]) else _D.WAITING
            self._move([delivery], _D.SENDING, after, words=words, due=self._due([delivery]))
        else:
            self._later([delivery], at=_D.SENDING, words=words)
        return receipt.verdict is Verdict.STORED

    def _failed(self, waiting: Sequence[Delivery], error: PeerError) -> None:
        """No object was answered. Whether one arrived all the same is asked for before the next attempt."""
        if outcome_of(error) is Outcome.RETRY:
            self._later(waiting, at=_D.SENDING, words=str(error))
        else:
            self._move(waiting, _D.SENDING, _D.REFUSED, words=str(error))

    def _confirm(self, sent: Sequence[Delivery], *, since: float) -> None:
        """since: when the peer said "stored". Some take a while until they find what they have."""
        if not sent:
            return
        try:
            there = self._there(sent)
        except PeerError as error:
            self._later(sent, at=_D.SENT, words=str(error))
            return
        self._move([one for one in sent if one.sop_instance_uid in there], _D.SENT, _D.DELIVERED)
        missing = [one for one in sent if one.sop_instance_uid not in there]
        if missing and self._clock() - since < _LOOKS * self._patience.first_wait:
            self._later(missing, at=_D.SENT, words=_NOT_FOUND)
        else:
            after = _D.GIVEN_UP if self._is_over(missing) else _D.WAITING
            self._move(missing, _D.SENT, after, words=_NOT_FOUND, due=self._due(missing))

    def _there(self, deliveries: Sequence[Delivery]) -> frozenset[str]:
        return self._destination.channel.confirm([one.path for one in deliveries])

    def _later(self, deliveries: Sequence[Delivery], *, at: DeliveryState, words: str) -> None:
        if self._is_over(deliveries):
            self._move(deliveries, at, _D.GIVEN_UP, words=words)
            return
        self._ledger.deliveries.put_back(deliveries, due=self._due(deliveries), words=words)
        tell(LOG, "delivery is tried again later", level=logging.WARNING, peer=self._destination.name)

    def _move(self, deliveries: Sequence[Delivery], *states: DeliveryState, words: str = "", due: float = 0) -> None:
        """states: before and after."""
        if not deliveries:
            return
        before, after = states
        self._ledger.deliveries.move(deliveries, Step(before=before, after=after, words=words, due=due))
        tell(LOG, f"{len(deliveries)} objects {after}", peer=self._destination.name, study=deliveries[0].study_uid)

    def _due(self, deliveries: Sequence[Delivery]) -> float:
        attempts = max((one.attempts for one in deliveries), default=0)
        wait = next_wait(attempts, first=self._patience.first_wait, longest=self._patience.longest_wait)
        return self._clock() + wait

    def _is_over(self, deliveries: Sequence[Delivery]) -> bool:
        first = min((one.first_attempt for one in deliveries if one.first_attempt is not None), default=None)
        return first is not None and self._clock() - first > self._patience.give_up_after


class Parcel:
    """What is due of one study for one peer."""

    def __init__(self, courier: Courier, deliveries: Sequence[Delivery]) -> None:
        self._courier = courier
        self._deliveries = deliveries

    def do(self) -> None:
        self._courier.deliver(self._deliveries)

    def failed(self, error: Exception) -> None:
        if outcome_of(error) is Outcome.DISCARD:
            self._courier.release(self._deliveries)
        else:
            self._courier.give_up(self._deliveries, words=f"a defect of the node: {trace_of(error)}")


def _in(deliveries: Sequence[Delivery], state: DeliveryState) -> list[Delivery]:
    return [one for one in deliveries if one.state is state]
