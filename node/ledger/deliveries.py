"""The ledger's chapter of results on their way: the intention before the act, the peer's words after it.

Talks to: disk, clock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from node.errors import StudyMovedOn
from node.ledger.rows import Delivery, Edition
from node.ledger.store import Row, Store, Transaction, marks
from node.ledger.studies import settle
from node.lifecycle import DELIVERY, DeliveryState, require_step

_LEASE_SECONDS: Final = 3600
_UNDER_WAY: Final = (DeliveryState.WAITING, DeliveryState.SENDING, DeliveryState.SENT)


@dataclass(frozen=True, kw_only=True)
class Step:
    """What became of deliveries: words are the peer's, due is when to look again."""

    before: DeliveryState
    after: DeliveryState
    words: str = ""
    due: float = 0


class Deliveries:
    def __init__(self, store: Store) -> None:
        self._store = store

    def lease_next(self, peer: str) -> list[Delivery]:
        """All that is due of one study for this peer, oldest study first: SEG before the SR that names it."""
        with self._store.transaction() as work:
            due = self._due(work, peer)
            batch = [one for one in due if one.study_uid == due[0].study_uid]
            work.execute_each(
                "UPDATE deliveries SET lease_until = ? WHERE sop_instance_uid = ? AND peer = ?",
                [(work.now + _LEASE_SECONDS, one.sop_instance_uid, peer) for one in batch],
            )
            return batch

    def begin_sending(self, deliveries: Sequence[Delivery]) -> None:
        """The intention. Raises StudyMovedOn if one of them was superseded; then none is to be sent."""
        with self._store.transaction() as work:
            for one in deliveries:
                _move(work, one, before=one.state, after=DeliveryState.SENDING)
                work.execute(
                    "UPDATE deliveries SET attempts = attempts + 1, first_attempt = COALESCE(first_attempt, ?)"
                    " WHERE sop_instance_uid = ? AND peer = ?",
                    *(work.now, one.sop_instance_uid, one.peer),
                )

    def move(self, deliveries: Sequence[Delivery], step: Step) -> None:
        """One step of each; with the last of a study, the study's own. Raises StudyMovedOn."""
        with self._store.transaction() as work:
            for one in deliveries:
                _take_step(work, one, step)
            for edition in _editions(work, deliveries):
                settle(work, edition)

    def give_up(self, deliveries: Sequence[Delivery], *, words: str) -> None:
        """From whatever state each has by now, as far as it is under way."""
        with self._store.transaction() as work:
            for one in deliveries:
                state = _state(work, one)
                if state in _UNDER_WAY:
                    _take_step(work, one, Step(before=state, after=DeliveryState.GIVEN_UP, words=words))
            for edition in _editions(work, deliveries):
                settle(work, edition)

    def put_back(self, deliveries: Sequence[Delivery], *, due: float, words: str) -> None:
        """The state stays, and is looked at again at due."""
        with self._store.transaction() as work:
            work.execute_each(
                "UPDATE deliveries SET due = ?, words = ?, lease_until = 0 WHERE sop_instance_uid = ? AND peer = ?",
                [(due, words, one.sop_instance_uid, one.peer) for one in deliveries],
            )

    def next_due(self, peer: str) -> float | None:
        """When the next one that was put back wants to be tried again."""
        sql = f"SELECT MIN(due) AS due FROM deliveries WHERE peer = ? AND state IN ({marks(_UNDER_WAY)}) AND due > ?"
        due = self._store.rows(sql, peer, *_UNDER_WAY, self._store.clock())[0]["due"]
        return None if due is None else float(due)

    def _due(self, work: Transaction, peer: str) -> list[Delivery]:
        rows = work.rows(
            "SELECT * FROM deliveries JOIN objects USING (sop_instance_uid)"
            f" WHERE peer = ? AND state IN ({marks(_UNDER_WAY)}) AND due <= ? AND lease_until <= ?"
            " ORDER BY made_at, kind, sop_instance_uid",
            *(peer, *_UNDER_WAY, work.now, work.now),
        )
        return [_delivery(row) for row in rows]


def _take_step(work: Transaction, delivery: Delivery, step: Step) -> None:
    _move(work, delivery, before=step.before, after=step.after)
    work.execute(
        "UPDATE deliveries SET words = ?, due = ?, lease_until = 0 WHERE sop_instance_uid = ? AND peer = ?",
        *(step.words, step.due, delivery.sop_instance_uid, delivery.peer),
    )


def _state(work: Transaction, delivery: Delivery) -> DeliveryState:
    sql = "SELECT state FROM deliveries WHERE sop_instance_uid = ? AND peer = ?"
    return DeliveryState(work.rows(sql, delivery.sop_instance_uid, delivery.peer)[0]["state"])


def _move(work: Transaction, delivery: Delivery, *, before: DeliveryState, after: DeliveryState) -> None:
    require_step(DELIVERY, before, after)
    moved = work.execute(
        "UPDATE deliveries SET state = ?, changed_at = ? WHERE sop_instance_uid = ? AND peer = ? AND state = ?",
        *(after, work.now, delivery.sop_instance_uid, delivery.peer, before),
    )
    if moved == 0:
        raise StudyMovedOn(f"a delivery is no longer {before}")
    work.note(delivery.study_uid, f"{delivery.sop_instance_uid} to {delivery.peer}: {before} -> {after}")


def _editions(work: Transaction, deliveries: Sequence[Delivery]) -> list[Edition]:
    uids = [one.sop_instance_uid for one in deliveries]
    rows = work.rows(
        f"SELECT DISTINCT study_uid, edition FROM answers WHERE sop_instance_uid IN ({marks(uids)})",
        *uids,
    )
    return [Edition(study_uid=row["study_uid"], number=row["edition"]) for row in rows]


def _delivery(row: Row) -> Delivery:
    return Delivery(
        sop_instance_uid=row["sop_instance_uid"],
        sop_class_uid=row["sop_class_uid"],
        series_uid=row["series_uid"],
        study_uid=row["study_uid"],
        peer=row["peer"],
        path=Path(row["path"]),
        state=DeliveryState(row["state"]),
        changed_at=row["changed_at"],
        attempts=row["attempts"],
        first_attempt=row["first_attempt"],
    )
