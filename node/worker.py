"""A thread that does one job after another, and knows what to do when one fails. Talks to: clock."""

import logging
import sqlite3
import threading
from collections.abc import Callable
from typing import Final, Protocol

from node.log import tell

LOG: Final = logging.getLogger(__name__)
_AFTER_A_FAULT_OF_THE_LEDGER: Final = 5.0


class Job(Protocol):
    """Leased work: doing it twice does no harm."""

    def do(self) -> None: ...

    def failed(self, error: Exception) -> None:
        """Writes down what becomes of it (node/outcomes.py)."""
        ...


class Jobs(Protocol):
    def take(self) -> Job | None:
        """The next job that is due; it is leased to us."""
        ...

    def next_due(self) -> float | None:
        """When a job that waits is due, in seconds since 1970."""
        ...


class Worker:
    """Sleeps until it is rung for. wake_at: rings again at a time."""

    def __init__(self, name: str, jobs: Jobs, *, wake_at: Callable[[float, Callable[[], None]], None]) -> None:
        self._jobs = jobs
        self._wake_at = wake_at
        self._bell = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name)

    def start(self) -> None:
        self._bell.set()
        self._thread.start()

    def ring(self) -> None:
        """There may be work."""
        self._bell.set()

    def stop(self) -> None:
        """Waits for the end of the job in hand."""
        self._stopping.set()
        self._bell.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._bell.clear()
            try:
                self._do_all()
            except sqlite3.Error as error:  # a full disk, mostly: leases run on, and the work is found again
                tell(LOG, "the ledger cannot be used", level=logging.CRITICAL, error=type(error).__name__)
                self._stopping.wait(_AFTER_A_FAULT_OF_THE_LEDGER)
                continue
            self._bell.wait()

    def _do_all(self) -> None:
        """Raises sqlite3.Error."""
        while not self._stopping.is_set() and (job := self._jobs.take()) is not None:
            try:
                job.do()
            except Exception as error:
                job.failed(error)
        due = self._jobs.next_due()
        if due is not None:
            self._wake_at(due, self.ring)
