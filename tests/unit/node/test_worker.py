"""A worker does what is due, answers for what fails, and wakes when it is rung for."""

import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from node.worker import Job, Worker

PATIENCE = 20.0


@dataclass
class Task:
    """Does what it is told, and says what came of it."""

    act: Callable[[], None]
    said: "queue.Queue[str]"

    def do(self) -> None:
        self.act()
        self.said.put("done")

    def failed(self, error: Exception) -> None:
        self.said.put(type(error).__name__)
        if isinstance(error, LookupError):
            raise error


@dataclass
class Tasks:
    """Those that wait, and what they said."""

    said: "queue.Queue[str]" = field(default_factory=queue.Queue)
    waiting: "queue.Queue[Callable[[], None]]" = field(default_factory=queue.Queue)
    due: float | None = None
    faults: list[sqlite3.Error] = field(default_factory=list)

    def take(self) -> Job | None:
        if self.faults:
            raise self.faults.pop()
        try:
            return Task(self.waiting.get_nowait(), self.said)
        except queue.Empty:
            return None

    def next_due(self) -> float | None:
        return self.due


@contextmanager
def working(tasks: Tasks, wakes: "queue.Queue[float] | None" = None) -> Iterator[Worker]:
    wanted = wakes if wakes is not None else queue.Queue[float]()
    worker = Worker("test", tasks, wake_at=lambda when, _: wanted.put(when))
    worker.start()
    try:
        yield worker
    finally:
        worker.stop()


def nothing() -> None:
    """A job that succeeds."""


def broken() -> None:
    raise ZeroDivisionError


def twice_broken() -> None:
    """Its failure cannot even be written down."""
    raise LookupError


def test_a_worker_does_what_waits_when_it_starts() -> None:
    tasks = Tasks()
    tasks.waiting.put(nothing)
    with working(tasks):
        assert tasks.said.get(timeout=PATIENCE) == "done"


def test_a_worker_does_what_it_is_rung_for() -> None:
    tasks = Tasks()
    with working(tasks) as worker:
        tasks.waiting.put(nothing)
        worker.ring()
        assert tasks.said.get(timeout=PATIENCE) == "done"


def test_a_job_that_fails_is_answered_for_and_the_next_is_done() -> None:
    tasks = Tasks()
    for act in (broken, nothing):
        tasks.waiting.put(act)
    with working(tasks):
        assert [tasks.said.get(timeout=PATIENCE) for _ in range(2)] == ["ZeroDivisionError", "done"]


def test_a_failure_that_cannot_be_written_down_stops_no_worker() -> None:
    tasks = Tasks()
    for act in (twice_broken, nothing):
        tasks.waiting.put(act)
    with working(tasks):
        assert [tasks.said.get(timeout=PATIENCE) for _ in range(2)] == ["LookupError", "done"]


def test_who_comes_next_is_rung_for_after_each_job() -> None:
    tasks, others = Tasks(), Tasks()
    with working(others) as other:
        worker = Worker("first", tasks, wake_at=lambda *_: None, then=[other])
        others.waiting.put(nothing)
        other.ring()
        assert others.said.get(timeout=PATIENCE) == "done"
        tasks.waiting.put(lambda: others.waiting.put(nothing))
        worker.start()
        assert others.said.get(timeout=PATIENCE) == "done"
        worker.stop()


def test_a_worker_asks_to_be_woken_when_the_next_job_is_due() -> None:
    wakes: queue.Queue[float] = queue.Queue()
    with working(Tasks(due=12345.0), wakes):
        assert wakes.get(timeout=PATIENCE) == 12345.0


def test_a_worker_outlives_a_ledger_that_cannot_be_used_for_a_while() -> None:
    tasks = Tasks(faults=[sqlite3.OperationalError("database or disk is full")])
    tasks.waiting.put(nothing)
    with working(tasks):
        assert tasks.said.get(timeout=PATIENCE) == "done"


def test_stopping_waits_for_the_job_in_hand_and_begins_no_other() -> None:
    tasks = Tasks()
    begun, may_end = threading.Event(), threading.Event()

    def long() -> None:
        begun.set()
        may_end.wait(PATIENCE)

    tasks.waiting.put(long)
    tasks.waiting.put(nothing)
    worker = Worker("test", tasks, wake_at=lambda *_: None)
    worker.start()
    assert begun.wait(PATIENCE)
    stopping = threading.Thread(target=worker.stop)
    stopping.start()
    stopping.join(0.1)
    assert stopping.is_alive()
    may_end.set()
    stopping.join(PATIENCE)
    assert tasks.said.get_nowait() == "done"
    assert tasks.waiting.qsize() == 1
