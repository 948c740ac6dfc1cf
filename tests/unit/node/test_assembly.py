"""When a series is whole: positive evidence, never a timer alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from pydicom.dataset import Dataset

from config.settings import Assembly, Rule
from dicom_io.errors import PeerUnreachable
from dicom_io.headers import read_header
from dicom_io.received import Arrival, Caller, ReceivedObject
from dicom_io.roles import Role
from inference.contract import Card, Need
from node.assembly import Assembler, Counters, Patience, SeriesVerdict, judge_series
from node.inspection import Inspected, Unreadable, inspect_headers
from node.ledger import Ledger
from node.ledger.rows import Edition, Series, Study
from node.lifecycle import SeriesState, StudyState
from node.planning import Rulebook
from tests import builders
from tests import running_node as house

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
        is_released=False,
        plan=None,
        planned_at=None,
        attempts=0,
    )
    before, after = Patience(settings=settings, started=0), Patience(settings=settings, started=5000)
    assert (before.series_quiet_at(SERIES), before.study_over_at(study)) == (1030, 1300)
    assert (after.series_quiet_at(SERIES), after.study_over_at(study)) == (5030, 5300)


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(tmp_path: Path, clock: Clock) -> Iterator[Ledger]:
    opened = Ledger(tmp_path / "ledger.sqlite3", clock=clock)
    yield opened
    opened.close()


def assembler(
    ledger: Ledger,
    clock: Clock,
    *,
    counters: Counters | None = None,
    card: Card = house.CARD,
    rare: Card | None = None,
) -> Assembler:
    cards = {one.name: one for one in (card, rare) if one is not None}
    rule = Rule(name="all", methods=tuple(cards), destinations=())
    return Assembler(
        ledger,
        patience=Patience(settings=Assembly(quiet_seconds=30, study_quiet_seconds=300), started=0),
        rulebook=Rulebook(rules=(rule,), cards=cards),
        counters=counters or {},
        clock=clock,
    )


def receive(ledger: Ledger, images: Sequence[Dataset], folder: Path) -> None:
    caller = Caller(association_id="1", calling_ae="MR1", called_ae="LUMBARAI", address="127.0.0.1")
    for image, path in zip(images, builders.write(images, folder), strict=True):
        identity = read_header(image).identity
        received = ReceivedObject(
            path=path,
            arrival=Arrival.NEW,
            study_uid=identity.study_uid,
            series_uid=identity.series_uid,
            sop_instance_uid=identity.sop_instance_uid,
            sop_class_uid=identity.sop_class_uid,
            transfer_syntax_uid="1.2",
            sha256="aa",
            size=1,
            caller=caller,
        )
        assert ledger.receiving.record([received]) == [True]


def do_all(of: Assembler) -> int:
    """The number of looks that were due."""
    looks = 0
    while (look := of.take()) is not None:
        look.do()
        looks += 1
    return looks


def state(ledger: Ledger) -> StudyState:
    return ledger.views.overview().studies[0].state


def test_nothing_is_looked_at_before_it_is_quiet(ledger: Ledger, clock: Clock, tmp_path: Path) -> None:
    of = assembler(ledger, clock)
    receive(ledger, builders.classic(), tmp_path / "in")
    assert do_all(of) == 0
    assert of.next_due() == clock.now + 30
    clock.now += 30
    assert do_all(of) == 1
    assert state(ledger) is StudyState.COMPLETE
    assert of.next_due() is None


def test_a_series_with_a_gap_is_looked_at_once_and_then_when_patience_is_over(
    ledger: Ledger, clock: Clock, tmp_path: Path
) -> None:
    of = assembler(ledger, clock)
    images = builders.classic()
    receive(ledger, images[:2] + images[3:], tmp_path / "in")
    clock.now += 31
    assert (do_all(of), do_all(of)) == (1, 0)
    assert of.next_due() == 1300
    clock.now = 1300
    assert do_all(of) == 1
    (series,) = ledger.receiving.series_of(str(images[0].StudyInstanceUID))
    assert (series.state, state(ledger)) == (SeriesState.INCOMPLETE, StudyState.COMPLETE)


def test_the_missing_image_makes_it_whole(ledger: Ledger, clock: Clock, tmp_path: Path) -> None:
    of = assembler(ledger, clock)
    images = builders.classic()
    receive(ledger, images[:2] + images[3:], tmp_path / "in")
    clock.now += 31
    do_all(of)
    receive(ledger, images[2:3], tmp_path / "late")
    assert do_all(of) == 0
    clock.now += 31
    assert do_all(of) == 1
    assert state(ledger) is StudyState.COMPLETE


def test_a_sender_that_does_not_answer_leaves_it_to_geometry(ledger: Ledger, clock: Clock, tmp_path: Path) -> None:
    def away(*, study_uid: str, series_uid: str) -> int:
        raise PeerUnreachable(f"nobody counts {series_uid} of {study_uid}")

    of = assembler(ledger, clock, counters={"MR1": away})
    receive(ledger, builders.classic(), tmp_path / "in")
    clock.now += 31
    do_all(of)
    assert state(ledger) is StudyState.COMPLETE


def test_a_study_whose_series_were_closed_before_a_crash_goes_on_at_once(
    ledger: Ledger, clock: Clock, tmp_path: Path
) -> None:
    receive(ledger, builders.classic(), tmp_path / "in")
    before = assembler(ledger, clock)
    clock.now += 31
    (series,) = ledger.receiving.series(SeriesState.RECEIVING)
    ledger.receiving.classify(series, role=Role.SAGITTAL_T2.value, matters=True)
    ledger.receiving.close_series(series, after=SeriesState.COMPLETE, reason="whole")
    assert do_all(before) == 1
    assert state(ledger) is StudyState.COMPLETE


def test_a_defect_stops_one_study_and_keeps_its_place(ledger: Ledger, clock: Clock, tmp_path: Path) -> None:
    def broken(*, study_uid: str, series_uid: str) -> int:
        raise ZeroDivisionError(study_uid, series_uid)

    of = assembler(ledger, clock, counters={"MR1": broken})
    receive(ledger, builders.classic(), tmp_path / "in")
    clock.now += 31
    look = of.take()
    assert look is not None
    with pytest.raises(ZeroDivisionError) as caught:
        look.do()
    look.failed(caught.value)
    assert state(ledger) is StudyState.FAILED
    assert of.take() is None


def test_a_series_of_one_spin_lock_time_waits_for_its_sisters(ledger: Ledger, clock: Clock, tmp_path: Path) -> None:
    need = Need(role=Role.SPIN_LOCK, refuse=lambda _: None, gathers=True)
    card = Card(name="relaxation", version="1", paper="none", needs=(need,))
    of = assembler(ledger, clock, card=card)
    sequence = replace(builders.T2, description="T1rho sag TSL 10")
    receive(ledger, builders.classic(card=builders.series_card(sequence=sequence)), tmp_path)
    clock.now += 100
    do_all(of)
    assert [one.state for one in ledger.receiving.series_of(builders.STUDY.study_uid)] == [SeriesState.COMPLETE]
    assert state(ledger) is StudyState.RECEIVING
    clock.now += 300
    do_all(of)
    assert state(ledger) is StudyState.COMPLETE


@pytest.fixture
def both(ledger: Ledger, clock: Clock) -> Assembler:
    """Of a rule that names a common and a rare method."""
    return assembler(ledger, clock, card=house.CARD, rare=house.RARE_CARD)


def only_echo(name: str) -> list[Dataset]:
    sequence = replace(builders.T2, description="t2 map sag")
    return builders.classic(card=builders.series_card(sequence=sequence, name=name))


def test_a_study_does_not_wait_for_a_series_that_few_protocols_have(
    both: Assembler, ledger: Ledger, clock: Clock, tmp_path: Path
) -> None:
    receive(ledger, builders.classic(), tmp_path)
    clock.now += 30
    do_all(both)
    assert state(ledger) is StudyState.COMPLETE


def test_a_rare_series_that_begins_within_the_quiet_time_is_waited_for(
    both: Assembler, ledger: Ledger, clock: Clock, tmp_path: Path
) -> None:
    echoes = builders.multi_echo([10.0, 40.0, 80.0], card=builders.series_card(name="echoes"))
    receive(ledger, builders.classic(), tmp_path / "t2")
    clock.now += 29
    receive(ledger, echoes[:1], tmp_path / "first")
    clock.now += 1
    do_all(both)
    assert state(ledger) is StudyState.RECEIVING
    receive(ledger, echoes[1:], tmp_path / "rest")
    clock.now += 30
    do_all(both)
    assert state(ledger) is StudyState.COMPLETE
    assert {one.state for one in ledger.receiving.series_of(builders.STUDY.study_uid)} == {SeriesState.COMPLETE}


def test_once_a_rare_series_is_there_the_study_waits_for_its_sisters(
    both: Assembler, ledger: Ledger, clock: Clock, tmp_path: Path
) -> None:
    receive(ledger, [*builders.classic(), *only_echo("first time")], tmp_path)
    clock.now += 100
    do_all(both)
    assert state(ledger) is StudyState.RECEIVING
    clock.now += 200
    do_all(both)
    assert state(ledger) is StudyState.COMPLETE


def test_a_rare_series_that_its_method_refuses_makes_nobody_wait(ledger: Ledger, clock: Clock, tmp_path: Path) -> None:
    (need,) = house.RARE_CARD.needs
    strict = replace(house.RARE_CARD, needs=(replace(need, refuse=lambda _: "of another plane"),))
    receive(ledger, [*builders.classic(), *only_echo("axial")], tmp_path)
    clock.now += 30
    do_all(assembler(ledger, clock, rare=strict))
    assert state(ledger) is StudyState.COMPLETE


def test_a_rule_of_a_rare_method_alone_waits_for_its_series(ledger: Ledger, clock: Clock, tmp_path: Path) -> None:
    of = assembler(ledger, clock, card=house.RARE_CARD)
    receive(ledger, builders.classic(), tmp_path)
    clock.now += 100
    do_all(of)
    assert state(ledger) is StudyState.RECEIVING
