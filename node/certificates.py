"""Certificates and keys that a site's file names: what is wrong with them, and how long they hold. Talks to: disk.

A file that cannot be used stops the start. One that has run out does not: the node that starts again at night, because
the power was gone, goes on receiving from whom it can.
"""

import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from config.errors import Fault
from config.load import secured
from config.settings import Settings
from dicom_io.certificates import Validity, validities
from dicom_io.tls import unusable_files

_SECRETS: Final = ("key", "key_password_file")
DAYS_TO_RENEW: Final = 30


@dataclass(frozen=True, kw_only=True)
class Holding:
    """A file of certificates. place: its setting; validity: of our chain the shortest, of authorities the longest."""

    place: str
    validity: Validity

    def told(self, now: datetime) -> str:
        begins, ends = self.validity.begins, self.validity.ends
        if now < begins:
            return f"does not hold before {begins:%Y-%m-%d}"
        if now > ends:
            return f"ran out on {ends:%Y-%m-%d}"
        return f"holds {self.validity.days_left(now)} days, until {ends:%Y-%m-%d}"


def unusable_certificates(settings: Settings) -> list[Fault]:
    """Files that are there, and are no certificates, do not match, or may not be read."""
    return [
        Fault(place=f"{place}.{error.setting}", words=error.words)
        for place, tls in secured(settings)
        for error in unusable_files(tls)
        if tls.files[error.setting].is_file()
    ]


def run_out(settings: Settings, *, now: datetime) -> list[Fault]:
    """Certificates that do not hold now."""
    return [Fault(place=one.place, words=one.told(now)) for one in holdings(settings) if not one.validity.holds(now)]


def open_secrets(settings: Settings) -> list[Fault]:
    """Keys and passwords that every user of this machine may read."""
    named = ((f"{place}.{name}", tls.files.get(name)) for place, tls in secured(settings) for name in _SECRETS)
    return [
        Fault(place=place, words=f"every user may read {path}: chmod o= {path}")
        for place, path in named
        if path is not None and path.stat().st_mode & stat.S_IROTH
    ]


def holdings(settings: Settings) -> Iterator[Holding]:
    """Of files that unusable_certificates() finds nothing wrong with."""
    for place, tls in secured(settings):
        if tls.certificate is not None:
            shortest = min(_read(tls.certificate), key=lambda one: one.ends)
            yield Holding(place=f"{place}.certificate", validity=shortest)
        if tls.certificate_authority is not None:
            longest = max(_read(tls.certificate_authority), key=lambda one: one.ends)
            yield Holding(place=f"{place}.certificate_authority", validity=longest)


def _read(path: Path) -> tuple[Validity, ...]:
    return validities(path.read_text(encoding="ascii", errors="replace"))
