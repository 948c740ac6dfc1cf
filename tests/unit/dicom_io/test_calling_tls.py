"""Peers that are called by TLS: pynetdicom as an archive, the standard library as a web server."""

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from pydicom.dataset import Dataset
from pynetdicom import AE, AllStoragePresentationContexts, evt

from config.settings import DimsePeer, StowPeer
from config.tls import PeerTls
from dicom_io.archive import REPORT_CLASS, STUDY_ROOT_GET, ReportSeries, archive
from dicom_io.deliver.channel import Verdict
from dicom_io.deliver.opened import channel
from dicom_io.errors import PeerUnreachable
from dicom_io.query import STUDY_ROOT_FIND, query
from dicom_io.upper_layer.negotiation import STORAGE_COMMITMENT, VERIFICATION
from tests.certificates import ADDRESS, Files, Hospital, other_side, peer_tls
from tests.orthanc import free_port
from tests.receiving import mr_object


@dataclass(frozen=True, kw_only=True)
class Site:
    hospital: Hospital
    elsewhere: Hospital
    node: Files
    pacs: Files
    stranger: Files


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder = tmp_path_factory.mktemp("certificates")
    hospital, elsewhere = Hospital(folder / "ours"), Hospital(folder / "theirs", name="Elsewhere")
    return Site(
        hospital=hospital,
        elsewhere=elsewhere,
        node=hospital.issue("node"),
        pacs=hospital.issue("pacs"),
        stranger=elsewhere.issue("stranger"),
    )


def found(event: evt.Event) -> Iterator[tuple[int, Dataset | None]]:
    match = Dataset()
    match.SOPInstanceUID = "1.2.3.1.1"
    yield 0xFF00, match


def got(event: evt.Event) -> Iterator[object]:
    yield 1
    yield 0xFF00, mr_object(sop_class=REPORT_CLASS)


def committed(event: evt.Event) -> tuple[int, None]:
    """The report comes on the same association."""
    request = event.action_information
    report = Dataset()
    report.TransactionUID, report.ReferencedSOPSequence = request.TransactionUID, request.ReferencedSOPSequence
    threading.Thread(
        target=event.assoc.send_n_event_report, args=(report, 1, STORAGE_COMMITMENT, "1.2.840.10008.1.20.1.1")
    ).start()
    return 0, None


@contextmanager
def pacs(context: ssl.SSLContext | None) -> Iterator[int]:
    """The port of an archive that takes, finds and commits to everything."""
    ae = AE(ae_title="PACS")
    for storage in AllStoragePresentationContexts:
        ae.add_supported_context(storage.abstract_syntax or "", scu_role=True, scp_role=True)
    for service in (VERIFICATION, STUDY_ROOT_FIND, STUDY_ROOT_GET, STORAGE_COMMITMENT):
        ae.add_supported_context(service)
    handlers = [(evt.EVT_C_STORE, lambda _: 0), (evt.EVT_C_FIND, found), (evt.EVT_C_GET, got)]
    port = free_port()
    server = ae.start_server(
        (ADDRESS, port), block=False, ssl_context=context, evt_handlers=[*handlers, (evt.EVT_N_ACTION, committed)]
    )
    try:
        yield port
    finally:
        server.shutdown()


def peer(port: int, tls: PeerTls | None, *, host: str = ADDRESS) -> DimsePeer:
    return DimsePeer(
        kind="dimse", name="pacs", ae_title="PACS", host=host, port=port, tls=tls, query=True, confirm="commitment"
    )


def asked(called: DimsePeer) -> str:
    return query(called, calling_ae="LUMBARAI", timeout=5).check()


def why(called: DimsePeer) -> str:
    with pytest.raises(PeerUnreachable) as caught:
        asked(called)
    return str(caught.value)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_everything_that_is_asked_of_a_peer_is_asked_by_tls(
    site: Site, tmp_path: Path, version: ssl.TLSVersion
) -> None:
    context = other_side(site.hospital, site.pacs, is_server=True)
    context.minimum_version = context.maximum_version = version
    file = tmp_path / "1.dcm"
    mr_object(rows=300).save_as(file, enforce_file_format=True)
    with pacs(context) as port:
        called = peer(port, peer_tls(site.hospital, site.node))
        opened = channel(called, calling_ae="LUMBARAI", timeout=20)
        assert opened.check() == "PACS answers C-ECHO"
        assert [receipt.verdict for receipt in opened.send([file])] == [Verdict.STORED]
        assert opened.confirm([file]) == {"1.2.3.1.1"}
        counting = query(called, calling_ae="LUMBARAI", timeout=20)
        assert counting.count_instances(study_uid="1.2.3", series_uid="1.2.3.1") == 1
        reports = archive(called, calling_ae="LUMBARAI", timeout=20)
        assert len(reports.fetch(ReportSeries(study_uid="1.2.3", series_uid="1.2.3.1", study_date=""))) == 1


def test_a_peer_that_wants_a_certificate_of_ours_is_named_so(site: Site) -> None:
    with pacs(other_side(site.hospital, site.pacs, is_server=True)) as port:
        assert "wants a certificate of ours" in why(peer(port, peer_tls(site.hospital, None)))


def test_a_peer_that_does_not_know_our_authority_is_named_so(site: Site) -> None:
    with pacs(other_side(site.hospital, site.pacs, is_server=True)) as port:
        assert "does not know the authority" in why(peer(port, peer_tls(site.hospital, site.stranger)))


def test_a_peer_with_a_certificate_of_another_authority_gets_nothing(site: Site) -> None:
    with pacs(other_side(site.hospital, site.pacs, is_server=True)) as port:
        assert "does not hold" in why(peer(port, peer_tls(site.elsewhere, site.node)))


def test_a_certificate_of_another_host_counts_only_where_the_site_says_so(site: Site) -> None:
    strict = peer_tls(site.hospital, site.node)
    with pacs(other_side(site.hospital, site.pacs, is_server=True)) as port:
        assert "Hostname mismatch" in why(peer(port, strict, host="localhost"))
        lenient = strict.model_copy(update={"check_host_name": False})
        assert asked(peer(port, lenient, host="localhost")) == "PACS answers C-ECHO"


def test_a_plain_peer_is_not_spoken_to_where_tls_was_wanted(site: Site) -> None:
    with pacs(None) as port:
        assert "no TLS with each other" in why(peer(port, peer_tls(site.hospital, site.node)))


def test_a_file_that_went_away_while_the_node_ran_is_named_and_its_peer_tried_again(site: Site) -> None:
    gone = PeerTls(certificate_authority=Path("/nowhere/hospital.pem"))
    assert "certificate_authority cannot be read" in why(peer(free_port(), gone))


@contextmanager
def web_server(context: ssl.SSLContext) -> Iterator[str]:
    """The URL of a server that finds nothing, by https."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps([]).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    class Server(ThreadingHTTPServer):
        def get_request(self) -> tuple[ssl.SSLSocket, tuple[str, int]]:
            connection, address = self.socket.accept()
            return _secured(context, connection), address

    with Server((ADDRESS, 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"https://{ADDRESS}:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def _secured(context: ssl.SSLContext, connection: socket.socket) -> ssl.SSLSocket:
    try:
        return context.wrap_socket(connection, server_side=True)
    except OSError:
        connection.close()
        raise


def web(url: str, tls: PeerTls | None) -> str:
    return query(StowPeer(kind="stow", name="web", url=url, tls=tls), calling_ae="LUMBARAI", timeout=5).check()


def test_a_web_peer_is_shown_our_certificate_and_shows_one_of_the_sites_authority(site: Site) -> None:
    with web_server(other_side(site.hospital, site.pacs, is_server=True)) as url:
        assert web(url, peer_tls(site.hospital, site.node)) == "answers QIDO-RS"


@pytest.mark.parametrize(("named", "words"), [("hospital", "no TLS with it"), ("elsewhere", "does not hold")])
def test_a_web_peer_is_not_spoken_to_without_tls_that_holds(site: Site, named: str, words: str) -> None:
    wanted = pytest.raises(PeerUnreachable, match=words)
    with web_server(other_side(site.hospital, site.pacs, is_server=True)) as url, wanted:
        web(url, peer_tls(getattr(site, named), None))


def test_the_systems_authorities_do_not_count_where_the_site_names_its_own(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(site.hospital.authority))
    with web_server(other_side(site.hospital, site.pacs, is_server=True)) as url:
        ours = {"certificate": site.node.certificate, "key": site.node.key}
        assert web(url, PeerTls.model_validate(ours)) == "answers QIDO-RS"
        with pytest.raises(PeerUnreachable, match="does not hold"):
            web(url, PeerTls(certificate_authority=site.elsewhere.authority))
