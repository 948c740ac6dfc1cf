"""PixelMed's validator, which knows the templates: TID 1500, 1410, 1501, 300, 1600."""

import os
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from dicom_io.read_volume import volume_of
from dicom_io.written import part10
from inference.anatomy import Disc
from inference.results import MapKind
from sr_reports.findings import Findings
from sr_reports.report import Companions, axial_report, sagittal_report
from sr_reports.scalar_maps import map_object
from tests import builders
from tests.every_finding import axial, degeneration, phases, relaxation
from tests.lumbar import COLUMNS, ROWS, findings, identity, refused

JARS = Path("/usr/share/java")
XPATH_LIMITS = ("xpathExprGrpLimit", "xpathExprOpLimit", "xpathTotalOpLimit", "entityExpansionLimit")
# The validator takes minutes for all five; and where one group alone has coordinates it wants them of every group
# (its condition for TID 1410 counts them over the whole document), so that two discs are the fewest.
UNSEEN = (Disc.L1_L2, Disc.L2_L3, Disc.L3_L4)
Write = Callable[..., Dataset]
REPORTS: dict[str, tuple[Write, tuple[Findings, ...]]] = {
    "discs, two methods, doubt and refusal": (
        sagittal_report,
        (
            findings(slices=3, without=UNSEEN, level_doubt="six lumbar discs in view"),
            degeneration(slices=3, without=UNSEEN),
        ),
    ),
    "phases in boxes": (sagittal_report, (phases(slices=3, without=UNSEEN),)),
    "relaxation times of parts of discs": (sagittal_report, (relaxation(MapKind.T1RHO, slices=3, without=UNSEEN),)),
    "axial slices": (axial_report, (axial([Disc.L4_L5, None], slices=3),)),
    "refused": (sagittal_report, (refused(),)),
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
@pytest.mark.timeout(900)  # minutes on a machine that does other things too
@pytest.mark.parametrize("name", REPORTS)
def test_the_report_follows_its_templates(name: str, tmp_path: Path, validator: list[str]) -> None:
    file = tmp_path / "sr.dcm"
    file.write_bytes(_report(*REPORTS[name], tmp_path))
    answer = subprocess.run([*validator, file], capture_output=True, text=True, check=False)
    lines = (answer.stdout + answer.stderr).splitlines()
    assert "Found Root Template TID_1500 (MeasurementReport)" in lines
    assert "Root Template Validation Complete" in lines
    assert [line for line in lines if line.startswith("Error")] == []
    unexpected = [line for line in lines if line.startswith("Warning") and "Content Item not in template" not in line]
    assert unexpected == []


def _report(write: Write, found: Sequence[Findings], folder: Path) -> bytes:
    images = builders.classic(builders.volume(slices=3, rows=ROWS, columns=COLUMNS))
    files = builders.write(images, folder / "source")
    source = volume_of([dcmread(file) for file in files]).source
    maps = {
        found_map.kind: map_object(found_map, source=source, identity=identity(found_map.kind.name))
        for one in found
        for found_map in one.maps
    }
    document = write(found, source=source, identity=identity("SR"), companions=Companions(maps=maps))
    return part10(document, source=dcmread(files[0]))
