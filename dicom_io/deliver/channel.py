"""What every way out of the node has in common: files go in, one receipt per object comes back. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol


class Verdict(StrEnum):
    STORED = "stored"
    BUSY = "busy"  # not now: worth another try
    REFUSED = "refused"  # not as it stands
    UNANSWERED = "unanswered"  # the connection broke before this object's answer: it may be there or not


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """The peer's answer for one object.

    status: the peer's code as it gave it ("0x0000", "HTTP 200", "AlreadyStored"). words: what else it said.
    """

    path: Path
    sop_instance_uid: str
    verdict: Verdict
    status: str
    words: str = ""


class Channel(Protocol):
    """A peer that takes results. A channel keeps nothing between two calls and never tries again by itself."""

    def send(self, files: Sequence[Path]) -> Sequence[Receipt]:
        """One receipt per file, in their order; STORED only where the peer's answer names this very object.

        Raises PeerUnreachable, PeerBusy, PeerRefused if no object was answered at all.
        """
        ...

    def check(self) -> str:
        """That the peer is there and lets us in, in a few words of its own or ours.

        Raises PeerUnreachable, PeerBusy, PeerRefused.
        """
        ...

    def confirm(self, files: Sequence[Path]) -> frozenset[str]:
        """The SOP Instance UIDs among the files that the peer, asked afterwards, has.

        With `confirm = "none"` in the peer's settings nothing is asked, and all count as confirmed.
        Raises PeerUnreachable, PeerBusy, PeerRefused.
        """
        ...
