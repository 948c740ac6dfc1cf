"""The states of a study, a series and a delivery, and every step between them. Pure.

                    RECEIVING -> COMPLETE -> PLANNED -> ENCODED -> DELIVERED
a late image leads back to RECEIVING from everywhere; HELD, REJECTED and FAILED wait for a person.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, TypeVar

from node.errors import ForbiddenStep


class StudyState(StrEnum):
    RECEIVING = "receiving"  # images are coming, or may be
    COMPLETE = "complete"  # every series that matters is whole, or patience is over
    PLANNED = "planned"  # it is written down which method takes which series
    ENCODED = "encoded"  # every result is a valid file, and each knows where it goes
    DELIVERED = "delivered"  # every peer named every object in its answer
    HELD = "held"  # a rule says: a person decides
    REJECTED = "rejected"  # nothing here that a method can use; the reasons stand with it
    FAILED = "failed"  # a defect, a doubtful result, or a peer that refused: nothing more is sent


class SeriesState(StrEnum):
    RECEIVING = "receiving"
    COMPLETE = "complete"  # there is positive evidence that no image is missing
    INCOMPLETE = "incomplete"  # the study went on without such evidence; never analysed


class DeliveryState(StrEnum):
    WAITING = "waiting"
    SENDING = "sending"  # the intention: whether it arrived is unknown until the peer is asked
    SENT = "sent"  # the peer's answer names the object
    DELIVERED = "delivered"  # confirmed as far as the peer can be asked
    REFUSED = "refused"  # never as it stands; the peer's words are kept
    GIVEN_UP = "given up"  # the time allowed for it is over
    SUPERSEDED = "superseded"  # a newer result takes its place before it left


_S: Final = StudyState
STUDY: Final[Mapping[StudyState, frozenset[StudyState]]] = {
    _S.RECEIVING: frozenset({_S.COMPLETE, _S.FAILED}),
    _S.COMPLETE: frozenset({_S.PLANNED, _S.HELD, _S.REJECTED, _S.FAILED, _S.RECEIVING}),
    _S.PLANNED: frozenset({_S.ENCODED, _S.REJECTED, _S.FAILED, _S.RECEIVING}),
    _S.ENCODED: frozenset({_S.DELIVERED, _S.FAILED, _S.RECEIVING}),
    _S.DELIVERED: frozenset({_S.RECEIVING}),
    _S.HELD: frozenset({_S.COMPLETE, _S.RECEIVING}),
    _S.REJECTED: frozenset({_S.COMPLETE, _S.RECEIVING}),
    _S.FAILED: frozenset({_S.COMPLETE, _S.ENCODED, _S.RECEIVING}),
}

_R: Final = SeriesState
SERIES: Final[Mapping[SeriesState, frozenset[SeriesState]]] = {
    _R.RECEIVING: frozenset({_R.COMPLETE, _R.INCOMPLETE}),
    _R.COMPLETE: frozenset({_R.RECEIVING}),
    _R.INCOMPLETE: frozenset({_R.RECEIVING}),
}

_D: Final = DeliveryState
DELIVERY: Final[Mapping[DeliveryState, frozenset[DeliveryState]]] = {
    _D.WAITING: frozenset({_D.SENDING, _D.GIVEN_UP, _D.SUPERSEDED}),
    _D.SENDING: frozenset({_D.SENT, _D.DELIVERED, _D.WAITING, _D.REFUSED, _D.GIVEN_UP}),
    _D.SENT: frozenset({_D.DELIVERED, _D.WAITING, _D.GIVEN_UP}),
    _D.DELIVERED: frozenset(),
    _D.REFUSED: frozenset({_D.WAITING}),
    _D.GIVEN_UP: frozenset({_D.WAITING}),
    _D.SUPERSEDED: frozenset({_D.WAITING}),
}
LEFT_US: Final = (_D.SENDING, _D.SENT, _D.DELIVERED)
"""In these a peer may have the object."""

FINAL: Final = (_D.DELIVERED, _D.REFUSED, _D.GIVEN_UP, _D.SUPERSEDED)

State = TypeVar("State", bound=StrEnum)


def require_step(table: Mapping[State, frozenset[State]], before: State, after: State) -> None:
    """Raises ForbiddenStep."""
    if after not in table[before]:
        raise ForbiddenStep(f"{before} -> {after}")
