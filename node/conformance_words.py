"""The sentences of the conformance statement that no table of the code can say. Pure."""

from collections.abc import Mapping
from typing import Final

from config.settings import ObjectKind
from dicom_io.received import StoreStatus

INTRODUCTION: Final = (
    "lumbar-node receives MR of the lumbar spine, analyses it, and sends its results to one or more archives. Research "
    "use only: no result is reviewed by a person before it is sent, and each says so. Written by "
    "`lumbar-node conformance`; do not edit by hand."
)
NEGOTIATION: Final = (
    "Any number of presentation contexts per association, one transfer syntax is taken for each: the plainest of those "
    "proposed. Callers are checked by AE title and address, the called AE title too where the site wants it. Rejected "
    "are unknown callers and wrong called titles for good, and for now whoever comes when as many associations as "
    "allowed are open or the disk is below its watermark. Objects are kept in the transfer syntax in which they came; "
    "Success is answered when the object is on the disk and in the ledger. The same object again is answered with "
    "Success and changes nothing. Asynchronous operations, SOP class extended negotiation and user identity are not "
    "negotiated."
)
STATUS_WORDS: Final[Mapping[StoreStatus, str]] = {
    StoreStatus.SUCCESS: "stored, or stored before with the same bytes",
    StoreStatus.OUT_OF_RESOURCES: "less free space than the site's watermark; to be sent again",
    StoreStatus.NOT_UNDERSTOOD: "no usable object; nothing is stored",
    StoreStatus.CONFLICT: "another object with this SOP Instance UID came before; this one lies in quarantine",
    StoreStatus.NOT_RECORDED: "a defect of the node; nothing is stored",
}
WEB: Final = (
    "A peer of the kind `stow` is sent to by STOW-RS (one request per object, `multipart/related; "
    'type="application/dicom"`), asked by QIDO-RS and read by WADO-RS metadata (`application/dicom+json`). An object '
    "counts as stored only if the Referenced SOP Sequence of the answer names it. A peer of the kind `orthanc` is used "
    "over Orthanc's own REST API. The node offers no web service of DICOM itself."
)
KIND_WORDS: Final[Mapping[ObjectKind, str]] = {
    "SEG": "one per method that drew something, BINARY, on the grid of the source, empty frames and segments left out",
    "PM": "one per map (T1rho, T2, residuals): float32, identity mapping, 0 where there is no value",
    "SR": "one per source series: Comprehensive 3D SR, preliminary and unverified, with what was not analysed and why",
    "SC": "the picture sheet of the study, RGB, burned-in annotation",
    "COLOR": "one series per map of T1rho or T2: it in colour over its slices, one RGB object for each, with a scale",
    "PDF": "the picture sheet of the study as a document",
    "GSPS": "outlines, level names and grades of a series, for viewers that draw no report",
}
CHARACTER_SETS: Final = (
    "Specific Character Set and the texts of patient and study are those of the source, byte for byte: single-byte "
    "repertoires with and without code extensions, ISO_IR 192, GB18030 and GBK, and ISO 2022 for Japanese, Korean and "
    "Chinese. Texts of the node are English; a character that the set of the source cannot hold is replaced by the "
    "nearest of ASCII."
)
TEMPLATES: Final = (
    ("TID 1500 Measurement Report", "the document; title (126000, DCM, Imaging Measurement Report)"),
    ("TID 1204 Language of Content Item and Descendants", "English"),
    ("TID 1001, 1002, 1004 Observation Context", "the node as device observer, its UID stable per installation"),
    ("TID 1600, 1602, 1604 Image Library", "only images that are annotated"),
    ("TID 1410 Planar ROI Measurements and Qualitative Evaluations", "outline of a disc or box on a slice, as SCOORD"),
    ("TID 1501 Measurement and Qualitative Evaluation Group", "grades, parts of a disc, standing, change"),
    ("TID 300 Measurement", "numbers, with derivation, method and the map they were read from"),
    ("TID 4019 Algorithm Identification", "method, version, weights by sha256, in every group"),
)
SECURITY: Final = (
    "Associations are plain, by TLS, or either, each on a port of its own: the receiver listens by TLS where the "
    "site's file has `[receiver.tls]`, and a peer is called by TLS where it has `[peers.tls]`. Nothing is upgraded on "
    "a plain port, and no fallback to it is tried. Web peers are spoken to over HTTPS by the same rules where their "
    "address says so, with basic authentication from a file. No patient name, number or date, and no key or password, "
    "is written to a log."
)
TLS_NEGOTIATION: Final = (
    "The receiver asks callers for a certificate of the site's authority and refuses who has none (unless the site "
    "says otherwise). Of a peer, the certificate must come from the site's authority, and name the peer's host (unless "
    "the site says otherwise). A handshake that fails ends the connection before any DICOM is read, with one line in "
    "the log; a record that fails its integrity check ends the association as an abort does. Nothing is renegotiated "
    "or compressed. A certificate does not stand for an AE title: that is checked as on the plain port. Certificates "
    "are not looked up in revocation lists."
)
KEY_MANAGEMENT: Final = (
    "PEM files that the site puts in place: certificate with its chain, private key (its password in a file, if it has "
    "one), authorities. The receiver reads them when it starts, calls read them each time. `check-config` tells what "
    "is wrong with them, `doctor` how many days they still hold."
)
