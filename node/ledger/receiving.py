"""The ledger's chapter of what arrives: objects, associations, series that become whole. Talks to: disk, clock."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from dicom_io.received import Arrival, AssociationEnd, ReceivedObject, Turned
from node.ledger.rows import Edition, Instance, Series
from node.ledger.store import Row, Store, Transaction
from node.lifecycle import SERIES, STUDY, DeliveryState, SeriesState, StudyState, require_step

_INTERRUPTED: Final = """
    EXISTS (SELECT 1 FROM arrivals AS broken WHERE broken.series_uid = series.series_uid
            AND broken.ending IN ('aborted', 'lost')
            AND NOT EXISTS (SELECT 1 FROM arrivals AS whole WHERE whole.series_uid = broken.series_uid
                            AND whole.ending = 'released' AND whole.first_at >= broken.ended_at))
"""


class Receiving:
    """run: tells the associations of one process from those of the next."""

    def __init__(self, store: Store, *, run: str) -> None:
        self._store = store
        self._run = run

    def record(self, objects: Sequence[ReceivedObject]) -> list[bool]:
        """One row per object, in one transaction; False where another object has its SOP Instance UID."""
        with self._store.transaction() as work:
            kept = [self._record(work, received) for received in objects]
            bringing = {(one.series_uid, one.caller.association_id): one for one in objects}
            for received in bringing.values():
                self._note_arrival(work, received)
        return kept

    def end_association(self, end: AssociationEnd) -> None:
        """One that is released may be the proof that a series which an earlier one left broken off is whole now."""
        with self._store.transaction() as work:
            for series_uid in end.series_uids:
                was_broken = _is_interrupted(work, series_uid)
                work.execute(
                    "UPDATE arrivals SET ending = ?, ended_at = ? WHERE series_uid = ? AND association = ?",
                    *(end.ending.value, work.now, series_uid, self._association(end.caller.association_id)),
                )
                if was_broken and not _is_interrupted(work, series_uid):
                    _look_again(work, series_uid)
            for reason in end.refusals:
                _refuse(work, end.caller.calling_ae, end.caller.address, reason=reason)

    def note_turned_away(self, caller: Turned) -> None:
        """For the status page: of callers that come again and again with one fault, the last time is kept."""
        with self._store.transaction() as work:
            work.execute(
                "DELETE FROM refusals WHERE path IS NULL AND calling_ae = ? AND address = ? AND reason = ?",
                *(caller.calling_ae, caller.address, caller.reason),
            )
            _refuse(work, caller.calling_ae, caller.address, reason=caller.reason)

    def end_lost_associations(self) -> None:
        """What was open when the last process ended will never end by itself."""
        with self._store.transaction() as work:
            work.execute("UPDATE arrivals SET ending = 'lost', ended_at = ? WHERE ending = 'open'", work.now)

    def in_flight(self) -> list[Instance]:
        """Objects of series whose associations were open when the last process ended."""
        rows = self._store.rows(
            "SELECT * FROM instances WHERE path IS NOT NULL AND series_uid IN"
            " (SELECT series_uid FROM arrivals WHERE ending = 'open')"
        )
        return [_instance(row) for row in rows]

    def drop(self, instance: Instance) -> None:
        """A row without its file: the sender had no answer, and has the object still."""
        with self._store.transaction() as work:
            work.execute(
                "UPDATE series SET images = images - 1 WHERE series_uid ="
                " (SELECT series_uid FROM instances WHERE sop_instance_uid = ?)",
                instance.sop_instance_uid,
            )
            work.execute("DELETE FROM instances WHERE sop_instance_uid = ?", instance.sop_instance_uid)

    def series(self, state: SeriesState) -> list[Series]:
        sql = f"SELECT *, {_INTERRUPTED} AS interrupted FROM series WHERE state = ?"
        return [_series(row) for row in self._store.rows(sql, state)]

    def series_of(self, study_uid: str) -> list[Series]:
        sql = f"SELECT *, {_INTERRUPTED} AS interrupted FROM series WHERE study_uid = ?"
        return [_series(row) for row in self._store.rows(sql, study_uid)]

    def instances(self, series_uid: str) -> list[Instance]:
        rows = self._store.rows("SELECT * FROM instances WHERE series_uid = ? ORDER BY sop_instance_uid", series_uid)
        return [_instance(row) for row in rows]

    def paths(self, series_uid: str) -> list[Path]:
        """Files of a series that are still there."""
        return [one.path for one in self.instances(series_uid) if one.path is not None]

    def classify(self, series: Series, *, role: str, matters: bool) -> None:
        with self._store.transaction() as work:
            work.execute(
                "UPDATE series SET role = ?, matters = ? WHERE series_uid = ?", role, int(matters), series.series_uid
            )

    def explain(self, series: Series, reason: str) -> None:
        """What it still waits for."""
        with self._store.transaction() as work:
            work.execute("UPDATE series SET reason = ? WHERE series_uid = ?", reason, series.series_uid)

    def close_series(self, series: Series, *, after: SeriesState, reason: str) -> bool:
        """False if an image came since the series was looked at: nothing is changed then."""
        require_step(SERIES, series.state, after)
        with self._store.transaction() as work:
            moved = work.execute(
                "UPDATE series SET state = ?, reason = ? WHERE series_uid = ? AND state = ? AND images = ?",
                *(after, reason, series.series_uid, series.state, series.images),
            )
        return moved > 0

    def complete_study(self, edition: Edition, *, images: Mapping[str, int], reason: str) -> bool:
        """images: per series, as they were looked at; False, and nothing changed, if one more has come since."""
        with self._store.transaction() as work:
            rows = work.rows("SELECT series_uid, images FROM series WHERE study_uid = ?", edition.study_uid)
            if {row["series_uid"]: row["images"] for row in rows} != dict(images):
                return False
            work.move_study(edition, before=StudyState.RECEIVING, after=StudyState.COMPLETE, reason=reason)
        return True

    def _record(self, work: Transaction, received: ReceivedObject) -> bool:
        if received.arrival is Arrival.CONFLICT:
            return self._keep_apart(work, received)
        known = work.rows(
            "SELECT series_uid, sha256 FROM instances WHERE sop_instance_uid = ?", received.sop_instance_uid
        )
        if not known:
            self._add(work, received)
        elif (known[0]["series_uid"], known[0]["sha256"]) != (received.series_uid, received.sha256):
            return self._keep_apart(work, received)
        else:
            work.execute(
                "UPDATE instances SET path = ? WHERE sop_instance_uid = ? AND path IS NULL",
                *(str(received.path), received.sop_instance_uid),
            )
        return True

    def _keep_apart(self, work: Transaction, received: ReceivedObject) -> bool:
        reason = "another object with this SOP Instance UID came earlier"
        _refuse(work, received.caller.calling_ae, received.caller.address, reason=reason, path=received.path)
        return False

    def _add(self, work: Transaction, received: ReceivedObject) -> None:
        self._touch_study(work, received)
        self._touch_series(work, received)
        work.execute(
            "INSERT INTO instances (sop_instance_uid, series_uid, sop_class_uid, transfer_syntax_uid, sha256, size,"
            " path, received_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            *(received.sop_instance_uid, received.series_uid, received.sop_class_uid, received.transfer_syntax_uid),
            *(received.sha256, received.size, str(received.path), work.now),
        )

    def _touch_study(self, work: Transaction, received: ReceivedObject) -> None:
        work.execute(
            "INSERT INTO studies (study_uid, state, edition, calling_ae, first_arrival, last_arrival)"
            " VALUES (?, ?, 1, ?, ?, ?)"
            " ON CONFLICT (study_uid) DO UPDATE SET last_arrival = excluded.last_arrival",
            *(received.study_uid, StudyState.RECEIVING, received.caller.calling_ae, work.now, work.now),
        )

    def _touch_series(self, work: Transaction, received: ReceivedObject) -> None:
        known = work.rows("SELECT state, matters FROM series WHERE series_uid = ?", received.series_uid)
        if not known:
            work.execute(
                "INSERT INTO series (series_uid, study_uid, state, images, calling_ae, last_arrival)"
                " VALUES (?, ?, ?, 1, ?, ?)",
                *(received.series_uid, received.study_uid, SeriesState.RECEIVING, received.caller.calling_ae, work.now),
            )
        else:
            work.execute(
                "UPDATE series SET state = ?, images = images + 1, last_arrival = ?, calling_ae = ?"
                " WHERE series_uid = ?",
                *(SeriesState.RECEIVING, work.now, received.caller.calling_ae, received.series_uid),
            )
        if not known or known[0]["matters"]:
            _reopen(work, received.study_uid)

    def _note_arrival(self, work: Transaction, received: ReceivedObject) -> None:
        work.execute(
            "INSERT INTO arrivals (series_uid, association, first_at, ending)"
            " SELECT series_uid, ?, ?, 'open' FROM series WHERE series_uid = ?"
            " ON CONFLICT (series_uid, association) DO NOTHING",
            *(self._association(received.caller.association_id), work.now, received.series_uid),
        )

    def _association(self, identifier: str) -> str:
        return f"{self._run}.{identifier}"


def _is_interrupted(work: Transaction, series_uid: str) -> bool:
    return bool(work.rows(f"SELECT 1 FROM series WHERE series_uid = ? AND {_INTERRUPTED}", series_uid))


def _look_again(work: Transaction, series_uid: str) -> None:
    """At a series that was given up as incomplete."""
    (series,) = work.rows("SELECT study_uid, state FROM series WHERE series_uid = ?", series_uid)
    if series["state"] == SeriesState.INCOMPLETE:
        work.execute("UPDATE series SET state = ? WHERE series_uid = ?", SeriesState.RECEIVING, series_uid)
        _reopen(work, series["study_uid"])


def _reopen(work: Transaction, study_uid: str) -> None:
    """A late image, or late proof: what was planned or waits to be sent is out of date, and a new edition begins."""
    row = work.rows("SELECT state, edition FROM studies WHERE study_uid = ?", study_uid)[0]
    if row["state"] == StudyState.RECEIVING:
        return
    require_step(STUDY, StudyState(row["state"]), StudyState.RECEIVING)
    work.execute(
        "UPDATE studies SET state = ?, edition = edition + 1, reason = '', trace = '', attempts = 0, due = 0,"
        " lease_until = 0 WHERE study_uid = ?",
        *(StudyState.RECEIVING, study_uid),
    )
    work.execute(
        "UPDATE deliveries SET state = ?, changed_at = ? WHERE state = ? AND sop_instance_uid IN"
        " (SELECT sop_instance_uid FROM answers WHERE study_uid = ? AND edition = ?)",
        *(DeliveryState.SUPERSEDED, work.now, DeliveryState.WAITING, study_uid, row["edition"]),
    )
    work.note(study_uid, f"{row['state']} -> {StudyState.RECEIVING}: late images, or late proof")


def _refuse(work: Transaction, calling_ae: str, address: str, *, reason: str, path: Path | None = None) -> None:
    work.execute(
        "INSERT INTO refusals (at, calling_ae, address, reason, path) VALUES (?, ?, ?, ?, ?)",
        *(work.now, calling_ae, address, reason, None if path is None else str(path)),
    )


def _instance(row: Row) -> Instance:
    return Instance(
        sop_instance_uid=row["sop_instance_uid"],
        sha256=row["sha256"],
        path=None if row["path"] is None else Path(row["path"]),
    )


def _series(row: Row) -> Series:
    return Series(
        series_uid=row["series_uid"],
        study_uid=row["study_uid"],
        state=SeriesState(row["state"]),
        images=row["images"],
        calling_ae=row["calling_ae"],
        last_arrival=row["last_arrival"],
        role=row["role"],
        matters=bool(row["matters"]),
        interrupted=bool(row["interrupted"]),
        reason=row["reason"],
    )
