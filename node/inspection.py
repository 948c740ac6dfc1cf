"""What the headers of one series say: its role, its traits, and whether it is whole. Talks to: disk."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from dicom_io.errors import InvalidInstance, SeriesUnusable
from dicom_io.headers import InstanceHeader, SeriesTraits, read_header, series_traits
from dicom_io.read_instance import read_instance_header
from dicom_io.regularity import Regularity, regularity
from dicom_io.roles import ECHO_ROLES, RoleDecision, assign_role


@dataclass(frozen=True, kw_only=True)
class Inspected:
    """A series by its headers."""

    traits: SeriesTraits
    decision: RoleDecision
    regularity: Regularity


@dataclass(frozen=True, kw_only=True)
class Unreadable:
    """A series that holds an object no header can be read of; reason is without patient data."""

    reason: str


def inspect_series(paths: Iterable[Path]) -> Inspected | Unreadable:
    """Files of one series."""
    try:
        return inspect_headers([read_header(read_instance_header(path)) for path in paths])
    except (InvalidInstance, SeriesUnusable) as why:
        return Unreadable(reason=str(why))


def inspect_headers(headers: Sequence[InstanceHeader]) -> Inspected:
    """Raises InconsistentSeries."""
    traits = series_traits(headers)
    decision = assign_role(traits)
    seen = regularity(headers, repeats=decision.role in ECHO_ROLES)
    return Inspected(traits=traits, decision=decision, regularity=seen)
