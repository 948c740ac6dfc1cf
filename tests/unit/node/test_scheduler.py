"""Timers ring when they should, and once."""

import queue
import threading
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


def test_stopping_right_after_a_call_leaves_no_dead_thread() -> None:
    for _ in range(200):
        running = Scheduler()
        running.start()
        rung = threading.Event()
        running.at("name", system_clock(), rung.set)
        assert rung.wait(timeout=PATIENCE)
        running.stop()


def test_a_call_that_sets_a_timer_does_not_hold_up_the_stop() -> None:
    running = Scheduler()
    running.start()
    has_begun, may_go_on = threading.Event(), threading.Event()

    def sets_another() -> None:
        has_begun.set()
        may_go_on.wait(timeout=PATIENCE)
        running.at("another", system_clock(), has_begun.clear)

    running.at("name", system_clock(), sets_another)
    assert has_begun.wait(timeout=PATIENCE)
    stopping = threading.Thread(target=running.stop)
    stopping.start()
    may_go_on.set()
    stopping.join(timeout=PATIENCE)
    assert not stopping.is_alive()
    assert has_begun.is_set()
