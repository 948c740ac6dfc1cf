"""PixelMed's validator, which knows the templates: TID 1500, 1410, 1501, 300, 1600."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from pydicom import dcmread

from dicom_io.read_volume import volume_of
from dicom_io.written import part10
from inference.anatomy import Disc
from sr_reports.findings import Findings
from sr_reports.report import sagittal_report
from tests import builders
from tests.lumbar import COLUMNS, ROWS, findings, identity, refused

JARS = Path("/usr/share/java")
XPATH_LIMITS = ("xpathExprGrpLimit", "xpathExprOpLimit", "xpathTotalOpLimit", "entityExpansionLimit")
FINDINGS = {
    "doubt and refusal": findings(slices=3, without=[Disc.L5_S1], level_doubt="six lumbar discs in view"),
    "refused": refused(),
}


@pytest.fixture(scope="module")
def validator(peer_program: Callable[[str], Path]) -> list[str]:
    java = str(peer_program("java"))
    if not (JARS / "pixelmed.jar").exists():
        reason = "libpixelmed-java is not installed (deploy/system-packages.sh)"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    classes = ":".join(
        str(jar) for name in ("pixelmed", "hsqldb", "vecmath") for jar in sorted(JARS.glob(f"{name}*.jar"))
    )
    limits = [f"-Djdk.xml.{limit}=0" for limit in XPATH_LIMITS]
    return [java, *limits, "-cp", classes, "com.pixelmed.validate.DicomSRValidator"]


@pytest.mark.peer
@pytest.mark.parametrize("name", FINDINGS)
def test_the_report_follows_its_templates(name: str, tmp_path: Path, validator: list[str]) -> None:
    file = tmp_path / "sr.dcm"
    file.write_bytes(_report(FINDINGS[name], tmp_path))
    answer = subprocess.run([*validator, file], capture_output=True, text=True, check=False)
    lines = (answer.stdout + answer.stderr).splitlines()
    assert "Found Root Template TID_1500 (MeasurementReport)" in lines
    assert "Root Template Validation Complete" in lines
    assert [line for line in lines if line.startswith("Error")] == []
    unexpected = [line for line in lines if line.startswith("Warning") and "Content Item not in template" not in line]
    assert unexpected == []


def _report(found: Findings, folder: Path) -> bytes:
    images = builders.classic(builders.volume(slices=3, rows=ROWS, columns=COLUMNS))
    files = builders.write(images, folder / "source")
    source = volume_of([dcmread(file) for file in files]).source
    return part10(sagittal_report([found], source=source, identity=identity("SR")), source=dcmread(files[0]))
