"""Looks at what arrives: as early as one is due, never two at once, none lost."""

import queue
import threading
from collections.abc import Iterator

import pytest

from node.clock import system_clock
from node.scheduler import Lookout, Scheduler

PATIENCE = 20.0


@pytest.fixture
def scheduler() -> Iterator[Scheduler]:
    running = Scheduler()
    running.start()
    yield running
    running.stop()


def test_a_look_follows_an_arrival(scheduler: Scheduler) -> None:
    looks: queue.Queue[float] = queue.Queue()
    lookout = Lookout(looks.put, scheduler=scheduler, clock=system_clock, first_after=0.05, seen=lambda: None)
    arrived = system_clock()
    lookout.arrived()
    assert looks.get(timeout=PATIENCE) >= arrived + 0.04


def test_many_arrivals_make_one_look(scheduler: Scheduler) -> None:
    looks: queue.Queue[float] = queue.Queue()
    seen = threading.Event()
    lookout = Lookout(looks.put, scheduler=scheduler, clock=system_clock, first_after=0.3, seen=seen.set)
    for _ in range(50):
        lookout.arrived()
    assert seen.wait(PATIENCE)
    assert looks.qsize() == 1


def test_a_look_says_when_the_next_one_is_due(scheduler: Scheduler) -> None:
    looks: queue.Queue[float] = queue.Queue()
    waits: list[float | None] = [0.1, None]

    def look(now: float) -> float | None:
        looks.put(now)
        wait = waits.pop(0)
        return None if wait is None else now + wait

    lookout = Lookout(look, scheduler=scheduler, clock=system_clock, first_after=0, seen=lambda: None)
    lookout.arrived()
    first, second = looks.get(timeout=PATIENCE), looks.get(timeout=PATIENCE)
    assert second >= first + 0.09


def test_what_arrives_during_a_look_is_looked_at_after_it(scheduler: Scheduler) -> None:
    looks: queue.Queue[str] = queue.Queue()
    looking, may_go_on = threading.Event(), threading.Event()

    def look(_: float) -> None:
        looks.put("begun")
        looking.set()
        may_go_on.wait(PATIENCE)
        looks.put("ended")

    lookout = Lookout(look, scheduler=scheduler, clock=system_clock, first_after=0, seen=lambda: None)
    lookout.arrived()
    assert looking.wait(PATIENCE)
    for _ in range(20):
        lookout.arrived()
    may_go_on.set()
    assert [looks.get(timeout=PATIENCE) for _ in range(4)] == ["begun", "ended", "begun", "ended"]


def test_another_time_under_the_same_name_takes_its_place(scheduler: Scheduler) -> None:
    done: queue.Queue[str] = queue.Queue()
    scheduler.at("name", system_clock() + 3600, lambda: done.put("late"))
    scheduler.at("name", system_clock(), lambda: done.put("soon"))
    assert done.get(timeout=PATIENCE) == "soon"
