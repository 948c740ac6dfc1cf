"""What files make a TLS context, and what each other one is told to be."""

import ssl
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.tls import PeerTls, ReceiverTls, Tls
from dicom_io.certificates import validities
from dicom_io.errors import CertificateUnusable
from dicom_io.tls import CIPHERS_OF_1_2, CIPHERS_OF_1_3, accepting, calling, unusable_files
from tests.certificates import Files, Hospital


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Hospital:
    return Hospital(tmp_path_factory.mktemp("hospital"))


@pytest.fixture(scope="module")
def node(hospital: Hospital) -> Files:
    return hospital.issue("node")


def faults(tls: Tls) -> list[tuple[str, str]]:
    return [(fault.setting, fault.words) for fault in unusable_files(tls)]


@pytest.fixture
def garbage(tmp_path: Path) -> Path:
    path = tmp_path / "garbage"
    path.write_bytes(b"\xff\xfe no PEM")
    return path


def of(node: Files, hospital: Hospital, **changes: Path) -> PeerTls:
    return PeerTls.model_validate(
        {"certificate": node.certificate, "key": node.key, "certificate_authority": hospital.authority, **changes}
    )


def test_only_what_bcp_195_recommends_is_offered_on_both_sides(hospital: Hospital, node: Files) -> None:
    listening = ReceiverTls(certificate=node.certificate, key=node.key, certificate_authority=hospital.authority)
    for context in (accepting(listening), calling(of(node, hospital))):
        assert {cipher["name"] for cipher in context.get_ciphers()} == {*CIPHERS_OF_1_2, *CIPHERS_OF_1_3}
        assert context.minimum_version == ssl.TLSVersion.TLSv1_2
        assert context.verify_mode == ssl.CERT_REQUIRED


def test_without_an_authority_of_the_site_the_systems_own_count() -> None:
    assert calling(PeerTls()).verify_mode == ssl.CERT_REQUIRED
    assert calling(PeerTls()).check_hostname


def test_files_that_fit_are_no_fault(hospital: Hospital, node: Files) -> None:
    assert faults(of(node, hospital)) == []


def test_a_key_that_is_not_the_certificates_is_told(hospital: Hospital, node: Files) -> None:
    assert faults(of(node, hospital, key=hospital.root.key)) == [("key", "does not match the certificate")]


def test_a_key_file_that_holds_none_is_told(hospital: Hospital, node: Files, garbage: Path) -> None:
    ((setting, words),) = faults(of(node, hospital, key=garbage))
    assert (setting, "no key in PEM" in words) == ("key", True)


def test_faults_of_our_certificate_and_of_the_authority_are_told_at_once(
    hospital: Hospital, node: Files, garbage: Path
) -> None:
    found = faults(of(node, hospital, certificate=garbage, certificate_authority=garbage))
    assert found == [
        ("certificate", "holds no certificate in PEM"),
        ("certificate_authority", "holds no certificate in PEM"),
    ]


def test_a_certificate_that_is_cut_off_is_told(hospital: Hospital, node: Files, tmp_path: Path) -> None:
    cut = tmp_path / "cut.crt"
    lines = node.certificate.read_text().splitlines(keepends=True)
    cut.write_text("".join(lines[:3] + lines[-1:]))
    assert faults(of(node, hospital, certificate=cut)) == [("certificate", "does not parse")]


def test_an_encrypted_key_opens_with_its_password_and_nobody_is_asked_at_the_terminal(
    hospital: Hospital, tmp_path: Path
) -> None:
    locked = hospital.issue("locked", password="correct horse")  # noqa: S106 - of this test alone
    right, wrong = tmp_path / "right", tmp_path / "wrong"
    right.write_text("correct horse\n")
    wrong.write_text("battery staple\n")
    assert faults(of(locked, hospital, key_password_file=right)) == []
    assert faults(of(locked, hospital)) == [("key", "is encrypted, and no key_password_file is named")]
    ((setting, words),) = faults(of(locked, hospital, key_password_file=wrong))
    assert (setting, "the password is not its own" in words) == ("key", True)
    assert "battery" not in words


def test_a_weak_key_is_told(hospital: Hospital, tmp_path: Path) -> None:
    weak = Files(certificate=tmp_path / "weak.crt", key=tmp_path / "weak.key")
    made = ["openssl", "req", "-x509", "-newkey", "rsa:1024", "-nodes", "-subj", "/CN=weak", "-days", "9"]
    subprocess.run([*made, "-keyout", weak.key, "-out", weak.certificate], check=True, capture_output=True, timeout=60)
    ((setting, words),) = faults(of(weak, hospital))
    assert (setting, "weaker than BCP 195 allows" in words) == ("certificate", True)


def test_a_file_that_may_not_be_read_is_told_without_its_content() -> None:
    with pytest.raises(CertificateUnusable, match="certificate_authority cannot be read: No such file"):
        calling(PeerTls(certificate_authority=Path("/nowhere/hospital.pem")))


def told_by_openssl(certificate: Path) -> list[datetime]:
    words = ["openssl", "x509", "-in", str(certificate), "-noout", "-dates"]
    said = subprocess.run(words, check=True, capture_output=True, text=True, timeout=60).stdout
    dates = [line.split("=")[1] for line in said.splitlines()]
    return [datetime.strptime(text, "%b %d %H:%M:%S %Y GMT").replace(tzinfo=UTC) for text in dates]


@pytest.mark.parametrize("days", [1, 20_000])
def test_validity_is_what_openssl_says_before_2050_and_after(hospital: Hospital, days: int) -> None:
    certificate = hospital.issue(f"of {days} days", days=days).certificate
    (found,) = validities(certificate.read_text())
    assert [found.begins, found.ends] == told_by_openssl(certificate)


def test_each_certificate_of_a_chain_is_read(hospital: Hospital, node: Files) -> None:
    assert len(validities(node.certificate.read_text() + hospital.authority.read_text())) == 2


@pytest.mark.parametrize("length", [0, 1, 40, 100])
def test_a_certificate_that_is_cut_anywhere_raises_and_nothing_else(node: Files, length: int) -> None:
    der = ssl.PEM_cert_to_DER_cert(node.certificate.read_text())
    with pytest.raises(ValueError, match=r"cut off|longer"):
        validities(ssl.DER_cert_to_PEM_cert(der[:length]))
