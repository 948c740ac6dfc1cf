"""Names and numbers of patients reach every object byte for byte, whatever the character set of the source."""

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from dicom_io.inherited import decoded
from dicom_io.read_volume import volume_of
from dicom_io.sources import SourceSeries
from dicom_io.written import part10
from inference.results import MapKind
from sr_reports.presentation import outlines_object
from sr_reports.regions import region_segmentation
from sr_reports.report import axial_report, sagittal_report
from sr_reports.results_json import AnalysedSeries
from sr_reports.scalar_maps import map_object
from sr_reports.sheet.documents import sheet_capture, sheet_pdf
from sr_reports.sheet.study import SheetStudy
from sr_reports.validate import faults
from tests import builders
from tests.every_finding import axial, relaxation
from tests.lumbar import COLUMNS, ROWS, findings, identity, refused

KOREAN = b"Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7=\x1b$)C\xc8\xab^\x1b$)C\xb1\xe6\xb5\xbf"
JAPANESE = b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B"
HALF_WIDTH = b"\xd4\xcf\xc0\xde^\xc0\xdb\xb3=\x1b$B;3ED\x1b(J^\x1b$BB@O:\x1b(J=\x1b$B$d$^$@\x1b(J^\x1b$B$?$m$&\x1b(J"

# What Specific Character Set says, how a name is written, how another text is written (it has no components).
WRITTEN: dict[str, tuple[str | list[str], bytes, bytes]] = {
    "ASCII": ("ISO_IR 6", b"Plain^Name", b"plain"),
    "Latin-1": ("ISO_IR 100", "Müller^Jürgen".encode("latin-1"), "Übersicht".encode("latin-1")),
    "UTF-8": ("ISO_IR 192", "Wang^XiaoDong=王^小東=김^희중".encode(), "병원 مستشفى больница".encode()),
    "Korean": (["", "ISO 2022 IR 149"], KOREAN, b"\x1b$)C\xb1\xe6\xb5\xbf"),
    "Korean, one value": ("ISO 2022 IR 149", b"\x1b$)C\xb1\xe8^\x1b$)C\xc8\xf1\xc1\xdf", b"\x1b$)C\xc8\xf1\xc1\xdf"),
    "Japanese": (["", "ISO 2022 IR 87"], JAPANESE, b"\x1b$BB@O:\x1b(B"),
    "Japanese half-width": (["ISO 2022 IR 13", "ISO 2022 IR 87"], HALF_WIDTH, b"\xd4\xcf\xc0\xde"),
    "GB18030": ("GB18030", "Wang^XiaoDong=王^小东".encode("gb18030"), "医院".encode("gb18030")),
    "Arabic": ("ISO_IR 127", "قباني^لنزار".encode("iso8859-6"), "قباني".encode("iso8859-6")),
    "Cyrillic": ("ISO_IR 144", "Люкceмбypг^И".encode("iso8859-5"), "Больница".encode("iso8859-5")),
    "Greek": ("ISO_IR 126", "Διονυσιος^Α".encode("iso8859-7"), "Διονυσιος".encode("iso8859-7")),
}
NAMES = ("PatientName", "ReferringPhysicianName")
TEXTS = ("PatientID", "IssuerOfPatientID", "StudyDescription")


def source_of(name: str) -> tuple[SourceSeries, list[Dataset]]:
    """A series read from files whose texts are those bytes, and its headers as they were read."""
    character_set, person, text = WRITTEN[name]
    files = [_file(image, character_set, person, text) for image in builders.classic(_volume())]
    return volume_of([dcmread(BytesIO(file)) for file in files]).source, [dcmread(BytesIO(file)) for file in files]


def _volume() -> builders.Volume:
    return builders.volume(slices=3, rows=ROWS, columns=COLUMNS)


def _file(image: Dataset, character_set: str | list[str], person: bytes, text: bytes) -> bytes:
    """Written with ASCII of the same lengths, which is then replaced: no library spells the bytes anew."""
    in_ascii = {**dict.fromkeys(NAMES, "N" * len(person)), **dict.fromkeys(TEXTS, "T" * len(text))}
    file = builders.file_bytes(builders.changed(image, SpecificCharacterSet=character_set, **in_ascii))
    return file.replace(b"N" * len(person), person).replace(b"T" * len(text), text)


def bytes_of(dataset: Dataset, keyword: str) -> bytes:
    value = dataset.get_item(keyword).value
    assert isinstance(value, bytes)
    return value.rstrip(b" ")


@pytest.mark.parametrize("name", WRITTEN)
@pytest.mark.parametrize("kind", ["SEG", "SR", "axial SR", "PM", "GSPS", "SC", "PDF"])
def test_texts_of_the_source_arrive_byte_for_byte(name: str, kind: str) -> None:
    source, headers = source_of(name)
    character_set, person, text = WRITTEN[name]
    document = _document(kind, source)
    assert document is not None
    file = part10(document, source=source.first)
    written = dcmread(BytesIO(file))
    assert {keyword: bytes_of(written, keyword) for keyword in (*NAMES, *TEXTS)} == {
        **dict.fromkeys(NAMES, person),
        **dict.fromkeys(TEXTS, text),
    }
    assert written.SpecificCharacterSet == character_set
    assert faults(file, sources=headers) == ()


def _document(kind: str, source: SourceSeries) -> Dataset | None:
    found = findings(slices=3)
    study = SheetStudy(analysed=(AnalysedSeries(source=source, findings=(refused(),)),))
    write: dict[str, Callable[[], Dataset | None]] = {
        "SEG": lambda: region_segmentation(found, source=source, identity=identity(kind)),
        "SR": lambda: sagittal_report([found], source=source, identity=identity(kind)),
        "axial SR": lambda: axial_report([axial(slices=3)], source=source, identity=identity(kind)),
        "PM": lambda: map_object(relaxation(MapKind.T2, slices=3).maps[0], source=source, identity=identity(kind)),
        "GSPS": lambda: outlines_object([found], source=source, identity=identity(kind)),
        "SC": lambda: sheet_capture(study, identity=identity(kind)),
        "PDF": lambda: sheet_pdf(study, identity=identity(kind)),
    }
    return write[kind]()


def test_bytes_beyond_ascii_without_a_character_set_are_passed_on() -> None:
    """Such scanners exist; the PACS has the same bytes already."""
    _, person, text = WRITTEN["Latin-1"]
    files = [_file(image, "ISO_IR 6", person, text) for image in builders.classic(_volume())]
    bare = [builders.file_bytes(_without_character_set(file)) for file in files]
    source = volume_of([dcmread(BytesIO(file)) for file in bare]).source
    headers = [dcmread(BytesIO(file)) for file in bare]
    file = part10(sagittal_report([findings(slices=3)], source=source, identity=identity("SR")), source=headers[0])
    written = dcmread(BytesIO(file))
    assert bytes_of(written, "PatientName") == person
    assert "SpecificCharacterSet" not in written


def _without_character_set(file: bytes) -> Dataset:
    dataset = dcmread(BytesIO(file))
    del dataset.SpecificCharacterSet
    return dataset


def test_a_site_with_an_umlaut_gives_way_to_a_korean_patient() -> None:
    """One character set holds both only in Unicode; the patient's name is not spelt anew for our sake."""
    source, headers = source_of("Korean")
    who = identity("SR")
    site = replace(who, equipment=replace(who.equipment, institution="Universitätsklinikum – Süd"))
    file = part10(sagittal_report([findings(slices=3)], source=source, identity=site), source=headers[0])
    assert dcmread(BytesIO(file)).InstitutionName == "Universitatsklinikum - Sud"
    assert decoded(headers[0]).PatientName == dcmread(BytesIO(file)).PatientName
