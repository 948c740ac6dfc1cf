"""The only wiring: every part of a running node, started and stopped in order. Talks to: disk, PACS, GPU, clock."""

import fcntl
import logging
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from config.settings import Peer, Settings
from dicom_io.archive import Archive, archive
from dicom_io.commitment import Commitments
from dicom_io.deliver.opened import channel
from dicom_io.equipment import Equipment, equipment_of
from dicom_io.query import query
from dicom_io.scp import StorageScp, ports_of
from dicom_io.spool import Spool
from node.assembly import Assembler, Counters, Patience
from node.clock import Clock, system_clock
from node.delivery import Courier, Destination
from node.errors import NodeRunning
from node.execution import ReadyMethod
from node.health import health, storage_of
from node.intake import LedgerIntake
from node.ledger import Ledger
from node.log import tell
from node.planning import Rulebook
from node.publishing import Gate, Publisher
from node.retention import sweep, sweep_spool
from node.scheduler import Doorbell, Scheduler
from node.status_page import StatusPage
from node.study_work import StudyWork, Workshop
from node.worker import Jobs, Worker

LOG: Final = logging.getLogger(__name__)
_SECONDS_TO_FIND_WHAT_NOBODY_RANG_FOR: Final = 10
_MIB: Final = 2**20
_LOCK: Final = "node.lock"


class Node:
    """A node on its storage folder, from start() to stop()."""

    def __init__(self, settings: Settings, methods: Mapping[str, ReadyMethod], *, clock: Clock = system_clock) -> None:
        self._settings = settings
        self._methods = methods
        self._clock = clock
        self._commitments = Commitments()
        self._running = ExitStack()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Listens once this returns. Raises NodeRunning, OSError if a port cannot be had."""
        with ExitStack() as starting:
            self._start(starting)
            self._running = starting.pop_all()
        tell(LOG, "running", ae_title=self._settings.receiver.ae_title, ports=ports_of(self._settings.receiver))

    def stop(self) -> None:
        """No new association; work in hand is finished; what is not done is found at the next start."""
        self._running.close()
        tell(LOG, "stopped")

    def _start(self, starting: ExitStack) -> None:
        """What is started last is stopped first."""
        storage = storage_of(self._settings)
        starting.enter_context(_exclusive(storage))
        ledger = open_ledger(self._settings, clock=self._clock)
        starting.callback(ledger.close)
        ledger.recover()
        scheduler = Scheduler()
        scheduler.start()
        starting.callback(scheduler.stop)
        workers = self._workers(ledger, scheduler)
        for worker in workers:
            worker.start()
            starting.callback(worker.stop)
        self._start_timers(scheduler, ledger, workers)
        self._start_page(starting, ledger)
        quiet = self._settings.assembly.quiet_seconds
        doorbell = Doorbell(workers[0].ring, scheduler=scheduler, clock=self._clock, after=quiet)
        spool = Spool(storage / "spool", watermark=self._settings.receiver.free_space_watermark_mib * _MIB)
        intake = LedgerIntake(ledger, arrived=doorbell.arrived)
        starting.enter_context(
            StorageScp(self._settings.receiver, spool=spool, intake=intake, commitments=self._commitments)
        )

    def _workers(self, ledger: Ledger, scheduler: Scheduler) -> list[Worker]:
        """In the order of a study's way. One for each peer, so that a peer that is away delays no other."""

        def worker(name: str, jobs: Jobs, *then: Worker) -> Worker:
            return Worker(name, jobs, wake_at=lambda when, ring: scheduler.at(f"wake {name}", when, ring), then=then)

        delivering = [worker(f"deliver to {peer.name}", self._courier(ledger, peer)) for peer in self._settings.peers]
        workshop = self._workshop()
        work = StudyWork(ledger, workshop, patience=self._settings.delivery, clock=self._clock)
        studying = worker("studies", work, *delivering)
        return [worker("assembly", self._assembler(ledger, workshop.rulebook), studying), studying, *delivering]

    def _workshop(self) -> Workshop:
        equipment = our_equipment(self._settings)
        gate = Gate(dciodvfy=find_dciodvfy())
        return Workshop(
            rulebook=Rulebook(
                rules=self._settings.rules, cards={name: one.method.card for name, one in self._methods.items()}
            ),
            methods=self._methods,
            publisher=Publisher(self._settings.site.storage / "results", gate=gate),
            equipment=equipment,
            kinds_for={peer.name: frozenset(peer.objects) for peer in self._settings.peers},
            archives=self._archives(),
            relaxometry=self._settings.relaxometry,
        )

    def _archives(self) -> Mapping[str, Archive]:
        ours, timeout = self._settings.receiver.ae_title, self._settings.delivery.request_timeout
        asked = {peer.name: archive(peer, calling_ae=ours, timeout=timeout) for peer in self._settings.peers}
        return {rule.name: asked[rule.compare_with] for rule in self._settings.rules if rule.compare_with is not None}

    def _courier(self, ledger: Ledger, peer: Peer) -> Courier:
        ours, timeout = self._settings.receiver.ae_title, self._settings.delivery.request_timeout
        opened = channel(peer, calling_ae=ours, timeout=timeout, commitments=self._commitments)
        destination = Destination(name=peer.name, channel=opened, can_confirm=peer.confirm != "none")
        return Courier(ledger, destination, patience=self._settings.delivery, clock=self._clock)

    def _assembler(self, ledger: Ledger, rulebook: Rulebook) -> Assembler:
        return Assembler(
            ledger,
            patience=Patience(settings=self._settings.assembly, started=self._clock()),
            rulebook=rulebook,
            counters=self._counters(),
            clock=self._clock,
        )

    def _counters(self) -> Counters:
        ours, timeout = self._settings.receiver.ae_title, self._settings.delivery.request_timeout
        asked = {
            peer.name: query(peer, calling_ae=ours, timeout=timeout).count_instances for peer in self._settings.peers
        }
        return {
            caller.ae_title: asked[caller.query_peer]
            for caller in self._settings.receiver.allowed_callers
            if caller.query_peer is not None
        }

    def _start_timers(self, scheduler: Scheduler, ledger: Ledger, workers: list[Worker]) -> None:
        """`lumbar-node retry` is another process, and a clock may be set back: nobody rings for what these bring."""
        scheduler.every("find work", _SECONDS_TO_FIND_WHAT_NOBODY_RANG_FOR, lambda: _ring(workers))
        hours = self._settings.retention.sweep_hours
        scheduler.every("retention", hours * 3600, lambda: _swept(ledger, self._settings, clock=self._clock))

    def _start_page(self, starting: ExitStack, ledger: Ledger) -> None:
        if self._settings.status_page.port:
            page = StatusPage(self._settings.status_page, observe=lambda: health(ledger, self._settings))
            page.start()
            starting.callback(page.stop)


def open_ledger(settings: Settings, *, clock: Clock = system_clock) -> Ledger:
    storage_of(settings)
    return Ledger(ledger_path(settings), clock=clock)


def ledger_path(settings: Settings) -> Path:
    return settings.site.storage / "ledger.sqlite3"


def our_equipment(settings: Settings) -> Equipment:
    return equipment_of(settings.site, software_version=our_version())


def our_version() -> str:
    return version("lumbar-node")


def find_dciodvfy() -> Path | None:
    """On PATH, or beside the interpreter: pip installs it there, and a service's PATH does not name that folder."""
    found = shutil.which("dciodvfy") or shutil.which("dciodvfy", path=str(Path(sys.executable).parent))
    return None if found is None else Path(found)


def is_running(settings: Settings) -> bool:
    """Whether a node works in this storage folder now."""
    if not (settings.site.storage / _LOCK).is_file():
        return False
    try:
        with _exclusive(settings.site.storage):
            return False
    except NodeRunning:
        return True


def _ring(workers: list[Worker]) -> None:
    for worker in workers:
        worker.ring()


def _swept(ledger: Ledger, settings: Settings, *, clock: Clock) -> None:
    sweep(ledger, settings.retention, clock=clock)
    sweep_spool(ledger, settings.site.storage / "spool", settings.retention, clock=clock)


@contextmanager
def _exclusive(storage: Path) -> Iterator[None]:
    """Holds the folder for this process. Raises NodeRunning."""
    with (storage / _LOCK).open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as cause:
            raise NodeRunning("another node works in this storage folder") from cause
        yield
