"""The archive of the demonstration: Orthanc where it is installed, else the embedded one. Talks to: PACS, disk."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from config.settings import DimsePeer
from dicom_io.embedded_pacs import EmbeddedPacs, PacsAddress

_SEARCH: Final = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
_HOST: Final = "127.0.0.1"


@dataclass(frozen=True, kw_only=True)
class DemoPacs:
    """name: for people. peer: how the node delivers to it."""

    name: str
    peer: DimsePeer


@dataclass(frozen=True, kw_only=True)
class PacsPorts:
    dicom: int
    http: int


@contextmanager
def demo_pacs(folder: Path, ports: PacsPorts) -> Iterator[DemoPacs]:
    """Listens for DICOM soon after this yields."""
    program = shutil.which("Orthanc", path=_SEARCH)
    if program is None:
        address = PacsAddress(ae_title="DEMOPACS", host=_HOST, port=ports.dicom)
        with EmbeddedPacs(folder, address):
            yield DemoPacs(name="the embedded PACS", peer=_peer(ports, ae_title="DEMOPACS"))
        return
    with _orthanc(program, folder, ports):
        yield DemoPacs(name=f"Orthanc (http://{_HOST}:{ports.http})", peer=_peer(ports, ae_title="ORTHANC"))


@contextmanager
def _orthanc(program: str, folder: Path, ports: PacsPorts) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    configuration = folder / "orthanc.json"
    configuration.write_text(json.dumps(_configuration(folder, ports)))
    with (folder / "orthanc.log").open("wb") as log:
        process = subprocess.Popen([program, str(configuration)], stdout=log, stderr=subprocess.STDOUT)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def _configuration(folder: Path, ports: PacsPorts) -> dict[str, object]:
    """Loopback only, no plug-in."""
    plugins: Sequence[str] = []
    return {
        "Name": "lumbar-node demo",
        "StorageDirectory": str(folder / "db"),
        "IndexDirectory": str(folder / "db"),
        "DicomAet": "ORTHANC",
        "DicomPort": ports.dicom,
        "DicomAlwaysAllowFind": True,
        "DicomAlwaysAllowStore": True,
        "UnknownSopClassAccepted": True,
        "HttpPort": ports.http,
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": False,
        "Plugins": plugins,
    }


def _peer(ports: PacsPorts, *, ae_title: str) -> DimsePeer:
    return DimsePeer(
        kind="dimse", name="pacs", ae_title=ae_title, host=_HOST, port=ports.dicom, query=True, confirm="query"
    )
