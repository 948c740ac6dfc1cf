"""From when to when the certificates in a PEM text hold (RFC 5280 4.1.2.5). Pure.

The standard library tells it of the other side's certificate only, and of authorities: so the few elements of DER that
lead to it are walked here.
"""

import re
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

_PEM: Final = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_VERSION: Final = 0xA0
_UTC_TIME, _GENERALIZED_TIME = 0x17, 0x18
_BEFORE_VALIDITY: Final = 3  # serial number, signature algorithm, issuer
_SECONDS_OF_A_DAY: Final = 86_400


@dataclass(frozen=True, kw_only=True)
class Validity:
    """begins and ends: UTC, both included."""

    begins: datetime
    ends: datetime

    def holds(self, now: datetime) -> bool:
        return self.begins <= now <= self.ends

    def days_left(self, now: datetime) -> int:
        """Whole days until the end; negative after it."""
        return int((self.ends - now).total_seconds() // _SECONDS_OF_A_DAY)


def validities(pem: str) -> tuple[Validity, ...]:
    """Of each certificate in the text, in its order. Raises ValueError where one does not parse."""
    return tuple(_validity(ssl.PEM_cert_to_DER_cert(text)) for text in _PEM.findall(pem))


def _validity(certificate: bytes) -> Validity:
    try:
        _, whole = next(_elements(memoryview(certificate)))
        _, to_be_signed = next(_elements(whole))
        elements = [each for each in _elements(to_be_signed) if each[0] != _VERSION]
        _, validity = elements[_BEFORE_VALIDITY]
        begins, ends = (_time(tag, content) for tag, content in _elements(validity))
    except (StopIteration, IndexError) as cut:
        raise ValueError("a certificate that is cut off") from cut
    return Validity(begins=begins, ends=ends)


def _elements(der: memoryview) -> Iterator[tuple[int, memoryview]]:
    """(tag, content) of each element in a row of elements (X.690 8.1)."""
    while der:
        tag, length, at = der[0], der[1], 2
        if length & 0x80:
            at += length & 0x7F
            length = int.from_bytes(der[2:at], "big")
        if at + length > len(der):
            raise ValueError("an element is longer than what holds it")
        yield tag, der[at : at + length]
        der = der[at + length :]


def _time(tag: int, content: memoryview) -> datetime:
    """Years of two digits are 1950 to 2049."""
    text = bytes(content).decode("ascii")
    if tag == _UTC_TIME:
        text = f"{'19' if text[:2] >= '50' else '20'}{text}"
    elif tag != _GENERALIZED_TIME:
        raise ValueError("a validity without a time")
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
