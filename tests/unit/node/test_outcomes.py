"""Every error has an answer, and the answer stands in one table."""

import inspect
import sqlite3
from types import ModuleType

import pytest

import config.errors
import dicom_io.errors
import inference.errors
import node.errors
import sr_reports.errors
from dicom_io.errors import PeerBusy, PeerRefused, PixelsUnreadable
from inference.errors import ImplausibleResult
from node.outcomes import OUTCOMES, REJECTED, Outcome, is_defect, next_wait, outcome_of

PACKAGES = (config.errors, dicom_io.errors, inference.errors, sr_reports.errors, node.errors)


def errors_of(module: ModuleType) -> list[type[Exception]]:
    found = [kind for _, kind in inspect.getmembers(module, inspect.isclass) if issubclass(kind, Exception)]
    return [kind for kind in found if kind.__module__ == module.__name__]


@pytest.mark.parametrize("error", [error for module in PACKAGES for error in errors_of(module)])
def test_every_error_of_every_package_stands_in_the_table(error: type[Exception]) -> None:
    assert error in OUTCOMES


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (PeerBusy("later"), Outcome.RETRY),
        (PeerRefused("no", words="A801"), Outcome.FAIL),
        (ImplausibleResult("a disc above the head"), Outcome.FAIL),
        (PixelsUnreadable("cut off"), Outcome.REJECT),
        (sqlite3.OperationalError("database or disk is full"), Outcome.RETRY),
        (ZeroDivisionError(), Outcome.FAIL),
    ],
)
def test_errors_lead_where_the_design_says(error: Exception, outcome: Outcome) -> None:
    assert outcome_of(error) is outcome


def test_an_error_that_stands_nowhere_is_a_defect_of_ours() -> None:
    assert is_defect(KeyError("x"))
    assert not is_defect(PeerBusy("later"))


def test_what_rejects_can_be_caught_by_one_name() -> None:
    assert issubclass(PixelsUnreadable, REJECTED)
    assert not issubclass(ImplausibleResult, REJECTED)


def test_waits_double_up_to_the_longest() -> None:
    waits = [next_wait(attempts, first=5, longest=3600) for attempts in range(12)]
    assert waits[:4] == [5, 10, 20, 40]
    assert waits[-1] == next_wait(10_000, first=5, longest=3600) == 3600
