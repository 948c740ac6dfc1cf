"""TLS as PS3.15 B.12 has it (BCP 195: RFC 8996, RFC 9325), for both sides of a connection. Talks to: disk.

TLS 1.2 and 1.3, nothing older, nothing that a peer could bargain down to: deploy/decisions/0015-dicom-tls.md.
"""

import ssl
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from config.tls import PeerTls, ReceiverTls, Tls
from dicom_io.certificates import validities
from dicom_io.errors import CertificateUnusable

PROFILE: Final = "BCP 195 RFC 8996, 9325 TLS Secure Transport Connection Profile"
CIPHERS_OF_1_2: Final[Mapping[str, str]] = {  # RFC 9325 4.2.1: by OpenSSL's name, and by the registered one
    "ECDHE-ECDSA-AES256-GCM-SHA384": "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384": "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "ECDHE-ECDSA-AES128-GCM-SHA256": "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256": "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
}
CIPHERS_OF_1_3: Final = ("TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256")

_KEYS_OF_112_BITS: Final = "@SECLEVEL=2"  # RSA of 2048 bits, curves of 224, no SHA-1 in signatures
_WORDS: Final = {
    "WRONG_VERSION_NUMBER": "what came is no TLS",
    "HTTP_REQUEST": "what came is HTTP, not TLS",
    "UNSUPPORTED_PROTOCOL": "the other side speaks no TLS newer than 1.1",
    "NO_SHARED_CIPHER": "the other side offers no cipher suite that BCP 195 recommends",
    "PEER_DID_NOT_RETURN_A_CERTIFICATE": "the other side showed no certificate",
    "UNEXPECTED_EOF_WHILE_READING": "the other side hung up",
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": "the other side wants a certificate of ours",
    "TLSV1_ALERT_UNKNOWN_CA": "the other side does not know the authority of our certificate",
    "TLSV1_ALERT_PROTOCOL_VERSION": "the other side speaks no version of TLS that we do",
    "SSLV3_ALERT_HANDSHAKE_FAILURE": "the other side refused: it wants a certificate, or other ciphers",
    "SSLV3_ALERT_BAD_CERTIFICATE": "the other side refused our certificate",
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": "the other side says that our certificate has expired",
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": "the other side refused our certificate",
}


def accepting(tls: ReceiverTls) -> ssl.SSLContext:
    """For connections that others open. Raises CertificateUnusable."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _restrict(context)
    context.num_tickets = 0  # a ticket that comes between two PDUs blocks pynetdicom's reader (its issue 364)
    _show_ours(context, tls)
    if tls.certificate_authority is not None:
        _trust(context, tls.certificate_authority)
        context.verify_mode = ssl.CERT_REQUIRED if tls.require_client_certificate else ssl.CERT_OPTIONAL
    return context


def calling(tls: PeerTls, *, context: ssl.SSLContext | None = None) -> ssl.SSLContext:
    """For connections that we open; context: one of PROTOCOL_TLS_CLIENT to set up. Raises CertificateUnusable."""
    made = context or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    _restrict(made)
    made.check_hostname = tls.check_host_name
    if tls.certificate_authority is not None:
        _trust(made, tls.certificate_authority)
    else:
        made.load_default_certs()
    if tls.certificate is not None:
        _show_ours(made, tls)
    return made


def unusable_files(tls: Tls) -> Iterator[CertificateUnusable]:
    """What would stop accepting() or calling(), both for our own files and for the authorities."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _restrict(context)
    try:
        if tls.certificate is not None:
            _show_ours(context, tls)
    except CertificateUnusable as error:
        yield error
    try:
        if tls.certificate_authority is not None:
            _trust(context, tls.certificate_authority)
    except CertificateUnusable as error:
        yield error


def reason_of(error: OSError) -> str:
    """Why a handshake failed, or what came of it. Nothing in it is the other side's own text."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate of the other side does not hold: {error.verify_message}"
    if isinstance(error, ssl.SSLError) and error.reason:
        return _WORDS.get(error.reason) or error.reason.replace("_", " ").lower()
    if isinstance(error, TimeoutError):
        return "nothing came in time"
    return error.strerror or "the connection broke"


def _restrict(context: ssl.SSLContext) -> None:
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(":".join([*CIPHERS_OF_1_2, _KEYS_OF_112_BITS]))
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION


def _trust(context: ssl.SSLContext, authority: Path) -> None:
    _require_certificates(authority, setting="certificate_authority")
    try:
        context.load_verify_locations(cafile=authority)
    except ssl.SSLError as error:
        raise CertificateUnusable("does not parse", setting="certificate_authority") from error


def _show_ours(context: ssl.SSLContext, tls: Tls) -> None:
    certificate, key = tls.certificate, tls.key
    if certificate is None or key is None:
        raise CertificateUnusable("certificate and key belong together", setting="certificate")
    _require_certificates(certificate, setting="certificate")
    try:
        context.load_cert_chain(certificate, key, password=lambda: _password(tls))
    except ssl.SSLError as error:
        raise _of_ours(error) from error
    except OSError as error:
        raise CertificateUnusable(_unread(error), setting="key") from error


def _require_certificates(path: Path, *, setting: str) -> None:
    try:
        found = validities(path.read_text(encoding="ascii", errors="replace"))
    except OSError as error:
        raise CertificateUnusable(_unread(error), setting=setting) from error
    except ValueError as error:
        raise CertificateUnusable("does not parse", setting=setting) from error
    if not found:
        raise CertificateUnusable("holds no certificate in PEM", setting=setting)


def _of_ours(error: ssl.SSLError) -> CertificateUnusable:
    if error.reason == "KEY_VALUES_MISMATCH":
        return CertificateUnusable("does not match the certificate", setting="key")
    if error.reason in ("EE_KEY_TOO_SMALL", "CA_KEY_TOO_SMALL", "CA_MD_TOO_WEAK"):
        return CertificateUnusable("its key or signature is weaker than BCP 195 allows", setting="certificate")
    return CertificateUnusable("holds no key in PEM, or the password is not its own", setting="key")


def _password(tls: Tls) -> str:
    """Asked for only where the key is encrypted; without an answer OpenSSL would ask at the terminal."""
    if tls.key_password_file is None:
        raise CertificateUnusable("is encrypted, and no key_password_file is named", setting="key")
    try:
        return tls.key_password_file.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        raise CertificateUnusable("cannot be read", setting="key_password_file") from None


def _unread(error: OSError) -> str:
    return f"cannot be read: {error.strerror}"
