"""The receiver by TLS, as hospital machines and strangers see it: pynetdicom, the standard library, raw bytes."""

import logging
import socket
import ssl
import struct
import warnings
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage
from pynetdicom import AE
from pynetdicom.association import Association

from config.tls import ReceiverTls
from dicom_io.received import Ending
from tests.certificates import ADDRESS, Files, Hospital, other_side, receiver_tls
from tests.orthanc import free_port, wait_until
from tests.receiving import RawSender, RunningReceiver, encoded, mr_object, running_receiver, send, store_request, value


@dataclass(frozen=True, kw_only=True)
class Site:
    hospital: Hospital
    node: Files
    modality: Files
    stranger: Files


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder = tmp_path_factory.mktemp("certificates")
    hospital, elsewhere = Hospital(folder / "ours"), Hospital(folder / "theirs", name="Elsewhere")
    return Site(
        hospital=hospital,
        node=hospital.issue("node"),
        modality=hospital.issue("modality"),
        stranger=elsewhere.issue("stranger"),
    )


@pytest.fixture
def receiver(site: Site, tmp_path: Path) -> Iterator[RunningReceiver]:
    """On both kinds of port."""
    with running_receiver(tmp_path, tls=receiver_tls(site.hospital, site.node, port=free_port())) as running:
        yield running


def secured(receiver: RunningReceiver) -> tuple[str, int]:
    tls = receiver.settings.tls
    assert tls is not None
    return ADDRESS, tls.port


def associate(receiver: RunningReceiver, context: ssl.SSLContext) -> Association:
    ae = AE(ae_title="MODALITY")
    ae.acse_timeout = ae.dimse_timeout = ae.network_timeout = 20
    ae.add_requested_context(MRImageStorage, ExplicitVRLittleEndian)
    return ae.associate(*secured(receiver), ae_title="LUMBARAI", tls_args=(context, ADDRESS))


def connection(receiver: RunningReceiver, context: ssl.SSLContext) -> ssl.SSLSocket:
    return context.wrap_socket(socket.create_connection(secured(receiver), timeout=20), server_hostname=ADDRESS)


def limited(site: Site, version: ssl.TLSVersion) -> ssl.SSLContext:
    """A modality that speaks this version and no other."""
    context = other_side(site.hospital, site.modality)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of Python about 1.0 and 1.1
        context.minimum_version = context.maximum_version = version
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_an_object_by_tls_is_on_the_disk_as_it_was_sent(
    receiver: RunningReceiver, site: Site, version: ssl.TLSVersion
) -> None:
    image = mr_object(rows=300)
    association = associate(receiver, limited(site, version))
    assert association.is_established
    assert association.send_c_store(image).Status == 0
    association.release()
    assert receiver.files()[0].read_bytes().endswith(encoded(image))
    assert receiver.ledger.wait_for_ends(1)[0].ending == Ending.RELEASED


def test_the_plain_port_goes_on_beside_the_other(receiver: RunningReceiver) -> None:
    assert send(receiver, mr_object()) == [0]


def test_a_site_may_have_the_tls_port_alone(site: Site, tmp_path: Path) -> None:
    tls = receiver_tls(site.hospital, site.node, port=free_port())
    with running_receiver(tmp_path, port=0, tls=tls) as receiver:
        association = associate(receiver, other_side(site.hospital, site.modality))
        assert association.is_established
        association.release()


def test_a_site_without_an_authority_takes_callers_without_certificates(site: Site, tmp_path: Path) -> None:
    tls = ReceiverTls(
        port=free_port(), certificate=site.node.certificate, key=site.node.key, require_client_certificate=False
    )
    with running_receiver(tmp_path, tls=tls) as receiver:
        association = associate(receiver, other_side(site.hospital, None))
        assert association.is_established
        association.release()


def no_certificate(receiver: RunningReceiver, site: Site) -> None:
    with pytest.raises(ssl.SSLError), connection(receiver, other_side(site.hospital, None)) as refused:
        refused.recv(1)


def another_authority(receiver: RunningReceiver, site: Site) -> None:
    context = other_side(site.hospital, site.stranger)
    with pytest.raises(ssl.SSLError), connection(receiver, context) as refused:
        refused.recv(1)


def tls_1_0(receiver: RunningReceiver, site: Site) -> None:
    with pytest.raises(ssl.SSLError):
        connection(receiver, limited(site, ssl.TLSVersion.TLSv1))


def tls_1_1(receiver: RunningReceiver, site: Site) -> None:
    with pytest.raises(ssl.SSLError):
        connection(receiver, limited(site, ssl.TLSVersion.TLSv1_1))


def static_rsa(receiver: RunningReceiver, site: Site) -> None:
    context = limited(site, ssl.TLSVersion.TLSv1_2)
    context.set_ciphers("AES256-GCM-SHA384:@SECLEVEL=0")
    with pytest.raises(ssl.SSLError):
        connection(receiver, context)


def plain_dicom(receiver: RunningReceiver, site: Site) -> None:
    with socket.create_connection(secured(receiver), timeout=20) as plain:
        plain.sendall(struct.pack(">BxI", 1, 200) + bytes(200))
        with pytest.raises(ConnectionError):
            plain.recv(1)
            raise ConnectionResetError  # or it was closed without a reset


def hangs_up(receiver: RunningReceiver, site: Site) -> None:
    socket.create_connection(secured(receiver), timeout=20).close()


def distrusts_us(receiver: RunningReceiver, site: Site) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(site.stranger.certificate)
    with pytest.raises(ssl.SSLError):
        connection(receiver, context)


REFUSED = [
    (no_certificate, "showed no certificate"),
    (another_authority, "does not hold: unable to get local issuer certificate"),
    (tls_1_0, "no TLS newer than 1.1"),
    (tls_1_1, "no TLS newer than 1.1"),
    (static_rsa, "no cipher suite that BCP 195 recommends"),
    (plain_dicom, "what came is no TLS"),
    (hangs_up, "hung up"),
    (distrusts_us, "does not know the authority of our certificate"),
]


@pytest.mark.parametrize(("caller", "words"), REFUSED, ids=lambda value: getattr(value, "__name__", ""))
def test_who_has_no_tls_with_us_is_refused_with_one_line_and_the_node_goes_on(
    receiver: RunningReceiver, site: Site, caller: object, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert callable(caller)
    with caplog.at_level(logging.INFO, logger="dicom_io"):
        caller(receiver, site)
        wait_until(lambda: receiver.ledger.turned, what="the refusal")
    (line,) = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert ADDRESS in line
    assert words in line
    assert words in receiver.ledger.turned[0].reason
    association = associate(receiver, other_side(site.hospital, site.modality))
    assert association.send_c_store(mr_object()).Status == 0
    association.release()


def test_a_silent_caller_delays_nobody_and_holds_no_place(site: Site, tmp_path: Path) -> None:
    tls = receiver_tls(site.hospital, site.node, port=free_port())
    with (
        running_receiver(tmp_path, tls=tls, maximum_associations=1, acse_timeout=60) as receiver,
        socket.create_connection(secured(receiver)),
        socket.create_connection(secured(receiver)),
    ):
        association = associate(receiver, other_side(site.hospital, site.modality))
        assert association.is_established
        association.release()


def test_a_silent_caller_is_let_go_after_the_timeout(site: Site, tmp_path: Path) -> None:
    tls = receiver_tls(site.hospital, site.node, port=free_port())
    with running_receiver(tmp_path, tls=tls, acse_timeout=0.3) as receiver:
        with socket.create_connection(secured(receiver), timeout=20) as silent:
            assert silent.recv(1) == b""
        assert "nothing came in time" in receiver.ledger.turned[0].reason


def test_a_caller_that_falls_silent_within_an_association_is_let_go(site: Site, tmp_path: Path) -> None:
    tls = receiver_tls(site.hospital, site.node, port=free_port())
    with (
        running_receiver(tmp_path, tls=tls, network_timeout=0.3, acse_timeout=0.3) as receiver,
        connection(receiver, other_side(site.hospital, site.modality)) as secure,
    ):
        RawSender(receiver, over=secure).associate()
        assert receiver.ledger.wait_for_ends(1)[0].ending == Ending.ABORTED


def test_stopping_ends_associations_and_handshakes_at_once(site: Site, tmp_path: Path) -> None:
    tls = receiver_tls(site.hospital, site.node, port=free_port())
    with ExitStack() as callers:
        with running_receiver(tmp_path, tls=tls, acse_timeout=0, network_timeout=0) as receiver:
            secure = callers.enter_context(connection(receiver, other_side(site.hospital, site.modality)))
            RawSender(receiver, over=secure).associate()
            callers.enter_context(socket.create_connection(secured(receiver)))
        assert receiver.ledger.ends[0].ending == Ending.ABORTED


def test_what_was_answered_stays_when_the_connection_is_cut_in_the_midst_of_the_next(
    receiver: RunningReceiver, site: Site
) -> None:
    first, second = mr_object(1), mr_object(2, rows=200)
    with connection(receiver, other_side(site.hospital, site.modality)) as secure:
        sender = RawSender(receiver, over=secure)
        sender.associate()
        sender.command(store_request("1.2.3.1.1"))
        sender.tell(0x04, value(encoded(first), control=0b10))
        assert sender.status() == 0
        sender.command(store_request("1.2.3.1.2"))
        sender.tell(0x04, value(encoded(second)[:5000], control=0b00))
        socket.socket.shutdown(secure, socket.SHUT_RDWR)  # no goodbye of TLS, as when a machine loses its power
    assert receiver.ledger.wait_for_ends(1)[0].ending == Ending.ABORTED
    (kept,) = receiver.files()
    assert kept.read_bytes().endswith(encoded(first))
    assert [path for path in receiver.spool.rglob("*") if path.is_file() and path != kept] == []


def test_tls_on_the_plain_port_is_named(
    receiver: RunningReceiver, site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    context = other_side(site.hospital, site.modality)
    with pytest.raises(ssl.SSLError):
        context.wrap_socket(socket.create_connection(receiver.address, timeout=20), server_hostname=ADDRESS)
    wait_until(lambda: "TLS on a plain port" in caplog.text, what="the line")
