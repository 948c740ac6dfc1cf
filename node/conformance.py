"""The DICOM conformance statement (PS3.2), written from what the code itself holds. Pure.

deploy/conformance.md is its output; a test keeps the two equal.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from highdicom.sr import CodedConcept
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from pydicom.uid import UID

from config.settings import DimsePeer, ObjectKind, Receiver
from config.tls import PeerTls, ReceiverTls
from dicom_io.archive import REPORT_CLASS, STUDY_ROOT_GET
from dicom_io.dimse_peer import UNCOMPRESSED
from dicom_io.equipment import MANUFACTURER, MODEL
from dicom_io.query import STUDY_ROOT_FIND
from dicom_io.received import StoreStatus
from dicom_io.tls import CIPHERS_OF_1_2, CIPHERS_OF_1_3, PROFILE
from dicom_io.uids import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from dicom_io.upper_layer.negotiation import STORAGE_CLASSES, STORAGE_COMMITMENT, TRANSFER_SYNTAXES, VERIFICATION
from node.conformance_words import (
    CHARACTER_SETS,
    INTRODUCTION,
    KEY_MANAGEMENT,
    KIND_WORDS,
    NEGOTIATION,
    SECURITY,
    STATUS_WORDS,
    TEMPLATES,
    TLS_NEGOTIATION,
    WEB,
)
from node.documents import KINDS
from sr_reports import vocabulary
from sr_reports.codes import private_codes

_Row = Sequence[str]


def conformance_statement() -> str:
    """Markdown."""
    sections = (_introduction, _acceptor, _requestor, _web, _objects, _reports, _codes, _settings, _security)
    return "\n\n".join("\n\n".join(section()) for section in sections) + "\n"


def _introduction() -> Iterator[str]:
    yield "# DICOM conformance statement"
    yield INTRODUCTION
    yield _table(
        ("what", "value"),
        [
            ("Manufacturer (0008,0070)", MANUFACTURER),
            ("Manufacturer's Model Name (0008,1090)", MODEL),
            ("Implementation Class UID", IMPLEMENTATION_CLASS_UID),
            ("Implementation Version Name", IMPLEMENTATION_VERSION_NAME),
        ],
    )


def _acceptor() -> Iterator[str]:
    yield "## Associations that are accepted"
    yield NEGOTIATION
    plain = ", ".join(_name(uid) for uid in UNCOMPRESSED)
    yield _table(
        ("SOP class", "UID", "role", "transfer syntaxes"),
        [
            *((name, uid, "SCP", "all below") for uid, name in STORAGE_CLASSES.items()),
            (_name(VERIFICATION), VERIFICATION, "SCP", plain),
            (_name(STORAGE_COMMITMENT), STORAGE_COMMITMENT, "SCU, takes N-EVENT-REPORT", plain),
        ],
    )
    yield "Transfer syntaxes of storage, most wanted first:"
    yield _table(("transfer syntax", "UID"), [(name, uid) for uid, name in TRANSFER_SYNTAXES.items()])
    yield "Answers to C-STORE:"
    yield _table(("status", "when"), [(f"0x{status:04X}", STATUS_WORDS[status]) for status in StoreStatus])


def _requestor() -> Iterator[str]:
    yield "## Associations that are asked for"
    yield (
        "One association per study and peer. Each SOP class is proposed in the transfer syntaxes of this table, and "
        "SCP/SCU role selection only for C-GET."
    )
    plain = ", ".join(_name(uid) for uid in UNCOMPRESSED)
    services = (
        (VERIFICATION, "C-ECHO", "check-config, doctor"),
        (STUDY_ROOT_FIND, "C-FIND", "counting a series, confirming a delivery, finding an earlier report"),
        (STUDY_ROOT_GET, "C-GET", "fetching an earlier report"),
        (REPORT_CLASS, "C-STORE as SCP of the C-GET", "fetching an earlier report"),
        (STORAGE_COMMITMENT, "N-ACTION", "confirming a delivery"),
    )
    yield _table(
        ("SOP class", "UID", "service", "for", "transfer syntaxes"),
        [
            *((_name(uid), uid, "C-STORE", "results", plain) for uid in _object_classes()),
            *((_name(uid), uid, service, what, plain) for uid, service, what in services),
        ],
    )


def _object_classes() -> Sequence[str]:
    """Each once: several kinds may be of one class."""
    return list(dict.fromkeys(str(kind.sop_class_uid) for kind in KINDS.values()))


def _web() -> Iterator[str]:
    yield "## Web services"
    yield WEB


def _objects() -> Iterator[str]:
    yield "## Objects that are made"
    yield (
        "All are Explicit VR Little Endian, in the character set, patient and study of their source, and in a series "
        "of their own; UIDs are 2.25 and a UUID derived from inputs, methods, weights and settings. `objects` of a "
        "peer chooses among the kinds."
    )
    default = DimsePeer.model_fields["objects"].default
    yield _table(
        ("kind", "SOP class", "Modality", "Series Number", "sent by default", "what it holds"),
        [_object_row(kind, default) for kind in KINDS],
    )
    yield CHARACTER_SETS


def _object_row(kind: ObjectKind, default: Sequence[str]) -> _Row:
    of = KINDS[kind]
    sent = "yes" if kind in default else "no"
    return kind, _name(of.sop_class_uid), of.modality, str(of.series_number), sent, KIND_WORDS[kind]


def _reports() -> Iterator[str]:
    yield "## Templates of the reports"
    yield _table(("template", "used for"), TEMPLATES)


def _codes() -> Iterator[str]:
    yield "## Private codes"
    yield (
        f"Coding Scheme Designator {vocabulary.PRIVATE_SCHEME}, UID {vocabulary.PRIVATE_SCHEME_UID}, version "
        f"{vocabulary.PRIVATE_SCHEME_VERSION}, declared in the Coding Scheme Identification Sequence of every SEG, "
        "Parametric Map and SR."
    )
    yield _table(("code value", "code meaning"), [_code_row(code) for code in private_codes()])


def _code_row(code: CodedConcept) -> _Row:
    return str(code.value), str(code.meaning)


def _settings() -> Iterator[str]:
    yield "## Configuration of the application entity"
    yield "Section `[receiver]` of the site's file; a section `[[peers]]` for each peer. `config/node.toml` shows all."
    yield _table(("setting", "default"), _fields(Receiver.model_fields))
    yield "Of `[receiver.tls]`:"
    yield _table(("setting", "default"), _fields(ReceiverTls.model_fields))
    yield "Of a peer by DIMSE:"
    yield _table(("setting", "default"), _fields(DimsePeer.model_fields))
    yield "Of `[peers.tls]`:"
    yield _table(("setting", "default"), _fields(PeerTls.model_fields))


def _fields(fields: Mapping[str, FieldInfo]) -> list[_Row]:
    return [(f"`{name}`", _default(field)) for name, field in fields.items()]


def _default(field: FieldInfo) -> str:
    if field.default is PydanticUndefined:
        return "none: the site decides"
    if isinstance(field.default, tuple):
        return ", ".join(map(str, field.default)) or "none"
    if field.default is None:
        return "none"
    return str(field.default)


def _security() -> Iterator[str]:
    yield "## Security"
    yield SECURITY
    yield _table(
        ("what", "value"),
        [
            ("profile (PS3.15 B.12)", PROFILE),
            ("TLS versions", "1.2 and 1.3, the newest that both sides speak"),
            ("cipher suites of TLS 1.2", ", ".join(CIPHERS_OF_1_2.values())),
            ("cipher suites of TLS 1.3", ", ".join(CIPHERS_OF_1_3)),
            ("keys", "RSA of 2048 bits or more, elliptic curves of 224 bits or more"),
            ("port", f"{ReceiverTls.model_fields['port'].default} (dicom-tls) unless the site chooses another"),
            ("key management", KEY_MANAGEMENT),
        ],
    )
    yield TLS_NEGOTIATION


def _name(uid: str) -> str:
    return str(UID(uid).name)


def _table(headings: _Row, rows: Iterable[_Row]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
