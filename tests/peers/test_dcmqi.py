"""dcmqi, the engine inside 3D Slicer, reads segmentation, parametric map and report back."""

import gzip
import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom import dcmread

from dicom_io.parametric_map import NO_VALUE
from dicom_io.read_volume import volume_of
from dicom_io.sources import SourceSeries
from dicom_io.written import part10
from inference.anatomy import Disc
from inference.results import MapKind
from node.documents import Job, drafts
from sr_reports.results_json import AnalysedSeries
from tests import builders, lumbar
from tests.every_finding import relaxation

pytestmark = pytest.mark.peer

FOUND = relaxation(MapKind.T1RHO, slices=3)
Find = Callable[[str], Path]


@dataclass(frozen=True, kw_only=True)
class Written:
    source: SourceSeries
    segmentation: Path
    values: Path
    report: Path


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Written]:
    folder = tmp_path_factory.mktemp("objects")
    images = builders.classic(builders.volume(slices=3, rows=lumbar.ROWS, columns=lumbar.COLUMNS))
    files = builders.write(images, folder / "source")
    source = volume_of([dcmread(file) for file in files]).source
    job = Job(key="dcmqi", created=lumbar.CREATED, equipment=lumbar.EQUIPMENT, kinds=frozenset({"SEG", "PM", "SR"}))
    made = []
    for draft in drafts([AnalysedSeries(source=source, findings=(FOUND,))], job, report_refusals=True):
        made.append(folder / f"{len(made)} {draft.kind}.dcm")
        made[-1].write_bytes(part10(draft.document, source=source.first))
    yield Written(source=source, segmentation=made[0], values=made[1], report=made[-1])


def run(program: Path, *arguments: str | Path) -> None:
    answer = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def read_nrrd(file: Path, dtype: str) -> NDArray[np.generic]:
    """(slice, row, column)"""
    header, _, packed = file.read_bytes().partition(b"\n\n")
    fields = dict(line.split(": ", 1) for line in header.decode().splitlines() if ": " in line)
    sizes = [int(size) for size in fields["sizes"].split()]
    return np.frombuffer(gzip.decompress(packed), dtype).reshape(sizes[::-1])


def test_the_map_comes_back_in_milliseconds(written: Written, tmp_path: Path, peer_program: Find) -> None:
    program = peer_program("paramap2itkimage")
    run(program, "--inputDICOM", written.values, "--outputDirectory", tmp_path, "--prefix", "map")
    (there,) = tmp_path.glob("*.nrrd")
    assert np.allclose(read_nrrd(there, "<f4"), np.nan_to_num(FOUND.maps[0].values, nan=NO_VALUE))
    (told,) = tmp_path.glob("*.json")
    meaning = json.loads(told.read_text())
    assert meaning["MeasurementUnitsCode"]["CodeValue"] == "ms"
    assert meaning["QuantityValueCode"]["CodeMeaning"] == "T1rho"


def test_the_segments_come_back_where_they_were(written: Written, tmp_path: Path, peer_program: Find) -> None:
    program = peer_program("segimage2itkimage")
    arguments = ("--inputDICOM", written.segmentation, "--outputDirectory", tmp_path, "--prefix", "seg")
    run(program, *arguments, "-t", "nrrd", "--mergeSegments")
    (there,) = tmp_path.glob("*.nrrd")
    drawn = FOUND.label_map
    assert drawn is not None
    read = read_nrrd(there, "<i2")
    shown = slice(0, 3) if read.shape == drawn.labels.shape else slice(1, 2)
    assert np.array_equal(read > 0, drawn.labels[shown] > 0)


def test_the_report_comes_back_with_its_numbers(written: Written, tmp_path: Path, peer_program: Find) -> None:
    told = tmp_path / "report.json"
    run(peer_program("tid1500reader"), "--inputDICOM", written.report, "--outputMetadata", told)
    groups = json.loads(told.read_text())["Measurements"]
    assert {group["TrackingIdentifier"] for group in groups} == {f"{disc.value} disc" for disc in Disc}
    items = [item for group in groups for item in group.get("measurementItems", [])]
    means = [item for item in items if item["quantity"]["CodeValue"] == "T1RHO_MEAS"]
    assert {item["value"] for item in means} == {"88.2"}
    assert {item["units"]["CodeValue"] for item in means} == {"ms"}
