"""The ledger as people see it: studies with their reasons, refusals, what retention may delete. Talks to: disk."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from node.ledger.rows import Choice, Overview, Refusal, StudyLine, Verdict
from node.ledger.store import Store
from node.lifecycle import SeriesState, StudyState

_PAGE: Final = 200
_KEYS: Final = {"instances": "sop_instance_uid", "objects": "sop_instance_uid", "refusals": "path"}
_STUDIES_OF_INSTANCES: Final = "JOIN series USING (series_uid) JOIN studies USING (study_uid)"


@dataclass(frozen=True, kw_only=True)
class Happening:
    """at: seconds since 1970."""

    at: float
    words: str


@dataclass(frozen=True, kw_only=True)
class Expired:
    """A file that nothing needs any more; key is its row's, in _KEYS[table]."""

    table: str
    key: str
    path: Path


class Views:
    def __init__(self, store: Store) -> None:
        self._store = store

    def overview(self) -> Overview:
        """The latest studies and refusals, newest first; counts are of all studies."""
        counts = self._store.rows("SELECT state, COUNT(*) AS studies FROM studies GROUP BY state")
        refusals = self._store.rows("SELECT * FROM refusals ORDER BY at DESC LIMIT ?", _PAGE)
        return Overview(
            studies=tuple(self._studies()),
            refusals=tuple(
                Refusal(
                    at=row["at"],
                    calling_ae=row["calling_ae"],
                    address=row["address"],
                    reason=row["reason"],
                    quarantined=row["path"] is not None,
                )
                for row in refusals
            ),
            counts={row["state"]: row["studies"] for row in counts},
        )

    def timeline(self, study_uid: str) -> list[Happening]:
        """What happened to a study, and when, in order."""
        rows = self._store.rows("SELECT at, words FROM events WHERE study_uid = ? ORDER BY rowid", study_uid)
        return [Happening(at=row["at"], words=row["words"]) for row in rows]

    def expired(self, *, inputs_before: float, results_before: float) -> list[Expired]:
        """Files of studies that are done with (delivered, or rejected), whose last delivery or arrival is older.

        What lies in quarantine has the time of inputs.
        """
        return [
            *self._expired("instances", inputs_before),
            *self._expired("objects", results_before),
            *self._expired_refusals(inputs_before),
        ]

    def received_files(self) -> frozenset[Path]:
        """Every file that a row of a received object names."""
        rows = self._store.rows("SELECT path FROM instances WHERE path IS NOT NULL")
        return frozenset(Path(row["path"]) for row in rows)

    def forget_file(self, expired: Expired) -> None:
        """The file is gone; the row stays."""
        with self._store.transaction() as work:
            work.execute(
                f"UPDATE {expired.table} SET path = NULL WHERE {_KEYS[expired.table]} = ?",
                expired.key,
            )

    def forget_history(self, *, before: float) -> None:
        """Events and refusals older than that; a refusal whose object still lies in quarantine stays."""
        with self._store.transaction() as work:
            work.execute("DELETE FROM events WHERE at < ?", before)
            work.execute("DELETE FROM refusals WHERE at < ? AND path IS NULL", before)

    def _expired(self, table: str, before: float) -> list[Expired]:
        owned = "JOIN studies USING (study_uid)" if table == "objects" else _STUDIES_OF_INSTANCES
        rows = self._store.rows(
            f"SELECT {table}.sop_instance_uid, {table}.path FROM {table} {owned}"
            f" WHERE {table}.path IS NOT NULL AND studies.state IN (?, ?) AND studies.last_arrival < ?"
            " AND NOT EXISTS (SELECT 1 FROM deliveries JOIN answers USING (sop_instance_uid)"
            "  WHERE answers.study_uid = studies.study_uid AND deliveries.changed_at >= ?)",
            *(StudyState.DELIVERED, StudyState.REJECTED, before, before),
        )
        return [Expired(table=table, key=row["sop_instance_uid"], path=Path(row["path"])) for row in rows]

    def _expired_refusals(self, before: float) -> list[Expired]:
        rows = self._store.rows("SELECT path FROM refusals WHERE path IS NOT NULL AND at < ?", before)
        return [Expired(table="refusals", key=row["path"], path=Path(row["path"])) for row in rows]

    def _studies(self) -> list[StudyLine]:
        rows = self._store.rows("SELECT * FROM studies ORDER BY last_arrival DESC LIMIT ?", _PAGE)
        images = self._counts("SELECT study_uid, SUM(images) AS images FROM series GROUP BY study_uid")
        return [
            StudyLine(
                study_uid=row["study_uid"],
                edition=row["edition"],
                state=StudyState(row["state"]),
                calling_ae=row["calling_ae"],
                images=images.get(row["study_uid"], 0),
                last_arrival=row["last_arrival"],
                reason=row["reason"] or self._waits_for(row["study_uid"]),
                choices=self._choices(row["study_uid"], row["edition"]),
                deliveries=self._deliveries(row["study_uid"], row["edition"]),
                words=self._words(row["study_uid"], row["edition"]),
            )
            for row in rows
        ]

    def _waits_for(self, study_uid: str) -> str:
        """Of a study that is being received: what its series still lack."""
        rows = self._store.rows(
            "SELECT DISTINCT series.reason FROM series JOIN studies USING (study_uid)"
            " WHERE study_uid = ? AND studies.state = ? AND series.state = ? AND series.reason <> ''",
            *(study_uid, StudyState.RECEIVING, SeriesState.RECEIVING),
        )
        return "; ".join(row["reason"] for row in rows)

    def _counts(self, sql: str) -> Mapping[str, int]:
        return {row["study_uid"]: row["images"] for row in self._store.rows(sql)}

    def _choices(self, study_uid: str, edition: int) -> tuple[Choice, ...]:
        rows = self._store.rows("SELECT * FROM choices WHERE study_uid = ? AND edition = ?", study_uid, edition)
        return tuple(
            Choice(
                series_uid=row["series_uid"],
                method=row["method"],
                verdict=Verdict(row["verdict"]),
                reason=row["reason"],
            )
            for row in rows
        )

    def _deliveries(self, study_uid: str, edition: int) -> Mapping[str, Mapping[str, int]]:
        rows = self._store.rows(
            "SELECT peer, state, COUNT(*) AS objects FROM deliveries JOIN answers USING (sop_instance_uid)"
            " WHERE study_uid = ? AND edition = ? GROUP BY peer, state",
            *(study_uid, edition),
        )
        found: dict[str, dict[str, int]] = defaultdict(dict)
        for row in rows:
            found[row["peer"]][row["state"]] = row["objects"]
        return {peer: dict(states) for peer, states in found.items()}

    def _words(self, study_uid: str, edition: int) -> tuple[str, ...]:
        rows = self._store.rows(
            "SELECT DISTINCT peer, words FROM deliveries JOIN answers USING (sop_instance_uid)"
            " WHERE study_uid = ? AND edition = ? AND words <> ''",
            *(study_uid, edition),
        )
        return tuple(f"{row['peer']}: {row['words']}" for row in rows)
