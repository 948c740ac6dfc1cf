"""TLS on associations that pynetdicom opens for us, with the reason of a failure, which it drops. Talks to: PACS."""

import contextlib
import ssl
from collections.abc import Iterator

from config.settings import DimsePeer
from dicom_io.errors import CertificateUnusable, PeerUnreachable
from dicom_io.tls import calling, reason_of


class _Socket(ssl.SSLSocket):
    """With TLS 1.3 a peer refuses our certificate only after the handshake: then the first read fails."""

    def do_handshake(self, block: bool = False) -> None:
        with self._noted():
            super().do_handshake(block)

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        with self._noted():
            return super().recv(buflen, flags)

    def shutdown(self, how: int) -> None:
        """pynetdicom closes only what it could shut down before."""
        with contextlib.suppress(OSError):
            super().shutdown(how)

    @contextlib.contextmanager
    def _noted(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if isinstance(self.context, CallingContext):
                self.context.failure = reason_of(error)
            raise


class CallingContext(ssl.SSLContext):
    """For one association. failure: why TLS failed, "" as long as it did not."""

    sslsocket_class = _Socket
    failure = ""


def tls_of(peer: DimsePeer) -> tuple[CallingContext, str] | None:
    """As pynetdicom wants it; the files are read anew, so that renewed certificates count without a restart.

    Raises PeerUnreachable if one of them will not do: a person can mend that while results wait.
    """
    if peer.tls is None:
        return None
    context = CallingContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        calling(peer.tls, context=context)
    except CertificateUnusable as error:
        raise PeerUnreachable(f"{peer.name} was not called: of its TLS section, {error}") from error
    return context, peer.host
