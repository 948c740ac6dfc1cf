"""When a series is whole: positive evidence, never a timer alone."""

from dataclasses import replace

from config.settings import Assembly
from dicom_io.headers import read_header
from node.assembly import Patience, SeriesVerdict, judge_series
from node.inspection import Inspected, Unreadable, inspect_headers
from node.ledger.rows import Edition, Series, Study
from node.lifecycle import SeriesState, StudyState
from tests import builders

SERIES = Series(
    series_uid="1.2.3",
    study_uid="1.2",
    state=SeriesState.RECEIVING,
    images=5,
    calling_ae="MR1",
    last_arrival=1000.0,
    role=None,
    matters=True,
    interrupted=False,
    reason="",
)


def seen(*, without: int | None = None) -> Inspected:
    images = builders.classic()
    if without is not None:
        del images[without]
    return inspect_headers([read_header(image) for image in images])


def verdict(
    series: Series = SERIES, of: Inspected | Unreadable | None = None, *, counted: int | None = None
) -> SeriesVerdict:
    return judge_series(series, of or seen(), counted=counted)


def test_a_regular_stack_is_whole() -> None:
    assert verdict().state is SeriesState.COMPLETE


def test_a_stack_with_a_gap_waits_and_says_what_is_missing() -> None:
    found = verdict(of=seen(without=2))
    assert found.state is None
    assert "missing" in found.reason


def test_the_senders_count_makes_even_an_irregular_stack_whole() -> None:
    assert verdict(replace(SERIES, images=4), seen(without=2), counted=4).state is SeriesState.COMPLETE


def test_the_senders_larger_count_outweighs_a_regular_stack() -> None:
    assert verdict(counted=9) == SeriesVerdict(state=None, reason="5 objects are here, the sender counts 9")


def test_a_regular_stack_from_a_broken_association_waits() -> None:
    found = verdict(replace(SERIES, interrupted=True))
    assert found.state is None
    assert "broke off" in found.reason


def test_the_senders_count_heals_a_broken_association() -> None:
    assert verdict(replace(SERIES, interrupted=True), counted=5).state is SeriesState.COMPLETE


def test_an_unusable_object_makes_a_series_incomplete_at_once() -> None:
    found = verdict(of=Unreadable(reason="Rows or Columns is missing"))
    assert found == SeriesVerdict(state=SeriesState.INCOMPLETE, reason="Rows or Columns is missing")


def test_a_restart_begins_every_wait_anew() -> None:
    settings = Assembly(quiet_seconds=30, study_quiet_seconds=300)
    study = Study(
        edition=Edition(study_uid="1.2", number=1),
        state=StudyState.RECEIVING,
        calling_ae="MR1",
        first_arrival=900,
        last_arrival=1000,
        plan=None,
        planned_at=None,
        attempts=0,
    )
    before, after = Patience(settings=settings, started=0), Patience(settings=settings, started=5000)
    assert (before.series_quiet_at(SERIES), before.study_over_at(study)) == (1030, 1300)
    assert (after.series_quiet_at(SERIES), after.study_over_at(study)) == (5030, 5300)
