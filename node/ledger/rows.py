"""What the ledger gives and takes, as plain values. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from node.lifecycle import DeliveryState, SeriesState, StudyState


@dataclass(frozen=True, kw_only=True)
class Edition:
    """A study as it is between two late images."""

    study_uid: str
    number: int


@dataclass(frozen=True, kw_only=True)
class Study:
    """is_released: a person said that no rule holds it any longer."""

    edition: Edition
    state: StudyState
    calling_ae: str
    first_arrival: float
    last_arrival: float
    is_released: bool
    plan: str | None
    planned_at: float | None
    attempts: int


@dataclass(frozen=True, kw_only=True)
class Series:
    """interrupted: an association that brought images of it broke off, and none that began later was released.

    role and matters: None and True until its headers were looked at.
    """

    series_uid: str
    study_uid: str
    state: SeriesState
    images: int
    calling_ae: str
    last_arrival: float
    role: str | None
    matters: bool
    interrupted: bool
    reason: str


@dataclass(frozen=True, kw_only=True)
class Instance:
    """An object that was received. path is None once retention has deleted the file."""

    sop_instance_uid: str
    sha256: str
    path: Path | None


class Verdict(StrEnum):
    CHOSEN = "chosen"
    REFUSED = "refused"  # by its header, before a method looked
    NOT_ANALYSED = "not analysed"  # by a method, or while its pixels were read


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Why a series was taken or not. series_uid None: the whole study; method None: whatever the method."""

    series_uid: str | None
    method: str | None
    verdict: Verdict
    reason: str


@dataclass(frozen=True, kw_only=True)
class ResultObject:
    """A result as a valid file. job: digest of inputs, methods, weights and settings."""

    sop_instance_uid: str
    sop_class_uid: str
    series_uid: str
    study_uid: str
    kind: str
    job: str
    path: Path


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One object on its way to one peer; state, since changed_at, is the one in which it was leased."""

    sop_instance_uid: str
    sop_class_uid: str
    series_uid: str
    study_uid: str
    peer: str
    path: Path
    state: DeliveryState
    changed_at: float
    attempts: int
    first_attempt: float | None


@dataclass(frozen=True, kw_only=True)
class StudyLine:
    """One study on the status page."""

    study_uid: str
    edition: int
    state: StudyState
    calling_ae: str
    images: int
    last_arrival: float
    reason: str
    choices: tuple[Choice, ...]
    deliveries: Mapping[str, Mapping[str, int]]  # peer -> state -> objects
    words: tuple[str, ...]  # of peers that refused, or do not answer


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """What was not accepted. quarantined: its bytes are kept apart."""

    at: float
    calling_ae: str
    address: str
    reason: str
    quarantined: bool


@dataclass(frozen=True, kw_only=True)
class Overview:
    studies: tuple[StudyLine, ...]
    refusals: tuple[Refusal, ...]
    counts: Mapping[str, int] = field(default_factory=dict)  # state -> studies
