"""SEG and SR of sagittal findings, from every form of series and every outcome, before judges that are not ours."""

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from highdicom.seg import segread
from highdicom.sr import srread
from pydicom import dcmread
from pydicom.dataset import Dataset

from dicom_io.read_volume import volume_of
from dicom_io.sources import SourceSeries
from dicom_io.written import part10
from inference.anatomy import Disc, Structure
from sr_reports.dciodvfy import dciodvfy_faults, dciodvfy_verdicts
from sr_reports.findings import Findings
from sr_reports.regions import region_segmentation
from sr_reports.report import Companions, sagittal_report
from sr_reports.validate import faults
from sr_reports.vocabulary import REGION
from tests import builders
from tests.lumbar import COLUMNS, ROWS, findings, identity, refused

FORMS = ("classic", "enhanced")
SLICES = (1, 5)
OUTCOMES: dict[str, Callable[[int], Findings]] = {
    "five discs": lambda slices: findings(slices=slices),
    "four discs": lambda slices: findings(slices=slices, without=[Disc.L1_L2], level_doubt="four lumbar discs in view"),
    "six discs": lambda slices: findings(slices=slices, level_doubt="six lumbar discs in view"),
    "one missing": lambda slices: findings(slices=slices, without=[Disc.L5_S1]),
    "none": lambda slices: findings(slices=slices, without=list(Disc)),
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Series:
    source: SourceSeries
    headers: list[Dataset]
    file: Path


@dataclass(frozen=True, kw_only=True, eq=False)
class Written:
    series: Series
    seg: Path
    sr: Path


def series_of(form: str, slices: int, folder: Path) -> Series:
    volume = builders.volume(slices=slices, rows=ROWS, columns=COLUMNS)
    images = builders.classic(volume) if form == "classic" else [builders.enhanced(volume)]
    files = builders.write(images, folder / "source")
    read = [dcmread(file) for file in files]
    return Series(source=volume_of(read).source, headers=[dcmread(file) for file in files], file=files[0])


@pytest.fixture(params=[(form, slices) for form in FORMS for slices in SLICES], ids=lambda p: f"{p[0]} {p[1]}")
def series(request: pytest.FixtureRequest, tmp_path: Path) -> Series:
    form, slices = request.param
    return series_of(form, slices, tmp_path)


@pytest.fixture(params=OUTCOMES)
def written(request: pytest.FixtureRequest, series: Series, tmp_path: Path) -> Written:
    found = OUTCOMES[request.param](len(series.source.images))
    seg = region_segmentation(found, source=series.source, identity=identity("SEG", number=101))
    sr = sagittal_report(
        [found], source=series.source, identity=identity("SR"), companions=Companions(segmentations=(seg,))
    )
    files = tmp_path / "seg.dcm", tmp_path / "sr.dcm"
    for document, file in zip((seg, sr), files, strict=True):
        file.write_bytes(part10(document, source=series.headers[0]))
    return Written(series=series, seg=files[0], sr=files[1])


@pytest.mark.peer
def test_dsrdump_reads_the_report(written: Written, peer_program: Callable[[str], Path]) -> None:
    dump = subprocess.run([peer_program("dsrdump"), "+Pl", written.sr], capture_output=True, text=True, check=False)
    assert dump.returncode == 0
    assert "E:" not in dump.stderr
    assert '"Imaging Measurement Report"' in dump.stdout
    assert '"Intended use statement"' in dump.stdout


@pytest.mark.peer
def test_dcentvfy_resolves_every_reference(written: Written, peer_program: Callable[[str], Path]) -> None:
    folder = written.series.file.parent
    answer = subprocess.run(
        [peer_program("dcentvfy"), *sorted(folder.iterdir()), written.seg, written.sr],
        capture_output=True,
        text=True,
        check=False,
    )
    errors = [line for line in (answer.stdout + answer.stderr).splitlines() if line.startswith("Error")]
    assert errors == []


def test_a_segmentation_gives_back_the_labels_in_their_slices(series: Series) -> None:
    slices = len(series.source.images)
    found = findings(slices=slices)
    label_map = found.label_map
    assert label_map is not None
    document = region_segmentation(found, source=series.source, identity=identity("SEG"))
    read = segread(BytesIO(part10(document, source=series.headers[0])))
    for number in read.segment_numbers:
        structure = _structure(read.get_segment_description(number).segment_label)
        assert np.array_equal(_masks(read, series, number=number), label_map.labels == structure.channel)


def _structure(label: str) -> Structure:
    return next(structure for structure, region in REGION.items() if region.label == label)


def _masks(read: Dataset, series: Series, *, number: int) -> np.ndarray:
    """(slice, row, column) in the order of the volume."""
    first = series.source.images[0]
    if first.frame is None:
        uids = [image.header.SOPInstanceUID for image in series.source.images]
        found = read.get_pixels_by_source_instance(uids, segment_numbers=[number], assert_missing_frames_are_empty=True)
    else:
        frames = [image.frame for image in series.source.images]
        found = read.get_pixels_by_source_frame(
            first.header.SOPInstanceUID, frames, segment_numbers=[number], assert_missing_frames_are_empty=True
        )
    return found[..., 0].astype(bool)


@pytest.mark.peer
def test_a_report_of_refusals_is_valid_for_every_form_of_series(
    series: Series, tmp_path: Path, peer_program: Callable[[str], Path]
) -> None:
    document = sagittal_report([refused()], source=series.source, identity=identity("SR"))
    file = tmp_path / "refused.dcm"
    file.write_bytes(part10(document, source=series.headers[0]))
    assert faults(file.read_bytes(), sources=series.headers) == ()
    assert dciodvfy_verdicts(file, program=peer_program("dciodvfy")) == ()


@pytest.mark.peer
def test_dsr2html_reads_as_a_report(tmp_path: Path, peer_program: Callable[[str], Path]) -> None:
    series = series_of("classic", 3, tmp_path)
    found = findings(slices=3, without=[Disc.L5_S1], level_doubt="six lumbar discs in view")
    file = tmp_path / "sr.dcm"
    file.write_bytes(
        part10(sagittal_report([found], source=series.source, identity=identity("SR")), source=series.headers[0])
    )
    page = subprocess.run([peer_program("dsr2html"), "+U8", file], capture_output=True, check=True).stdout.decode()
    for words in (
        "Disc height index",
        "Disc signal intensity difference",
        "Height",
        "Modified Pfirrmann grade 4",
        "Disc height index, percentile",
        "L4/L5 disc",
        "Numbering of the vertebral level",
        "Not analysed, because",
        "NOT reviewed by a radiologist",
    ):
        assert words in page


def test_highdicom_reads_the_numbers_back(series: Series) -> None:
    slices = len(series.source.images)
    document = sagittal_report([findings(slices=slices)], source=series.source, identity=identity("SR"))
    read = srread(BytesIO(part10(document, source=series.headers[0])))
    groups = read.content.get_planar_roi_measurement_groups()
    assert [group.tracking_identifier for group in groups] == [f"{disc.value} disc" for disc in Disc]


def test_the_same_job_gives_the_same_bytes(series: Series) -> None:
    found = findings(slices=len(series.source.images))

    def once() -> tuple[bytes, bytes]:
        seg = region_segmentation(found, source=series.source, identity=identity("SEG"))
        sr = sagittal_report(
            [found], source=series.source, identity=identity("SR"), companions=Companions(segmentations=(seg,))
        )
        return part10(seg, source=series.headers[0]), part10(sr, source=series.headers[0])

    assert once() == once()


@pytest.mark.peer
def test_what_is_wrong_with_the_source_is_not_held_against_us(
    tmp_path: Path, peer_program: Callable[[str], Path]
) -> None:
    named = [
        builders.changed(image, SpecificCharacterSet="ISO_IR 100", PatientName="Müller^Test")
        for image in builders.classic(builders.volume(slices=3, rows=ROWS, columns=COLUMNS))
    ]
    images = [builders.changed(image, SpecificCharacterSet=None) for image in named]
    files = builders.write(images, tmp_path / "source")
    source = volume_of([dcmread(file) for file in files]).source
    file = tmp_path / "sr.dcm"
    file.write_bytes(
        part10(sagittal_report([findings(slices=3)], source=source, identity=identity("SR")), source=dcmread(files[0]))
    )
    alone = dciodvfy_faults(file, program=peer_program("dciodvfy"))
    assert len(alone) == 1
    assert "repertoire" in alone[0]
    assert "Müller" not in alone[0]
    assert dciodvfy_faults(file, program=peer_program("dciodvfy"), source=files[0]) == ()
