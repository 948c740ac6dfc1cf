"""The ledger keeps what it is told, takes each step once, and lets go of nothing."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from dicom_io.received import Arrival, AssociationEnd, Caller, Ending, ReceivedObject
from node.errors import ForbiddenStep, LedgerOfOtherVersion, StudyMovedOn
from node.ledger import Ledger
from node.ledger.deliveries import Step
from node.ledger.rows import Delivery, Edition, ResultObject, Series
from node.lifecycle import DeliveryState, SeriesState, StudyState

CALLER = Caller(association_id="1", calling_ae="MR1", called_ae="LUMBARAI", address="127.0.0.1")
FIRST = Edition(study_uid="1.2", number=1)


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


def received(number: int = 1, *, series: str = "1.2.3", sha256: str = "aa", caller: Caller = CALLER) -> ReceivedObject:
    return ReceivedObject(
        path=Path(f"/spool/{series}.{number}.dcm"),
        arrival=Arrival.NEW,
        study_uid="1.2",
        series_uid=series,
        sop_instance_uid=f"9.{number}",
        sop_class_uid="1.1",
        transfer_syntax_uid="1.1",
        sha256=sha256,
        size=10,
        caller=caller,
    )


def ended(ending: Ending, *, caller: Caller = CALLER) -> AssociationEnd:
    return AssociationEnd(
        caller=caller, ending=ending, stored=1, refused=0, refusals=(), series_uids=frozenset({"1.2.3"})
    )


def the_series(ledger: Ledger) -> Series:
    (series,) = ledger.receiving.series_of("1.2")
    return series


def completed(ledger: Ledger) -> None:
    ledger.receiving.record([received(1), received(2)])
    ledger.receiving.close_series(the_series(ledger), after=SeriesState.COMPLETE, reason="whole")
    assert ledger.receiving.complete_study(FIRST, images={"1.2.3": 2}, reason="whole")


def result(number: int, *, edition_job: str = "job") -> ResultObject:
    return ResultObject(
        sop_instance_uid=f"8.{number}",
        sop_class_uid="1.1",
        series_uid="8",
        study_uid="1.2",
        kind="SR",
        job=edition_job,
        path=Path(f"/results/{number}.dcm"),
    )


def encoded(ledger: Ledger, edition: Edition = FIRST, objects: Sequence[ResultObject] = (result(1), result(2))) -> None:
    ledger.studies.plan(edition, "{}", choices=())
    ledger.studies.encode(edition, objects, peers={"pacs": {"SR"}})


def state(ledger: Ledger) -> StudyState:
    return ledger.views.overview().studies[0].state


def sent(ledger: Ledger, deliveries: Sequence[Delivery], after: DeliveryState) -> None:
    ledger.deliveries.begin_sending(deliveries)
    ledger.deliveries.move(deliveries, Step(before=DeliveryState.SENDING, after=after))


def test_an_object_that_comes_again_changes_nothing(ledger: Ledger) -> None:
    assert ledger.receiving.record([received(), received()]) == [True, True]
    assert ledger.receiving.record([received()]) == [True]
    assert the_series(ledger).images == 1


@pytest.mark.parametrize("other", [received(sha256="bb"), received(series="1.2.4")], ids=["bytes", "series"])
def test_another_object_under_a_known_uid_is_not_recorded(ledger: Ledger, other: ReceivedObject) -> None:
    assert ledger.receiving.record([received(), other]) == [True, False]
    assert [one.quarantined for one in ledger.views.overview().refusals] == [True]


@pytest.mark.parametrize(
    ("endings", "interrupted"),
    [
        ([], False),
        ([Ending.RELEASED], False),
        ([Ending.ABORTED], True),
    ],
)
def test_a_series_knows_whether_its_association_broke_off(
    ledger: Ledger, endings: list[Ending], interrupted: bool
) -> None:
    ledger.receiving.record([received()])
    for ending in endings:
        ledger.receiving.end_association(ended(ending))
    assert the_series(ledger).interrupted is interrupted


def test_a_later_association_that_is_released_heals_a_broken_one(ledger: Ledger, clock: Clock) -> None:
    ledger.receiving.record([received(1)])
    ledger.receiving.end_association(ended(Ending.ABORTED))
    clock.now += 10
    again = replace(CALLER, association_id="2")
    ledger.receiving.record([received(1, caller=again), received(2, caller=again)])
    ledger.receiving.end_association(ended(Ending.RELEASED, caller=again))
    assert not the_series(ledger).interrupted


def test_an_association_that_began_before_the_break_heals_nothing(ledger: Ledger, clock: Clock) -> None:
    beside = replace(CALLER, association_id="2")
    ledger.receiving.record([received(1), received(2, caller=beside)])
    clock.now += 10
    ledger.receiving.end_association(ended(Ending.ABORTED))
    ledger.receiving.end_association(ended(Ending.RELEASED, caller=beside))
    assert the_series(ledger).interrupted


def test_what_was_in_flight_when_the_node_ended_counts_as_broken_off(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite3"
    before = Ledger(path)
    before.receiving.record([received()])
    before.close()
    after = Ledger(path)
    after.recover()
    found = after.receiving.series_of("1.2")
    after.close()
    assert [one.interrupted for one in found] == [True]


def test_a_row_whose_file_is_damaged_is_dropped_at_the_start(ledger: Ledger) -> None:
    ledger.receiving.record([received(1)])
    ledger.recover()
    assert the_series(ledger).images == 0
    assert ledger.receiving.instances("1.2.3") == []


def test_a_series_is_not_closed_over_an_image_that_came_meanwhile(ledger: Ledger) -> None:
    ledger.receiving.record([received(1)])
    looked_at = the_series(ledger)
    ledger.receiving.record([received(2)])
    assert not ledger.receiving.close_series(looked_at, after=SeriesState.COMPLETE, reason="whole")
    assert not ledger.receiving.complete_study(FIRST, images={"1.2.3": 1}, reason="whole")


def test_a_late_image_begins_a_new_edition_and_stops_what_waits_to_leave(ledger: Ledger) -> None:
    completed(ledger)
    encoded(ledger)
    ledger.receiving.record([received(3)])
    assert state(ledger) is StudyState.RECEIVING
    assert ledger.deliveries.lease_next("pacs") == []
    with pytest.raises(StudyMovedOn):
        ledger.studies.encode(FIRST, [result(3)], peers={"pacs": {"SR"}})


def test_a_late_image_of_a_series_that_does_not_matter_changes_nothing(ledger: Ledger) -> None:
    completed(ledger)
    ledger.receiving.classify(the_series(ledger), role="localizer", matters=False)
    ledger.receiving.record([received(3)])
    assert state(ledger) is StudyState.COMPLETE


def test_the_same_work_for_a_new_edition_sends_what_had_been_stopped(ledger: Ledger) -> None:
    completed(ledger)
    encoded(ledger)
    ledger.receiving.record([received(3)])
    ledger.receiving.complete_study(Edition(study_uid="1.2", number=2), images={"1.2.3": 3}, reason="")
    encoded(ledger, Edition(study_uid="1.2", number=2))
    assert len(ledger.deliveries.lease_next("pacs")) == 2


def test_a_leased_study_is_given_to_nobody_else_until_the_lease_is_over(ledger: Ledger, clock: Clock) -> None:
    completed(ledger)
    assert ledger.studies.lease_next() is not None
    assert ledger.studies.lease_next() is None
    clock.now += 3601
    assert ledger.studies.lease_next() is not None


def test_a_study_that_was_put_back_waits_until_it_is_due(ledger: Ledger, clock: Clock) -> None:
    completed(ledger)
    study = ledger.studies.lease_next()
    assert study is not None
    ledger.studies.put_back(study, due=clock.now + 60, reason="the device is full")
    assert ledger.studies.lease_next() is None
    assert ledger.studies.next_due() == clock.now + 60
    clock.now += 61
    again = ledger.studies.lease_next()
    assert again is not None
    assert again.attempts == 1


def test_a_study_is_delivered_with_its_last_object(ledger: Ledger) -> None:
    completed(ledger)
    encoded(ledger)
    first, second = ledger.deliveries.lease_next("pacs")
    sent(ledger, [first], DeliveryState.DELIVERED)
    assert state(ledger) is StudyState.ENCODED
    sent(ledger, [second], DeliveryState.DELIVERED)
    assert state(ledger) is StudyState.DELIVERED


def test_one_refused_object_makes_the_study_fail_once_the_others_are_settled(ledger: Ledger) -> None:
    completed(ledger)
    encoded(ledger)
    first, second = ledger.deliveries.lease_next("pacs")
    sent(ledger, [first], DeliveryState.REFUSED)
    assert state(ledger) is StudyState.ENCODED
    sent(ledger, [second], DeliveryState.DELIVERED)
    assert state(ledger) is StudyState.FAILED


def test_a_retry_sends_only_what_did_not_arrive(ledger: Ledger) -> None:
    completed(ledger)
    encoded(ledger)
    first, second = ledger.deliveries.lease_next("pacs")
    sent(ledger, [first], DeliveryState.REFUSED)
    sent(ledger, [second], DeliveryState.DELIVERED)
    assert ledger.studies.retry("1.2")
    assert [one.sop_instance_uid for one in ledger.deliveries.lease_next("pacs")] == [first.sop_instance_uid]


def test_a_retry_of_a_study_that_never_got_so_far_plans_it_anew(ledger: Ledger) -> None:
    completed(ledger)
    study = ledger.studies.lease_next()
    assert study is not None
    ledger.studies.fail(study, reason="a defect", trace="somewhere")
    assert ledger.studies.retry("1.2")
    assert state(ledger) is StudyState.COMPLETE


def test_there_is_nothing_to_retry_in_a_study_that_is_well_or_unknown(ledger: Ledger) -> None:
    completed(ledger)
    assert not ledger.studies.retry("1.2")
    assert not ledger.studies.retry("1.2.3.4")


def test_a_step_that_no_table_allows_is_a_defect_and_changes_nothing(ledger: Ledger) -> None:
    completed(ledger)
    encoded(ledger)
    (first, _) = ledger.deliveries.lease_next("pacs")
    with pytest.raises(ForbiddenStep):
        ledger.deliveries.move([first], Step(before=DeliveryState.WAITING, after=DeliveryState.DELIVERED))
    assert state(ledger) is StudyState.ENCODED


def test_a_study_without_destinations_is_done_when_it_is_encoded(ledger: Ledger) -> None:
    completed(ledger)
    ledger.studies.plan(FIRST, "{}", choices=())
    ledger.studies.encode(FIRST, [result(1)], peers={})
    assert state(ledger) is StudyState.DELIVERED


def test_a_peer_waits_only_for_the_kinds_that_it_takes(ledger: Ledger) -> None:
    completed(ledger)
    ledger.studies.plan(FIRST, "{}", choices=())
    objects = [result(1), replace(result(2), kind="PM")]
    ledger.studies.encode(FIRST, objects, peers={"pacs": {"SR", "PM"}, "viewer": {"PM"}})
    assert [one.sop_instance_uid for one in ledger.deliveries.lease_next("pacs")] == ["8.2", "8.1"]
    assert [one.sop_instance_uid for one in ledger.deliveries.lease_next("viewer")] == ["8.2"]


def test_what_happened_to_a_study_can_be_told_in_order(ledger: Ledger) -> None:
    completed(ledger)
    encoded(ledger)
    assert [one.words for one in ledger.views.timeline("1.2")] == [
        "receiving -> complete: whole",
        "complete -> planned",
        "planned -> encoded",
    ]


def test_retention_takes_only_files_of_studies_that_ended_well_and_long_ago(ledger: Ledger, clock: Clock) -> None:
    completed(ledger)
    encoded(ledger)
    assert ledger.views.expired(inputs_before=clock.now + 1, results_before=clock.now + 1) == []
    sent(ledger, ledger.deliveries.lease_next("pacs"), DeliveryState.DELIVERED)
    expired = ledger.views.expired(inputs_before=clock.now + 1, results_before=clock.now - 1)
    assert [(one.table, one.key) for one in expired] == [("instances", "9.1"), ("instances", "9.2")]
    ledger.views.forget_file(expired[0])
    assert [one.path is None for one in ledger.receiving.instances("1.2.3")] == [True, False]


def test_what_lies_in_quarantine_expires_like_an_input(ledger: Ledger, clock: Clock) -> None:
    ledger.receiving.record([received(), received(sha256="bb")])
    (expired,) = ledger.views.expired(inputs_before=clock.now + 1, results_before=clock.now + 1)
    assert expired.table == "refusals"
    ledger.views.forget_file(expired)
    assert ledger.views.expired(inputs_before=clock.now + 1, results_before=clock.now + 1) == []


def test_a_ledger_of_another_version_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite3"
    Ledger(path).close()
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("UPDATE ledger SET version = 99")
    with pytest.raises(LedgerOfOtherVersion, match="99"):
        Ledger(path)
