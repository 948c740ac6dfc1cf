"""What scanners and de-identifiers leave behind in patient and study is no reason to keep a result back."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pydicom.config
import pytest
from pydicom import dcmread

from dicom_io.read_volume import volume_of
from dicom_io.written import part10
from sr_reports.dciodvfy import dciodvfy_faults
from sr_reports.regions import region_segmentation
from sr_reports.report import sagittal_report
from sr_reports.validate import faults
from tests import builders
from tests.lumbar import COLUMNS, ROWS, findings, identity

TYPE_2 = ("PatientSex", "PatientBirthDate", "AccessionNumber", "StudyID", "StudyTime", "ReferringPhysicianName")
ODD: dict[str, dict[str, object]] = {
    "a sex that is none": {"PatientSex": "W"},
    "type 2 attributes absent": dict.fromkeys(TYPE_2),
    "no patient": {"PatientName": None, "PatientID": None},
    "dates of ACR-NEMA and of a typist": {"StudyDate": "2019.01.02", "PatientBirthDate": "1970-01-01"},
    "a time that is none": {"StudyTime": "25:99"},
    "a patient number that is too long": {"PatientID": "X" * 80},
    "an age without a unit": {"PatientAge": "55"},
    "line breaks in comments": {"PatientComments": "see\r\nnote"},
    "another time zone": {"TimezoneOffsetFromUTC": "+0900"},
    "a name of one component": {"PatientName": "Plain"},
    "two names": {"PatientName": "One^A\\Two^B"},
    "two numbers and two dates": {"PatientID": "1\\2", "StudyDate": "20200101\\20200102"},
    "blanks around a number": {"PatientID": "  1 2  "},
    "a misspelt character set": {"SpecificCharacterSet": "ISO-IR 100"},
    "a character set that does not exist": {"SpecificCharacterSet": "KLINGON"},
}


@pytest.fixture(autouse=True)
def _write_what_is_wrong() -> Iterator[None]:
    before = pydicom.config.settings.writing_validation_mode
    pydicom.config.settings.writing_validation_mode = pydicom.config.IGNORE
    yield
    pydicom.config.settings.writing_validation_mode = before


@pytest.mark.peer
@pytest.mark.filterwarnings("ignore:.*(Specific Character Set|Unknown encoding).*:UserWarning")
@pytest.mark.parametrize("name", ODD)
def test_results_of_a_series_with_odd_headers_leave(
    name: str, tmp_path: Path, peer_program: Callable[[str], Path]
) -> None:
    images = builders.classic(builders.volume(slices=3, rows=ROWS, columns=COLUMNS))
    present = {keyword: value for keyword, value in ODD[name].items() if value is not None or keyword in images[0]}
    files = builders.write([builders.changed(image, **present) for image in images], tmp_path / "source")
    source = volume_of([dcmread(file) for file in files]).source
    for document in (
        region_segmentation(findings(slices=3), source=source, identity=identity("SEG")),
        sagittal_report([findings(slices=3)], source=source, identity=identity("SR")),
    ):
        content = part10(document, source=source.first)
        file = tmp_path / "written.dcm"
        file.write_bytes(content)
        assert faults(content, sources=source.headers) == ()
        assert dciodvfy_faults(file, program=peer_program("dciodvfy"), source=files[0]) == ()
