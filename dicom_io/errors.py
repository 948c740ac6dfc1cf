"""What may be the case with objects, series and peers. Pure.

DicomError
├── InvalidInstance     not a usable object: refused at the door, nothing stored
├── SpoolFull           less free space than the watermark: nothing is accepted until there is room
├── SeriesUnusable      these images will not do, and never will
│   ├── InconsistentSeries   the objects do not form one regular stack
│   └── PixelsUnreadable     the pixels cannot be decoded
├── CertificateUnusable a file of a site's TLS section will not do: a fault of the site's file
├── ObjectUnwritable    a result cannot become a valid object: a defect of the result, not of time
└── PeerError           what a peer answered, or did not
    ├── PeerUnreachable      no connection, no answer in time, or the answer broke off
    ├── PeerBusy             the peer is there and says "later"
    └── PeerRefused          never as it stands; the peer's words are kept

Texts never carry patient names, ids, dates or free text of a header.
"""


class DicomError(Exception):
    """Root of what dicom_io raises."""


class InvalidInstance(DicomError):
    """Not a usable object; the text names what is wrong with it."""


class SpoolFull(DicomError):
    """Less free space than the watermark."""


class SeriesUnusable(DicomError):
    """These images will not do, and never will."""


class InconsistentSeries(SeriesUnusable):
    """The objects of a series do not form one regular stack."""


class PixelsUnreadable(SeriesUnusable):
    """Pixel data is missing, truncated, or in a form that no decoder here reads."""


class CertificateUnusable(DicomError):
    """A certificate, key or authority will not do. setting: the one that names its file; no text of the file."""

    def __init__(self, words: str, *, setting: str) -> None:
        super().__init__(f"{setting} {words}")
        self.words = words
        self.setting = setting


class ObjectUnwritable(DicomError):
    """A result cannot become a valid object as it stands."""


class PeerError(DicomError):
    """What a peer answered, or did not."""


class PeerUnreachable(PeerError):
    """No connection, no answer in time, or the answer broke off."""


class PeerBusy(PeerError):
    """The peer answers, and asks to come back later."""


class PeerRefused(PeerError):
    """The peer will not take this as it stands. words: what it said, verbatim, as far as it said anything."""

    def __init__(self, message: str, *, words: str = "") -> None:
        super().__init__(f"{message}: {words}" if words else message)
        self.words = words
