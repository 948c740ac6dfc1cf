"""Timers ring when they should, and once."""

import queue
from collections.abc import Iterator

import pytest

from node.clock import system_clock
from node.scheduler import Doorbell, Scheduler

PATIENCE = 20.0


@pytest.fixture
def scheduler() -> Iterator[Scheduler]:
    running = Scheduler()
    running.start()
    yield running
    running.stop()


def test_many_arrivals_ring_once_and_not_before_the_wait_is_over(scheduler: Scheduler) -> None:
    rings: queue.Queue[float] = queue.Queue()
    bell = Doorbell(lambda: rings.put(system_clock()), scheduler=scheduler, clock=system_clock, after=0.3)
    first = system_clock()
    for _ in range(50):
        bell.arrived()
    assert rings.get(timeout=PATIENCE) >= first + 0.29
    assert rings.empty()


def test_what_arrives_after_a_ring_rings_again(scheduler: Scheduler) -> None:
    rings: queue.Queue[float] = queue.Queue()
    bell = Doorbell(lambda: rings.put(system_clock()), scheduler=scheduler, clock=system_clock, after=0)
    for _ in range(2):
        bell.arrived()
        rings.get(timeout=PATIENCE)


def test_another_time_under_the_same_name_takes_its_place(scheduler: Scheduler) -> None:
    done: queue.Queue[str] = queue.Queue()
    scheduler.at("name", system_clock() + 3600, lambda: done.put("late"))
    scheduler.at("name", system_clock(), lambda: done.put("soon"))
    assert done.get(timeout=PATIENCE) == "soon"
