"""The ledger's chapter of work on studies: leases, plans, results, retries. Talks to: disk, clock."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Final

from node.ledger.rows import Choice, Edition, ResultObject, Study
from node.ledger.store import Row, Store, Transaction, marks
from node.lifecycle import LEFT_US, DeliveryState, SeriesState, StudyState

_LEASE_SECONDS: Final = 3600
_IN_HAND: Final = (StudyState.COMPLETE, StudyState.PLANNED)


class Studies:
    def __init__(self, store: Store) -> None:
        self._store = store

    def moving(self) -> list[Study]:
        """Those that are being received, or have a series that is; whose last image is oldest first."""
        rows = self._store.rows(
            "SELECT * FROM studies WHERE state = ? OR EXISTS"
            " (SELECT 1 FROM series WHERE series.study_uid = studies.study_uid AND series.state = ?)"
            " ORDER BY last_arrival",
            *(StudyState.RECEIVING, SeriesState.RECEIVING),
        )
        return [_study(row) for row in rows]

    def lease_next(self) -> Study | None:
        """The study that waits longest for planning or execution; it is ours until it is moved or put back."""
        with self._store.transaction() as work:
            found = work.rows(
                f"SELECT * FROM studies WHERE state IN ({marks(_IN_HAND)}) AND due <= ? AND lease_until <= ?"
                " ORDER BY last_arrival LIMIT 1",
                *(*_IN_HAND, work.now, work.now),
            )
            if not found:
                return None
            lease = work.now + _LEASE_SECONDS
            work.execute("UPDATE studies SET lease_until = ? WHERE study_uid = ?", lease, found[0]["study_uid"])
            return _study(found[0])

    def release_leases(self) -> None:
        """The process that held them is gone."""
        with self._store.transaction() as work:
            work.execute("UPDATE studies SET lease_until = 0 WHERE lease_until > 0")
            work.execute("UPDATE deliveries SET lease_until = 0 WHERE lease_until > 0")

    def next_due(self) -> float | None:
        """When the next study that was put back wants to be tried again."""
        sql = f"SELECT MIN(due) AS due FROM studies WHERE state IN ({marks(_IN_HAND)}) AND due > ?"
        due = self._store.rows(sql, *_IN_HAND, self._store.clock())[0]["due"]
        return None if due is None else float(due)

    def plan(self, edition: Edition, plan: str, *, choices: Sequence[Choice]) -> None:
        """COMPLETE -> PLANNED. Raises StudyMovedOn."""
        with self._store.transaction() as work:
            work.move_study(edition, before=StudyState.COMPLETE, after=StudyState.PLANNED)
            work.execute(
                "UPDATE studies SET plan = ?, planned_at = ? WHERE study_uid = ?", plan, work.now, edition.study_uid
            )
            _replace_choices(work, edition, choices)

    def set_aside(
        self, edition: Edition, *, before: StudyState, after: StudyState, reason: str, choices: Sequence[Choice] = ()
    ) -> None:
        """To HELD or REJECTED, with the reasons. Raises StudyMovedOn, ForbiddenStep."""
        with self._store.transaction() as work:
            work.move_study(edition, before=before, after=after, reason=reason)
            _add_choices(work, edition, choices)

    def encode(
        self,
        edition: Edition,
        objects: Sequence[ResultObject],
        *,
        peers: Mapping[str, Collection[str]],
        choices: Sequence[Choice] = (),
    ) -> None:
        """PLANNED -> ENCODED: every object is a durable file, and waits for each peer that takes its kind.

        peers: the kinds that each takes. Raises StudyMovedOn.
        """
        with self._store.transaction() as work:
            work.move_study(edition, before=StudyState.PLANNED, after=StudyState.ENCODED)
            _add_choices(work, edition, choices)
            for result in objects:
                _add_object(work, edition, result)
                for peer in (name for name, kinds in peers.items() if result.kind in kinds):
                    _add_delivery(work, result, peer)
            settle(work, edition)

    def put_back(self, study: Study, *, due: float, reason: str) -> None:
        """To be tried again at due."""
        with self._store.transaction() as work:
            work.execute(
                "UPDATE studies SET attempts = attempts + 1, due = ?, reason = ?, lease_until = 0"
                " WHERE study_uid = ? AND edition = ? AND state = ?",
                *(due, reason, study.edition.study_uid, study.edition.number, study.state),
            )
            work.note(study.edition.study_uid, f"again later: {reason}")

    def fail(self, study: Study, *, reason: str, trace: str) -> None:
        """Raises StudyMovedOn."""
        with self._store.transaction() as work:
            work.move_study(study.edition, before=study.state, after=StudyState.FAILED, reason=reason)
            work.execute("UPDATE studies SET trace = ? WHERE study_uid = ?", trace, study.edition.study_uid)

    def objects_of_job(self, job: str) -> list[ResultObject]:
        """What this very work gave before; empty unless every file is still there."""
        rows = self._store.rows("SELECT * FROM objects WHERE job = ? ORDER BY kind, sop_instance_uid", job)
        found = [_object(row) for row in rows if row["path"] is not None]
        return found if len(found) == len(rows) and all(one.path.is_file() for one in found) else []

    def superseded_by(self, edition: Edition, *, kind: str) -> list[ResultObject]:
        """Objects of the latest earlier edition that a peer may have."""
        rows = self._store.rows(
            "SELECT DISTINCT objects.*, answers.edition FROM objects JOIN answers USING (sop_instance_uid)"
            f" JOIN deliveries USING (sop_instance_uid) WHERE answers.study_uid = ? AND answers.edition < ?"
            f" AND objects.kind = ? AND deliveries.state IN ({marks(LEFT_US)}) ORDER BY answers.edition DESC",
            *(edition.study_uid, edition.number, kind, *LEFT_US),
        )
        return [_object(row) for row in rows if row["edition"] == rows[0]["edition"]]

    def retry(self, study_uid: str) -> bool:
        """A person asks: failed deliveries wait again, else the study is planned anew. False if nothing had stopped."""
        with self._store.transaction() as work:
            found = work.rows("SELECT * FROM studies WHERE study_uid = ?", study_uid)
            if not found:
                return False
            study = _study(found[0])
            if study.state not in (StudyState.FAILED, StudyState.HELD, StudyState.REJECTED):
                return False
            again = _revive_deliveries(work, study.edition)
            after = StudyState.ENCODED if again else StudyState.COMPLETE
            work.move_study(study.edition, before=study.state, after=after, reason="a person asked")
            if study.state is StudyState.HELD:
                work.execute("UPDATE studies SET released = 1 WHERE study_uid = ?", study_uid)
        return True


def settle(work: Transaction, edition: Edition) -> None:
    """ENCODED -> DELIVERED or FAILED once no delivery of this edition is under way."""
    states = {
        DeliveryState(row["state"]): row["words"]
        for row in work.rows(
            "SELECT deliveries.state, deliveries.words FROM answers JOIN deliveries USING (sop_instance_uid)"
            " WHERE answers.study_uid = ? AND answers.edition = ?",
            *(edition.study_uid, edition.number),
        )
    }
    encoded = work.rows(
        "SELECT 1 FROM studies WHERE study_uid = ? AND edition = ? AND state = ?",
        *(edition.study_uid, edition.number, StudyState.ENCODED),
    )
    if not encoded or states.keys() & {DeliveryState.WAITING, DeliveryState.SENDING, DeliveryState.SENT}:
        return
    stopped = next((state for state in (DeliveryState.REFUSED, DeliveryState.GIVEN_UP) if state in states), None)
    if stopped is None:
        work.move_study(edition, before=StudyState.ENCODED, after=StudyState.DELIVERED)
    else:
        reason = f"{stopped}: {states[stopped]}"
        work.move_study(edition, before=StudyState.ENCODED, after=StudyState.FAILED, reason=reason)


def _replace_choices(work: Transaction, edition: Edition, choices: Sequence[Choice]) -> None:
    work.execute("DELETE FROM choices WHERE study_uid = ? AND edition = ?", edition.study_uid, edition.number)
    _add_choices(work, edition, choices)


def _add_choices(work: Transaction, edition: Edition, choices: Sequence[Choice]) -> None:
    work.execute_each(
        "INSERT INTO choices (study_uid, edition, series_uid, method, verdict, reason) VALUES (?, ?, ?, ?, ?, ?)",
        [(edition.study_uid, edition.number, one.series_uid, one.method, one.verdict, one.reason) for one in choices],
    )


def _add_object(work: Transaction, edition: Edition, result: ResultObject) -> None:
    work.execute(
        "INSERT INTO objects (sop_instance_uid, sop_class_uid, series_uid, study_uid, kind, job, path, made_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (sop_instance_uid) DO UPDATE SET path = excluded.path",
        *(result.sop_instance_uid, result.sop_class_uid, result.series_uid, result.study_uid),
        *(result.kind, result.job, str(result.path), work.now),
    )
    work.execute(
        "INSERT INTO answers (study_uid, edition, sop_instance_uid) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        *(edition.study_uid, edition.number, result.sop_instance_uid),
    )


def _add_delivery(work: Transaction, result: ResultObject, peer: str) -> None:
    """One that was superseded before it left waits again: the same work gave the same object."""
    work.execute(
        "INSERT INTO deliveries (sop_instance_uid, peer, state, changed_at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (sop_instance_uid, peer) DO UPDATE SET state = excluded.state, changed_at = excluded.changed_at"
        " WHERE deliveries.state = ?",
        *(result.sop_instance_uid, peer, DeliveryState.WAITING, work.now, DeliveryState.SUPERSEDED),
    )


def _revive_deliveries(work: Transaction, edition: Edition) -> int:
    return work.execute(
        "UPDATE deliveries SET state = ?, attempts = 0, first_attempt = NULL, due = 0, changed_at = ?"
        " WHERE state IN (?, ?) AND sop_instance_uid IN"
        " (SELECT sop_instance_uid FROM answers WHERE study_uid = ? AND edition = ?)",
        *(DeliveryState.WAITING, work.now, DeliveryState.REFUSED, DeliveryState.GIVEN_UP),
        *(edition.study_uid, edition.number),
    )


def _study(row: Row) -> Study:
    return Study(
        edition=Edition(study_uid=row["study_uid"], number=row["edition"]),
        state=StudyState(row["state"]),
        calling_ae=row["calling_ae"],
        first_arrival=row["first_arrival"],
        last_arrival=row["last_arrival"],
        is_released=bool(row["released"]),
        plan=row["plan"],
        planned_at=row["planned_at"],
        attempts=row["attempts"],
    )


def _object(row: Row) -> ResultObject:
    return ResultObject(
        sop_instance_uid=row["sop_instance_uid"],
        sop_class_uid=row["sop_class_uid"],
        series_uid=row["series_uid"],
        study_uid=row["study_uid"],
        kind=row["kind"],
        job=row["job"],
        path=Path(row["path"]),
    )
