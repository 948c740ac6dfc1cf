"""Timers: looks at what arrives, second attempts, retention. Talks to: clock."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from apscheduler.schedulers.background import BackgroundScheduler

from node.clock import Clock

_LATE_IS_FINE: Final = None
_AT_ONCE: Final = 2  # one that runs and one that waits for it: APScheduler drops what is more, for good


class Scheduler:
    """APScheduler; a timer that could not run in time runs as soon as it can."""

    def __init__(self) -> None:
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            job_defaults={"misfire_grace_time": _LATE_IS_FINE, "coalesce": True, "max_instances": _AT_ONCE},
        )

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        self._scheduler.shutdown(wait=True)

    def at(self, name: str, when: float, do: Callable[[], None]) -> None:
        """Once, at that time; another time under the same name takes its place."""
        moment = datetime.fromtimestamp(when, tz=UTC)
        self._scheduler.add_job(do, "date", run_date=moment, id=name, replace_existing=True)

    def every(self, name: str, seconds: float, do: Callable[[], None]) -> None:
        self._scheduler.add_job(do, "interval", seconds=seconds, id=name, replace_existing=True)


class Lookout:
    """Looks at what arrives, each time when `look` said the next look is due."""

    def __init__(
        self,
        look: Callable[[float], float | None],
        *,
        scheduler: Scheduler,
        clock: Clock,
        first_after: float,
        seen: Callable[[], None],
    ) -> None:
        """first_after: seconds from an arrival to the first look. seen: called after each look."""
        self._look = look
        self._scheduler = scheduler
        self._clock = clock
        self._first_after = first_after
        self._seen = seen
        self._next: float | None = None
        self._lock = threading.Lock()
        self._looking = threading.Lock()

    def arrived(self) -> None:
        """Something came: a look is due no later than first_after."""
        self._due_at(self._clock() + self._first_after)

    def _due_at(self, when: float) -> None:
        with self._lock:
            if self._next is not None and self._next <= when:
                return
            self._next = when
            self._scheduler.at("look at what arrives", when, self._look_now)

    def _look_now(self) -> None:
        with self._looking:
            with self._lock:
                self._next = None  # what arrives from now on may be missed by this look
            again = self._look(self._clock())
        if again is not None:
            self._due_at(again)
        self._seen()
