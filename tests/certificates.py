"""Certificates of a hospital, made for a test by the openssl command, and TLS contexts of its other machines."""

import os
import shutil
import ssl
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.tls import PeerTls, ReceiverTls

ADDRESS = "127.0.0.1"
_AUTHORITY = """
[ca]
default_ca = authority
[authority]
database = {folder}/{name}.index
new_certs_dir = {folder}
rand_serial = yes
unique_subject = no
default_md = sha256
policy = any
x509_extensions = host
[any]
commonName = supplied
[host]
subjectAltName = {host}
"""


@dataclass(frozen=True, kw_only=True)
class Files:
    """A certificate and its key, PEM."""

    certificate: Path
    key: Path


class Hospital:
    """An authority in a folder of its own."""

    def __init__(self, folder: Path, *, name: str = "Test hospital") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.root = Files(certificate=folder / "authority.crt", key=folder / "authority.key")
        _openssl(
            *("req", "-x509", *_new_key(self.root.key), "-subj", f"/CN={name}"),
            *("-days", "30", "-out", str(self.root.certificate)),
        )

    @property
    def authority(self) -> Path:
        return self.root.certificate

    def issue(self, name: str, *, host: str = f"IP:{ADDRESS}", days: int = 20, password: str = "") -> Files:
        """days: until it runs out; negative: it ran out so many days ago."""
        files = Files(certificate=self._folder / f"{name}.crt", key=self._folder / f"{name}.key")
        request, settings = self._folder / f"{name}.csr", self._folder / f"{name}.cnf"
        ends = datetime.now(UTC) + timedelta(days=days, hours=1)
        settings.write_text(_AUTHORITY.format(folder=self._folder, name=name, host=host))
        (self._folder / f"{name}.index").touch()
        _openssl("req", *_new_key(files.key, password), "-subj", f"/CN={name}", "-out", str(request))
        _openssl(
            *("ca", "-batch", "-notext", "-config", str(settings), "-in", str(request), "-out", str(files.certificate)),
            *("-cert", str(self.root.certificate), "-keyfile", str(self.root.key)),
            *("-startdate", f"{ends - timedelta(days=abs(days) + 1):%Y%m%d%H%M%SZ}"),
            *("-enddate", f"{ends:%Y%m%d%H%M%SZ}"),
        )
        return files


def _new_key(path: Path, password: str = "") -> list[str]:
    secret = ["-passout", f"pass:{password}"] if password else ["-nodes"]
    return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", *secret, "-keyout", str(path)]


def _openssl(*arguments: str) -> None:
    program = shutil.which("openssl")
    if program is None:
        reason = "openssl is not installed, and no certificate can be made"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    subprocess.run([program, *arguments], check=True, capture_output=True, timeout=60)


def receiver_tls(hospital: Hospital, files: Files, *, port: int) -> ReceiverTls:
    return ReceiverTls(
        port=port, certificate=files.certificate, key=files.key, certificate_authority=hospital.authority
    )


def peer_tls(hospital: Hospital, files: Files | None) -> PeerTls:
    return PeerTls(
        certificate_authority=hospital.authority,
        certificate=files.certificate if files else None,
        key=files.key if files else None,
    )


def other_side(hospital: Hospital, files: Files | None, *, is_server: bool = False) -> ssl.SSLContext:
    """The TLS of another machine, by the standard library; it wants certificates of the hospital too."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if is_server else ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(hospital.authority)
    context.verify_mode = ssl.CERT_REQUIRED
    if files is not None:
        context.load_cert_chain(files.certificate, files.key)
    return context
