"""David Clunie's validator finds nothing wrong with what dicom_io writes."""

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dicom_io.headers import Plane
from dicom_io.mr_image import SequenceCard
from dicom_io.read_volume import read_volume, volume_of
from dicom_io.sources import SourceSeries
from tests import builders
from tests.segmentations import file_of, labels

pytestmark = pytest.mark.peer

SEQUENCES = {
    "T1": builders.T1,
    "T2": replace(builders.T2, scan_options=("FS",), contrast_agent="Gadovist"),
    "STIR": builders.STIR,
    "3D": replace(builders.T2, acquisition_type="3D", sequence_name="*spc"),
}


def verdicts(program: Path, file: Path) -> list[str]:
    ran = subprocess.run([str(program), "-new", str(file)], capture_output=True, text=True, check=False)
    lines = (ran.stdout + ran.stderr).splitlines()
    assert lines, "dciodvfy says at least what kind of object it saw"
    return [line for line in lines if line.startswith(("Error", "Warning"))]


@pytest.mark.parametrize("sequence", SEQUENCES.values(), ids=SEQUENCES.keys())
def test_classic_images_are_valid(sequence: SequenceCard, tmp_path: Path, peer_program: Callable[[str], Path]) -> None:
    images = builders.classic(card=builders.series_card(sequence=sequence))
    (path,) = builders.write(images[:1], tmp_path)
    assert verdicts(peer_program("dciodvfy"), path) == []


@pytest.mark.parametrize("sequence", SEQUENCES.values(), ids=SEQUENCES.keys())
def test_enhanced_images_are_valid(sequence: SequenceCard, tmp_path: Path, peer_program: Callable[[str], Path]) -> None:
    (path,) = builders.write([builders.enhanced(card=builders.series_card(sequence=sequence))], tmp_path)
    assert verdicts(peer_program("dciodvfy"), path) == []


def sources() -> dict[str, SourceSeries]:
    oblique = builders.volume(tilt_degrees=14)
    return {
        "classic": volume_of(builders.classic(oblique)).source,
        "axial": volume_of(builders.classic(builders.volume(plane=Plane.AXIAL))).source,
        "enhanced": volume_of([builders.enhanced(oblique)]).source,
        "one slice": volume_of(builders.classic()[2:3]).source,
    }


@pytest.mark.parametrize("kind", sources().keys())
def test_segmentations_are_valid(kind: str, tmp_path: Path, peer_program: Callable[[str], Path]) -> None:
    series = sources()[kind]
    drawn = labels()[2:3] if kind == "one slice" else labels()
    path = tmp_path / "seg.dcm"
    path.write_bytes(file_of(drawn, of=series))
    assert verdicts(peer_program("dciodvfy"), path) == []


@pytest.mark.shared_data
def test_a_segmentation_of_the_real_study_is_valid(
    shared_data: Path, tmp_path: Path, peer_program: Callable[[str], Path]
) -> None:
    read = read_volume(sorted((shared_data / "rsna_study" / "restored" / "1792451510").glob("*.dcm")))
    drawn = np.zeros(read.volume.voxels.shape, dtype=np.uint8)
    drawn[9, 200:230, 150:210] = 3
    path = tmp_path / "seg.dcm"
    path.write_bytes(file_of(drawn, of=read.source))
    assert verdicts(peer_program("dciodvfy"), path) == []
