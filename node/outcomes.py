"""What the node does about each error: the only policy of retries. Pure."""

import sqlite3
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from config.errors import ConfigError
from dicom_io import errors as dicom
from inference import errors as inference
from node import errors as node
from sr_reports import errors as reports


class Outcome(StrEnum):
    RETRY = "retry"  # time will help
    REJECT = "reject"  # never, and honestly so: "not analysed, because"
    FAIL = "fail"  # a person has to look
    DISCARD = "discard"  # the work is out of date


OUTCOMES: Final[Mapping[type[Exception], Outcome]] = {
    sqlite3.OperationalError: Outcome.RETRY,  # no space for the ledger, or another process holds it
    ConfigError: Outcome.FAIL,
    dicom.DicomError: Outcome.FAIL,
    dicom.InvalidInstance: Outcome.REJECT,
    dicom.SpoolFull: Outcome.RETRY,
    dicom.SeriesUnusable: Outcome.REJECT,
    dicom.InconsistentSeries: Outcome.REJECT,
    dicom.PixelsUnreadable: Outcome.REJECT,
    dicom.CertificateUnusable: Outcome.FAIL,
    dicom.ObjectUnwritable: Outcome.FAIL,
    dicom.PeerError: Outcome.FAIL,
    dicom.PeerUnreachable: Outcome.RETRY,
    dicom.PeerBusy: Outcome.RETRY,
    dicom.PeerRefused: Outcome.FAIL,
    inference.InferenceError: Outcome.FAIL,
    inference.InputUnsuitable: Outcome.REJECT,
    inference.DeviceExhausted: Outcome.RETRY,
    inference.ImplausibleResult: Outcome.FAIL,
    inference.WeightsUnusable: Outcome.FAIL,
    reports.ReportError: Outcome.FAIL,
    reports.FindingsContradict: Outcome.FAIL,
    reports.ValidatorUnusable: Outcome.FAIL,
    node.NodeError: Outcome.FAIL,
    node.StudyMovedOn: Outcome.DISCARD,
    node.ObjectInvalid: Outcome.FAIL,
    node.ForbiddenStep: Outcome.FAIL,
    node.NodeRunning: Outcome.FAIL,
    node.LedgerOfOtherVersion: Outcome.FAIL,
}

REJECTED: Final = tuple(error for error, outcome in OUTCOMES.items() if outcome is Outcome.REJECT)
"""Raised while images are read or analysed: the answer is NotAnalysed with the reason."""


def outcome_of(error: Exception) -> Outcome:
    """Of the nearest class that stands in the table; what stands nowhere is a defect of ours."""
    return next((OUTCOMES[kind] for kind in type(error).__mro__ if kind in OUTCOMES), Outcome.FAIL)


def is_defect(error: Exception) -> bool:
    """True for what no package raises by design: its traceback is worth keeping."""
    return not any(kind in OUTCOMES for kind in type(error).__mro__)


def next_wait(attempts: int, *, first: float, longest: float) -> float:
    """Seconds until the next attempt, after so many; each wait is twice the last."""
    return float(min(longest, first * 2 ** min(attempts, 60)))
