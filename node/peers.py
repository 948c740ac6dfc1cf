"""Whether each peer is there and lets us in. Talks to: PACS."""

from collections.abc import Iterator
from dataclasses import dataclass

from config.settings import Settings
from dicom_io.deliver.opened import channel
from dicom_io.errors import PeerError


@dataclass(frozen=True, kw_only=True)
class PeerCheck:
    name: str
    is_there: bool
    words: str


def check_peers(settings: Settings) -> Iterator[PeerCheck]:
    """One after the other: C-ECHO for DIMSE, a request for the others."""
    for peer in settings.peers:
        opened = channel(
            peer, calling_ae=settings.receiver.ae_title, timeout=min(settings.delivery.request_timeout, 10)
        )
        try:
            yield PeerCheck(name=peer.name, is_there=True, words=opened.check())
        except PeerError as error:
            yield PeerCheck(name=peer.name, is_there=False, words=str(error))
