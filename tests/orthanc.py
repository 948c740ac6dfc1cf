"""A real Orthanc on loopback, started for a test from a generated configuration and ended after it."""

import json
import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

PLUGINS = Path("/usr/share/orthanc/plugins")
USER, PASSWORD = "tester", "loopback-only"


@dataclass(frozen=True, kw_only=True)
class Modality:
    ae_title: str
    port: int
    host: str = "127.0.0.1"


@dataclass(frozen=True, kw_only=True)
class Orthanc:
    ae_title: str
    dicom_port: int
    http_port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http_port}"

    @property
    def dicomweb_url(self) -> str:
        return f"{self.url}/dicom-web"

    def get(self, path: str, **query: str) -> object:
        answer = requests.get(f"{self.url}{path}", params=query, auth=(USER, PASSWORD), timeout=30)
        answer.raise_for_status()
        return answer.json()

    def instances(self) -> list[dict[str, object]]:
        """One entry per stored instance, with its main tags."""
        found = self.get("/instances", expand="")
        assert isinstance(found, list)
        return found

    def file(self, instance_id: str) -> bytes:
        answer = requests.get(f"{self.url}/instances/{instance_id}/file", auth=(USER, PASSWORD), timeout=30)
        answer.raise_for_status()
        return answer.content

    def store(self, dataset_file: bytes) -> dict[str, object]:
        answer = requests.post(f"{self.url}/instances", data=dataset_file, auth=(USER, PASSWORD), timeout=30)
        answer.raise_for_status()
        return dict(answer.json())


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_until(condition: Callable[[], object], *, seconds: float = 30, what: str = "the condition") -> None:
    """Polls condition() until it is true; tests wait on what they can see, never for a fixed time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not come true within {seconds} s")
        time.sleep(0.02)


@contextmanager
def running_orthanc(
    program: Path,
    folder: Path,
    *,
    modalities: Mapping[str, Modality] | None = None,
    options: Mapping[str, object] | None = None,
) -> Iterator[Orthanc]:
    """Orthanc with DICOMweb and basic authentication, its database in folder. options: more top-level settings."""
    folder.mkdir(parents=True, exist_ok=True)
    dicom_port, http_port = free_port(), free_port()
    settings = {
        "Name": "lumbar-node tests",
        "StorageDirectory": str(folder / "db"),
        "IndexDirectory": str(folder / "db"),
        "DicomAet": "ORTHANC",
        "DicomPort": dicom_port,
        "DicomCheckCalledAet": False,
        "DicomAlwaysAllowStore": True,
        "DicomAlwaysAllowFind": True,
        "DicomAlwaysAllowEcho": True,
        "UnknownSopClassAccepted": True,
        "HttpPort": http_port,
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": True,
        "RegisteredUsers": {USER: PASSWORD},
        "StableAge": 2,
        "DicomModalities": {
            name: {"AET": peer.ae_title, "Host": peer.host, "Port": peer.port}
            for name, peer in (modalities or {}).items()
        },
        "Plugins": [str(PLUGINS / "libOrthancDicomWeb.so")],
        "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
        **(options or {}),
    }
    configuration = folder / "orthanc.json"
    configuration.write_text(json.dumps(settings, indent=1))
    with (folder / "orthanc.log").open("wb") as log:
        process = subprocess.Popen(
            [program, configuration],
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, "TCP_NODELAY": "1"},  # without it DCMTK waits 44 ms per object on loopback
        )
    try:
        wait_until(lambda: _answers(http_port, process), what="Orthanc's web server")
        yield Orthanc(ae_title="ORTHANC", dicom_port=dicom_port, http_port=http_port, process=process)
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout=10)


def _answers(port: int, process: subprocess.Popen[bytes]) -> bool:
    if process.poll() is not None:
        raise RuntimeError(f"Orthanc ended at once with code {process.returncode}")
    try:
        return requests.get(f"http://127.0.0.1:{port}/system", auth=(USER, PASSWORD), timeout=5).ok
    except requests.ConnectionError:
        return False
