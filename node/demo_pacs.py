"""The archives of the demonstration: the embedded PACS, and Orthanc where it is installed. Talks to: PACS, disk."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from config.settings import DimsePeer, OrthancPeer
from dicom_io.deliver.opened import channel
from dicom_io.errors import PeerError, PeerUnreachable

PACS_AE: Final = "DEMOPACS"
ORTHANC: Final = "orthanc"
_SEARCH: Final = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
_HOST: Final = "127.0.0.1"
_PATIENCE: Final = 30.0
_BETWEEN_LOOKS: Final = 0.1


@dataclass(frozen=True, kw_only=True)
class OrthancPorts:
    dicom: int
    http: int


def embedded_peer(port: int) -> DimsePeer:
    """How the node delivers to the embedded PACS: C-STORE, then C-FIND as a proof."""
    return DimsePeer(kind="dimse", name="pacs", ae_title=PACS_AE, host=_HOST, port=port, query=True, confirm="query")


def find_orthanc() -> Path | None:
    found = shutil.which("Orthanc", path=_SEARCH)
    return None if found is None else Path(found)


@contextmanager
def running_orthanc(program: Path, folder: Path, ports: OrthancPorts) -> Iterator[OrthancPeer]:
    """Answers once this yields. Raises PeerUnreachable if it does not within half a minute."""
    folder.mkdir(parents=True, exist_ok=True)
    configuration = folder / "orthanc.json"
    configuration.write_text(json.dumps(_configuration(folder, ports), indent=1))
    with (folder / "orthanc.log").open("wb") as log:
        process = subprocess.Popen([str(program), str(configuration)], stdout=log, stderr=subprocess.STDOUT)
    try:
        peer = OrthancPeer(kind="orthanc", name=ORTHANC, url=f"http://{_HOST}:{ports.http}")
        _wait_for(peer, process)
        yield peer
    finally:
        _end(process)


def _wait_for(peer: OrthancPeer, process: subprocess.Popen[bytes]) -> None:
    asked = channel(peer, calling_ae="", timeout=5)
    deadline = time.monotonic() + _PATIENCE
    while process.poll() is None:
        try:
            asked.check()
        except PeerError:
            if time.monotonic() > deadline:
                raise
            time.sleep(_BETWEEN_LOOKS)
        else:
            return
    raise PeerUnreachable(f"Orthanc ended with code {process.returncode} instead of starting: see its orthanc.log")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _configuration(folder: Path, ports: OrthancPorts) -> dict[str, object]:
    """Loopback only, no plug-in, and its port for C-STORE is not the node's affair."""
    return {
        "Name": "lumbar-node demo",
        "StorageDirectory": str(folder / "db"),
        "IndexDirectory": str(folder / "db"),
        "DicomAet": "ORTHANC",
        "DicomPort": ports.dicom,
        "HttpPort": ports.http,
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": False,
        "Plugins": [],
    }
