"""The ledger's database: transactions that are durable when they return, and the steps of lifecycle.py.

Talks to: disk, clock.
"""

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Final

from node.clock import Clock
from node.errors import LedgerOfOtherVersion, StudyMovedOn
from node.ledger.rows import Edition
from node.lifecycle import STUDY, StudyState, require_step

Row = sqlite3.Row
Value = str | int | float | None

VERSION: Final = 1
"""Of schema.sql: a change of it that old ledgers do not fit takes the next number, and says how they come along."""

_BUSY_SECONDS: Final = 30


class Transaction:
    """Statements that become durable together. now: one time for all of them."""

    def __init__(self, connection: sqlite3.Connection, now: float) -> None:
        self._connection = connection
        self.now = now

    def execute(self, sql: str, *values: Value) -> int:
        """The number of rows that changed."""
        return self._connection.execute(sql, values).rowcount

    def execute_each(self, sql: str, rows: Iterable[Sequence[Value]]) -> None:
        self._connection.executemany(sql, rows)

    def rows(self, sql: str, *values: Value) -> list[Row]:
        return self._connection.execute(sql, values).fetchall()

    def note(self, study_uid: str | None, words: str) -> None:
        self.execute("INSERT INTO events (at, study_uid, words) VALUES (?, ?, ?)", self.now, study_uid, words)

    def move_study(self, study: Edition, *, before: StudyState, after: StudyState, reason: str = "") -> None:
        """One step of a study; its lease ends and its attempts are forgotten. Raises StudyMovedOn, ForbiddenStep."""
        require_step(STUDY, before, after)
        moved = self.execute(
            "UPDATE studies SET state = ?, reason = ?, trace = '', attempts = 0, due = 0, lease_until = 0"
            " WHERE study_uid = ? AND edition = ? AND state = ?",
            *(after, reason, study.study_uid, study.number, before),
        )
        if moved == 0:
            raise StudyMovedOn(f"no longer {before} in edition {study.number}")
        self.note(study.study_uid, f"{before} -> {after}{f': {reason}' if reason else ''}")


class Store:
    """One writer at a time, readers beside it. May be used from many threads, and by several processes at once."""

    def __init__(self, path: Path, *, clock: Clock) -> None:
        """Raises LedgerOfOtherVersion."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.clock = clock
        self._writing = threading.RLock()
        self._reading = threading.Lock()
        self._writer = _connect(path)
        self._writer.executescript(files("node.ledger").joinpath("schema.sql").read_text(encoding="utf-8"))
        self._reader = _connect(path)
        self._demand_our_version()

    def close(self) -> None:
        with self._writing, self._reading:
            self._reader.close()
            self._writer.close()

    def _demand_our_version(self) -> None:
        with self.transaction() as work:
            versions = [row["version"] for row in work.rows("SELECT version FROM ledger")]
            if not versions:
                work.execute("INSERT INTO ledger (version) VALUES (?)", VERSION)
        if versions not in ([], [VERSION]):
            self.close()
            raise LedgerOfOtherVersion(f"the ledger has version {versions}, this node writes version {VERSION}")

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """All of it, on the disk, when the block is left; nothing of it if the block raises."""
        with self._writing, self._writer:
            self._writer.execute("BEGIN IMMEDIATE")
            yield Transaction(self._writer, self.clock())

    def rows(self, sql: str, *values: Value) -> list[Row]:
        with self._reading:
            return self._reader.execute(sql, values).fetchall()


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    connection.row_factory = Row
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def marks(values: Sequence[object]) -> str:
    """As many question marks as there are values."""
    return ", ".join("?" * len(values))
