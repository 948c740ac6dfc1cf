"""Who an object is, decided before it is made: the same job gives the same object again. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from dicom_io.equipment import Equipment

_MARK: Final = "(research use only)"
_LONGEST_DESCRIPTION: Final = 64  # characters of Series Description, LO


def series_description(what: str, *, of: str) -> str:
    """What a series of ours is called: several of one kind in a study are told apart by of, as far as there is room."""
    whole = f"{what}, {of} {_MARK}"
    return whole if len(whole) <= _LONGEST_DESCRIPTION else f"{what} {_MARK}"


@dataclass(frozen=True, kw_only=True)
class Superseded:
    """An earlier report that the new one replaces."""

    study_uid: str
    series_uid: str
    sop_class_uid: str
    sop_instance_uid: str


@dataclass(frozen=True, kw_only=True)
class ObjectIdentity:
    """UIDs come from the job, not from chance. created is wall-clock time at the site.

    supersedes matters to reports only: a segmentation cannot name what it replaces.
    """

    series_uid: str
    sop_instance_uid: str
    series_number: int
    created: datetime
    equipment: Equipment
    supersedes: tuple[Superseded, ...] = ()
