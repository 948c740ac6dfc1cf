"""The conformance statement is what the code says, and the code does what it says."""

from pathlib import Path

import pytest

from config.settings import ObjectKind
from dicom_io.upper_layer.negotiation import STORAGE_CLASSES, TRANSFER_SYNTAXES
from node.cli import main
from node.conformance import conformance_statement
from node.documents import EVERY_KIND, KINDS, Job, drafts
from sr_reports.codes import private_codes
from sr_reports.results_json import AnalysedSeries
from tests import lumbar
from tests.every_finding import MapKind, axial, relaxation

WRITTEN = Path(__file__).parents[3] / "deploy" / "conformance.md"


def test_the_written_statement_is_that_of_this_version() -> None:
    """Else: lumbar-node conformance > deploy/conformance.md"""
    assert WRITTEN.read_text(encoding="utf-8") == conformance_statement()


def test_the_command_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["conformance"]) == 0
    assert capsys.readouterr().out.strip() == conformance_statement().strip()


@pytest.mark.parametrize(
    "told", [*STORAGE_CLASSES, *TRANSFER_SYNTAXES, *(kind.sop_class_uid for kind in KINDS.values())]
)
def test_every_sop_class_and_transfer_syntax_is_told(told: str) -> None:
    assert f"| {told} |" in conformance_statement()


def test_every_private_code_is_told() -> None:
    text = conformance_statement()
    assert all(f"| {code.value} | {code.meaning} |" in text for code in private_codes())


def test_every_kind_that_a_peer_may_take_is_told() -> None:
    assert set(KINDS) == EVERY_KIND


@pytest.mark.parametrize("kind", ["SEG", "PM", "SR", "SC", "COLOR", "PDF", "GSPS"])
def test_an_object_is_what_the_statement_says_of_its_kind(kind: ObjectKind) -> None:
    found = [
        AnalysedSeries(source=lumbar.source(), findings=(relaxation(MapKind.T2),)),
        AnalysedSeries(source=lumbar.source(SeriesInstanceUID="1.2.3"), findings=(axial(),)),
    ]
    job = Job(key="key", created=lumbar.CREATED, equipment=lumbar.EQUIPMENT, kinds=frozenset({kind}))
    made = [draft.document for draft in drafts(found, job, report_refusals=True)]
    assert made
    for document in made:
        assert document.SOPClassUID == KINDS[kind].sop_class_uid
        assert document.Modality == KINDS[kind].modality
        assert document.SeriesNumber == KINDS[kind].series_number
