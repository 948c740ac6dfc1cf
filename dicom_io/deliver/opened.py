"""The channel for each kind of peer. Pure."""

from config.settings import DimsePeer, Peer, StowPeer
from dicom_io.commitment import Commitments
from dicom_io.deliver.channel import Channel
from dicom_io.deliver.cstore import CStoreChannel
from dicom_io.deliver.orthanc import OrthancChannel
from dicom_io.deliver.stow import StowChannel


def channel(peer: Peer, *, calling_ae: str, timeout: float, commitments: Commitments | None = None) -> Channel:
    """calling_ae: our own title. timeout: for each answer, seconds. commitments: as the C-STORE channel has them."""
    if isinstance(peer, DimsePeer):
        return CStoreChannel(peer, calling_ae=calling_ae, timeout=timeout, commitments=commitments)
    if isinstance(peer, StowPeer):
        return StowChannel(peer, timeout=timeout)
    return OrthancChannel(peer, timeout=timeout)
