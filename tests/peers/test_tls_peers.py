"""DICOM TLS with real peers, both ways: DCMTK and Orthanc, each with a certificate of the hospital."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from config.settings import DimsePeer, Receiver
from dicom_io.commitment import Commitments
from dicom_io.deliver.channel import Channel, Verdict
from dicom_io.deliver.opened import channel
from dicom_io.errors import PeerUnreachable
from dicom_io.scp import StorageScp
from dicom_io.spool import Spool
from tests.certificates import ADDRESS, Files, Hospital, peer_tls, receiver_tls
from tests.orthanc import PASSWORD, USER, free_port, running_orthanc, wait_until
from tests.receiving import ListLedger, RunningReceiver, mr_object

pytestmark = pytest.mark.peer

Find = Callable[[str], Path]


@dataclass(frozen=True, kw_only=True)
class Site:
    hospital: Hospital
    node: Files
    other: Files

    def options(self, files: Files) -> list[str | Path]:
        """Of DCMTK's programs."""
        return ["+tls", files.key, files.certificate, "+cf", self.hospital.authority]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    hospital = Hospital(tmp_path_factory.mktemp("certificates"))
    return Site(hospital=hospital, node=hospital.issue("node"), other=hospital.issue("other"))


@contextmanager
def listening(site: Site, folder: Path, commitments: Commitments | None = None) -> Iterator[RunningReceiver]:
    """By TLS alone."""
    tls = receiver_tls(site.hospital, site.node, port=free_port())
    settings = Receiver(host=ADDRESS, port=0, tls=tls, allow_any_caller=True)
    ledger = ListLedger()
    with StorageScp(settings, spool=Spool(folder, watermark=0), intake=ledger, commitments=commitments):
        yield RunningReceiver(settings=settings, ledger=ledger, spool=folder)


def port_of(receiver: RunningReceiver) -> int:
    assert receiver.settings.tls is not None
    return receiver.settings.tls.port


def calling(site: Site, port: int, *, ae_title: str, commitments: Commitments | None = None) -> Channel:
    peer = DimsePeer(
        **{"kind": "dimse", "name": "pacs", "host": ADDRESS, "confirm": "commitment" if commitments else "none"},
        ae_title=ae_title,
        port=port,
        tls=peer_tls(site.hospital, site.node),
    )
    return channel(peer, calling_ae="LUMBARAI", timeout=20, commitments=commitments)


def written(folder: Path, count: int = 3) -> list[Path]:
    folder.mkdir()
    paths = [folder / f"{number}.dcm" for number in range(1, count + 1)]
    for number, path in enumerate(paths, start=1):
        mr_object(number, rows=200).save_as(path, enforce_file_format=True)
    return paths


def test_echoscu_and_storescu_by_tls_are_answered(site: Site, peer_program: Find, tmp_path: Path) -> None:
    sent = written(tmp_path / "source")
    with listening(site, tmp_path / "spool") as receiver:
        where = ["-aec", "LUMBARAI", ADDRESS, str(port_of(receiver))]
        subprocess.run([peer_program("echoscu"), *site.options(site.other), *where], check=True, timeout=60)
        subprocess.run([peer_program("storescu"), *site.options(site.other), *where, *sent], check=True, timeout=60)
        assert len(receiver.files()) == 3


def test_echoscu_without_a_certificate_or_without_tls_is_refused(
    site: Site, peer_program: Find, tmp_path: Path
) -> None:
    with listening(site, tmp_path / "spool") as receiver:
        where = ["-aec", "LUMBARAI", ADDRESS, str(port_of(receiver))]
        for options in (["+tla", "-ic"], ["-tls"]):
            asked = [peer_program("echoscu"), *options, *where]
            assert subprocess.run(asked, check=False, timeout=60, capture_output=True).returncode != 0
        reasons = [caller.reason for caller in receiver.ledger.turned]
    assert reasons == [
        "no TLS: the other side showed no certificate",
        "no TLS: what came is no TLS",
    ]


def test_storescp_by_tls_takes_our_objects_and_no_plain_ones(site: Site, peer_program: Find, tmp_path: Path) -> None:
    files, port = written(tmp_path / "source"), free_port()
    (tmp_path / "got").mkdir()
    server = subprocess.Popen([peer_program("storescp"), *site.options(site.other), "-od", tmp_path / "got", str(port)])
    try:
        opened = calling(site, port, ae_title="STORESCP")
        wait_until(lambda: _answers(opened), what="storescp")
        assert [receipt.verdict for receipt in opened.send(files)] == [Verdict.STORED] * 3
        assert len(list((tmp_path / "got").iterdir())) == 3
    finally:
        server.terminate()
        server.wait(timeout=20)


def _answers(opened: Channel) -> bool:
    try:
        return bool(opened.check())
    except PeerUnreachable:
        return False


def test_orthanc_takes_commits_and_routes_by_tls(site: Site, peer_program: Find, tmp_path: Path) -> None:
    files, commitments = written(tmp_path / "source"), Commitments()
    with listening(site, tmp_path / "spool", commitments) as receiver:
        node = {"AET": "LUMBARAI", "Host": ADDRESS, "Port": port_of(receiver), "UseDicomTls": True}
        options = {
            "DicomTlsEnabled": True,
            "DicomTlsCertificate": str(site.other.certificate),
            "DicomTlsPrivateKey": str(site.other.key),
            "DicomTlsTrustedCertificates": str(site.hospital.authority),
            "DicomTlsRemoteCertificateRequired": True,
            "DicomModalities": {"node": node},
        }
        with running_orthanc(peer_program("Orthanc"), tmp_path / "orthanc", options=options) as orthanc:
            opened = calling(site, orthanc.dicom_port, ae_title="ORTHANC", commitments=commitments)
            assert [receipt.verdict for receipt in opened.send(files)] == [Verdict.STORED] * 3
            assert len(opened.confirm(files)) == 3
            _route(orthanc.url, [str(each["ID"]) for each in orthanc.instances()])
        assert len(receiver.files()) == 3


def _route(url: str, instances: list[str]) -> None:
    answer = requests.post(f"{url}/modalities/node/store", json=instances, auth=(USER, PASSWORD), timeout=60)
    assert answer.json()["FailedInstancesCount"] == 0
