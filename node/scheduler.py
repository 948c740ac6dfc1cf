"""Timers: what is due later, again and again, or after an arrival. Talks to: clock."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from apscheduler.schedulers.background import BackgroundScheduler

from node.clock import Clock

_LATE_IS_FINE: Final = None
_AT_ONCE: Final = 2  # a timer may be set anew while its last call still runs; APScheduler drops what is more


class Scheduler:
    """APScheduler; a timer that could not run in time runs as soon as it can."""

    def __init__(self) -> None:
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            job_defaults={"misfire_grace_time": _LATE_IS_FINE, "coalesce": True, "max_instances": _AT_ONCE},
        )
        self._is_stopping = False
        self._setting = threading.Lock()

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        """Waits for calls that run; what they set meanwhile is dropped.

        APScheduler's thread dies where it stops between running a timer and forgetting it, and never stops where
        a running call sets a timer: so no timer is left, or set, once it is told to stop.
        """
        with self._setting:
            self._is_stopping = True
        self._scheduler.remove_all_jobs()
        self._scheduler.shutdown(wait=True)

    def at(self, name: str, when: float, do: Callable[[], None]) -> None:
        """Once, at that time; another time under the same name takes its place."""
        moment = datetime.fromtimestamp(when, tz=UTC)
        with self._setting:
            if not self._is_stopping:
                self._scheduler.add_job(do, "date", run_date=moment, id=name, replace_existing=True)

    def every(self, name: str, seconds: float, do: Callable[[], None]) -> None:
        with self._setting:
            if not self._is_stopping:
                self._scheduler.add_job(do, "interval", seconds=seconds, id=name, replace_existing=True)


class Doorbell:
    """Rings once, some time after the first of many arrivals: receiving must not wait for who answers."""

    def __init__(self, ring: Callable[[], None], *, scheduler: Scheduler, clock: Clock, after: float) -> None:
        self._ring = ring
        self._scheduler = scheduler
        self._clock = clock
        self._after = after
        self._is_pulled = False
        self._lock = threading.Lock()

    def arrived(self) -> None:
        with self._lock:
            if self._is_pulled:
                return
            self._is_pulled = True
        self._scheduler.at("doorbell", self._clock() + self._after, self._ring_now)

    def _ring_now(self) -> None:
        with self._lock:
            self._is_pulled = False
        self._ring()
