"""A thread that does one job after another, and knows what to do when one fails. Talks to: clock."""

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Final, Protocol

LOG: Final = logging.getLogger(__name__)
_AFTER_A_FAULT: Final = 5.0  # seconds


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

    def __init__(
        self,
        name: str,
        jobs: Jobs,
        *,
        wake_at: Callable[[float, Callable[[], None]], None],
        then: Sequence["Worker"] = (),
    ) -> None:
        """then: who may have work after a job of ours."""
        self._jobs = jobs
        self._wake_at = wake_at
        self._then = then
        self._job: Job | None = None
        self._failed: tuple[Job, Exception] | None = None
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
            try:
                self._act()
            except Exception as error:
                self._remember(error)

    def _act(self) -> None:
        """One job, or the answer to one that failed: that is work too, and may fail."""
        if self._failed is not None:
            job, error = self._failed
            self._failed = None
            job.failed(error)
            return
        self._bell.clear()
        if self._stopping.is_set():
            return  # the ring that was just cleared may have been that of stop()
        self._job = self._jobs.take()
        if self._job is not None:
            self._job.do()
            self._job = None
            for worker in self._then:
                worker.ring()
            return
        due = self._jobs.next_due()
        if due is not None:
            self._wake_at(due, self.ring)
        self._bell.wait()

    def _remember(self, error: Exception) -> None:
        """Without a job in hand the ledger cannot be used, for want of space mostly: leases bring the work back."""
        if self._job is not None:
            self._failed = (self._job, error)
            self._job = None
            return
        LOG.critical("a worker cannot work", exc_info=error)
        self._stopping.wait(_AFTER_A_FAULT)
