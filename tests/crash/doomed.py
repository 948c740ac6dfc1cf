"""A node that is killed at one point of its work, as by `kill -9`: python -m tests.crash.doomed SETTINGS.json POINT."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from config.settings import Settings
from dicom_io.deliver.cstore import CStoreChannel
from node.app import Node
from node.ledger.deliveries import Deliveries
from node.ledger.receiving import Receiving
from node.ledger.studies import Studies
from node.publishing import Publisher
from tests.running_node import METHODS


@dataclass(frozen=True, kw_only=True)
class Point:
    """Before, or after, a call of owner.method; the calls before that one are let through."""

    owner: type
    method: str
    is_after: bool
    call: int = 1


POINTS: Mapping[str, Point] = {
    "before the row of the third image": Point(owner=Receiving, method="record", is_after=False, call=3),
    "RECEIVED: after the row of the third image": Point(owner=Receiving, method="record", is_after=True, call=3),
    "after the row of the last image": Point(owner=Receiving, method="record", is_after=True, call=5),
    "before the series is closed": Point(owner=Receiving, method="close_series", is_after=False),
    "after the series is closed": Point(owner=Receiving, method="close_series", is_after=True),
    "COMPLETE: after the study is complete": Point(owner=Receiving, method="complete_study", is_after=True),
    "before the plan is kept": Point(owner=Studies, method="plan", is_after=False),
    "PLANNED: after the plan is kept": Point(owner=Studies, method="plan", is_after=True),
    "before the first object is written": Point(owner=Publisher, method="_write", is_after=False),
    "between two objects": Point(owner=Publisher, method="_write", is_after=True),
    "after the last object is written": Point(owner=Publisher, method="publish", is_after=True),
    "ENCODED: after the objects are kept": Point(owner=Studies, method="encode", is_after=True),
    "after the intention to send": Point(owner=Deliveries, method="begin_sending", is_after=True),
    "between two objects on their way": Point(owner=CStoreChannel, method="_store", is_after=True),
    "after the peer has all, before its answer is kept": Point(owner=CStoreChannel, method="send", is_after=True),
    "after the first answer is kept": Point(owner=Deliveries, method="move", is_after=True),
    "after all answers are kept, before the proof": Point(owner=CStoreChannel, method="confirm", is_after=False),
    "after the proof, before it is kept": Point(owner=CStoreChannel, method="confirm", is_after=True),
    "DELIVERED: after the proof is kept": Point(owner=Deliveries, method="move", is_after=True, call=3),
}


def doom(point: Point) -> None:
    """From now on the process dies there."""
    original: Callable[..., object] = getattr(point.owner, point.method)
    calls = 0
    lock = threading.Lock()

    def doomed(*args: object, **kwargs: object) -> object:
        nonlocal calls
        with lock:
            calls += 1
            is_the_one = calls == point.call
        if is_the_one and not point.is_after:
            _die()
        answer = original(*args, **kwargs)
        if is_the_one:
            _die()
        return answer

    setattr(point.owner, point.method, doomed)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    settings = Settings.model_validate_json(Path(sys.argv[1]).read_text(encoding="utf-8"))
    doom(POINTS[sys.argv[2]])
    with Node(settings, METHODS):
        print("listening", flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
