"""Whether a site's file is right and its peers answer: `lumbar-node check-config`. Talks to: disk, PACS."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from config.errors import ConfigError, Fault
from config.load import load, missing_files
from config.settings import Peer, Settings
from dicom_io.deliver.opened import channel
from dicom_io.errors import PeerError
from node.methods import unknown_methods

_LONGEST_WAIT: Final = 10.0


@dataclass(frozen=True, kw_only=True)
class PeerAnswer:
    """words: the peer's own, or why there are none."""

    name: str
    kind: str
    answers: bool
    words: str


@dataclass(frozen=True, kw_only=True)
class ConfigReport:
    """settings: None where the file has faults; then no peer was asked."""

    path: Path
    faults: tuple[Fault, ...]
    peers: tuple[PeerAnswer, ...] = ()
    settings: Settings | None = None

    @property
    def all_answer(self) -> bool:
        return all(peer.answers for peer in self.peers)

    def as_json(self) -> dict[str, Any]:
        return {
            "config": str(self.path),
            "faults": [asdict(fault) for fault in self.faults],
            "peers": [asdict(peer) for peer in self.peers],
        }


def check_config(path: Path) -> ConfigReport:
    """Every fault of the file at once; if there is none, what each peer answers."""
    try:
        settings = checked(path)
    except ConfigError as error:
        return ConfigReport(path=path, faults=error.faults)
    return ConfigReport(path=path, faults=(), peers=ask_peers(settings), settings=settings)


def checked(path: Path) -> Settings:
    """The settings, once they stand for themselves, for the files they name and for the methods there are.

    Raises ConfigError.
    """
    settings = load(path)
    faults = [*missing_files(settings), *unknown_methods(settings.rules)]
    if faults:
        raise ConfigError(faults)
    return settings


def ask_peers(settings: Settings) -> tuple[PeerAnswer, ...]:
    """C-ECHO, or the cheapest request of the peer's own kind; all at once, in the order of the file."""
    if not settings.peers:
        return ()
    timeout = min(settings.delivery.request_timeout, _LONGEST_WAIT)
    with ThreadPoolExecutor(max_workers=len(settings.peers)) as asking:
        answers: Sequence[PeerAnswer] = list(
            asking.map(lambda peer: _ask(peer, calling_ae=settings.receiver.ae_title, timeout=timeout), settings.peers)
        )
    return tuple(answers)


def _ask(peer: Peer, *, calling_ae: str, timeout: float) -> PeerAnswer:
    try:
        words, answers = channel(peer, calling_ae=calling_ae, timeout=timeout).check(), True
    except PeerError as error:
        words, answers = str(error), False
    return PeerAnswer(name=peer.name, kind=peer.kind, answers=answers, words=words)
