"""What a report says of change is what two measurements, and their error, allow to be said."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import cast

import pytest
from pydicom.dataset import Dataset

from inference.anatomy import Disc
from inference.results import Measurement, Quantity, Result
from sr_reports.change import DiscChange, changes, prior_report
from sr_reports.findings import Findings
from sr_reports.report import sagittal_report
from sr_reports.tracking import followed
from tests import lumbar

INSTITUTION = lumbar.EQUIPMENT.institution
THEN, NOW = "20250301", "20260301"


def _report(found: Findings | None = None, **header: object) -> Dataset:
    header = {"StudyInstanceUID": "2.25.7", "StudyDate": THEN, **header}
    return sagittal_report(
        [found or lumbar.findings()], source=lumbar.source(**header), identity=lumbar.identity("SR", number=9902)
    )


def _shifted(by: float, *, repeatability: float | None) -> Findings:
    found = lumbar.findings()
    results = [
        replace(one, value=one.value + by, repeatability=repeatability) if isinstance(one, Measurement) else one
        for one in found.results
    ]
    return replace(found, results=tuple(cast(Sequence[Result], results)))


def _changes(found: Findings, prior: Dataset, **header: object) -> tuple[DiscChange, ...]:
    of = followed(lumbar.source(**header).first, institution=INSTITUTION)
    return changes([found], [prior_report(prior)], of=of)


def _height(found: tuple[DiscChange, ...]) -> DiscChange:
    return next(one for one in found if one.disc is Disc.L4_L5 and one.quantity is Quantity.DISC_HEIGHT)


def test_every_number_of_every_disc_is_compared() -> None:
    found = _changes(_shifted(1.5, repeatability=0.5), _report())
    assert {(one.disc, one.quantity) for one in found} == {
        (one.disc, one.quantity) for one in lumbar.findings().results if isinstance(one, Measurement)
    }
    assert _height(found).difference == pytest.approx(1.5, abs=0.006)
    assert _height(found).performed == date(2025, 3, 1)


@pytest.mark.parametrize(("by", "beyond"), [(1.3, False), (1.5, True), (-1.5, True)])
def test_a_change_counts_beyond_the_smallest_that_is_more_than_error(by: float, *, beyond: bool) -> None:
    assert _height(_changes(_shifted(by, repeatability=0.5), _report())).is_beyond_error is beyond


def test_where_the_error_is_not_known_nobody_can_tell() -> None:
    assert _height(_changes(_shifted(5, repeatability=None), _report())).is_beyond_error is None


def test_another_version_of_the_method_can_not_tell_either() -> None:
    found = lumbar.findings()
    older = replace(found, method=replace(found.method, version="0.9.0"))
    change = _height(_changes(_shifted(5, repeatability=0.5), _report(older)))
    assert not change.same_method
    assert change.is_beyond_error is None


def test_other_weights_are_another_method() -> None:
    found = lumbar.findings()
    weights = (replace(found.method.weights[0], sha256="cd" * 32),)
    older = replace(found, method=replace(found.method, weights=weights))
    assert not _height(_changes(_shifted(5, repeatability=0.5), _report(older))).same_method


def test_discs_of_another_patient_are_never_compared() -> None:
    assert not _changes(lumbar.findings(), _report(PatientID="somebody else"))


def test_a_disc_whose_level_is_in_doubt_is_never_compared() -> None:
    assert not _changes(lumbar.findings(level_doubt="six discs"), _report())
    assert not _changes(lumbar.findings(), _report(lumbar.findings(level_doubt="six discs")))


def test_a_disc_that_was_not_measured_then_is_left_out() -> None:
    found = _changes(lumbar.findings(), _report(lumbar.findings(without=[Disc.L5_S1])))
    assert {one.disc for one in found} == set(Disc) - {Disc.L5_S1}


@pytest.mark.parametrize("stored", ["", None, "not a date"])
def test_a_report_without_a_readable_date_is_read_all_the_same(stored: str | None) -> None:
    document = _report()
    document.add_new("StudyDate", "LO", stored)
    assert prior_report(document).performed is None
