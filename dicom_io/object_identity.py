"""What the caller decides about an object before it is made: the same job gives the same object again. Pure."""

from dataclasses import dataclass
from datetime import datetime

from dicom_io.equipment import Equipment


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
