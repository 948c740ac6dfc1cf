"""The picture sheet as Secondary Capture and PDF, from every form of series, before judges that are not ours."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from dicom_io.read_volume import volume_of
from dicom_io.sources import SourceSeries
from dicom_io.written import part10
from inference.anatomy import Disc
from sr_reports.dciodvfy import dciodvfy_verdicts
from sr_reports.findings import Findings
from sr_reports.results_json import AnalysedSeries
from sr_reports.sheet.documents import sheet_capture, sheet_pdf
from sr_reports.sheet.study import SheetStudy
from sr_reports.validate import faults
from tests import builders
from tests.lumbar import COLUMNS, ROWS, findings, header, identity, refused
from tests.whole_study import whole_study

FORMS = [(form, slices) for form in ("classic", "enhanced") for slices in (1, 5)]
OUTCOMES: dict[str, Callable[[int], Findings]] = {
    "five discs": lambda slices: findings(slices=slices),
    "one missing": lambda slices: findings(slices=slices, without=[Disc.L5_S1], level_doubt="six lumbar discs"),
    "none": lambda slices: findings(slices=slices, without=list(Disc)),
    "refused": lambda _: refused(),
}
WRITERS = {"SC": sheet_capture, "PDF": sheet_pdf}


def source_of(form: str, slices: int) -> SourceSeries:
    volume = builders.volume(slices=slices, rows=ROWS, columns=COLUMNS)
    images = builders.classic(volume) if form == "classic" else [builders.enhanced(volume)]
    return volume_of([dcmread(BytesIO(builders.file_bytes(image))) for image in images]).source


def files(study: SheetStudy) -> dict[str, bytes]:
    return {
        kind: part10(write(study, identity=identity(kind)), source=study.source.first)
        for kind, write in WRITERS.items()
    }


def verdicts(file: bytes, folder: Path, program: Path) -> tuple[str, ...]:
    path = folder / "page.dcm"
    path.write_bytes(file)
    return dciodvfy_verdicts(path, program=program)


@pytest.mark.peer
@pytest.mark.parametrize(("form", "slices"), FORMS)
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_our_gate_and_dciodvfy_let_both_pass(
    form: str, slices: int, outcome: str, tmp_path: Path, peer_program: Callable[[str], Path]
) -> None:
    source = source_of(form, slices)
    study = SheetStudy(analysed=(AnalysedSeries(source=source, findings=(OUTCOMES[outcome](slices),)),))
    for file in files(study).values():
        assert faults(file, sources=source.headers) == ()
        assert verdicts(file, tmp_path, peer_program("dciodvfy")) == ()


@pytest.mark.peer
def test_a_page_of_all_methods_passes(tmp_path: Path, peer_program: Callable[[str], Path]) -> None:
    study = whole_study()
    for file in files(study).values():
        assert faults(file, sources=[header(0)]) == ()
        assert verdicts(file, tmp_path, peer_program("dciodvfy")) == ()


def refused_page() -> dict[str, bytes]:
    return files(SheetStudy(analysed=(AnalysedSeries(source=source_of("classic", 3), findings=(refused(),)),)))


def test_a_capture_says_what_it_is() -> None:
    document = dcmread(BytesIO(refused_page()["SC"]))
    assert (document.BurnedInAnnotation, document.ConversionType) == ("YES", "WSD")
    assert list(document.ImageType) == ["DERIVED", "SECONDARY", "OTHER"]
    assert (document.PatientID, document.StudyInstanceUID) == ("T0001", builders.STUDY.study_uid)
    assert document.SourceImageSequence[0].ReferencedSOPInstanceUID == source_of("classic", 3).first.SOPInstanceUID


def test_an_enhanced_source_is_named_by_its_frames() -> None:
    study = SheetStudy(analysed=(AnalysedSeries(source=source_of("enhanced", 5), findings=(findings(slices=5),)),))
    (reference,) = dcmread(BytesIO(files(study)["SC"])).SourceImageSequence
    assert reference.ReferencedFrameNumber == 3


def test_the_pixels_of_a_capture_are_the_banner_and_the_page() -> None:
    pixels = dcmread(BytesIO(refused_page()["SC"])).pixel_array
    assert pixels.shape[1:] == (1536, 3)
    assert tuple(pixels[3, 3]) == (0x8F, 0x1D, 0x1D)
    assert tuple(pixels[-1, 3]) == (0x10, 0x14, 0x18)


@pytest.mark.parametrize(
    ("name", "searched"),
    [
        ("Müller^Jürgen", "Müller, Jürgen"),
        ("Люксембург^Иван", "Люксембург, Иван"),
        ("Wang^XiaoDong=王^小東", "王 小東"),
        ("Yamada^Tarou=山田^太郎=やまだ^たろう", "山田 太郎"),
        ("Hong^Gildong=洪^吉洞=홍^길동", "洪 吉洞"),
        ("כהן^דוד", "כהן"),
    ],
)
def test_a_pdf_is_one_page_whose_words_can_be_searched(name: str, searched: str) -> None:
    source = SourceSeries(images=source_of("classic", 3).images, volume=source_of("classic", 3).volume)
    for image in source.images:
        image.header.SpecificCharacterSet, image.header.PatientName = "ISO_IR 192", name
    study = SheetStudy(analysed=(AnalysedSeries(source=source, findings=(refused("slices overlap"),)),))
    document = dcmread(BytesIO(files(study)["PDF"]))
    content = document.EncapsulatedDocument[: document.EncapsulatedDocumentLength]
    pdf = pypdfium2.PdfDocument(content)
    assert len(pdf) == 1
    words = pdf[0].get_textpage().get_text_range()
    assert searched in words
    assert "AI - RESEARCH USE ONLY" in words
    assert "slices overlap" in words


FAULTS: dict[str, tuple[str, Callable[[Dataset], object], str]] = {
    "capture without annotation": ("SC", lambda d: setattr(d, "BurnedInAnnotation", "NO"), "burned in"),
    "capture cut off": ("SC", lambda d: setattr(d, "Rows", d.Rows + 1), "as many pixels"),
    "capture in grey": ("SC", lambda d: setattr(d, "PhotometricInterpretation", "YBR_FULL"), "8-bit RGB"),
    "document without annotation": ("PDF", lambda d: setattr(d, "BurnedInAnnotation", "NO"), "burned in"),
    "document that is none": ("PDF", lambda d: setattr(d, "EncapsulatedDocument", b"no"), "no whole PDF"),
    "document cut off": ("PDF", lambda d: setattr(d, "EncapsulatedDocumentLength", 900), "no whole PDF"),
    "document of another kind": (
        "PDF",
        lambda d: setattr(d, "MIMETypeOfEncapsulatedDocument", "text/xml"),
        "does not say that it is a PDF",
    ),
    "verified document": ("PDF", lambda d: setattr(d, "VerificationFlag", "VERIFIED"), "nobody verified"),
    "another patient": ("PDF", lambda d: setattr(d, "PatientID", "X"), "PatientID differs"),
    "title without a code": (
        "PDF",
        lambda d: setattr(d, "ConceptNameCodeSequence", Sequence([Dataset()])),
        "a code lacks value",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_each_guard_of_the_gate_has_a_fault_that_trips_it(name: str) -> None:
    kind, change, words = FAULTS[name]
    document = dcmread(BytesIO(refused_page()[kind]))
    change(document)
    into = BytesIO()
    document.save_as(into)
    assert any(words in fault for fault in faults(into.getvalue(), sources=source_of("classic", 3).headers))


def test_a_page_covers_all_that_the_eye_needs_and_is_not_black() -> None:
    pixels = dcmread(BytesIO(files(whole_study())["SC"])).pixel_array
    assert np.median(pixels) < 80
    assert pixels.max() == 255
