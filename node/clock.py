"""What time it is. Talks to: clock."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], float]
"""Seconds since 1970, UTC: the ledger keeps these, so waits go on after a restart."""

system_clock: Clock = time.time


def at_site(seconds: float) -> datetime:
    """Wall-clock time where the node stands, as DICOM dates and times want it."""
    return datetime.fromtimestamp(seconds, tz=UTC).astimezone()
