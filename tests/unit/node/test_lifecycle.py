"""The tables of states: nothing can get stuck, nothing can skip a checkpoint."""

from collections.abc import Mapping
from enum import StrEnum

import pytest

from node.errors import ForbiddenStep
from node.lifecycle import DELIVERY, FINAL, SERIES, STUDY, DeliveryState, SeriesState, StudyState, require_step

TABLES: list[tuple[Mapping[StrEnum, frozenset[StrEnum]], type[StrEnum], StrEnum]] = [
    (STUDY, StudyState, StudyState.RECEIVING),  # type: ignore[list-item]  # a mapping is invariant in its keys
    (SERIES, SeriesState, SeriesState.RECEIVING),  # type: ignore[list-item]  # as above
    (DELIVERY, DeliveryState, DeliveryState.WAITING),  # type: ignore[list-item]  # as above
]


def reachable(table: Mapping[StrEnum, frozenset[StrEnum]], start: StrEnum) -> set[StrEnum]:
    found = {start}
    while more := {after for before in found for after in table[before]} - found:
        found |= more
    return found


@pytest.mark.parametrize(("table", "states", "start"), TABLES)
def test_every_state_stands_in_the_table_and_can_be_reached(
    table: Mapping[StrEnum, frozenset[StrEnum]], states: type[StrEnum], start: StrEnum
) -> None:
    assert set(table) == set(states) == reachable(table, start)


def test_no_checkpoint_can_be_skipped() -> None:
    way = [
        StudyState.RECEIVING,
        StudyState.COMPLETE,
        StudyState.PLANNED,
        StudyState.ENCODED,
        StudyState.DELIVERED,
    ]
    for at, before in enumerate(way):
        assert not STUDY[before] & set(way[at + 2 :])


def test_a_late_image_leads_back_from_everywhere() -> None:
    assert all(StudyState.RECEIVING in STUDY[state] for state in StudyState if state is not StudyState.RECEIVING)


def test_an_object_is_never_sent_without_the_intention_before() -> None:
    assert [before for before in DeliveryState if DeliveryState.SENT in DELIVERY[before]] == [DeliveryState.SENDING]


def test_only_a_person_brings_back_what_is_final() -> None:
    assert {after for state in FINAL for after in DELIVERY[state]} == {DeliveryState.WAITING}


def test_a_step_that_is_not_in_the_table_is_refused() -> None:
    with pytest.raises(ForbiddenStep, match="receiving -> delivered"):
        require_step(STUDY, StudyState.RECEIVING, StudyState.DELIVERED)
