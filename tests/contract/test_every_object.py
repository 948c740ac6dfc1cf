"""Every object of every method, from every form of series and every outcome, before judges that are not ours."""

import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from highdicom.pm.sop import pmread
from highdicom.seg import segread
from highdicom.sr import srread
from pydicom import dcmread
from pydicom.dataset import Dataset

from dicom_io.headers import Plane
from dicom_io.parametric_map import NO_VALUE
from dicom_io.read_volume import volume_of
from dicom_io.sources import SourceSeries
from dicom_io.written import part10
from inference.anatomy import Disc
from inference.results import MapKind
from node.documents import Draft, Job, drafts
from sr_reports.content_tree import children, measurement_groups_of, name_of, walk
from sr_reports.dciodvfy import dciodvfy_verdicts
from sr_reports.findings import Findings
from sr_reports.results_json import AnalysedSeries
from sr_reports.validate import faults
from tests import builders, lumbar
from tests.every_finding import CAVEAT, UNSURE, axial, degeneration, phases, relaxation

KINDS = frozenset({"SEG", "PM", "SR", "COLOR", "GSPS"})  # the sheet has tests of its own
FORMS = ("classic", "enhanced")
SLICES = (1, 3)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What was seen: discs that are missing, and why the numbering is doubtful."""

    without: tuple[Disc, ...] = ()
    doubt: str | None = None


OUTCOMES = {
    "five discs": Outcome(),
    "four discs": Outcome(without=(Disc.L1_L2,), doubt="four lumbar discs in view"),
    "six discs": Outcome(doubt="six lumbar discs in view"),
    "one missing": Outcome(without=(Disc.L5_S1,)),
    "none": Outcome(without=tuple(Disc)),
}
FOUND: dict[str, tuple[Plane, Callable[[Outcome, int], Sequence[Findings]]]] = {
    "sagittal T2": (
        Plane.SAGITTAL,
        lambda seen, slices: [
            lumbar.findings(slices=slices, without=seen.without, level_doubt=seen.doubt),
            degeneration(slices=slices, without=seen.without),
        ],
    ),
    "sagittal T1": (
        Plane.SAGITTAL,
        lambda seen, slices: [phases(slices=slices, without=seen.without, level_doubt=seen.doubt)],
    ),
    "spin-lock": (
        Plane.SAGITTAL,
        lambda seen, slices: [relaxation(MapKind.T1RHO, slices=slices, without=seen.without)],
    ),
    "multi-echo": (
        Plane.SAGITTAL,
        lambda seen, slices: [relaxation(MapKind.T2, slices=slices, without=seen.without)],
    ),
    "axial T2": (
        Plane.AXIAL,
        lambda seen, slices: [
            axial([disc for disc in Disc if disc not in seen.without] or [None], slices=slices, level_doubt=seen.doubt)
        ],
    ),
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Made:
    """An object as it would be sent."""

    series: str
    kind: str
    file: Path
    source: SourceSeries

    @property
    def document(self) -> Dataset:
        return dcmread(self.file)


def series_of(form: str, slices: int, plane: Plane, folder: Path) -> SourceSeries:
    volume = builders.volume(plane=plane, slices=slices, rows=lumbar.ROWS, columns=lumbar.COLUMNS)
    images = builders.classic(volume) if form == "classic" else [builders.enhanced(volume)]
    return volume_of([dcmread(file) for file in builders.write(images, folder)]).source


def made(form: str, slices: int, outcome: Outcome, folder: Path) -> Iterator[Made]:
    for series, (plane, find) in FOUND.items():
        source = series_of(form, slices, plane, folder / series)
        analysed = AnalysedSeries(source=source, findings=tuple(find(outcome, slices)))
        job = Job(key=series, created=lumbar.CREATED, equipment=lumbar.EQUIPMENT, kinds=KINDS)
        for number, draft in enumerate(drafts([analysed], job, report_refusals=True)):
            file = folder / f"{series} {number}.dcm"
            file.write_bytes(_bytes(draft))
            yield Made(series=series, kind=draft.kind, file=file, source=source)


def _bytes(draft: Draft) -> bytes:
    return part10(draft.document, source=draft.source.first)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> list[Made]:
    """Of classic images, everything found but L5/S1."""
    return list(made("classic", 3, OUTCOMES["one missing"], tmp_path_factory.mktemp("stack")))


@pytest.mark.peer
@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.parametrize("slices", SLICES)
@pytest.mark.parametrize("form", FORMS)
def test_our_gate_and_dciodvfy_let_every_object_pass(
    form: str, slices: int, outcome: str, tmp_path: Path, peer_program: Callable[[str], Path]
) -> None:
    program = peer_program("dciodvfy")
    for one in made(form, slices, OUTCOMES[outcome], tmp_path):
        assert faults(one.file.read_bytes(), sources=one.source.headers) == (), one
        assert dciodvfy_verdicts(one.file, program=program) == (), one


def test_every_series_gives_the_kinds_that_it_should(stack: list[Made]) -> None:
    kinds = {series: [one.kind for one in stack if one.series == series] for series in FOUND}
    assert kinds == {
        "sagittal T2": ["SEG", "SR", "GSPS"],
        "sagittal T1": ["SR", "GSPS"],
        "spin-lock": ["SEG", "PM", "PM", *["COLOR"] * 3, "SR", "GSPS"],
        "multi-echo": ["SEG", "PM", "PM", *["COLOR"] * 3, "SR", "GSPS"],
        "axial T2": ["SR", "GSPS"],
    }


def test_highdicom_reads_every_object_back(stack: list[Made]) -> None:
    readers = {"SEG": segread, "PM": pmread, "SR": srread}
    for one in stack:
        if one.kind in readers:
            assert readers[one.kind](one.file).SOPInstanceUID == one.document.SOPInstanceUID


def test_a_map_that_was_written_is_the_map_that_was_found(stack: list[Made]) -> None:
    (found, _) = relaxation(MapKind.T2, slices=3, without=(Disc.L5_S1,)).maps
    one = next(one for one in stack if one.series == "multi-echo" and one.kind == "PM")
    read = pmread(BytesIO(one.file.read_bytes()))
    frames = {
        str(frame.DerivationImageSequence[0].SourceImageSequence[0].ReferencedSOPInstanceUID): values
        for frame, values in zip(read.PerFrameFunctionalGroupsSequence, read.pixel_array, strict=True)
    }
    there = np.stack([frames[str(image.header.SOPInstanceUID)] for image in one.source.images])
    assert np.array_equal(there, np.nan_to_num(found.values, nan=NO_VALUE))


def test_every_measured_number_names_its_map(stack: list[Made]) -> None:
    for series in ("spin-lock", "multi-echo"):
        maps = [one.document.SOPInstanceUID for one in stack if one.series == series and one.kind == "PM"]
        (report,) = [one.document for one in stack if one.series == series and one.kind == "SR"]
        named = [_inferred_from(item) for item in walk(report) if item.get("ValueType") == "NUM" and _is_time(item)]
        assert len(named) == 4 * 4 * 5  # discs, statistics but the count, parts
        assert set(named) == {maps[0]}


def _is_time(item: Dataset) -> bool:
    return bool(item.MeasuredValueSequence[0].MeasurementUnitsCodeSequence[0].CodeValue == "ms")


def _inferred_from(item: Dataset) -> str:
    (image,) = children(item, value_type="IMAGE")
    assert image.RelationshipType == "INFERRED FROM"
    return str(image.ReferencedSOPSequence[0].ReferencedSOPInstanceUID)


def test_caveats_doubts_remarks_and_refusals_stand_in_the_reports(stack: list[Made]) -> None:
    said = {
        (one.series, name_of(item)): str(item.TextValue)
        for one in stack
        if one.kind == "SR"
        for item in walk(one.document)
        if item.get("ValueType") == "TEXT"
    }
    assert CAVEAT in said["sagittal T1", "CAVEAT"]
    assert CAVEAT in said["axial T2", "CAVEAT"]
    assert said["sagittal T2", "GRADE_DOUBT"] == f"L3/L4 disc, Pfirrmann severity group moderate: {UNSURE}"
    assert "moved by 1.2 mm" in said["spin-lock", "REMARK"]
    assert "L5/S1 disc" in said["axial T2", "NOT_ANALYSED"]


@pytest.mark.peer
def test_dsrdump_reads_every_report_and_dsr2html_keeps_the_names(
    stack: list[Made], peer_program: Callable[[str], Path]
) -> None:
    words = {
        "sagittal T2": ("Pfirrmann severity group", "Modified Pfirrmann grade 4", "outlined area"),
        "sagittal T1": ("T1rho phase, predicted", "T1rho predicted, minimum", "confidence of detection", CAVEAT),
        "spin-lock": ("T1rho relaxation time, measured", "T1rho phase, measured", "Middle third of the disc"),
        "multi-echo": ("T2 measured, standard deviation", "Voxels with a value"),
        "axial T2": ("Central canal stenosis grade (Lee)", "Left nerve root", "Level of L3/L4 intervertebral disc"),
    }
    for one in (one for one in stack if one.kind == "SR"):
        dump = subprocess.run([peer_program("dsrdump"), "-q", one.file], capture_output=True, text=True, check=False)
        assert (dump.returncode, dump.stderr) == (0, "")
        html = subprocess.run([peer_program("dsr2html"), "+U8", one.file], capture_output=True, check=True)
        for text in words[one.series]:
            assert text in html.stdout.decode()


@pytest.mark.peer
def test_dcmpschk_takes_every_presentation_state(stack: list[Made], peer_program: Callable[[str], Path]) -> None:
    for one in (one for one in stack if one.kind == "GSPS"):
        checked = subprocess.run([peer_program("dcmpschk"), one.file], capture_output=True, text=True, check=False)
        assert checked.returncode == 0
        assert "Test passed" in checked.stdout + checked.stderr


def test_ohif_draws_which_disc_it_is_and_how_it_is_graded(stack: list[Made]) -> None:
    """It merges groups by tracking UID and writes the first five names of numbers, then the first finding site."""
    drawn = {one.series: _first_lines(one.document) for one in stack if one.kind == "SR"}
    of_disc = {
        series: [line for lines in found if any("L4/L5" in line for line in lines) for line in lines]
        for series, found in drawn.items()
    }
    assert "Modified Pfirrmann grade 4, probability" in of_disc["sagittal T2"]
    assert "Predicted T1rho phase 2, probability" in of_disc["sagittal T1"]
    assert "T1rho relaxation time, measured" in of_disc["spin-lock"]
    assert any("Lee grade 0" in line for line in of_disc["axial T2"])


def _first_lines(document: Dataset) -> list[list[str]]:
    merged: dict[str, list[Dataset]] = {}
    for group in measurement_groups_of(document):
        (uid,) = children(group, name="112040")
        merged.setdefault(str(uid.UID), []).extend(group.ContentSequence)
    return [_lines(items) for items in merged.values()]


def _lines(items: Sequence[Dataset]) -> list[str]:
    numbers = [str(item.ConceptNameCodeSequence[0].CodeMeaning) for item in items if item.ValueType == "NUM"]
    (site, *_) = [item for item in items if name_of(item) == "363698007"]
    return [*numbers, str(site.ConceptCodeSequence[0].CodeMeaning)][:5]
