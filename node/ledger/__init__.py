"""The ledger: the one truth about what arrived, what is done with it and where it went. Talks to: disk, clock.

Nothing outside this package changes a state, and nothing inside changes one except along node/lifecycle.py.
"""

import uuid
from pathlib import Path

from dicom_io.spool import is_intact
from node.clock import Clock, system_clock
from node.ledger.deliveries import Deliveries
from node.ledger.receiving import Receiving
from node.ledger.store import Store
from node.ledger.studies import Studies
from node.ledger.views import Views


class Ledger:
    """One database, four chapters. May be used from many threads, and by several processes at once."""

    def __init__(self, path: Path, *, clock: Clock = system_clock) -> None:
        store = Store(path, clock=clock)
        self.receiving = Receiving(store, run=uuid.uuid4().hex)
        self.studies = Studies(store)
        self.deliveries = Deliveries(store)
        self.views = Views(store)
        self.close = store.close

    def recover(self) -> None:
        """To be called once by the process that runs the node, before it listens: the last one is gone."""
        for instance in self.receiving.in_flight():
            if instance.path is not None and not is_intact(instance.path, instance.sha256):
                self.receiving.drop(instance)
        self.receiving.end_lost_associations()
        self.studies.release_leases()
