"""Connections secured by TLS: the files that a site names for them, all PEM. Pure."""

from pathlib import Path

from pydantic import model_validator

from config.section import Port, Section


class Tls(Section):
    """Ours, by which the other side knows us; certificate_authority: whose certificates of the other side count."""

    certificate: Path | None = None
    key: Path | None = None
    key_password_file: Path | None = None
    certificate_authority: Path | None = None

    @property
    def files(self) -> dict[str, Path]:
        """Those that are named, by their setting."""
        named = {name: getattr(self, name) for name in Tls.model_fields}
        return {name: path for name, path in named.items() if path is not None}


class ReceiverTls(Tls):
    """A second port of the receiver, where only TLS is spoken."""

    certificate: Path
    key: Path
    port: Port = 2762
    require_client_certificate: bool = True

    @model_validator(mode="after")
    def _certificates_have_an_authority(self) -> "ReceiverTls":
        if self.require_client_certificate and self.certificate_authority is None:
            raise ValueError(
                "callers must show a certificate, and no certificate_authority says which: name one, or set "
                "require_client_certificate = false"
            )
        return self


class PeerTls(Tls):
    check_host_name: bool = True

    @model_validator(mode="after")
    def _certificate_has_its_key(self) -> "PeerTls":
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key belong together: name both, or none")
        return self
